"""What is asked of who types up a sheet: door and total first, then line after line, with its time if it has one. Of a
walk-in it is who they are, why they had no ticket, and the number that an organiser read out."""

import re
from datetime import date, datetime
from typing import Any

from wtforms.validators import StopValidation

from events.ground import clock
from events.web.forms import Choice, Form, Several, Text, Whole
from registrations.desk.desk_forms import WalkInPersonForm
from registrations.paper.typing_up import Block

TIMES = re.compile(
    r"([01]?\d|2[0-3])[:.]?([0-5]\d)\s*(?:[-\u2010-\u2014]|to)\s*([01]?\d|2[0-3])[:.]?([0-5]\d)", re.ASCII
)
WRONG_TIMES = "Enter a block of time like 09:00-09:30"
TO_COME = "A block of time must begin before now"
MOST_TICKS = 100_000
WHOSE = re.compile(r"(same|other)-([1-9]\d{0,8})", re.ASCII)


DOOR = Choice("At which door was it used?", [], missing="Select the door")  # is asked first


class TotalForm(Form):
    ticks = Whole(
        "Ticks on the paper", missing="Enter how many ticks you have counted", least=0, most=MOST_TICKS,
        hint="Count all of them first: what is typed is compared with it at the end",
    )  # fmt: skip


class BeginForm(TotalForm):
    door = DOOR

    @classmethod
    def of(cls, doors: list[tuple[str, str]], **bound: Any) -> "BeginForm":
        form = cls(**bound)
        form.door.choices = doors
        return form


class TimeBlock(Text):
    """Two times of the day as a clock at the venue shows them; nothing where the sheet has none."""

    def check(self) -> None:
        if self.on(date(2000, 1, 1)) is None:
            raise StopValidation(WRONG_TIMES)

    def on(self, day: date) -> Block | None:
        found = TIMES.fullmatch(self.data or "")
        if found is None:
            return None
        begins, ends = (clock.at_venue(day, int(found[n]), int(found[n + 1])) for n in (1, 3))
        return Block(begins, ends) if begins < ends else None

    def until(self, day: date, at: datetime) -> Block | None:
        """The same, and not beyond this moment. None where nothing is typed, or all of it is to come."""
        block = self.on(day)
        return Block(block.begins, min(block.ends, at)) if block and block.begins < at else None


class ReleaseNumber(Text):
    """Asked for, unless it is said that there is none."""

    def pre_validate(self, form: Any) -> None:
        if not form.without.data:
            super().pre_validate(form)


class WhoseAddress(Choice):
    """Asked once the address turns out to be somebody's under another name; whoever mends the address says nothing."""

    def pre_validate(self, form: Any) -> None:
        pass

    def asks(self, known: int, name: str, typed: str) -> None:
        self.data = None
        self.choices = [
            (f"same-{known}", f"{name}: the same person, written otherwise"),
            (f"other-{known}", f"{typed}: somebody else, with no address of their own"),
        ]

    def says(self, what: str) -> int:
        """The request that they are `same` as, or `other` than; 0 for none."""
        said = WHOSE.fullmatch(self.data or "")
        return int(said[2]) if said and said[1] == what else 0


class WalkInLineForm(WalkInPersonForm):
    line = Whole("Line", missing="Enter the number of the line", least=1, most=999)
    release = ReleaseNumber(
        "Release number", missing="Enter the release number on this line, or say that there is none", longest=40,
        spellcheck=False, autocomplete="off", inputmode="numeric", hint="Eight digits, like 4827 1935",
    )  # fmt: skip
    without = Several(
        "No release number", [("yes", "There is none, or it does not count")],
        hint="They are counted all the same, without a place, and a conflict asks you what happened",
    )  # fmt: skip
    whose = WhoseAddress(
        "Who is on this line?", [], missing="", hint="If the address is wrong, correct it above and choose nothing here"
    )
    block = TimeBlock(
        "Time block (optional)", longest=20, autocomplete="off",
        hint="Like 09:00-09:30. It counts for the lines that follow, until you change it",
    )  # fmt: skip


class LineForm(Form):
    typed = Text(
        "Line or reference", missing="Type the number of a line, or a reference", longest=60, spellcheck=False,
        autocomplete="off", hint="Like 12, or HK7-4QD. Then press Enter, or scan",
    )  # fmt: skip
    block = TimeBlock(
        "Time block (optional)", longest=20, autocomplete="off",
        hint="Like 09:00-09:30. It counts for the lines that follow, until you change it",
    )  # fmt: skip

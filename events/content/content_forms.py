"""What organisers are asked of the event's public page: its title, its day, its text, the facts beside it, and its
colour."""

from math import floor
from typing import Any

from wtforms.validators import StopValidation

from events.event import Event
from events.web import colour
from events.web.forms import Day, Paragraphs, Text, clean

from . import markdown
from .event_part import PartForm

READ_BY_ALL = "Anyone can read this: say nothing that tells where it is"
MOST_FAULTS = 3  # that are named at once
COLOUR_HINT = f"The usual one is {colour.USUAL}"
COLOUR_WRONG = "Enter a colour like #0b7a75"
COLOUR_UNREAD = (
    "Some people could not read text on {}: its contrast is {} with white and {} with black, and text needs 4.5 to 1."
    " The nearest colour that has it is {}"
)
COLOUR_UNSEEN = (
    "Some people could not see {} on the page: its contrast is {}, and edges need 3 to 1. The nearest colour that has"
    " it is {}"
)
LONGEST_TEXT, LONGEST_FACT = 5000, 500


class MarkdownText(Paragraphs):
    """Several lines of Markdown, with empty ones between paragraphs."""

    def __init__(self, label: str, **other: Any) -> None:
        super().__init__(label, **other)
        self.filters = (markdown.lines_of,)

    def check(self) -> None:
        if wrong := markdown.faults(self.data or ""):
            more = f". And {len(wrong) - MOST_FAULTS} more" if len(wrong) > MOST_FAULTS else ""
            raise StopValidation(f"{'. '.join(wrong[:MOST_FAULTS])}{more}")


class Colour(Text):
    """A colour that browsers let people pick, on which text can be read and which can be seen on the page. Where a
    browser has no such input, it is typed."""

    def __init__(self, label: str, **other: Any) -> None:
        super().__init__(label, type="color", **other)
        self.filters = (clean, lambda typed: colour.normal(typed) or typed)

    def check(self) -> None:
        if (typed := colour.normal(self.data or "")) is None:
            raise StopValidation(COLOUR_WRONG)
        if colour.accent(typed) is not None:
            return
        with_page, *with_text = (_contrast(typed, other) for other in (colour.PAGE, colour.WHITE, colour.INK))
        if colour.contrast(typed, colour.PAGE) < colour.EDGE_NEEDS:
            raise StopValidation(COLOUR_UNSEEN.format(typed, with_page, colour.nearest(typed)))
        raise StopValidation(COLOUR_UNREAD.format(typed, *with_text, colour.nearest(typed)))


def _contrast(typed: str, other: str) -> str:
    """Rounded down, so that none seems to be enough that is not."""
    return f"{floor(10 * colour.contrast(typed, other)) / 10} to 1"


class TitleForm(PartForm):
    read_by_all = ("title",)

    title = Text("Title", missing="Enter the title", longest=200, hint=READ_BY_ALL)


class DayForm(PartForm):
    day = Day("Day", missing="Enter the day", hint="Like 15/4/2019")

    @classmethod
    def of(cls, event: Event) -> PartForm:
        return cls(data={"day": event.day.isoformat()})

    def details(self, event: Event) -> dict[str, Any]:
        return {"day": self.day.day}


class TextForm(PartForm):
    read_by_all = ("public_text",)

    public_text = MarkdownText(
        "Text (optional)", longest=LONGEST_TEXT, rows=16, hint=f"{READ_BY_ALL}. Name somebody only if they agreed"
    )


class ColourForm(PartForm):
    colour = Colour("Colour (optional)", longest=7, hint=COLOUR_HINT)

    @classmethod
    def of(cls, event: Event) -> "ColourForm":
        return cls(data={"colour": event.colour or colour.USUAL})

    def details(self, event: Event) -> dict[str, Any]:
        chosen = self.colour.data or ""
        return {"colour": chosen if chosen != colour.USUAL else ""}


class Fact(Paragraphs):
    """A short text beside the title."""

    def __init__(self, label: str, *, hint: str = "", **other: Any) -> None:
        super().__init__(f"{label} (optional)", longest=LONGEST_FACT, rows=2, hint=hint, **other)


class FactsForm(PartForm):
    read_by_all = ("audience", "launched", "area", "provided_by", "funded_by", "sponsored_by", "week", "law")

    audience = Fact("Whom it is for", hint="Stands first on the public page")
    launched = Fact("What is launched")
    area = Fact("Area of the service")
    provided_by = Fact("Provided by")
    funded_by = Fact("Funded by")
    sponsored_by = Fact("Sponsored by")
    week = Fact("The week that it belongs to", hint="With its dates, of this event and not of the last")
    law = Fact("The new law", hint="Say what is in force on the day, and what is not")

    @classmethod
    def of(cls, event: Event) -> PartForm:
        return cls(data={name: event.facts.get(name, "") for name in cls.read_by_all})

    def details(self, event: Event) -> dict[str, Any]:
        """The privacy notice stands in the same column, and stays as it is."""
        typed = {name: self[name].data or "" for name in self.read_by_all}
        return {"facts": event.facts | {name: said for name, said in typed.items() if said or name in event.facts}}

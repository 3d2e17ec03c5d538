"""What organisers are asked of certificates: what was learned, the hours that count, and who accredited it."""

import re
from typing import Any

import wtforms
from wtforms.validators import ValidationError

from events.programme.programme import time_words
from events.web.forms import TIME, Form, Paragraphs, Text, TimeOfDay
from registrations.certificates import attended
from registrations.certificates.certificate import Hours, Words

MOST_OUTCOMES, LONGEST_OUTCOME, MOST_BREAKS = 8, 160, 12
BREAK = re.compile(rf"({TIME.pattern})\s*(?:to|until|[-\u2013\u2014])\s*({TIME.pattern})", re.I | re.ASCII)
BREAK_WRONG = "Write each break on a line of its own, like 12:30 to 13:15"


class TermsForm(Form):
    outcomes = Paragraphs(
        "Learning outcomes", rows=6, longest=1500, missing="Enter what people have learned",
        hint=f"One on a line, {MOST_OUTCOMES} at most, like: Recognise the signs of stalking. Name no guest or place",
    )  # fmt: skip
    starts = TimeOfDay("Starts", missing="Enter when what counts starts", hint="Like 09:30")
    ends = TimeOfDay("Ends", missing="Enter when what counts ends", hint="Like 16:00")
    breaks = Paragraphs(
        "Breaks", longest=400, hint="They count for nobody. One on a line, like: 12:30 to 13:15", rows=3
    )
    accredited_by = Text(
        "Accredited by", longest=100, hint="Only if a body has accredited this event. Otherwise leave both empty",
    )  # fmt: skip
    accreditation = Text("Its reference", longest=60)

    def validate_outcomes(self, field: wtforms.Field) -> None:
        lines = str(field.data or "").splitlines()
        if len(lines) > MOST_OUTCOMES:
            raise ValidationError(f"Enter {MOST_OUTCOMES} learning outcomes or fewer, one on a line")
        if any(len(line) > LONGEST_OUTCOME for line in lines):
            raise ValidationError(f"Each learning outcome must be {LONGEST_OUTCOME} characters or fewer")

    def validate_ends(self, field: wtforms.Field) -> None:
        if (
            self.starts.minutes is not None
            and self.ends.minutes is not None
            and self.ends.minutes <= self.starts.minutes
        ):
            raise ValidationError("It must end after it starts")

    def validate_breaks(self, field: wtforms.Field) -> None:
        breaks = self._breaks
        if None in breaks or len(breaks) > MOST_BREAKS:
            raise ValidationError(BREAK_WRONG)
        if self.starts.minutes is None or self.ends.minutes is None or self.ends.minutes <= self.starts.minutes:
            return
        if any(not self.starts.minutes <= first < last <= self.ends.minutes for first, last in filter(None, breaks)):
            raise ValidationError("Each break must end after it starts, and lie between start and end")
        if attended.whole(self.hours) < attended.QUARTER:
            raise ValidationError("Nothing is left beside the breaks")

    def validate_accreditation(self, field: wtforms.Field) -> None:
        if bool(field.data) != bool(self.accredited_by.data):
            raise ValidationError("Enter both who accredited the event and their reference, or neither")

    @property
    def _breaks(self) -> list[tuple[int, int] | None]:
        return [_break(line) for line in str(self.breaks.data or "").splitlines()]

    @property
    def hours(self) -> Hours:
        breaks = sorted(filter(None, self._breaks))
        return Hours(self.starts.minutes or 0, self.ends.minutes or 0, breaks)

    @property
    def words(self) -> Words:
        said = (self.outcomes.data, self.accredited_by.data, self.accreditation.data)
        return Words(*(str(text or "") for text in said))


def _break(line: str) -> tuple[int, int] | None:
    found = BREAK.fullmatch(line.strip())
    if found is None:
        return None
    _, first_hour, first_minute, _, last_hour, last_minute = found.groups()
    return int(first_hour) * 60 + int(first_minute), int(last_hour) * 60 + int(last_minute)


def typed(words: Words, hours: Hours | None) -> dict[str, Any]:
    """As the form shows them."""
    if hours is None:
        return vars_of(words)
    times = {"starts": time_words(hours.starts), "ends": time_words(hours.ends)}
    return {**vars_of(words), **times, "breaks": "\n".join(span_words(*span) for span in hours.breaks)}


def vars_of(words: Words) -> dict[str, str]:
    return {"outcomes": words.outcomes, "accredited_by": words.accredited_by, "accreditation": words.accreditation}


def span_words(first: int, last: int) -> str:
    return f"{time_words(first)} to {time_words(last)}"

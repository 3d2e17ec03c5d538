"""A word that a person types for what loses or sends something, where no *Yes* is asked for.

Email systems open links and send forms with a choice made: no single choice may end, delete or send anything. The word
stands in the label, so that nobody has to look for it. Rules: EM-05, EM-06.
"""

from collections.abc import Callable
from typing import Any

import wtforms
from wtforms.validators import StopValidation

from events.web.forms import Text

DELETED = "have this address deleted"  # what somebody asks for whom a guest named
WHY = "We ask because some email systems open our links and choose for you"
AROUND = " .,;:!\"'\u201c\u201d\u2018\u2019\u00ab\u00bb"  # what people copy along, or their phone adds

Needed = Callable[[wtforms.form.BaseForm], bool]


def when_no(question: str) -> Needed:
    """Only where this question was answered with no."""
    return lambda form: bool(form[question].data == "no")


class TypedWord(Text):
    """`does`: what follows from typing it, as it goes on after "to". Capitals and quotation marks do not matter."""

    def __init__(self, word: str, does: str, *, needed: Needed = lambda form: True, **bound: Any) -> None:
        self.word, self.needed = word, needed
        says = f"Type \u201c{word}\u201d to {does}"
        shown = {"autocomplete": "off", "spellcheck": False}
        super().__init__(says, missing=says, longest=100, hint=WHY, **shown | bound)

    def pre_validate(self, form: wtforms.form.BaseForm) -> None:
        if self.needed(form) and (self.data or "").strip(AROUND).casefold() != self.word:
            raise StopValidation(self.missing)

"""What people type as the word, and what machines do."""

import pytest
from starlette.datastructures import FormData

from events.web.forms import Choice, Form
from registrations.tickets.typed_word import TypedWord, when_no

SAYS = "Type \u201cdecline\u201d to give the place away"


class EndForm(Form):
    answer = Choice("Do you take it?", [("yes", "Yes"), ("no", "No")], missing="Select yes")
    word = TypedWord("decline", "give the place away", needed=when_no("answer"))


def errors(**typed: str) -> list[object]:
    form = EndForm(FormData(typed))
    form.validate()
    return [error for field in form for error in field.errors]


@pytest.mark.parametrize("typed", ["decline", " Decline ", "DECLINE.", "\u201cdecline\u201d", "'decline'"])
def test_capitals_and_what_is_copied_along_do_not_matter(typed: str) -> None:
    assert errors(answer="no", word=typed) == []


@pytest.mark.parametrize("typed", ["", "no", "x", "yes", "declined", "on", SAYS, "decline decline"])
def test_any_other_word_is_refused_in_the_words_of_the_label(typed: str) -> None:
    assert errors(answer="no", word=typed) == [SAYS]
    assert EndForm().word.label.text == SAYS


def test_only_a_no_needs_it() -> None:
    assert errors(answer="yes") == []
    assert errors() == ["Select yes"]

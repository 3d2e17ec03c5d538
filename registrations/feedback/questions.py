"""What guests are asked after the event: questions with five answers each, two for words, and the kind they are of.

Rules: EV-10.
"""

from typing import NamedTuple

CONFIDENT = ("Not at all confident", "A little confident", "Fairly confident", "Confident", "Very confident")
USEFUL = ("Not useful at all", "A little useful", "Fairly useful", "Useful", "Very useful")
EASY = ("Very hard", "Hard", "Neither hard nor easy", "Easy", "Very easy")


class Scale(NamedTuple):
    """Its answers are numbered from 1."""

    words: str
    answers: tuple[str, ...]
    hint: str = ""


BEFORE, AFTER = "before", "after"
SCALES = {
    BEFORE: Scale("How confident were you about the subjects of the day before it?", CONFIDENT),
    AFTER: Scale("How confident are you about them now?", CONFIDENT),
    "content": Scale("How useful was the content?", USEFUL),
    "access": Scale(
        "How easy was it for you to take part?",
        EASY,
        "Coming in, seeing and hearing, breaks, food, and what you asked us to arrange",
    ),
}
TEXTS = {
    "differently": "What will you do differently after this event?",
    "better": "What should we do better next time?",
}
LONGEST = 500  # characters of a text

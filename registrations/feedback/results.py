"""What organisers are shown of feedback: totals, and answers by kind of organisation, none of fewer than five people.

Nor anything that could be computed from what is shown: see `shown_kinds`. Rules: EV-10.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from registrations.people.registration import OrganisationKind

from .box import CHANGE, TOGETHER, Contents, FeedbackBox, Part
from .questions import BEFORE, SCALES, TEXTS

NOT_SAID = ""  # of people who did not say their kind: one group like the others
KINDS = (*(kind.value for kind in OrganisationKind), NOT_SAID)
Row = tuple[int, ...]  # how often each answer was given, from the first to the last


class OfKind(NamedTuple):
    """`row` is None where it is hidden."""

    kind: str
    row: Row | None


class Asked(NamedTuple):
    """A question with its answers. `row` is None where fewer than five have answered."""

    words: str
    answers: Sequence[str]
    row: Row | None
    kinds: list[OfKind]  # none before feedback is closed, or where all of them would be hidden

    @property
    def people(self) -> int:
        return sum(self.row or ())


class Change(NamedTuple):
    """Of those who said how confident they were, and are: how many are more so, as much, and less."""

    more: int
    same: int
    less: int

    @property
    def people(self) -> int:
        return sum(self)


class Written(NamedTuple):
    """`texts` is None where fewer than five wrote something, and without those that were removed."""

    code: str
    words: str
    texts: list[str] | None
    removed: int


class Results(NamedTuple):
    asked: int  # how many were sent a link
    people: int  # how many have answered; until feedback is closed by whole fives, or looking twice tells of one
    shown: int  # how many of them are in what follows
    is_closed: bool
    questions: list[Asked]
    change: Change | None
    written: list[Written]
    words_are_deleted: bool


def of(box: FeedbackBox, contents: Contents) -> Results:
    """By kinds only once feedback is closed: five more in all may be one more of a kind."""
    part = contents.shown
    return Results(
        asked=box.asked,
        people=contents.people - (0 if box.is_closed else contents.people % TOGETHER),
        shown=part.people if part.people >= TOGETHER else 0,
        is_closed=box.is_closed,
        questions=[_asked(part, code, by_kind=box.is_closed) for code in SCALES],
        change=_change(part),
        written=[
            Written(code, words, shown_texts(contents, code), contents.removed[code]) for code, words in TEXTS.items()
        ],
        words_are_deleted=box.words_sealed is None,
    )


def _asked(part: Part, code: str, *, by_kind: bool) -> Asked:
    scale = SCALES[code]
    numbers = range(1, len(scale.answers) + 1)
    row = tuple(part.count(code, number) for number in numbers)
    if sum(row) < TOGETHER:
        return Asked(scale.words, scale.answers, None, [])
    rows = {kind: tuple(part.count(code, number, kind) for number in numbers) for kind in KINDS}
    shown = shown_kinds(rows) if by_kind else set()
    kinds = [OfKind(kind, rows[kind] if kind in shown else None) for kind in KINDS] if shown else []
    return Asked(scale.words, scale.answers, row, kinds)


def shown_kinds(rows: Mapping[str, Row]) -> set[str]:
    """Of five people or more, and so that those who are hidden are five or more together, too.

    The total of all is shown, so what is left of it is what the hidden ones said together. Were they fewer, the
    smallest that could be shown is hidden as well. A kind of which nobody answered is hidden like one of which few did:
    so nobody can tell which of the hidden kinds said it.
    """
    people = {kind: sum(row) for kind, row in rows.items()}
    shown = [kind for kind in sorted(rows, key=lambda kind: -people[kind]) if people[kind] >= TOGETHER]
    while shown and sum(people[kind] for kind in rows if kind not in shown) < TOGETHER:
        shown.pop()
    return set(shown)


def _change(part: Part) -> Change | None:
    steps = range(1, len(SCALES[BEFORE].answers) + 1)
    pairs = {(first, second): part.count(CHANGE, f"{first}>{second}") for first in steps for second in steps}
    more = sum(number for (first, second), number in pairs.items() if second > first)
    same = sum(number for (first, second), number in pairs.items() if second == first)
    change = Change(more, same, sum(pairs.values()) - more - same)
    return change if change.people >= TOGETHER else None


def shown_texts(contents: Contents, code: str) -> list[str] | None:
    """What organisers read of this question: None where fewer than five wrote something. What is removed hides nothing
    of what stood beside it."""
    texts = contents.shown.texts.get(code, [])
    return texts if len(texts) + contents.removed[code] >= TOGETHER else None

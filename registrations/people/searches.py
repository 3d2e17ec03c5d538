"""What a directory is asked: which people, in which order, and with which words. Words are looked for among all, and
who has them is kept for a few searches until somebody changes."""

from collections.abc import Callable, Sequence
from enum import StrEnum
from itertools import compress, repeat
from operator import contains
from typing import NamedTuple

from .places import marked
from .registration import OrganisationKind, State

A_SAMPLE = 200  # of the people: in how many of them a word is tells in how many of all, about
KEPT = 8  # searches: the next page of one, or another order, looks for nothing


class Sort(StrEnum):
    NAME = "name"
    ORGANISATION = "organisation"
    NEWEST = "newest"
    OLDEST = "oldest"


class Chosen(NamedTuple):
    """Which people, and in which order."""

    state: State | None = None  # None: all but those of whom only a number is left
    kind: OrganisationKind | None = None
    sort: Sort = Sort.NAME
    withdrawn_last: bool = False  # those whose approval was taken back come after all others
    also: State | None = None  # those in this state too


class Searches:
    """In these texts, one for each place, and in what is left of them for whoever sees no email addresses."""

    def __init__(self, texts: Sequence[str], without_email: Callable[[int], str]) -> None:
        self._texts, self._without_email = texts, without_email
        self._found: dict[tuple[tuple[str, ...], bool], bytearray] = {}  # by their words, and whether in addresses too

    def having(self, words: Sequence[str], *, by_email: bool) -> bytearray:
        """1 for each place that has them all, folded."""
        search = (tuple(words), by_email)
        if search not in self._found:
            if len(self._found) >= KEPT:
                del self._found[next(iter(self._found))]
            self._found[search] = self._look_for(words, by_email=by_email)
        return self._found[search]

    def forget(self) -> None:
        """Call it with each change of a text."""
        self._found.clear()

    def _look_for(self, words: Sequence[str], *, by_email: bool) -> bytearray:
        """The rarest word first, as it leaves fewest for the others; each in one run, in C."""
        some = self._texts[:: len(self._texts) // A_SAMPLE + 1]
        first, *others = sorted(words, key=lambda word: (sum(map(contains, some, repeat(word))), -len(word)))
        having = bytearray(map(contains, self._texts, repeat(first)))
        text_of, tried = (self._texts.__getitem__, others) if by_email else (self._without_email, [first, *others])
        if not tried:
            return having
        left = list(marked(having))
        for word in tried:
            left = list(compress(left, map(contains, map(text_of, left), repeat(word))))
        having = bytearray(len(having))
        for place in left:
            having[place] = 1
        return having

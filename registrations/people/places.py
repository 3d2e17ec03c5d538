"""The places of people in the columns of a directory: by their ids, and those of a list that are marked."""

from array import array
from collections.abc import Iterator, Sequence
from itertools import compress, count, islice
from typing import Any

A_PAGE = 1 << 10  # ids; of those that belong to others there is no page
NOWHERE = -1
FEW_OF = 16  # a share of all: so few are sorted by themselves, and looked for one by one
Marks = bytes | bytearray  # 1 or 0 for each place


class ById:
    """Which id has which place, in a tenth of the memory of a dictionary."""

    def __init__(self) -> None:
        self._pages = dict[int, array[int]]()

    def get(self, id_: int) -> int:
        """NOWHERE for one that is not known."""
        page, at = divmod(id_, A_PAGE)
        return self._pages[page][at] if page in self._pages else NOWHERE

    def put(self, id_: int, place: int) -> None:
        page, at = divmod(id_, A_PAGE)
        if page not in self._pages:
            self._pages[page] = array("i", [NOWHERE]) * A_PAGE
        self._pages[page][at] = place

    def items(self) -> Iterator[tuple[int, int]]:
        for page, places in self._pages.items():
            yield from ((page * A_PAGE + at, place) for at, place in enumerate(places) if place != NOWHERE)


class Places(Sequence[int]):
    """Of a list, those that are marked. They are looked for only as far as a page goes: most are never asked for."""

    def __init__(self, listed: "array[int]", marks: Marks, marked: int) -> None:
        self._listed, self._marks, self._marked = listed, marks, marked

    def __len__(self) -> int:
        return self._marked

    def __getitem__(self, wanted: Any) -> Any:
        if isinstance(wanted, int):
            return list(self)[wanted]
        return list(islice(self, wanted.start, min(wanted.stop, self._marked)))  # behind the last there is none

    def __iter__(self) -> Iterator[int]:
        return compress(self._listed, map(self._marks.__getitem__, self._listed))


def both(some: Marks, others: Marks) -> bytes:
    """Where both have a mark: as one large number each, since that takes no time at all."""
    return (int.from_bytes(some) & int.from_bytes(others)).to_bytes(len(some))


def marks_of(column: Marks, wanted: set[int]) -> bytes:
    """Where the column has one of these values."""
    return bytes(column.translate(bytes(value in wanted for value in range(256))))


def marked(marks: Marks) -> Iterator[int]:
    """The places with a mark, in their order."""
    return _few(marks) if marks.count(1) < len(marks) // FEW_OF else compress(count(), marks)


def _few(marks: Marks) -> Iterator[int]:
    """Each is looked for from the one before."""
    place = marks.find(1)
    while place >= 0:
        yield place
        place = marks.find(1, place + 1)

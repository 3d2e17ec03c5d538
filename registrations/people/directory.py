"""An event's people in memory: what the desk searches, sorts, counts and compares. Nothing of it is logged or leaves.

The database keeps them sealed, so it can do none of this. Before each answer it is asked what has changed since the
last one, by an index; usually nothing has. So no process is behind its own database.
"""

import asyncio
from array import array
from bisect import bisect_left, insort
from collections import Counter
from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache, partial
from itertools import compress, count
from typing import Any
from weakref import WeakKeyDictionary

from events.ground.database import ask, first_unseen, inside_tx

from .columns.tally import Columns
from .columns.values import GONE, KINDS, LIVING, STATES, in_columns
from .person import Person, dialled, fold, of_many
from .places import FEW_OF, NOWHERE, ById, Marks, Places, both, marked, marks_of
from .searches import Chosen, Searches, Sort

A_PART = 1000  # rows that are read and opened at once: others are answered between two parts
MANY = 200  # changed rows: from so many on, sorting anew is quicker than putting each in its place
CHANGED = f"""SELECT {{seen}} AS seen, version, id, state, kind, requested_at, withdrawn_at, public_id, person_sealed
    FROM registration WHERE event_id = ? AND (version, id) > (?, ?) ORDER BY version, id LIMIT {A_PART}"""  # noqa: S608


class Directory:
    """Of one event. A person has one place in all columns: so 100,000 take 20 MB, and not an object each."""

    def __init__(self) -> None:
        self.seen = -1
        self.versions = dict[int, int]()  # by id: of the rows that a later look may read again
        self._places = ById()
        self._ids, self._asked, self._phones = array("q"), array("d"), array("q")
        self._states, self._kinds, self._withdrawn, self._named = (bytearray() for _ in range(4))  # the last two 1 or 0
        self._texts: list[str] = []  # name, email and organisation, folded
        self._names, self._emails = array("H"), array("H")  # how long the first two are in the text
        self._organisations: list[str] = []  # folded
        self._said: tuple[Any, ...] = (
            self._asked, self._states, self._kinds, self._withdrawn, self._named, self._texts,
            self._names, self._emails, self._organisations, self._phones,
        )  # in the order of `in_columns`  # fmt: skip
        self._orders = {sort: array("i") for sort in (Sort.NAME, Sort.ORGANISATION, Sort.OLDEST)}
        self._of_organisation, self._of_phone = Counter[str](), Counter[int]()  # live requests
        self._lists: dict[Chosen, array[int]] = {}
        self._tallies: dict[Hashable, Any] = {}
        self._searches = Searches(self._texts, self._without_email)
        self._sorted_by = set(self._orders)  # the others are sorted once they are asked for

    def places(
        self, chosen: Chosen, words: Sequence[str] = (), *, by_email: bool = True, among: Marks | None = None
    ) -> Sequence[int]:
        """Of all who have each of these words, folded, in name, address or organisation. `among`: these alone."""
        if not words and among is None:
            return self._listed(chosen)
        found = self._chosen(chosen) if among is None else both(among, self._chosen(chosen))
        if words:
            found = both(self._searches.having(words, by_email=by_email), found)
        if chosen not in self._lists and self._are_few(found):
            return self._in_order(found, chosen)
        return Places(self._listed(chosen), found, found.count(1))

    def __len__(self) -> int:
        """How many places there are: as many marks `places` takes."""
        return len(self._ids)

    @property
    def columns(self) -> Columns:
        """For what is counted at once: they grow with the next who asks."""
        return Columns(self._asked, self._states, self._kinds, self._tallies)

    def place_of(self, id_: int) -> int:
        """It stays theirs. NOWHERE for one who is not known."""
        return self._places.get(id_)

    def at_organisation(self, name: str) -> Marks:
        """Whoever wrote it so, accents and capitals apart."""
        return bytes(map(fold(name).__eq__, self._organisations))

    def organisations(self, places: Iterable[int]) -> Iterable[str]:
        """Theirs, folded."""
        return map(self._organisations.__getitem__, places)

    def ids(self, places: Iterable[int]) -> list[int]:
        return [self._ids[place] for place in places]

    def names(self, places: Iterable[int]) -> list[str]:
        return [self._texts[place][: self._names[place]] for place in places]

    def of_same_name(self, person: Person) -> int:
        """How many live requests have this name, accents and capitals apart; here and below with the person's own."""
        name, order = fold(person.full_name), self._order(Sort.NAME)
        first, after = (bisect_left(order, f"{name}{end}", key=self._texts.__getitem__) for end in " !")
        alike = (place for place in order[first:after] if self._names[place] == len(name))
        return sum(1 for place in alike if self._states[place] in LIVING) if name else 0

    def of_same_organisation(self, person: Person) -> int:
        return self._of_organisation[fold(person.organisation)]

    def of_same_phone(self, person: Person) -> int:
        return self._of_phone[dialled(person.phone)] if person.phone else 0

    def put(self, event_id: int, rows: Sequence[Sequence[Any]]) -> None:
        """What these rows say now, as CHANGED reads them."""
        self._lists, self._tallies = {}, {}
        self._searches.forget()
        if len(rows) >= MANY:
            self._sorted_by.clear()
        folded = lru_cache(maxsize=None)(fold)  # of these rows: many are of the same organisation
        told = of_many(event_id, ((id_, public_id, sealed) for _, _, id_, _, _, _, _, public_id, sealed in rows))
        said = {row[2]: in_columns(row, person, folded) for row, person in zip(rows, told, strict=True)}
        known = [(id_, place) for id_ in said if (place := self._places.get(id_)) != NOWHERE]
        for id_, place in known:
            self._change(place, said.pop(id_))
        self._add(said)

    def drop(self, ids: Collection[int]) -> None:
        """Rows that are gone."""
        if len(ids) >= MANY:
            self._sorted_by.clear()
        for id_ in ids:
            self.versions.pop(id_, None)
            if (place := self._places.get(id_)) != NOWHERE:
                self._count(place, -1)
                self._take_out(place)
                self._texts[place] = self._organisations[place] = ""
                self._states[place], self._named[place], self._phones[place] = GONE, False, 0
                self._places.put(id_, NOWHERE)
        self._lists, self._tallies = {}, {}
        self._searches.forget()

    async def sort(self) -> None:
        """By all that one can sort by, so that nobody waits for it later. Others are answered in between."""
        for sort in self._orders:
            self._order(sort)
            await asyncio.sleep(0)

    def _change(self, place: int, values: tuple[Any, ...]) -> None:
        self._count(place, -1)
        self._take_out(place)
        for column, value in zip(self._said, values, strict=True):
            column[place] = value
        self._count(place, 1)
        self._put_in(place)

    def _add(self, said: Mapping[int, tuple[Any, ...]]) -> None:
        """Those who are new, by id."""
        first = len(self._ids)
        self._ids.extend(said)
        for id_, place in zip(said, count(first), strict=False):
            self._places.put(id_, place)
        for column, values in zip(self._said, zip(*said.values(), strict=True), strict=False):
            column.extend(values)
        new = range(first, len(self._ids))
        living = [place for place in new if self._named[place] and self._states[place] in LIVING]
        self._of_organisation.update(filter(None, map(self._organisations.__getitem__, living)))
        self._of_phone.update(filter(None, map(self._phones.__getitem__, living)))
        for place in new if self._sorted_by else ():
            self._put_in(place)

    def _count(self, place: int, by: int) -> None:
        """Of what nobody has any more nothing stays in memory."""
        counts: Any = ((self._of_organisation, self._organisations), (self._of_phone, self._phones))
        for counted, said in counts if self._named[place] and self._states[place] in LIVING else ():
            if told := said[place]:
                counted[told] += by
                if not counted[told]:
                    del counted[told]

    def _column(self, sort: Sort) -> Any:
        """By what this order is sorted, and then by id."""
        return {Sort.NAME: self._texts, Sort.ORGANISATION: self._organisations, Sort.OLDEST: self._asked}[sort]

    def _put_in(self, place: int) -> None:
        for sort in self._sorted_by:
            insort(self._orders[sort], place, key=partial(self._key, self._column(sort)))

    def _take_out(self, place: int) -> None:
        for sort in self._sorted_by:
            key = partial(self._key, self._column(sort))
            del self._orders[sort][bisect_left(self._orders[sort], key(place), key=key)]

    def _key(self, column: Any, place: int) -> tuple[Any, int]:
        return column[place], self._ids[place]

    def _order(self, sort: Sort) -> "array[int]":
        if sort not in self._sorted_by:
            there = (place for place, state in enumerate(self._states) if state != GONE)
            by_id = sorted(there, key=self._ids.__getitem__)
            self._orders[sort] = array("i", sorted(by_id, key=self._column(sort).__getitem__))
            self._sorted_by.add(sort)
        return self._orders[sort]

    def _listed(self, chosen: Chosen) -> "array[int]":
        if chosen not in self._lists:
            self._lists[chosen] = array("i", self._in_order(self._chosen(chosen), chosen))
        return self._lists[chosen]

    def _in_order(self, marks: Marks, chosen: Chosen) -> list[int]:
        """Whoever is marked."""
        found = self._sorted(Sort.OLDEST if chosen.sort is Sort.NEWEST else chosen.sort, marks)
        if chosen.sort is Sort.NEWEST:
            found.reverse()
        if chosen.withdrawn_last and 1 in self._withdrawn:
            found.sort(key=self._withdrawn.__getitem__)
        return found

    def _sorted(self, sort: Sort, marks: Marks) -> list[int]:
        if self._are_few(marks):
            return sorted(marked(marks), key=partial(self._key, self._column(sort)))
        order = self._order(sort)
        return list(order if marks.count(1) == len(order) else compress(order, map(marks.__getitem__, order)))

    def _are_few(self, marks: Marks) -> bool:
        return marks.count(1) < len(self._ids) // FEW_OF

    def _chosen(self, chosen: Chosen) -> Marks:
        wanted = {STATES[state] for state in (chosen.state, chosen.also) if state}
        marks = self._named if chosen.state is None else marks_of(self._states, wanted)
        return both(marks, marks_of(self._kinds, {KINDS[chosen.kind]})) if chosen.kind else marks

    def _without_email(self, place: int) -> str:
        text, name = self._texts[place], self._names[place]
        return text[: name + 1] + text[name + 1 + self._emails[place] :]


@dataclass
class Kept:
    """An event's directory in this process, and how many looks at the database have begun, and which one ended last."""

    directory: Directory = field(default_factory=Directory)
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    begun: int = 0
    ended: int = 0

    async def now(self, event_id: int) -> Directory:
        """Two that read at once would each open everybody. One that began after we came is as good as our own."""
        before_us = self.begun
        async with self.lock:
            if self.ended <= before_us:
                self.begun += 1
                await _catch_up(self.directory, event_id)
                self.ended = self.begun
        return self.directory


_kept: WeakKeyDictionary[asyncio.AbstractEventLoop, dict[int, Kept]] = WeakKeyDictionary()


def unseen() -> str:
    """From which version on there may be changes of an event's requests that a statement does not see. Reckoned once in
    it, not for each row."""
    return f"(SELECT {first_unseen('people_version')} FROM event WHERE id = ?)"  # noqa: S608


async def of(event_id: int) -> Directory:
    """As the database stands now. Raises RuntimeError within a transaction, whose changes nobody else may see."""
    if inside_tx():
        raise RuntimeError("read the directory before the act's transaction")
    return await _kept.setdefault(asyncio.get_running_loop(), {}).setdefault(event_id, Kept()).now(event_id)


async def _catch_up(directory: Directory, event_id: int) -> None:
    """From what was still under way when we last looked: on PostgreSQL a row's version is its transaction's number, so
    some rows are read twice, opened once, and none is missed."""
    sql = CHANGED.format(seen=unseen())
    seen, after, read = None, (directory.seen, 0), dict[int, int]()
    while rows := await ask(sql, [event_id, event_id, *after]):
        seen = rows[0][0] if seen is None else seen
        if news := [row for row in rows if directory.versions.get(row[2]) != row[1]]:
            directory.put(event_id, news)
        read |= {row[2]: row[1] for row in rows if row[1] >= seen}
        after = (rows[-1][1], rows[-1][2])
        if len(rows) < A_PART:
            break
        await asyncio.sleep(0)
    if directory.seen < 0:
        await directory.sort()
    directory.seen, directory.versions = (directory.seen if seen is None else seen), read

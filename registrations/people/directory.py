"""An event's people in memory: what the desk searches, sorts, counts and compares. Nothing of it is logged or leaves.

The database keeps them sealed, so it can do none of this. Before each answer it is asked what has changed since the
last one, by an index; usually nothing has. So no process is behind its own database.
"""

import asyncio
from array import array
from bisect import bisect_left, insort
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache, partial
from itertools import compress, count, islice, repeat
from operator import contains
from sys import intern
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

from events.ground.database import inside_tx, is_postgres, moment, query

from .person import COLUMNS, Person, fold, of_row
from .registration import LIVE, OrganisationKind, State

A_PART = 1000  # rows that are read and opened at once: others are answered between two parts
MANY = 200  # changed rows: from so many on, sorting anew is quicker than putting each in its place
FEW_OF = 16  # a share of all: so few are sorted by themselves, in place of looking through all
LAST_ID = 1 << 62
STATES, KINDS = ({value: n for n, value in enumerate(kind)} for kind in (State, OrganisationKind))
LIVING = {STATES[state] for state in LIVE}
SEEN = {  # on PostgreSQL? Reckoned once in a statement, not for each row
    False: "(SELECT people_version FROM event WHERE id = ?)",
    True: "(SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint WHERE ?::int IS NOT NULL)",
}
CHANGED = f"""SELECT {{seen}} AS seen, r.version, r.state, r.kind, r.requested_at, r.withdrawn_at, {COLUMNS}
    FROM registration r WHERE r.event_id = ? AND (r.version, r.id) > (?, ?)
    ORDER BY r.version, r.id LIMIT {A_PART}"""  # noqa: S608  # ours


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


class Directory:
    """Of one event. A person has one place in all columns: so 100,000 take 18 MB, and not an object each."""

    def __init__(self) -> None:
        self.seen = -1
        self._places: dict[int, int] = {}  # by id
        self._ids, self._asked, self._phones = array("q"), array("d"), array("q")
        self._states, self._kinds, self._withdrawn = bytearray(), bytearray(), bytearray()
        self._texts: list[str] = []  # name, email and organisation, folded
        self._names, self._emails = array("H"), array("H")  # how long the first two are in the text
        self._organisations: list[str] = []  # folded
        self._said: tuple[Any, ...] = (
            self._asked, self._states, self._kinds, self._withdrawn, self._texts,
            self._names, self._emails, self._organisations, self._phones,
        )  # in the order of _values  # fmt: skip
        self._orders: dict[Sort, array[int]] = {
            sort: array("i") for sort in (Sort.NAME, Sort.ORGANISATION, Sort.OLDEST)
        }
        self._of_organisation, self._of_phone = Counter[str](), Counter[int]()  # live requests
        self._of_state: dict[int, set[int]] = {state: set() for state in STATES.values()}
        self._lists: dict[Chosen, array[int]] = {}
        self._is_sorted = True

    def places(self, chosen: Chosen, words: Sequence[str] = (), *, by_email: bool = True) -> Sequence[int]:
        """Of all who have each of these words, folded, in their name, address or organisation; `ids` says who they
        are."""
        listed = self._listed(chosen)
        if not words:
            return listed
        having = self._having(words, by_email)
        of_all = chosen.state is None and chosen.kind is None  # whoever has a word has a name, so is on that list
        return Places(listed, having, having.count(1) if of_all else sum(map(having.__getitem__, listed)))

    def _having(self, words: Sequence[str], by_email: bool) -> bytearray:
        """1 for each place that has them all. The longest word first, as it leaves fewest for the others; that one in
        one run over all texts, in C."""
        first, *others = sorted(words, key=len, reverse=True)
        having = bytearray(map(contains, self._texts, repeat(first)))
        text_of, tried = (self._texts.__getitem__, others) if by_email else (self._without_email, [first, *others])
        for place in list(compress(count(), having)) if tried else ():
            text = text_of(place)
            having[place] = all(word in text for word in tried)
        return having

    def ids(self, places: Iterable[int]) -> list[int]:
        return [self._ids[place] for place in places]

    def of_same_name(self, person: Person) -> int:
        """How many live requests have this name, accents and capitals apart; here and below with the person's own."""
        name, order = fold(person.full_name), self._sorted()[Sort.NAME]
        first, after = (bisect_left(order, f"{name}{end}", key=self._texts.__getitem__) for end in " !")
        alike = (place for place in order[first:after] if self._names[place] == len(name))
        return sum(1 for place in alike if self._states[place] in LIVING) if name else 0

    def of_same_organisation(self, person: Person) -> int:
        return self._of_organisation[fold(person.organisation)]

    def of_same_phone(self, person: Person) -> int:
        return self._of_phone[dialled(person.phone)] if person.phone else 0

    def put(self, rows: Sequence[Mapping[str, Any]]) -> None:
        """What these rows say now, as CHANGED reads them."""
        self._lists = {}
        self._is_sorted = self._is_sorted and len(rows) < MANY
        folded = lru_cache(maxsize=None)(fold)  # of these rows: many are of the same organisation
        said = {row["registration_id"]: _values(row, of_row(row), folded) for row in rows}
        for id_ in self._places.keys() & said.keys():
            self._change(self._places[id_], said.pop(id_))
        self._add(said)

    def drop(self, ids: Iterable[int]) -> None:
        """Rows that are gone."""
        for place in [self._places.pop(id_) for id_ in ids if id_ in self._places]:
            self._count(place, -1)
            self._texts[place] = self._organisations[place] = ""
        self._lists, self._is_sorted = {}, False

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
        self._places.update(zip(said, count(first), strict=False))
        for column, values in zip(self._said, zip(*said.values(), strict=True), strict=False):
            column.extend(values)
        for place in range(first, len(self._ids)):
            self._count(place, 1)
            self._put_in(place)

    def _count(self, place: int, by: int) -> None:
        of_state = self._of_state[self._states[place]]
        (of_state.add if by > 0 else of_state.discard)(place)
        if self._texts[place] and self._states[place] in LIVING:
            self._of_organisation[self._organisations[place]] += by
            if self._phones[place]:
                self._of_phone[self._phones[place]] += by

    def _columns(self) -> Iterable[tuple[Sort, Any]]:
        """By what each order is sorted, and then by id."""
        return (Sort.NAME, self._texts), (Sort.ORGANISATION, self._organisations), (Sort.OLDEST, self._asked)

    def _put_in(self, place: int) -> None:
        for sort, column in self._columns() if self._is_sorted else ():
            insort(self._orders[sort], place, key=partial(self._key, column))

    def _take_out(self, place: int) -> None:
        for sort, column in self._columns() if self._is_sorted else ():
            key = partial(self._key, column)
            del self._orders[sort][bisect_left(self._orders[sort], key(place), key=key)]

    def _key(self, column: Any, place: int) -> tuple[Any, int]:
        return column[place], self._ids[place]

    def _sorted(self) -> dict[Sort, "array[int]"]:
        if not self._is_sorted:
            by_id = [self._places[id_] for id_ in sorted(self._places)]
            for sort, column in self._columns():
                self._orders[sort] = array("i", sorted(by_id, key=column.__getitem__))
            self._is_sorted = True
        return self._orders

    def _listed(self, chosen: Chosen) -> "array[int]":
        if chosen not in self._lists:
            found = self._narrowed(Sort.OLDEST if chosen.sort is Sort.NEWEST else chosen.sort, chosen)
            if chosen.sort is Sort.NEWEST:
                found.reverse()
            if chosen.withdrawn_last and 1 in self._withdrawn:
                found.sort(key=self._withdrawn.__getitem__)
            self._lists[chosen] = array("i", found)
        return self._lists[chosen]

    def _narrowed(self, sort: Sort, chosen: Chosen) -> list[int]:
        states, texts, kinds = self._states, self._texts, self._kinds
        order, column = self._sorted()[sort], dict(self._columns())[sort]
        wanted = {STATES[state] for state in (chosen.state, chosen.also) if state}
        if chosen.state is None:
            found = [place for place in order if texts[place]]
        elif sum(len(self._of_state[state]) for state in wanted) < len(order) // FEW_OF:
            found = sorted(
                set[int]().union(*(self._of_state[state] for state in wanted)), key=partial(self._key, column)
            )
        else:
            found = [place for place in order if states[place] in wanted]
        kind = KINDS[chosen.kind] if chosen.kind else None
        return found if kind is None else [place for place in found if kinds[place] == kind]

    def _without_email(self, place: int) -> str:
        text, name = self._texts[place], self._names[place]
        return text[: name + 1] + text[name + 1 + self._emails[place] :]


class Places(Sequence[int]):
    """Of a list, those that are marked. They are looked for only as far as a page goes: most are never asked for."""

    def __init__(self, listed: "array[int]", marks: bytearray, marked: int) -> None:
        self._listed, self._marks, self._marked = listed, marks, marked

    def __len__(self) -> int:
        return self._marked

    def __getitem__(self, wanted: Any) -> Any:
        return list(self)[wanted] if isinstance(wanted, int) else list(islice(self, wanted.start, wanted.stop))

    def __iter__(self) -> Iterator[int]:
        return compress(self._listed, map(self._marks.__getitem__, self._listed))


def _values(row: Mapping[str, Any], person: Person, folded: Callable[[str], str]) -> tuple[Any, ...]:
    """What the columns of a person hold, `_said` in order."""
    name, email = fold(person.full_name), fold(person.email)
    organisation = intern(folded(person.organisation))
    asked = moment(row["requested_at"])
    return (
        asked.timestamp() if asked else 0.0,
        STATES[row["state"]],
        KINDS[row["kind"]],
        row["withdrawn_at"] is not None,
        f"{name} {email} {organisation}" if name else "",
        len(name),
        len(email),
        organisation,
        dialled(person.phone),
    )


def dialled(phone: str) -> int:
    """Equal for a telephone number however it is typed; 0 where there is none."""
    if not phone:
        return 0
    digits = "".join(filter(str.isdigit, phone.replace("(0)", "").replace("+44", "0")))
    return int(f"1{digits[:17]}") if digits else 0


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


async def of(event_id: int) -> Directory:
    """As the database stands now. Raises RuntimeError within a transaction, whose changes nobody else may see."""
    if inside_tx():
        raise RuntimeError("read the directory before the act's transaction")
    return await _kept.setdefault(asyncio.get_running_loop(), {}).setdefault(event_id, Kept()).now(event_id)


async def _catch_up(directory: Directory, event_id: int) -> None:
    """From what was still under way when we last looked: on PostgreSQL a row's version is its transaction's number, so
    some rows are read twice, and none is missed."""
    sql = CHANGED.format(seen=SEEN[is_postgres()])
    seen, after = None, (directory.seen, 0 if is_postgres() else LAST_ID)
    while rows := await query(sql, [event_id, event_id, *after]):
        seen = rows[0]["seen"] if seen is None else seen
        directory.put(rows)
        after = (rows[-1]["version"], rows[-1]["registration_id"])
        if len(rows) < A_PART:
            break
        await asyncio.sleep(0)
    directory.seen = directory.seen if seen is None else seen

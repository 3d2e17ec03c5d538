"""An event's people in memory: what the desk searches, sorts, counts and compares. Nothing of it is logged or leaves.

The database keeps them sealed, so it can do none of this. Before each answer it is asked what has changed since the
last one, by an index; usually nothing has. So no process is behind its own database.
"""

import asyncio
from bisect import bisect_left, insort
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from operator import attrgetter
from sys import intern
from typing import Any, cast
from weakref import WeakKeyDictionary

from events.ground import clock
from events.ground.database import ask, first_unseen, inside_tx, moment
from registrations.codes.badge_type import BadgeType

from .names.surname import order as by_surname
from .person import Person, dialled, fold, of_many
from .registration import LIVE, OrganisationKind, State

A_PART = 500  # rows that are read and opened at once: others are answered between two parts
MANY = 200  # changed rows: from so many on, sorting anew is quicker than putting each in its place
CHANGED = f"""SELECT {{seen}} AS seen, version, id, state, kind, badge_type, requested_at, withdrawn_at, public_id,
    person_sealed FROM registration WHERE event_id = ? AND (version, id) > (?, ?) ORDER BY version, id LIMIT {A_PART}"""  # noqa: S608


class Sort(StrEnum):
    NAME = "name"
    ORGANISATION = "organisation"
    NEWEST = "newest"
    OLDEST = "oldest"


SORTED_BY = {Sort.NAME: "text", Sort.ORGANISATION: "organisation", Sort.OLDEST: "asked"}  # and then by id
KEYS = {sort: attrgetter(column, "id") for sort, column in SORTED_BY.items()}
EVERYBODY, NAMED = tuple(State), ()  # of whoever was erased no name is left
States = tuple[State, ...]
ALIKE = ("name", "phone", "organisation", "surname")  # by which requests are compared


@dataclass(slots=True, eq=False)
class Entry:
    """One person, as their row says. Texts are folded, and empty once the person is erased."""

    id: int
    version: int
    state: State
    kind: OrganisationKind
    badge_type: BadgeType
    asked: datetime
    withdrawn: bool
    name: str
    organisation: str
    phone: int
    text: str  # surname, then name, email and organisation: what is sorted by name, and searched

    @property
    def surname(self) -> str:
        return self.text.partition("\t")[0]


class Directory:
    """Of one event: for each person one entry, which a change replaces."""

    def __init__(self, event_id: int) -> None:
        self.event_id, self._seen = event_id, -1
        self._entries = dict[int, Entry]()
        self._orders = dict[tuple[Sort, States], list[Entry]]()  # those that somebody asked for
        self._alike: Mapping[str, Counter[Any]] = {what: Counter() for what in ALIKE}
        self.counts = Counter[tuple[State, OrganisationKind, date]]()  # the day at the venue on which they asked
        self.lock = asyncio.Lock()  # two that read at once would each open everybody

    def everybody(self) -> list[Entry]:
        """In no order: as they lie in memory, where it is three times as quick to look through all of them."""
        return [*self._entries.values()]

    def order(self, sort: Sort, states: States = EVERYBODY) -> Sequence[Entry]:
        """Whoever is in one of these states. It changes with the next change: copy it before you wait."""
        if sort is Sort.NEWEST:
            return self.order(Sort.OLDEST, states)[::-1]
        if (sort, states) not in self._orders:
            some = in_order(self.everybody(), sort) if states is EVERYBODY else self.order(sort)
            self._orders[sort, states] = [entry for entry in some if _is_in(entry, states)]
        return self._orders[sort, states]

    def alike(self, person: Person) -> Mapping[str, int]:
        """How many live requests have this person's name, phone, organisation and surname, however they are written."""
        surname, _ = by_surname(person.full_name)
        said = (fold(person.full_name), dialled(person.phone), fold(person.organisation), surname)
        return {what: counted[value] for (what, counted), value in zip(self._alike.items(), said, strict=True)}

    def put(self, rows: Sequence[Sequence[Any]]) -> None:
        """What these rows say now, as CHANGED reads them."""
        if len(rows) >= MANY:
            self._orders.clear()
        told = of_many(self.event_id, ((id_, public_id, sealed) for _, _, id_, *_, public_id, sealed in rows))
        entries = [_entry(row, said) for row, said in zip(rows, told, strict=True)]
        self.drop(entry.id for entry in entries)
        for entry in entries:
            self._entries[entry.id] = entry
            self._count(entry, 1)
            for order, key in self._orders_of(entry):
                insort(order, entry, key=key)

    def drop(self, ids: Iterable[int]) -> None:
        """Rows that are gone. Of whoever is unknown there is nothing to drop."""
        for entry in [self._entries.pop(id_) for id_ in ids if id_ in self._entries]:
            self._count(entry, -1)
            for order, key in self._orders_of(entry):
                del order[bisect_left(order, key(entry), key=key)]

    def _orders_of(self, entry: Entry) -> Iterator[tuple[list[Entry], Callable[[Entry], Any]]]:
        return ((order, KEYS[sort]) for (sort, states), order in self._orders.items() if _is_in(entry, states))

    def _count(self, entry: Entry, by: int) -> None:
        """Of what nobody has any more nothing stays in memory."""
        self.counts[entry.state, entry.kind, clock.local(entry.asked).date()] += by
        for what, counted in self._alike.items() if entry.name and entry.state in LIVE else ():
            if value := getattr(entry, what):
                counted[value] += by
                if not counted[value]:
                    del counted[value]

    async def catch_up(self) -> None:
        """From what was still under way when we last looked: on PostgreSQL a row's version is its transaction's number,
        so some rows are read twice, opened once, and none is missed."""
        sql, seen, after, anew = CHANGED.format(seen=unseen()), None, (self._seen, 0), self._seen < 0
        while rows := await ask(sql, [self.event_id, self.event_id, *after]):
            seen = rows[0][0] if seen is None else seen
            if news := [row for row in rows if row[2] not in self._entries or self._entries[row[2]].version != row[1]]:
                self.put(news)
            after = (rows[-1][1], rows[-1][2])
            if len(rows) < A_PART:
                break
            await asyncio.sleep(0)
        for sort in KEYS if anew else ():  # so that nobody waits for it later; others are answered in between
            self.order(sort)
            await asyncio.sleep(0)
        self._seen = self._seen if seen is None else seen


def in_order(people: Iterable[Entry], sort: Sort) -> list[Entry]:
    """Sorted twice, in a third of the time that a key of two takes."""
    if sort is Sort.NEWEST:
        return in_order(people, Sort.OLDEST)[::-1]
    return sorted(sorted(people, key=attrgetter("id")), key=attrgetter(SORTED_BY[sort]))


def _is_in(entry: Entry, states: States) -> bool:
    return entry.state in states if states else bool(entry.name)


def _entry(row: Sequence[Any], said: Mapping[str, str]) -> Entry:
    _, version, id_, state, kind, badge_type, asked, withdrawn, _, _ = row
    name, email, organisation = (fold(said.get(what, "")) for what in ("full_name", "email", "organisation"))
    surname, _ = by_surname(said.get("full_name", ""))
    searched = f"{surname}\t{name} {email} {organisation}" if name else ""
    return Entry(
        id_, version, State(state), OrganisationKind(kind), BadgeType(badge_type), cast("datetime", moment(asked)),
        withdrawn is not None, name, intern(organisation), dialled(said.get("phone", "")), searched,
    )  # fmt: skip


_kept: WeakKeyDictionary[asyncio.AbstractEventLoop, dict[int, Directory]] = WeakKeyDictionary()


def unseen() -> str:
    """From which version on there may be changes of an event's requests that a statement does not see. Reckoned once in
    it, not for each row."""
    return f"(SELECT {first_unseen('people_version')} FROM event WHERE id = ?)"  # noqa: S608


async def of(event_id: int) -> Directory:
    """As the database stands now. Raises RuntimeError within a transaction, whose changes nobody else may see."""
    if inside_tx():
        raise RuntimeError("read the directory before the act's transaction")
    people = _kept.setdefault(asyncio.get_running_loop(), {}).setdefault(event_id, Directory(event_id))
    async with people.lock:
        await people.catch_up()
    return people

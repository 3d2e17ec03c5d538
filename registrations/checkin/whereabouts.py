"""Where guests are: not here yet, in, or left again. By person: by the last of their tickets with which they came in,
as they are counted.

Kept in memory for each event, and before each answer brought up to date by the tickets that have changed since: an
admission that comes, goes or moves gives its ticket a newer version of the guest list. So no list reads all admissions,
and no process is behind its own database.
"""

import asyncio
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime
from enum import StrEnum
from typing import NamedTuple
from weakref import WeakKeyDictionary

from events.event import Event
from events.ground import clock
from events.ground.database import ask, moment, places, query
from registrations.codes.arrived import BY_LAST, at_entrances
from registrations.people import directory
from registrations.people.directory import NAMED, Entry, Sort
from registrations.people.registration import State
from registrations.phones.door import DOOR_NAME, door_in

A_PART = 1000  # tickets that are read at once: others are answered between two parts
SLOT = 300  # seconds, in which arrivals are counted together
CHANGED = f"""SELECT c.list_version, c.id, c.registration_id, min(a.admitted_at) AS first, {BY_LAST} AS last
    FROM (SELECT t.list_version, t.id, t.registration_id FROM ticket t WHERE t.event_id = ?
    AND (t.list_version, t.id) > (?, ?) ORDER BY t.list_version, t.id LIMIT {A_PART}) c
    JOIN ticket o ON o.registration_id = c.registration_id LEFT JOIN {at_entrances("o")}
    GROUP BY c.list_version, c.id, c.registration_id ORDER BY c.list_version, c.id"""  # noqa: S608  # ours
STAYS = f"""SELECT o.registration_id, a.admitted_at, a.left_at, {DOOR_NAME} FROM ticket o JOIN {at_entrances("o")}
    JOIN door d ON d.id = a.door_id WHERE o.registration_id IN ({{ids}}) ORDER BY o.id"""  # noqa: S608  # ours
OPENED = """SELECT min(coalesce(d.opens_at, e.doors_open_at)) AS opens,
    max(CASE WHEN EXISTS (SELECT 1 FROM attendance a WHERE a.event_id = e.id AND a.day = e.day AND a.door_id IS NULL)
    THEN 1 ELSE 0 END) AS counted FROM event e JOIN door d ON d.event_id = e.id WHERE e.id = ?"""


class Presence(StrEnum):
    IN = "in"
    NOT_YET = "not-yet"  # of those with a ticket that opens a door
    LEFT = "left"


class Stay(NamedTuple):
    """Somebody at the event: since when and by which door, or when they left last."""

    presence: Presence
    at: datetime
    door: str


class At(NamedTuple):
    """Somebody who has come, as it is kept in memory."""

    presence: Presence
    slot: int  # in which they came first, counted in SLOTs since 1970


class Whereabouts:
    """Of one event, for as long as it has this day."""

    def __init__(self, day: date) -> None:
        self.day = day
        self.seen = (-1, 0)  # version and id of the ticket that was read last
        self.lock = asyncio.Lock()
        self.slots = Counter[int]()  # who came in it first
        self._slots = dict[int, int]()  # by request, of whoever has come
        self._ids = {Presence.IN: set[int](), Presence.LEFT: set[int]()}  # their requests

    @property
    def came(self) -> int:
        """How many have come, each of them once."""
        return len(self._slots)

    def put(self, registration_id: int, now: At | None) -> None:
        """None: they are not here, or an entry was undone."""
        if (slot := self._slots.pop(registration_id, None)) is not None:
            self.slots[slot] -= 1
        for presence, ids in self._ids.items():
            (ids.add if now and now.presence is presence else ids.discard)(registration_id)
        if now:
            self._slots[registration_id] = now.slot
            self.slots[now.slot] += 1

    def those(self, people: Iterable[Entry], presence: Presence) -> list[Entry]:
        """Of these people whoever is in, or has left; or all others who have a ticket that opens a door."""
        if presence is Presence.NOT_YET:
            return [person for person in people if person.state is State.APPROVED and person.id not in self._slots]
        there = self._ids[presence]
        return [person for person in people if person.id in there]


_kept: WeakKeyDictionary[asyncio.AbstractEventLoop, dict[int, Whereabouts]] = WeakKeyDictionary()


async def of(event: Event) -> Whereabouts:
    """As the database stands now. Another day of the event has admissions of its own."""
    kept = _kept.setdefault(asyncio.get_running_loop(), {})
    if event.id not in kept or kept[event.id].day != event.day:
        kept[event.id] = Whereabouts(event.day)
    async with kept[event.id].lock:
        await _catch_up(kept[event.id], event.id)
    return kept[event.id]


async def _catch_up(whereabouts: Whereabouts, event_id: int) -> None:
    """Versions commit in their order, so none below the last one that was read comes later."""
    while rows := await ask(CHANGED, [event_id, *whereabouts.seen]):
        for version, id_, registration_id, first, last in rows:
            whereabouts.seen = (version, id_)
            at = moment(first)
            presence = Presence.LEFT if last and last % 2 else Presence.IN
            whereabouts.put(registration_id, At(presence, int(at.timestamp()) // SLOT) if at else None)
        if len(rows) < A_PART:
            break
        await asyncio.sleep(0)


async def everybody(event: Event) -> dict[Presence, list[Entry]]:
    """By where they are. Whoever came is here, whatever happened since. The directory is read last: it has everybody
    who has come by then."""
    whereabouts, people = await of(event), await directory.of(event.id)
    named = people.order(Sort.NAME, NAMED)
    return {presence: whereabouts.those(named, presence) for presence in Presence}


async def are_known(event: Event, at: datetime) -> bool:
    """From the moment at which the first door opens until the scans are deleted."""
    if clock.local(at).date() < event.day:
        return False
    [row] = await query(OPENED, [event.id])
    opens = moment(row["opens"])
    return opens is not None and opens <= at and not row["counted"]


async def stays(ids: Collection[int]) -> dict[int, Stay]:
    """Of these requests, where whoever has come is now."""
    found: dict[int, Stay] = {}
    for row in await query(STAYS.format(ids=places(len(ids))), list(ids)) if ids else []:
        admitted_at, left_at = moment(row["admitted_at"]), moment(row["left_at"])
        presence, at = (Presence.LEFT, left_at) if left_at else (Presence.IN, admitted_at)
        if at:
            found[row["registration_id"]] = Stay(presence, at, door_in(row).shown)
    return found


class OfOrganisation(NamedTuple):
    name: str  # folded
    people: Mapping[Presence, int]
    someone: int  # the request of one of them, who wrote it so


def by_organisation(people: Mapping[Presence, Iterable[Entry]]) -> list[OfOrganisation]:
    """Of everybody who has come or has a ticket, by the organisation's name."""
    counted, someone = dict[str, Counter[Presence]](), dict[str, int]()
    for presence, there in people.items():
        for person in there:
            counted.setdefault(person.organisation, Counter())[presence] += 1
            someone.setdefault(person.organisation, person.id)
    return [OfOrganisation(name, counted[name], someone[name]) for name in sorted(counted) if name]

"""Counts people: who has arrived, is inside and has left, each of them once, whatever entrances they took; who came to
each door, and in the last five minutes; and the phones there."""

from datetime import datetime, timedelta
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

from events.ground import live
from events.ground.database import moment, query
from registrations.codes.arrived import at_entrances
from registrations.people.place_counts import GUESTS
from registrations.phones.door import DOOR_NAME, ENTRANCES, PHONE_NAME, PassRole, door_in, phone_in
from registrations.phones.how_many import SILENT_AFTER

NEARLY = 9  # in ten: from then on it is said how many are left
VENUE = "The venue"
LATELY = timedelta(minutes=5)
COUNTED = ("lately", "phones", "heard", "to_send", "refused", "quarantined")
OLD_LIST, LOW_BATTERY, CLOCK_OFF = 300, 0.2, 30  # seconds, a share, seconds
PHONES = f"""SELECT {PHONE_NAME}, {DOOR_NAME}, p.role, p.last_seen_at, p.to_send, p.list_version, p.list_at,
    p.battery, p.clock_off, e.list_version AS current
    FROM door_pass p JOIN door d ON d.id = p.door_id JOIN event e ON e.id = p.event_id
    WHERE p.event_id = ? AND p.paired_at IS NOT NULL AND p.revoked_at IS NULL AND p.expires_at > ?
    ORDER BY d.id, p.id"""  # noqa: S608  # ours
DOORS = f"""SELECT {DOOR_NAME}, d.presence, d.capacity,
    (SELECT count(*) FROM admission a WHERE a.door_id = d.id AND a.admitted_at > ?) AS lately,
    (SELECT count(*) FROM scan s WHERE s.door_id = d.id AND s.verdict IN ('error', 'invalid')) AS refused,
    (SELECT count(*) FROM scan s JOIN door_pass q ON q.id = s.door_pass_id WHERE s.door_id = d.id
     AND s.verdict = 'device_revoked' AND (q.quarantine_decided IS NULL OR s.id > q.quarantine_decided)) AS quarantined,
    coalesce(p.phones, 0) AS phones, coalesce(p.heard, 0) AS heard, coalesce(p.to_send, 0) AS to_send
    FROM door d
    LEFT JOIN (SELECT door_id, count(*) AS phones, sum(to_send) AS to_send,
               sum(CASE WHEN last_seen_at > ? THEN 1 ELSE 0 END) AS heard
               FROM door_pass WHERE paired_at IS NOT NULL AND revoked_at IS NULL AND expires_at > ?
               GROUP BY door_id) p ON p.door_id = d.id
    WHERE d.event_id = ? ORDER BY d.id"""  # noqa: S608  # ours
EVENT = f"""SELECT e.list_version, {GUESTS} AS expected,
    EXISTS (SELECT 1 FROM attendance a WHERE a.event_id = e.id AND a.day = e.day AND a.door_id IS NULL AND a.kind = '')
    AS counted FROM event e WHERE e.id = ?"""  # noqa: S608  # ours
STAYED = """SELECT door_id, sum(people) AS people FROM attendance a JOIN event e ON e.id = a.event_id AND e.day = a.day
    WHERE e.id = ? AND (a.door_id IS NOT NULL OR a.kind = '') GROUP BY door_id"""
ARRIVED = """SELECT d.id, d.presence, (SELECT count(*) FROM admission a WHERE a.door_id = d.id) AS arrived,
    (SELECT count(*) FROM admission a WHERE a.door_id = d.id AND a.left_at IS NOT NULL) AS gone
    FROM door d WHERE d.event_id = ?"""
# A ticket is in once at all entrances. Whoever came in by two of their tickets counts by the later one alone: of a
# person's tickets all but the last are revoked, and those are few.
AGAIN = f"""SELECT count(*) AS arrived, sum(CASE WHEN a.left_at IS NULL THEN 0 ELSE 1 END) AS gone
    FROM ticket t JOIN {at_entrances()}
    WHERE t.event_id = ? AND t.revoked_at IS NOT NULL AND EXISTS
    (SELECT 1 FROM ticket later JOIN {at_entrances("later", "b")}
     WHERE later.registration_id = t.registration_id AND later.id > t.id)"""  # noqa: S608  # ours


class Passed(NamedTuple):
    """How many came in, and how many of them have left."""

    arrived: int
    gone: int = 0


class Arrived(NamedTuple):
    """Who came in and left, as it stands for as long as the event's guest list has this version: each change of an
    admission or a ticket gives it another. Or who came, once the scans were counted and deleted."""

    version: int
    counted: bool
    people: Passed
    doors: dict[int, Passed]


_arrived: WeakKeyDictionary[live.Hub, dict[int, Arrived]] = WeakKeyDictionary()


class DoorCounts(NamedTuple):
    id: int
    name: str
    arrived: int  # at an entrance: who came in there first
    lately: int
    phones: int
    heard: int  # of the phones
    to_send: int  # scans that they still hold, as they last said
    refused: int  # codes that were none of ours, and scans that we could not read
    quarantined: int  # scans of phones whose pass was over, which let nobody in
    room: bool = False
    left: int = 0  # of those who arrived; at an entrance, by whichever they left
    presence: int = ENTRANCES
    limit: int = 0  # so many may be in by all doors of the presence group; 0: any number

    @property
    def inside(self) -> int:
        return self.arrived - self.left


class Occupancy(NamedTuple):
    """A room, or the venue, against its limit."""

    name: str
    inside: int
    limit: int

    @property
    def left(self) -> int:
        """Below 0: so many too many, whom phones without a network or a lead have let in."""
        return self.limit - self.inside

    @property
    def is_nearly_full(self) -> bool:
        return self.inside * 10 >= self.limit * NEARLY

    @property
    def says(self) -> str:
        if self.left > 0:
            return f"{self.left} left" if self.is_nearly_full else ""
        return "full" if self.left == 0 else f"full, {-self.left} too many"


class Counts(NamedTuple):
    people: int  # arrived: came in at an entrance at least once. Never scans: each person counts once
    expected: int
    doors: list[DoorCounts]
    stayed: bool = False  # the scans are deleted, and these numbers stayed
    left: int = 0  # of those who arrived: are not inside now, by the exits that were scanned

    @property
    def inside(self) -> int:
        return self.people - self.left

    @property
    def lately(self) -> int:
        """Of those who arrived."""
        return sum(door.lately for door in self.doors if not door.room)

    @property
    def limited(self) -> list[Occupancy]:
        """The rooms, and the venue before them, that have a limit. A room is called as its first door."""
        found: dict[int, Occupancy] = {}
        for door in sorted(self.doors, key=lambda door: door.presence) if not self.stayed else ():
            name = door.name if door.room else VENUE
            known = found.setdefault(door.presence, Occupancy(name, 0, door.limit))
            inside = known.inside + door.inside if door.room else self.inside  # people, each of them once
            found[door.presence] = known._replace(inside=inside)
        return [room for room in found.values() if room.limit]

    @property
    def phones(self) -> int:
        return sum(door.phones for door in self.doors)

    @property
    def heard(self) -> int:
        return sum(door.heard for door in self.doors)

    @property
    def to_send(self) -> int:
        return sum(door.to_send for door in self.doors)

    @property
    def quarantined(self) -> int:
        return sum(door.quarantined for door in self.doors)

    @property
    def refused(self) -> int:
        return sum(door.refused for door in self.doors)


async def counts(event_id: int, at: datetime, real: datetime) -> Counts:
    """`at` is the event's time, `real` the machine's, by which a phone is silent. People with a ticket are expected."""
    [event] = await query(EVENT, [event_id])
    arrived = await _who_is_in(event_id, event["list_version"], counted=bool(event["counted"]))
    rows = await query(DOORS, [at - LATELY, real - SILENT_AFTER, real, event_id])
    doors = [_door(row, arrived.doors.get(row["door_id"], Passed(0))) for row in rows]
    return Counts(arrived.people.arrived, event["expected"], doors, arrived.counted, arrived.people.gone)


def _door(row: dict[str, Any], passed: Passed) -> DoorCounts:
    counted = {what: row[what] for what in COUNTED}
    room = row["presence"] != ENTRANCES
    return DoorCounts(row["door_id"], door_in(row).shown, passed.arrived, **counted, room=room, left=passed.gone,
                      presence=row["presence"], limit=row["capacity"])  # fmt: skip


async def _who_is_in(event_id: int, version: int, *, counted: bool) -> Arrived:
    """Counts anew only when the version is another, which was read before: so nothing is missed."""
    known = _arrived.setdefault(live.hub(), {})
    if event_id not in known or known[event_id][:2] != (version, counted):
        people, doors = await (_who_came if counted else _counted_now)(event_id)
        known[event_id] = Arrived(version, counted, people, doors)
    return known[event_id]


async def _counted_now(event_id: int) -> tuple[Passed, dict[int, Passed]]:
    rows = await query(ARRIVED, [event_id])
    [again] = await query(AGAIN, [event_id])
    entrances = [row for row in rows if row["presence"] == ENTRANCES]
    arrived, gone = (sum(row[what] for row in entrances) - (again[what] or 0) for what in Passed._fields)
    return Passed(arrived, gone), {row["id"]: Passed(row["arrived"], row["gone"]) for row in rows}


async def _who_came(event_id: int) -> tuple[Passed, dict[int, Passed]]:
    doors = {row["door_id"]: Passed(int(row["people"])) for row in await query(STAYED, [event_id])}
    return doors.pop(None), doors


class DeviceHealth(NamedTuple):
    """A paired phone, as it last reported. Spans in seconds. None if it never reported."""

    name: str
    door: str
    silent: float
    to_send: int
    is_behind: bool  # there is a newer guest list than the one it has
    list_age: float | None
    battery: float | None
    clock_off: float | None

    @property
    def old_list(self) -> bool:
        return self.list_age is None or self.list_age > OLD_LIST

    @property
    def low(self) -> bool:
        return self.battery is not None and self.battery <= LOW_BATTERY

    @property
    def wrong_clock(self) -> bool:
        return self.clock_off is not None and abs(self.clock_off) > CLOCK_OFF


async def phones(event_id: int, real: datetime) -> list[DeviceHealth]:
    """The phones that may still scan. `real` is the machine's time."""
    return [_device(row, real) for row in await query(PHONES, [event_id, real])]


def _device(row: dict[str, Any], real: datetime) -> DeviceHealth:
    seen, list_at = moment(row["last_seen_at"]), moment(row["list_at"])
    return DeviceHealth(
        name=phone_in(row).shown,
        door=door_in(row).shown,
        silent=(real - seen).total_seconds() if seen else float("inf"),
        to_send=row["to_send"],
        is_behind=row["role"] != PassRole.MARSHAL and row["current"] > row["list_version"],  # whose list has no version
        list_age=(real - list_at).total_seconds() if list_at else None,
        battery=row["battery"],
        clock_off=row["clock_off"],
    )

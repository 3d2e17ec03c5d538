"""Who is in, as numbers: people at the event and at each door, the last five minutes, and the phones there."""

from datetime import datetime, timedelta
from typing import Any, NamedTuple

from events.database import query

LATELY = timedelta(minutes=5)
HEARD = timedelta(minutes=2)  # a phone that was silent for longer is counted as silent
COUNTS = """SELECT d.id, d.name,
    (SELECT count(*) FROM admission a WHERE a.door_id = d.id) AS arrived,
    (SELECT count(*) FROM admission a WHERE a.door_id = d.id AND a.admitted_at > ?) AS lately,
    (SELECT count(*) FROM scan s WHERE s.door_id = d.id AND s.verdict = 'error') AS refused,
    (SELECT count(*) FROM scan s WHERE s.door_id = d.id AND s.verdict = 'device_revoked') AS apart,
    coalesce(p.phones, 0) AS phones, coalesce(p.heard, 0) AS heard, coalesce(p.to_send, 0) AS to_send,
    (SELECT count(DISTINCT t.registration_id) FROM admission a JOIN ticket t ON t.id = a.ticket_id
     WHERE t.event_id = e.id) AS people,
    (SELECT count(*) FROM registration r WHERE r.event_id = e.id AND r.state = 'approved') AS expected
    FROM event e LEFT JOIN door d ON d.event_id = e.id
    LEFT JOIN (SELECT door_id, count(*) AS phones, sum(to_send) AS to_send,
               sum(CASE WHEN last_seen_at > ? THEN 1 ELSE 0 END) AS heard
               FROM door_pass WHERE paired_at IS NOT NULL AND revoked_at IS NULL AND expires_at > ?
               GROUP BY door_id) p ON p.door_id = d.id
    WHERE e.id = ? ORDER BY d.id"""


class DoorCounts(NamedTuple):
    id: int
    name: str
    arrived: int
    lately: int
    phones: int
    heard: int  # of the phones
    to_send: int  # scans that they still hold, as they last said
    refused: int  # scans that we could not read
    apart: int  # scans of phones whose pass was over, which let nobody in


class Counts(NamedTuple):
    people: int  # never scans: who is in at two doors counts once
    expected: int
    doors: list[DoorCounts]

    @property
    def lately(self) -> int:
        return sum(door.lately for door in self.doors)

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
    def apart(self) -> int:
        return sum(door.apart for door in self.doors)

    @property
    def refused(self) -> int:
        return sum(door.refused for door in self.doors)


async def counts(event_id: int, at: datetime, now: datetime) -> Counts:
    """In one query. `at` is the event's time, `now` the machine's, by which phones are silent."""
    rows = await query(COUNTS, [at - LATELY, now - HEARD, now, event_id])
    return Counts(rows[0]["people"], rows[0]["expected"], [_door(row) for row in rows if row["id"] is not None])


def _door(row: dict[str, Any]) -> DoorCounts:
    return DoorCounts(**{name: row[name] for name in DoorCounts._fields})

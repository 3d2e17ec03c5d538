"""How many may be in a room at once, or in the venue: the database counts and admits in one statement.

A limit is of people: guests, companions and whoever a lead let in all count, and so does everybody whom a phone let in
by itself. Who is in already needs no second place, and who has left gives theirs back. A lead lets somebody into a full
room, with a reason. Nobody at a door passes the venue's limit. Rules: EV-01, EV-05, DR-33.
"""

from collections.abc import Collection, Mapping
from datetime import datetime

from events.ground.database import advisory_lock, given, query, within_tx
from registrations.codes.verdict import ROOM_CODES, Verdict
from registrations.phones.door import ENTRANCES, Device
from registrations.phones.inside import AGAIN, INSIDE, KEPT, places_of

from ..received_scan import Judged, Key, ReceivedScan
from ..scan import ScanKind

ROOM, VENUE = 8421, 8422  # classes of PostgreSQL's advisory locks with two numbers, after that of quarantine
WANTED = {"turn": "int", "ticket_id": "int", "presence": "int", "door_id": "int", "client_id": "text",
          "admitted_at": "timestamptz", "joins": "int"}  # fmt: skip
KEPT_OF_ASKED = KEPT.format(door="q")
# Whoever has a newer ticket is one person: in by the older one, they take no second place.
THEIRS = """(SELECT 1 FROM ticket t JOIN ticket s ON s.registration_id = t.registration_id
    JOIN admission a ON a.ticket_id = s.id AND a.presence = g.presence WHERE t.id = g.ticket_id{and_})"""
ASKED = f"""asked AS (SELECT g.*, d.event_id, d.capacity, d.for_slot_id, d.for_workshop_id,
    CASE WHEN EXISTS {THEIRS.format(and_=" AND a.left_at IS NULL")} THEN 1 ELSE 0 END AS is_in,
    CASE WHEN EXISTS {THEIRS.format(and_="")} THEN 1 ELSE 0 END AS was_in
    FROM given g JOIN door d ON d.id = g.door_id)"""  # noqa: S608  # ours
PLACES = f"""places AS (SELECT o.event_id, o.presence, sum({INSIDE}) - {AGAIN} AS people FROM door o JOIN
    (SELECT DISTINCT event_id, presence FROM asked) w ON w.event_id = o.event_id AND w.presence = o.presence
    GROUP BY o.event_id, o.presence)"""  # noqa: S608
QUEUE = """queue AS (SELECT q.*,
    sum(1 - q.is_in) OVER (PARTITION BY q.event_id, q.presence ORDER BY q.joins, q.turn) AS place,
    sum((1 - q.joins) * (1 - q.was_in)) OVER (PARTITION BY q.event_id, q.presence) AS expected
    FROM asked q WHERE NOT EXISTS
    (SELECT 1 FROM admission a WHERE a.ticket_id = q.ticket_id AND a.presence = q.presence AND a.left_at IS NULL))"""
TAKE = f"""{{given}}, {ASKED}, {PLACES}, {QUEUE}
    INSERT INTO admission (ticket_id, presence, door_id, client_id, admitted_at)
    SELECT q.ticket_id, q.presence, q.door_id, q.client_id, q.admitted_at FROM queue q
    JOIN places p ON p.event_id = q.event_id AND p.presence = q.presence
    WHERE q.capacity = 0 OR q.is_in = 1
    OR p.people + q.place + CASE WHEN q.joins = 1 THEN {KEPT_OF_ASKED} - q.expected ELSE 0 END <= q.capacity
    ON CONFLICT (ticket_id, presence) DO {{again}} RETURNING ticket_id, presence"""  # noqa: S608
COMES_AGAIN = "UPDATE SET left_at = NULL"


def binds(received: ReceivedScan) -> bool:
    """Whether they come in only where a place is left. Not where they are in already, whatever we say; and not where a
    lead lets them into a room."""
    scan, by = received.scan, received.by
    overridden = scan.code in ROOM_CODES and by.presence != ENTRANCES
    return (
        by.limit > 0
        and scan.kind is ScanKind.IN
        and not (scan.entered or received.anyway or scan.lets_nobody_in or overridden)
    )


@within_tx
async def full(judged: Judged, by: Device | None = None) -> Judged:
    """What whoever finds no place hears: whether the room is full, or the venue, and how many that is; or that the
    places left are kept for those who take part. `by`: the phone as it would be there."""
    by = by or judged.received.by
    cause = "venue" if by.presence == ENTRANCES else "kept" if judged.joins and not await is_full(by) else "capacity"
    facts = {"cause": cause, "limit": by.limit}
    return judged._replace(verdict=Verdict.SPEAK_TO_LEAD, facts=facts, passed=False, careful=False)


@within_tx
async def hold(received: Collection[ReceivedScan]) -> None:
    """Of all who want a place in the same room or venue, one transaction after the other looks. Call it once tickets
    are locked, for all rooms at once."""
    both = [*received, *(arrival.at_entrance for arrival in received if arrival.counts_both)]
    groups = {_lock_of(arrival) for arrival in both if arrival.by.live and binds(arrival)}
    for group in sorted(groups):
        await advisory_lock(*group)


def _lock_of(received: ReceivedScan) -> tuple[int, int]:
    by = received.by
    return (VENUE, by.event_id) if by.presence == ENTRANCES else (ROOM, by.presence)


@within_tx
async def is_full(by: Device, *, joins: bool = False) -> bool:
    """Whether nobody more comes in where this phone is. Only who holds the room may rely on it."""
    places = await places_of(by) if by.limit else None
    return places is not None and places.inside + (places.kept if joins else 0) >= places.limit


@within_tx
async def take(asked: Mapping[Key, ReceivedScan], joining: Collection[Key], *, again: bool = False) -> set[Key]:
    """Admits those for whom a place is left, by their turn, and says whom. Hold the rooms. Those of `joining` come
    after the others, and get no place that is kept. With `again`, also those who have left: otherwise whoever has an
    admission keeps that."""
    wanted = sorted(asked.items(), key=lambda item: (item[1].happened_at, item[0]))
    rows = [_row(turn, scan, key, key in joining) for turn, (key, scan) in enumerate(wanted, 1)]
    sql, values = given(WANTED, rows)
    taken = await query(TAKE.format(given=sql, again=COMES_AGAIN if again else "NOTHING"), values)
    return {(row["ticket_id"], row["presence"]) for row in taken}


def _row(turn: int, scan: ReceivedScan, key: Key, joins: bool) -> tuple[int, int, int, int, str, datetime, int]:
    return (turn, *key, scan.by.door_id, scan.scan.id, scan.happened_at, int(joins))


@within_tx
async def without_place(asking: Collection[Judged]) -> set[Key]:
    """Of those who want to come in anew, or again, whoever finds no place. Hold the rooms."""
    if not asking:
        return set()
    asked = {scan.key: scan.received for scan in asking}
    return asked.keys() - await take(asked, {scan.key for scan in asking if scan.joins}, again=True)

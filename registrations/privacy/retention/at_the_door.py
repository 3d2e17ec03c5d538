"""Counts who came to an event, and then deletes what led to them: admissions first, scans, tickets and phones later.

Rules: DP-07.
"""

from datetime import datetime

from events.audit import triggers
from events.event import Event
from events.ground import clock
from events.ground.database import query, within_tx
from registrations.checkin.attendance import ALL_KINDS, Attendance
from registrations.people.person import NAMED
from registrations.phones.door import Door

from . import rows
from .kept import Gone, Kept, Rows

# What the database lets go of scans: those of an event whose people were counted, and whose day is still the same.
triggers.OVER["scan"] = (
    "EXISTS (SELECT 1 FROM door d JOIN event e ON e.id = d.event_id JOIN attendance a ON a.event_id = e.id"
    " AND a.day = e.day AND a.door_id IS NULL AND a.kind = '' WHERE d.id = OLD.door_id)"
)
OF_DOORS = "door_id IN (SELECT id FROM door WHERE event_id IN ({events}))"
EVENT_OF = "(SELECT event_id FROM door WHERE door.id = {table}.door_id)"
TICKS = Rows(
    "paper_tick",
    days=NAMED.time,
    of="sheet_id IN (SELECT id FROM paper_sheet WHERE event_id IN ({events}))",
    event="(SELECT event_id FROM paper_sheet WHERE paper_sheet.id = paper_tick.sheet_id)",
)
PEOPLE = """INSERT INTO attendance (event_id, day, door_id, kind, people)
    SELECT e.id, e.day, {door}, {kind}, count(DISTINCT t.registration_id)
    FROM event e LEFT JOIN door d ON d.event_id = e.id LEFT JOIN admission a ON a.door_id = d.id {only}
    LEFT JOIN ticket t ON t.id = a.ticket_id LEFT JOIN registration r ON r.id = t.registration_id
    WHERE e.id = ? {and_where} GROUP BY e.id, e.day {groups} RETURNING id"""
CAME = "AND r.id IS NOT NULL"
AT_ENTRANCES = "AND a.presence = 0"  # as the board counts who has arrived
WHOLE = PEOPLE.format(door="NULL", kind=f"'{ALL_KINDS}'", only=AT_ENTRANCES, and_where="", groups="")
BY_KIND = PEOPLE.format(door="NULL", kind="r.kind", only=AT_ENTRANCES, and_where=CAME, groups=", r.kind")
BY_DOOR = PEOPLE.format(door="d.id", kind="r.kind", only="", and_where=CAME, groups=", d.id, r.kind")


@within_tx
async def forget_admissions(kept: Kept, at: datetime, real: datetime) -> Gone:
    """Counts the people of each event whose time is over, once, in the transaction before their admissions go."""
    days = kept.rows.days
    past = Event.filter(day__lte=clock.local(at).date() - days) if days is not None else Event.all()
    for event in await past.order_by("id"):
        await _count_people(event)
    return await rows.delete_and_record(kept, at, real)


async def _count_people(event: Event) -> None:
    """Nothing where they are counted already, or where there was no door."""
    counted = Attendance.filter(event_id=event.id, day=event.day, door_id=None, kind=ALL_KINDS)
    if await counted.exists() or not await Door.filter(event_id=event.id).exists():
        return
    for sql in (WHOLE, BY_KIND, BY_DOOR):
        await query(sql, [event.id])

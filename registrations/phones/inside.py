"""How many are in by all doors of a presence group, against its limit: two numbers, and nobody's name."""

from typing import NamedTuple

from events.ground.database import query
from registrations.codes.room import ComesIn

from .door import Device

ANYBODY = "a.door_id = o.id"
GONE = f"{ANYBODY} AND a.left_at IS NOT NULL"
# Of a door `o`: how many are in by it, from two indexes alone.
INSIDE = f"""(SELECT count(*) FROM admission a WHERE {ANYBODY}) - (SELECT count(*) FROM admission a WHERE {GONE})"""  # noqa: S608
# Of the presence group of a door `o`: who is in by a ticket that was replaced, and came in by a later one too. Of a
# person's tickets all but the last are revoked, and those are few.
AGAIN = """(SELECT count(*) FROM ticket t JOIN admission a ON a.ticket_id = t.id AND a.presence = o.presence
    WHERE t.event_id = o.event_id AND t.revoked_at IS NOT NULL AND a.left_at IS NULL AND EXISTS
    (SELECT 1 FROM ticket later JOIN admission b ON b.ticket_id = later.id AND b.presence = o.presence
     WHERE later.registration_id = t.registration_id AND later.id > t.id))"""
OF_GROUP = f"""SELECT max(o.capacity) AS capacity, sum({INSIDE}) - {AGAIN} AS people FROM door o
    WHERE o.event_id = ? AND o.presence = ? AND o.capacity > 0 GROUP BY o.event_id, o.presence"""  # noqa: S608  # ours
# How many places of a room are kept for those who take part in its workshop, or come along with one of them, and have
# not come in yet.
KEPT = """(SELECT count(DISTINCT k.id) FROM workshop_place w
    JOIN registration r ON r.id = w.registration_id OR r.comes_with_id = w.registration_id
    JOIN ticket k ON k.registration_id = r.id AND k.revoked_at IS NULL
    WHERE w.slot_id = {door}.for_slot_id
    AND ({door}.for_workshop_id IS NULL OR w.workshop_id = {door}.for_workshop_id)
    AND NOT EXISTS (SELECT 1 FROM ticket s JOIN admission b ON b.ticket_id = s.id AND b.presence = {door}.presence
        WHERE s.registration_id = r.id))"""
KEPT_AT = f"SELECT {KEPT.format(door='o')} AS kept FROM door o WHERE o.id = ?"  # noqa: S608  # ours


class Places(NamedTuple):
    inside: int = 0
    limit: int = 0  # 0: any number, and then nobody is counted
    kept: int = 0  # of those that are free, for people who are expected


async def places_of(device: Device) -> Places:
    """Where the phone is, as it stands now."""
    found = await query(OF_GROUP, [device.event_id, device.presence])
    if not found:
        return Places()
    [row] = found
    kept = await query(KEPT_AT, [device.door_id]) if device.room.comes_in is ComesIn.JOINING else []
    return Places(int(row["people"]), row["capacity"], kept[0]["kept"] if kept else 0)

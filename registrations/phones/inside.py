"""How many are in by all doors of a presence group, against its limit: two numbers, and nobody's name."""

from typing import NamedTuple

from events.ground.database import query

from .door import Device

ANYBODY = "a.door_id = o.id"
GONE = f"{ANYBODY} AND a.left_at IS NOT NULL"
# Of a door `o`: how many are in by it, from two indexes alone.
INSIDE = f"""(SELECT count(*) FROM admission a WHERE {ANYBODY}) - (SELECT count(*) FROM admission a WHERE {GONE})"""  # noqa: S608
OF_GROUP = f"""SELECT max(o.capacity) AS capacity, sum({INSIDE}) AS people FROM door o
    WHERE o.event_id = ? AND o.presence = ? AND o.capacity > 0"""  # noqa: S608  # ours


class Places(NamedTuple):
    inside: int = 0
    limit: int = 0  # 0: any number, and then nobody is counted


async def places_of(device: Device) -> Places:
    """Where the phone is, as it stands now."""
    [row] = await query(OF_GROUP, [device.event_id, device.presence])
    return Places(int(row["people"]), row["capacity"]) if row["capacity"] else Places()

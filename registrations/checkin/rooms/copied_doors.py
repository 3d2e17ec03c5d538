"""The doors of an event that is copied: names, kinds, rules and hours, and neither phones nor paper."""

from typing import Any

from events.content.copying import COPIERS, Copied, moved
from events.ground.database import within_tx
from registrations.codes.room import ComesIn
from registrations.phones.door import DOOR, ENTRANCES, Door, name_columns

KEPT = ("policy", "one_place", "capacity", "needs_entrance")


@within_tx
async def copy_doors(copied: Copied) -> None:
    """A room for part of the programme is for everybody where that part was not copied. One whose name cannot be read
    is called by its number."""
    groups = {ENTRANCES: ENTRANCES}
    for door in await Door.filter(event_id=copied.source.id).order_by("id"):
        columns: dict[str, Any] = {name: getattr(door, name) for name in KEPT} | _whom(copied, door)
        columns |= {name: moved(copied, getattr(door, name)) for name in ("opens_at", "closes_at")}
        columns |= name_columns(DOOR, copied.event, door.name)
        made = await Door.create(event_id=copied.event.id, created_at=copied.at, **columns)
        groups.setdefault(door.presence, made.id)
        await Door.filter(id=made.id).update(presence=groups[door.presence])


def _whom(copied: Copied, door: Door) -> dict[str, Any]:
    """Which part of the programme it is for, and whom it lets in by right."""
    slot, workshop = copied.slots.get(door.for_slot_id or 0), copied.items.get(door.for_workshop_id or 0)
    lost = (door.for_slot_id is not None and slot is None) or (door.for_workshop_id is not None and workshop is None)
    if lost:
        return {"comes_in": ComesIn.EVERYBODY.value, "for_slot_id": None, "for_workshop_id": None}
    return {"comes_in": door.comes_in, "for_slot_id": slot, "for_workshop_id": workshop}


COPIERS.append(copy_doors)

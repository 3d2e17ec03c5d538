"""How many may be in a room or the venue, whom a room is for, and whether its phones ask about the entrance:
phones and the board hear of it at once."""

from collections.abc import Iterable
from datetime import datetime

from events.audit import audit
from events.audit.action import Action
from events.audit.audit import Actor
from events.event import Event, held_event, next_list_version, send_whole_lists
from events.ground import live, wording
from events.ground.database import after_commit, run_tx, within_tx
from events.ground.refusal import Refused
from events.programme import changing
from events.programme.programme import Entry, programme_of
from registrations.codes.room import Room

from .door import ENTRANCES, Door, topic
from .door_changes import set_of_room

MOST = 100_000  # people


@run_tx
async def set_limit(door: Door, limit: int, by: Actor, at: datetime) -> None:
    """So many people may be in this room at once, by all of its doors; 0: any number. Refused for an entrance."""
    await held_event(door.event_id)
    await set_of_room(door, wording.VENUE_HAS_ITS_OWN, capacity=limit)
    await audit.record(Action.DOOR_CHANGED, door, by=by, at=at, limit=limit)
    await _tell_phones(door.event_id)


@run_tx
async def set_room(door: Door, room: Room, by: Actor, at: datetime) -> None:
    """What part of the programme this room is for, and whom all of its doors let in by right. Refused for an
    entrance, and for what is not in the event's programme."""
    event = await held_event(door.event_id)
    if room.is_for_some and not await _is_in(event, room):
        raise Refused(wording.NO_SUCH_WORKSHOP)
    said = {"comes_in": room.comes_in.value, "for_slot_id": room.slot, "for_workshop_id": room.workshop}
    await set_of_room(door, wording.VENUE_HAS_ITS_OWN, **said)
    noted = {"slot": room.slot or 0, "workshop": room.workshop or 0}
    await audit.record(Action.DOOR_CHANGED, door, by=by, at=at, comes_in=room.comes_in.value, **noted)
    await send_whole_lists(door.event_id)  # each row says whose room it is
    after_commit(live.publish, topic(door.event_id))


@run_tx
async def set_needs_entrance(door: Door, *, needs: bool, by: Actor, at: datetime) -> None:
    """Whether phones at this room, at any of its doors, ask about whoever is not counted at the entrance, from now on.
    Refused for an entrance, and where the event has none."""
    await held_event(door.event_id)  # nobody makes a room of the last entrance meanwhile
    if needs and await venue_limit(door.event_id) is None:
        raise Refused(wording.NO_ENTRANCE_YET)
    await set_of_room(door, wording.VENUE_HAS_ITS_OWN, needs_entrance=needs)
    await audit.record(Action.DOOR_CHANGED, door, by=by, at=at, needs_entrance=needs)
    await send_whole_lists(door.event_id)  # each row says who is not counted yet
    after_commit(live.publish, topic(door.event_id))


async def _is_in(event: Event, room: Room) -> bool:
    line = (await programme_of(event)).slot(room.slot or 0)
    return line is not None and (room.workshop is None or room.workshop in [entry.id for entry in line.workshops])


async def wider_workshops(event: Event, doors: Iterable[Door]) -> dict[int, Entry]:
    """By door, the workshop that has more places than its room: a lead decides on each of them past its limit."""
    workshops = {entry.id: entry for line in (await programme_of(event)).slots for entry in line.workshops}
    limited = {door: workshops.get(door.for_workshop_id or 0) for door in doors if door.capacity}
    return {door.id: entry for door, entry in limited.items() if entry and entry.capacity > door.capacity}


async def is_a_rooms(workshop: int) -> bool:
    return await Door.filter(for_workshop_id=workshop).exists()


changing.HAVE_A_DOOR.append(is_a_rooms)


@run_tx
async def set_venue_limit(event: Event, limit: int, by: Actor, at: datetime) -> None:
    """So many people may be in the venue at once, by all entrances; 0: any number. Refused while there is no entrance.

    Nobody at a door passes it. So ask who raises it for proof."""
    await held_event(event.id)  # nobody makes an entrance meanwhile
    was = await venue_limit(event.id)
    if was is None:
        raise Refused(wording.NO_ENTRANCE_YET)
    await Door.filter(event_id=event.id, presence=ENTRANCES).update(capacity=limit)
    await audit.record(Action.VENUE_LIMITED, event, by=by, at=at, event_id=event.id, was=was, limit=limit)
    await _tell_phones(event.id)


async def venue_limit(event_id: int) -> int | None:
    """0: any number. None while there is no entrance."""
    entrance = await Door.filter(event_id=event_id, presence=ENTRANCES).order_by("id").first()
    return entrance.capacity if entrance else None


@within_tx
async def _tell_phones(event_id: int) -> None:
    """The limit stands in the head of their guest list."""
    await next_list_version(event_id)
    after_commit(live.publish, topic(event_id))

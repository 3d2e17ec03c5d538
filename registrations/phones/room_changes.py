"""How many may be in a room, or in the venue: organisers say so, and phones and the board hear of it at once."""

from datetime import datetime

from events.audit import audit
from events.audit.action import Action
from events.audit.audit import Actor
from events.event import Event, held_event, next_list_version
from events.ground import live, wording
from events.ground.database import after_commit, run_tx, within_tx
from events.ground.refusal import Refused

from .door import ENTRANCES, Door, topic

MOST = 100_000  # people


@run_tx
async def set_limit(door: Door, limit: int, by: Actor, at: datetime) -> None:
    """So many people may be in this room at once, by all of its doors; 0: any number. Refused for an entrance."""
    await held_event(door.event_id)  # nobody makes another door of it meanwhile
    if not await Door.filter(id=door.id).exclude(presence=ENTRANCES).update(capacity=limit):
        raise Refused(wording.VENUE_HAS_ITS_OWN)
    await Door.filter(event_id=door.event_id, presence=door.presence).update(capacity=limit)
    await audit.record(Action.DOOR_CHANGED, door, by=by, at=at, limit=limit)
    await _tell_phones(door.event_id)


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

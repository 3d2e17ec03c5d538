"""Doors are made, and given hours and a rule of their own; phones and the board hear of it at once."""

from datetime import datetime

from tortoise.exceptions import IntegrityError

from events.audit import audit
from events.audit.action import Action
from events.audit.audit import Actor
from events.event import FOLLOWERS, Event, Moved
from events.ground import clock, live, wording
from events.ground.database import after_commit, run_tx, within_tx
from events.ground.refusal import Refused
from events.rotation.held_key import with_held_key

from . import pairing
from .door import DOOR, Door, Policy, epoch, name_columns, topic


async def make_door(event: Event, name: str, by: Actor, at: datetime) -> Door:
    """Refused when the event has a door of this name."""
    try:
        return await _make_door(event, name, by, at)
    except IntegrityError:
        raise Refused(wording.DOOR_NAME_TAKEN) from None


@run_tx
async def _make_door(event: Event, name: str, by: Actor, at: datetime) -> Door:
    event = await with_held_key(event)
    door = await Door.create(event=event, **name_columns(DOOR, event, name), created_at=at)
    await audit.record(Action.DOOR_MADE, door, by=by, at=at)
    after_commit(live.publish, topic(event.id))
    return door


@run_tx
async def change_door(
    door: Door, opens_at: datetime | None, closes_at: datetime | None, by: Actor | None, at: datetime, real: datetime
) -> None:
    """Its own hours. None: it opens with the event's doors, and has no closing time. Its phones' passes follow."""
    await _set_hours(door, opens_at, closes_at, by, at)
    await pairing.follow_the_close(door.event_id, at, real)


@within_tx
async def _set_hours(
    door: Door, opens_at: datetime | None, closes_at: datetime | None, by: Actor | None, at: datetime
) -> None:
    await Door.filter(id=door.id).update(opens_at=opens_at, closes_at=closes_at)
    await audit.record(Action.DOOR_CHANGED, door, by=by, at=at, opens=epoch(opens_at), closes=epoch(closes_at))
    after_commit(live.publish, topic(door.event_id))


@within_tx
async def follow_event(moved: Moved) -> None:
    """A door's own hours stay the same by the venue's clock when the event is moved to another day. Then passes follow,
    once for all doors."""
    for door in await Door.filter(event_id=moved.event_id).order_by("id") if moved.days else ():
        opens, closes = (hour and clock.days_later(hour, moved.days) for hour in (door.opens_at, door.closes_at))
        if opens or closes:
            await _set_hours(door, opens, closes, moved.by, moved.at)
    await pairing.follow_the_close(moved.event_id, moved.at, moved.real)


FOLLOWERS.append(follow_event)


@run_tx
async def set_policy(door: Door, policy: Policy, by: Actor, at: datetime) -> None:
    """Whether people who left may come in again without the lead."""
    await Door.filter(id=door.id).update(policy=policy)
    await audit.record(Action.DOOR_CHANGED, door, by=by, at=at, policy=policy.value)
    after_commit(live.publish, topic(door.event_id))

"""Doors are made, as entrances or rooms, and given hours and a rule of their own; phones and the board hear of it at
once."""

from datetime import datetime
from typing import Any

from tortoise.exceptions import IntegrityError
from tortoise.expressions import Q
from tortoise.queryset import QuerySet

from events import moving_day
from events.audit import audit
from events.audit.action import Action
from events.audit.audit import Actor
from events.event import FOLLOWERS, Event, Moved, held_event
from events.ground import clock, live, wording
from events.ground.database import after_commit, lock_rows, query, run_tx, within_tx
from events.ground.refusal import Refused
from registrations.codes.room import ComesIn

from . import pairing
from .door import (
    DOOR,
    ENTRANCES,
    Door,
    DoorKind,
    DoorPass,
    PassRole,
    Policy,
    epoch,
    name_columns,
    topic,
)  # fmt: skip

ALONE: dict[str, Any] = {"one_place": False, "capacity": 0, "needs_entrance": False} | {
    "comes_in": ComesIn.EVERYBODY.value,
    "for_slot_id": None,
    "for_workshop_id": None,
}  # a door by itself; what all doors of a presence group share


COUNTED = """SELECT 1 AS found FROM scan WHERE door_id = ?
    UNION ALL SELECT 1 FROM attendance WHERE door_id = ? LIMIT 1"""  # the numbers stay when the scans are deleted


class NameTaken(Refused):
    def __init__(self) -> None:
        super().__init__(wording.DOOR_NAME_TAKEN)


async def make_door(
    event: Event, name: str, by: Actor, at: datetime, *, kind: DoorKind = DoorKind.ENTRANCE, beside: Door | None = None
) -> Door:
    """`beside`: a room that it is another door of. Raises NameTaken if the event has a door of this name, and Refused
    for a room before the event has an entrance: whoever is in a room is counted there too."""
    try:
        return await _make_door(event, name, kind, beside, by, at)
    except IntegrityError:
        raise NameTaken from None


@run_tx
async def _make_door(event: Event, name: str, kind: DoorKind, beside: Door | None, by: Actor, at: datetime) -> Door:
    if beside and beside.kind is not DoorKind.ROOM:
        raise Refused(wording.VENUE_HAS_ITS_OWN)
    # Nobody sets the limit of the venue or a room meanwhile, or destroys the data key.
    held = await held_event(event.id)
    if beside:
        await pairing.refuse_removed(beside)
    if kind is DoorKind.ROOM and not beside and not await _entrances(event.id).exists():
        raise Refused(wording.NO_ENTRANCE_YET)
    await _refuse_alike(held.id, name)
    door = await Door.create(event=held, **name_columns(DOOR, held, name), created_at=at)
    door.presence = beside.presence if beside else _presence(door, kind)
    await Door.filter(id=door.id).update(presence=door.presence, **await _shared(door))
    await audit.record(Action.DOOR_MADE, door, by=by, at=at, kind=kind.value)
    after_commit(live.publish, topic(event.id))
    return door


async def _shared(door: Door) -> dict[str, Any]:
    """What holds of all doors of its presence group, as another one of them has it."""
    others = Door.filter(event_id=door.event_id, presence=door.presence).exclude(id=door.id)
    shared = await others.order_by("id").values(*ALONE)
    return dict(shared[0]) if shared else {}


def _entrances(event_id: int) -> QuerySet[Door]:
    return Door.filter(event_id=event_id, presence=ENTRANCES)


def _presence(door: Door, kind: DoorKind) -> int:
    """All entrances are one presence group, and each room is one by itself."""
    return ENTRANCES if kind is DoorKind.ENTRANCE else door.id


async def rename(door: Door, name: str, by: Actor, at: datetime) -> None:
    """Raises NameTaken if the event has another door of this name."""
    try:
        await _rename(door, name, by, at)
    except IntegrityError:
        raise NameTaken from None


async def _refuse_alike(event_id: int, name: str, itself: Door | None = None) -> None:
    """The database refuses a second door of a name. One that differs in capitals alone nobody can tell from it."""
    doors = await Door.filter(event_id=event_id)
    if name.casefold() in [door.name.casefold() for door in doors if itself is None or door.id != itself.id]:
        raise NameTaken


@run_tx
async def _rename(door: Door, name: str, by: Actor, at: datetime) -> None:
    held = await held_event(door.event_id)  # nobody destroys the data key meanwhile, or removes the door
    await pairing.refuse_removed(door)
    await _refuse_alike(held.id, name, door)
    await Door.filter(id=door.id).update(**name_columns(DOOR, held, name))
    await audit.record(Action.DOOR_CHANGED, door, by=by, at=at, renamed=True)
    after_commit(live.publish, topic(door.event_id))


async def remove(door: Door, by: Actor, at: datetime, real: datetime) -> None:
    """Refused once a phone may have scanned there, or a sheet was printed for it, and for the only entrance while there
    are rooms."""
    try:
        await _remove(door, by, at, real)
    except IntegrityError:  # a sheet names it
        raise Refused(wording.DOOR_STAYS) from None


@run_tx
async def _remove(door: Door, by: Actor, at: datetime, real: datetime) -> None:
    await held_event(door.event_id)
    await lock_rows("SELECT id FROM door WHERE id = ? FOR UPDATE", [door.id])
    if await is_in_use(door, real):
        raise Refused(wording.DOOR_STAYS)
    others = Door.filter(event_id=door.event_id).exclude(id=door.id)
    if await others.exists() and not await others.filter(presence=ENTRANCES).exists():
        raise Refused(wording.LAST_ENTRANCE)
    await DoorPass.filter(door_id=door.id).delete()  # codes that nobody used in time
    await Door.filter(id=door.id).delete()
    await audit.record(Action.DOOR_REMOVED, door, by=by, at=at)
    after_commit(live.publish, topic(door.event_id))


@run_tx
async def set_kind(door: Door, kind: DoorKind, by: Actor, at: datetime, real: datetime) -> None:
    """Makes an entrance of a room, or a room of an entrance. Refused once a phone may have scanned there: what came of
    its scans was counted in the other presence group; and for the only entrance. Whoever makes a pass meanwhile waits
    for this."""
    await held_event(door.event_id)
    await lock_rows("SELECT id FROM door WHERE id = ? FOR UPDATE", [door.id])
    if await is_in_use(door, real):
        raise Refused(wording.DOOR_KIND_STAYS)
    if kind is DoorKind.ROOM and not await _entrances(door.event_id).exclude(id=door.id).exists():
        raise Refused(wording.ONLY_ENTRANCE)
    door.presence = _presence(door, kind)
    await Door.filter(id=door.id).update(presence=door.presence, **ALONE | await _shared(door))
    await audit.record(Action.DOOR_CHANGED, door, by=by, at=at, kind=kind.value)
    after_commit(live.publish, topic(door.event_id))


@run_tx
async def set_one_place(door: Door, *, one_place: bool, by: Actor, at: datetime) -> None:
    """Whether who comes into this room has left the other rooms marked so, from now on. Refused for an entrance."""
    await held_event(door.event_id)
    await set_of_room(door, wording.ONLY_ROOMS, one_place=one_place)
    await audit.record(Action.DOOR_CHANGED, door, by=by, at=at, one_place=one_place)
    after_commit(live.publish, topic(door.event_id))


@within_tx
async def set_of_room(door: Door, refusal: str, **shared: Any) -> None:
    """Of all doors of this room, as they are by now. Hold the event before: then nobody makes another door of the room
    meanwhile, or an entrance of this one. Raises Refused for an entrance."""
    present = await Door.get(id=door.id)
    if present.kind is not DoorKind.ROOM:
        raise Refused(refusal)
    await Door.filter(event_id=door.event_id, presence=present.presence).update(**shared)


async def is_in_use(door: Door, real: datetime) -> bool:
    return bool(await why_in_use(door, real))


async def why_in_use(door: Door, real: datetime) -> str:
    """Why nobody removes it, or changes what it is; '' where both can be done. People can be counted in a room whose
    other doors alone have phones."""
    used = [
        (Q(role=PassRole.PAPER), "a list on paper was typed up for it"),
        (Q(paired_at__not_isnull=True), "a phone was paired with it"),
        (Q(code_expires_at__gt=real), "a code for a phone was made for it, which can still be used"),
    ]
    for condition, words in used:
        if await DoorPass.filter(condition, door_id=door.id).exists():
            return words
    return "people were counted there" if await query(COUNTED, [door.id, door.id]) else ""


@run_tx
async def change_door(
    door: Door, opens_at: datetime | None, closes_at: datetime | None, by: Actor | None, at: datetime, real: datetime
) -> None:
    """Its own hours. None: it opens with the event's doors, and has no closing time. Its phones' passes follow.

    Holds the event first, as whatever else ends or moves several passes: two who change hours come one by one."""
    await held_event(door.event_id)
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


async def has_opened(event: Event, at: datetime) -> bool:
    """A door with hours of its own may open before the event's doors."""
    return await Door.filter(event_id=event.id, opens_at__lte=at).exists()


FOLLOWERS.append(follow_event)
moving_day.HAS_OPENED.append(has_opened)


@run_tx
async def set_policy(door: Door, policy: Policy, by: Actor, at: datetime) -> None:
    """Whether people who left may come in again without the lead."""
    await Door.filter(id=door.id).update(policy=policy)
    await audit.record(Action.DOOR_CHANGED, door, by=by, at=at, policy=policy.value)
    after_commit(live.publish, topic(door.event_id))

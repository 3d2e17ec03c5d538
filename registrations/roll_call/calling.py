"""A roll call begins and ends. Phones that began one without a network, each by itself, come together in one.

Rules: SG-15. `at` is the event's time.
"""

from datetime import datetime, timedelta
from typing import NamedTuple

from events.audit import audit
from events.audit.action import Action
from events.audit.audit import Actor
from events.event import Event, held_event
from events.ground import live
from events.ground.database import after_commit, query, run_tx, within_tx
from registrations.codes.arrived import IS_INSIDE, at_entrances
from registrations.phones.door import Device, topic

from . import list_keys
from .roll_call import Press, RollCall, RollKind, RollPress

SOON = timedelta(hours=1)  # two that are pressed apart, without a network between them, are of one alarm
# People, by whichever of their tickets they came in; as the board and the roll call on paper count them.
INSIDE = f"""SELECT DISTINCT t.registration_id FROM ticket t JOIN {at_entrances()}
    WHERE t.event_id = ? AND {IS_INSIDE}"""  # noqa: S608  # ours
COUNT = f"SELECT count(*) AS people FROM ({INSIDE}) inside"  # noqa: S608  # ours


class Pressed(NamedTuple):
    """That somebody pressed *start*, or printed, as a phone or the desk says it."""

    id: str  # drawn where it was pressed
    kind: RollKind
    happened_at: datetime


class IdTaken(Exception):
    """Of a print, or of something at another event: no phone draws it twice."""


async def running(event_id: int, at: datetime) -> RollCall | None:
    found = await RollCall.get_or_none(event_id=event_id, ended_at=None)
    return found if found is not None and found.runs(at) else None


def heard_at_door(device: Device, at: datetime) -> RollCall | None:
    """The one that a phone at a door shows. It was read with the phone: to ask again would cost each scan a look."""
    if device.roll_call is None:
        return None
    kind, started_at = device.roll_call
    found = RollCall(kind=RollKind(kind), started_at=started_at)
    return found if found.runs(at) else None


async def alarms_of(event_id: int) -> list[RollCall]:
    """Every real one: what is scanned while it runs was scanned after the alarm."""
    return await RollCall.filter(event_id=event_id, kind=RollKind.REAL).order_by("id")


@run_tx
async def start(event: Event, pressed: Pressed, by: Actor, at: datetime) -> RollCall:
    """The roll call that this press belongs to: a new one, or one that ran at that moment. The same press again belongs
    to the same one. A real alarm during a drill ends the drill; a drill during a real alarm is the real one. Raises
    IdTaken if something else has its id."""
    await held_event(event.id)  # of two who start at once the second finds the first's; the index would refuse it
    if (told := await of_press(event.id, pressed.id)) is not None:
        return told
    if await RollPress.filter(client_id=pressed.id).exists():
        raise IdTaken
    found = await _joined(event.id, pressed) or await _begin(event.id, pressed, by, at)
    await RollPress.create(
        event_id=event.id, client_id=pressed.id, what=Press.START, roll_call=found, pressed_by=by.actor,
        happened_at=pressed.happened_at, arrived_at=at,
    )  # fmt: skip
    return found


async def of_press(event_id: int, press_id: str) -> RollCall | None:
    """The roll call that a phone means by the id of its own start, or by that of the first."""
    found = RollPress.get_or_none(event_id=event_id, client_id=press_id, what=Press.START)
    press = await found.select_related("roll_call")
    return press.roll_call if press is not None else None


async def _joined(event_id: int, pressed: Pressed) -> RollCall | None:
    """The newest that ran when this was pressed, or began soon after it: both are of one alarm, whichever came first.
    One that began long after it is of another: what was ticked in the morning says nothing of the afternoon."""
    for roll_call in await RollCall.filter(event_id=event_id).order_by("-started_at", "-id"):
        beside = roll_call.started_at - SOON <= pressed.happened_at < roll_call.over
        if beside and (roll_call.kind is RollKind.REAL or pressed.kind is RollKind.DRILL):
            return roll_call
    return None


@within_tx
async def _begin(event_id: int, pressed: Pressed, by: Actor, at: datetime) -> RollCall:
    """Where another began long after it, it ended with that one's beginning; else whatever still runs ends with its
    own, and is a drill or over by itself."""
    later = RollCall.filter(event_id=event_id, started_at__gt=pressed.happened_at + SOON)
    next_one = await later.order_by("started_at").first()
    for before in await RollCall.filter(event_id=event_id, ended_at=None) if next_one is None else ():
        await _end(before, by, at)
    [counted] = await query(COUNT, [event_id])
    roll_call = await RollCall.create(
        event_id=event_id, public_id=pressed.id, kind=pressed.kind, started_at=pressed.happened_at,
        started_by=by.actor, people=counted["people"], ended_at=next_one.started_at if next_one else None,
    )  # fmt: skip
    facts = {"kind": pressed.kind.value, "people": roll_call.people}
    await audit.record(Action.ROLL_CALL_STARTED, roll_call, by=by, at=at, event_id=event_id, **facts)
    after_commit(live.publish, topic(event_id))
    return roll_call


@run_tx
async def end(roll_call: RollCall, by: Actor, at: datetime) -> bool:
    """False if it is over already."""
    await held_event(roll_call.event_id)
    return roll_call.runs(at) and await _end(roll_call, by, at)


@within_tx
async def _end(roll_call: RollCall, by: Actor, at: datetime) -> bool:
    over = roll_call.over_at(at)
    ended: dict[str, object] = {"ended_at": over or at, "ended_by": "" if over else by.actor}
    if not await RollCall.filter(id=roll_call.id, ended_at=None).update(**ended):
        return False
    await list_keys.end_drawn(roll_call.event_id, by, at)
    if over is None:
        await audit.record(Action.ROLL_CALL_ENDED, roll_call, by=by, at=at, event_id=roll_call.event_id)
    after_commit(live.publish, topic(roll_call.event_id))
    return True


def happened(at: datetime, age: float, longest: float) -> datetime:
    """Arrival minus age, but never before the phone last had nothing to send. No phone's clock is trusted."""
    return at - timedelta(seconds=min(age, longest))

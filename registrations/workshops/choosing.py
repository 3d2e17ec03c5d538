"""Guests with a place choose workshops, first and second, until organisers close the choice of a slot.

Rules: EV-01.
"""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime

from tortoise.exceptions import IntegrityError

from events.audit import audit
from events.audit.action import Action
from events.audit.audit import Actor
from events.event import Event
from events.ground import live, wording
from events.ground.database import after_commit, find_rows, run_tx, within_tx
from events.ground.refusal import Refused
from events.programme import changing
from events.programme.programme import Line, Whole, guests_programme
from registrations.people.often import count_change
from registrations.people.registration import KNOWS_OF_A_PLACE, Registration

from . import choice
from .choice import Allocation

FOR_GUESTS = "You can choose workshops once you have a place."
NOT_THERE = "This workshop is not in the programme any more. Nothing was changed: choose again."
CLOSED = "The choice is closed, so nothing was changed."
DRAWN = "The seed for this slot is noted already, so its choice stays closed."
TWICE = "Your second choice must be another workshop than your first"
Read = Callable[[Event], Awaitable[Whole | None]]
HELD = "UPDATE registration SET state = state WHERE id = ? AND state IN ({states}) RETURNING *"


async def choose(
    registration: Registration, slot_id: int, first: int, second: int | None, at: datetime, real: datetime
) -> None:
    """Raises Refused if the choice is closed by now, they have no place, or one of these is no workshop of the slot."""
    await count_change(registration, real)
    try:
        await _choose(registration, slot_id, first, second, at)
    except IntegrityError:  # one of them was taken out of the programme a moment ago
        raise Refused(NOT_THERE) from None


@run_tx
async def _choose(registration: Registration, slot_id: int, first: int, second: int | None, at: datetime) -> None:
    line = await held_slot(registration, slot_id)
    if choice.is_closed(await choice.allocation_of(slot_id)):
        raise Refused(CLOSED)
    if first == second:
        raise Refused(f"{TWICE}.", 422)
    there = {entry.id for entry in line.workshops}
    if first not in there or second not in there | {None}:
        raise Refused(NOT_THERE)
    await changing.keep_workshops([first, second] if second else [first])
    await choice.put(registration, slot_id, first, second, at)
    await audit.record(Action.CHOSE, registration, by=None, at=at)
    after_commit(live.publish, f"event:{registration.event_id}")


@within_tx
async def held_slot(registration: Registration, slot_id: int, read: Read = guests_programme) -> Line:
    """The slot, as guests see it unless it is read otherwise. Neither their place nor the state of the slot changes
    before the transaction ends."""
    sql = HELD.format(states=", ".join(f"'{state}'" for state in sorted(KNOWS_OF_A_PLACE)))
    held: Sequence[Registration] = await find_rows(Registration, sql, [registration.id])
    if not held:
        raise Refused(wording.MOVED_ON if registration.state in KNOWS_OF_A_PLACE else FOR_GUESTS)
    await choice.hold_slot(slot_id)
    whole = await read(await Event.get(id=registration.event_id))
    line = whole.slot(slot_id) if whole else None
    if line is None:
        raise Refused(NOT_THERE)
    return line


@run_tx
async def close(event: Event, slot_id: int, *, by: Actor, at: datetime) -> None:
    """From now on nobody chooses. It may be opened again until places are given out."""
    await _set_closed(event, slot_id, at)
    await audit.record(Action.CHOICE_CLOSED, event, by=by, at=at, event_id=event.id, slot=slot_id)
    after_commit(live.publish, f"event:{event.id}")


@run_tx
async def reopen(event: Event, slot_id: int, *, by: Actor, at: datetime) -> None:
    await _set_closed(event, slot_id, None)
    await audit.record(Action.CHOICE_OPENED, event, by=by, at=at, event_id=event.id, slot=slot_id)
    after_commit(live.publish, f"event:{event.id}")


@within_tx
async def _set_closed(event: Event, slot_id: int, closed_at: datetime | None) -> None:
    if not await choice.hold_slot(slot_id, alone=True):
        raise Refused(NOT_THERE)
    if (known := await choice.allocation_of(slot_id)) is not None and known.seed:
        raise Refused(DRAWN)
    if not await Allocation.filter(slot_id=slot_id).update(closed_at=closed_at):
        await Allocation.create(event_id=event.id, slot_id=slot_id, closed_at=closed_at)

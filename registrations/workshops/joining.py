"""Once the places of a slot are given out: guests take one that is left, or change to another workshop with one, and
organisers move somebody by hand.

Rules: EV-01.
"""

from datetime import datetime

from events.accounts.staff import Staff
from events.audit import audit
from events.audit.action import Action
from events.ground import live
from events.ground.database import after_commit, run_tx, within_tx
from events.ground.refusal import Refused
from events.programme import changing
from events.programme.programme import Line, item_with, programme_of
from registrations.people.often import count_change
from registrations.people.registration import Registration
from registrations.tickets.ticketing import tell_devices

from . import choice, place, workshop_emails
from . import guards as guards  # which joining, and all else here, relies on
from .choosing import NOT_THERE, held_slot
from .place import BY_THEMSELVES, WorkshopPlace
from .workshop_emails import Why

FULL = "No place is left in this workshop, so nothing was changed."
NOT_YET = "The places in these workshops are not given out yet, so nothing was changed."


changing.HAVE_A_PLACE.append(place.taken_in)  # no workshop is made smaller than it is full


async def join(registration: Registration, slot_id: int, workshop_id: int, at: datetime, real: datetime) -> None:
    """In place of the workshop that they have in this slot. Raises Refused when no place is left in it."""
    await count_change(registration, real)
    await _join(registration, slot_id, workshop_id, at, real)


@run_tx
async def _join(registration: Registration, slot_id: int, workshop_id: int, at: datetime, real: datetime) -> None:
    line = await held_slot(registration, slot_id)
    if await _change(registration, line, slot_id, workshop_id, BY_THEMSELVES, at):
        await workshop_emails.email_own_change(registration, at, real)
        await workshop_emails.email_companions(registration, slot_id, at, real)
    await audit.record(Action.CHOSE, registration, by=None, at=at)
    await _tell_phones(registration)


@run_tx
async def move(
    registration: Registration, slot_id: int, workshop_id: int | None, by: Staff, at: datetime, real: datetime
) -> None:
    """By hand, also while guests see no programme. None: they take part in no workshop of the slot any more."""
    line = await held_slot(registration, slot_id, programme_of)
    if workshop_id is None:
        moved = await WorkshopPlace.filter(registration_id=registration.id, slot_id=slot_id).delete() > 0
    else:
        moved = await _change(registration, line, slot_id, workshop_id, by.actor, at)
    if moved:
        await workshop_emails.email_all(registration.event_id, [registration.id], Why.MOVED, at, real)
        await workshop_emails.email_companions(registration, slot_id, at, real)
    await audit.record(Action.MOVED_BY_HAND, registration, by=by, at=at, slot=slot_id, workshop=workshop_id or 0)
    await _tell_phones(registration)
    after_commit(live.publish, f"event:{registration.event_id}")


@within_tx
async def _tell_phones(registration: Registration) -> None:
    """Phones at rooms have to know it, of whoever comes along too. Call it last."""
    await tell_devices(registration, *await Registration.filter(comes_with_id=registration.id))


@within_tx
async def _change(
    registration: Registration, line: Line, slot_id: int, workshop_id: int, by: str, at: datetime
) -> bool:
    """The workshop is held, so that of two who want its last place one finds none. False if they are in it already."""
    allocation = await choice.allocation_of(slot_id)
    if allocation is None or allocation.allocated_at is None:
        raise Refused(NOT_YET)
    wanted = next((entry for entry in line.workshops if entry.id == workshop_id), None)
    if wanted is None:
        raise Refused(NOT_THERE)
    before = await place.place_in(registration.id, slot_id)
    if before is not None and before.workshop_id == workshop_id:
        return False
    await changing.hold_workshops([workshop_id])
    if not await has_room(workshop_id):
        raise Refused(FULL)
    await place.put(registration, slot_id, workshop_id, by, at)
    after_commit(live.publish, f"event:{registration.event_id}")
    return True


async def has_room(workshop_id: int) -> bool:
    """As it stands now. Hold the workshop to rely on it."""
    item = await item_with(workshop_id)
    return item is not None and (not item.capacity or await place.taken_in(workshop_id) < item.capacity)

"""Taking back a line of a walk-in sheet: with it ends what it gave, and nothing that anybody has done since.

Rules: EV-06, SG-02, SG-06. Its release is free again. A request that was there before is as it was. One that nobody
but this line confirmed cannot be: what was asked behind its links is gone, so it ends. Whoever was told of a ticket
hears that there is none.
"""

from datetime import datetime
from enum import StrEnum

from tortoise.expressions import F

from events.accounts.staff import Staff
from events.audit import audit
from events.audit.action import Action
from events.ground.database import find_rows, query, run_tx, within_tx
from events.mail import outbox
from events.mail.outbox import Message, MessageState
from registrations.checkin.walking_in.deciding_walk_ins import HELD, UNCONFIRM
from registrations.checkin.walking_in.starting import tell
from registrations.checkin.walking_in.walk_in import LET_IN, Stage, WalkIn
from registrations.deciding import coming_along, taking_over, two_approvals, vetting
from registrations.deciding.first_approval import FirstApproval
from registrations.deciding.vetting import AlreadyDecided
from registrations.people.registration import HOLDS_A_PLACE, KNOWS_OF_A_PLACE, Registration, State
from registrations.tickets import ticketing
from registrations.tickets.ticket import Ticket

from . import typing_up
from .sheet import Sheet, Tick

EMAILS = {State.OFFERED: "offer", State.RECHECKING: "received"}  # what is true of them again; of all others: no place


class After(StrEnum):
    """What is true of the person now."""

    ENDED = "back"  # nothing is left of the line
    HAD_A_PLACE = "back_had_a_place"  # before the line, and has it still
    DECIDED = "back_decided"  # somebody has decided on them since: that stands


@run_tx
async def take_back(sheet: Sheet, tick_id: int, by: Staff, at: datetime, real: datetime) -> After:
    """As any line. Holds the request first, as whoever decides on it. Raises Refused as `typing_up.take_back`."""
    tick = await Tick.get(id=tick_id, sheet_id=sheet.id)
    ticket = await Ticket.get(id=tick.ticket_id)
    await coming_along.hold(await Registration.get(id=ticket.registration_id))
    [registration] = await find_rows(Registration, HELD, [ticket.registration_id])
    theirs = WalkIn.filter(registration_id=registration.id, decided_at=tick.typed_at, stage__in=LET_IN)
    walk_in, after = await theirs.first() if tick.undone_at is None else None, After.ENDED
    if walk_in is not None:
        after = await _end(registration, walk_in, sheet, by, at)
        tell(sheet.event_id)
    await typing_up.take_back(sheet, tick_id, by, at, real)
    return after


@within_tx
async def _end(registration: Registration, walk_in: WalkIn, sheet: Sheet, by: Staff, at: datetime) -> After:
    if await _is_decided_since(registration, walk_in) or not await _mark(walk_in):
        await WalkIn.filter(id=walk_in.id).update(stage=Stage.TAKEN_BACK)
        return After.DECIDED
    typed_at = walk_in.decided_at
    gave_place = registration.state is State.APPROVED and registration.decided_at == typed_at
    confirmed = registration.state in (State.APPROVED, State.CONFIRMED) and registration.confirmed_at == typed_at
    of_phone = walk_in.door_pass_id != sheet.door_pass_id  # whose lead still waits for an answer
    told = await _end_place(registration, by, at, ends=confirmed) if gave_place else False
    if confirmed and not told:
        await _unconfirm(registration, at)
        if not (of_phone and walk_in.is_new):
            await vetting.cancel(registration, by, at)
    if gave_place or confirmed:
        await audit.record(Action.LINE_ENDED, registration, by=by, at=at, sheet=sheet.number, told=told)
    if of_phone and registration.state is not State.CANCELLED:
        await _wait_again(walk_in)
    return After.HAD_A_PLACE if registration.state is State.APPROVED else After.ENDED


async def _is_decided_since(registration: Registration, walk_in: WalkIn) -> bool:
    """Also as the first of two; and whoever was vetted since is an organiser's to keep."""
    typed_at = walk_in.decided_at or walk_in.asked_at
    acts = (registration.decided_at, registration.withdrawn_at, walk_in.vetted_at)
    if any(act is not None and act > typed_at for act in acts):
        return True
    firsts = FirstApproval.filter(registration_id=registration.id, given_at__gt=typed_at, ended_at=None)
    return await firsts.exists()


@within_tx
async def _mark(walk_in: WalkIn) -> bool:
    """False where somebody has vetted them in this moment."""
    as_read = WalkIn.filter(id=walk_in.id, stage__in=LET_IN, vetted_at=walk_in.vetted_at)
    return bool(await as_read.update(stage=Stage.TAKEN_BACK))


@within_tx
async def _end_place(registration: Registration, by: Staff, at: datetime, *, ends: bool) -> bool:
    """The place that the line gave, with its ticket. Whether they were told of that. `ends`: the request too, where
    they were; else it is as it was before, and the place held as before if they held one."""
    typed_at, told = registration.decided_at or at, await _is_told(registration, at)
    if told and ends:
        await vetting.cancel(registration, by, at)
        return True
    if not await registration.step_back():
        raise AlreadyDecided
    if registration.state not in KNOWS_OF_A_PLACE:
        await taking_over.fall_away(registration, by=by, at=at)
    held = registration.state in HOLDS_A_PLACE
    await (ticketing.end(registration, at) if held else ticketing.take_back(registration, at))
    await two_approvals.reopen(registration, typed_at)
    if told:
        await Registration.filter(id=registration.id).update(generation=F("generation") + 1)
        await vetting.queue_email(EMAILS.get(registration.state, "cancelled"), registration, at=at)
    return told


@within_tx
async def _is_told(registration: Registration, at: datetime) -> bool:
    """Drops the emails with their ticket that still wait. True once one of them may be on its way."""
    ticket, told = await Ticket.get_or_none(registration_id=registration.id, revoked_at=None), False
    for email in await Message.filter(template="ticket", subject_id=ticket.id if ticket else 0):
        if not await outbox.take_back(email, at):
            told = told or email.state in (MessageState.QUEUED, MessageState.SENT)
            await outbox.drop(email, at)
    return told


@within_tx
async def _unconfirm(registration: Registration, at: datetime) -> None:
    await query(UNCONFIRM, [registration.id])
    await two_approvals.end(registration, at)
    registration.state, registration.confirmed_at = State.REQUESTED, None


@within_tx
async def _wait_again(walk_in: WalkIn) -> None:
    """A phone had asked for them before its network went. Unless it has asked again since."""
    if not await WalkIn.filter(registration_id=walk_in.registration_id, stage=Stage.WAITING).exists():
        waits = {"stage": Stage.WAITING, "decided_at": None, "decided_by_id": None}
        await WalkIn.filter(id=walk_in.id).update(**waits, vetted_at=None, vetted_by_id=None)

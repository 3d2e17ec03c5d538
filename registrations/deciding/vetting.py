"""Organisers decide who comes. Each decision is a move that only one caller can make, with its email and its entry."""

import secrets
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any

from events.audit import audit
from events.audit.action import Action
from events.audit.audit import Actor, Detail
from events.ground import live
from events.ground.database import after_commit, find_rows, query, run_tx, within_tx
from events.mail import outbox
from events.mail.outbox import EPOCH
from registrations.people import erased
from registrations.people.link_answers import LinkAnswers
from registrations.people.registration import (
    EMPTY,
    HOLDS_A_PLACE,
    KNOWS_OF_A_PLACE,
    LIVE,
    TO_DECIDE,
    Registration,
    State,
)
from registrations.tickets import request_emails, ticketing
from registrations.tickets.ticket import Ticket
from registrations.tickets.ticketing import EventFull

from . import coming_along, new_addresses, offers, taking_over, two_approvals
from .decision import LAST_IF_LAPSED, refuse_after
from .decision import UNDO_FOR as UNDO_FOR
from .decision import AlreadyDecided as AlreadyDecided
from .decision import Decision as Decision
from .decision import Result as Result
from .decision import email_due as email_due
from .two_approvals import NeedsAnother

TOLD_OF_CANCELLING = LIVE - {State.REQUESTED, State.NOT_OFFERED}  # the others expect nothing of us
MOST_TRIES = 5  # of one approval, against others who give and take back a first one at the same time
LAST = f"UPDATE registration SET {LAST_IF_LAPSED} WHERE id = ? RETURNING id"  # noqa: S608  # ours
DECIDED_BY_EMAIL = {State.APPROVED: "ticket", State.WAITING: "waiting", State.NOT_OFFERED: "not_offered"}


@run_tx
async def approve(
    registration: Registration,
    by: Actor,
    at: datetime,
    due: datetime = EPOCH,
    takes_over: int | None = None,
    *,
    past_capacity: bool = False,
) -> Ticket:
    """Gives a place, of which the event has one left or a guest hands it over, and queues the ticket. Raises Refused
    when there is none, someone else has decided or the event is over, and NeedsAnother where two have to approve and
    nobody else has.

    `due`, here and below, is the machine's time before which the email is not sent. `takes_over`: see `taking_over`.
    `past_capacity`: they are in already, so also where no place is left, or where that is noted the day after.
    """
    if not past_capacity:
        await refuse_after(registration.event_id, at)
    before = registration.state
    await taking_over.hold_both(registration)
    held = await _decide(registration, {*TO_DECIDE, State.WAITING, State.OFFERED}, State.APPROVED, at)
    hand_over = await taking_over.as_shown(registration, takes_over)
    first = await two_approvals.use(registration.id, before, by, at)
    await new_addresses.take_effect(registration, by, at)
    if hand_over is not None:
        await taking_over.take_effect(hand_over, registration, by, at, due)
    holds = held or hand_over is not None
    ticket = await ticketing.issue(registration, at, held=holds, past_capacity=past_capacity)
    await outbox.put("ticket", ticket.id, cause="approved", at=at, event_id=registration.event_id, due=due)
    await _note(Action.APPROVED, registration, by, at, **first)
    return ticket


@run_tx
async def put_on_waiting_list(registration: Registration, by: Actor, at: datetime, due: datetime = EPOCH) -> None:
    await refuse_after(registration.event_id, at)
    held = await _decide(registration, TO_DECIDE, State.WAITING, at)
    await query(LAST, [at, registration.id])
    await queue_email("waiting", registration, at=at, due=due)
    await taking_over.fall_away(registration, by=by, at=at, due=due)
    await _note(Action.PUT_ON_WAITING_LIST, registration, by, at)
    await ticketing.tell_devices(registration, leave=[registration] if held else ())


@run_tx
async def not_offer(registration: Registration, by: Actor, at: datetime, due: datetime = EPOCH) -> None:
    """Records only the outcome: the reason is written nowhere, and the email is the same for all."""
    await refuse_after(registration.event_id, at)
    held = await _decide(registration, {*TO_DECIDE, State.WAITING}, State.NOT_OFFERED, at)
    await queue_email("not_offered", registration, at=at, due=due)
    await taking_over.fall_away(registration, by=by, at=at, due=due)
    await _note(Action.NOT_OFFERED, registration, by, at)
    await ticketing.tell_devices(registration, leave=[registration] if held else ())


async def offer_out_of_turn(registration: Registration, by: Actor, at: datetime, due: datetime = EPOCH) -> None:
    """Of which nothing is undone: the email goes out at once, whatever is `due`."""
    await offers.offer(registration, by, at)


Verb = Callable[..., Awaitable[object]]  # of the request, by whom, when, and before when its email is not sent
DECISIONS: dict[Decision, Verb] = {
    Decision.APPROVE: approve,
    Decision.OFFER: offer_out_of_turn,
    Decision.WAIT: put_on_waiting_list,
    Decision.NOT_OFFER: not_offer,
}


async def decide(
    registration: Registration,
    decision: Decision,
    by: Actor,
    at: datetime,
    due: datetime = EPOCH,
    takes_over: int | None = None,
) -> Result:
    """Decides on the state that the organiser saw. A caller who saw an older one gets DECIDED."""
    verb: Verb = partial(approve, takes_over=takes_over) if decision is Decision.APPROVE else DECISIONS[decision]
    seen = registration.state
    for _ in range(MOST_TRIES):
        registration.state = seen
        try:
            await verb(registration, by, at, due)
            return Result.DONE
        except NeedsAnother:
            registration.state = seen
            if await two_approvals.give_first(registration, by, at):
                return Result.FIRST
        except AlreadyDecided:
            return Result.DECIDED
        except EventFull:
            return Result.FULL
    return Result.DECIDED


@run_tx
async def reconsider(registration: Registration, by: Actor, at: datetime) -> None:
    """Corrects a mis-click: the request goes back to the queue, and an email that has not gone out is not sent."""
    await _move(registration, {State.NOT_OFFERED}, State.CONFIRMED, decided_at=None)
    await two_approvals.end(registration, at)
    await request_emails.drop_all(registration, at)
    await _note(Action.RECONSIDERED, registration, by, at)
    await ticketing.tell_devices(registration)


@run_tx
async def withdraw(registration: Registration, by: Actor, at: datetime) -> None:
    """Takes an approval back. Ticket, links and queued emails die at once, the place is free, and the person is
    vetted anew."""
    await _move(registration, {State.APPROVED}, State.CONFIRMED, decided_at=None, withdrawn_at=at)
    await two_approvals.end(registration, at)
    await taking_over.fall_away(registration, by=by, at=at)
    await request_emails.drop_all(registration, at)
    await ticketing.revoke(registration, at)
    await queue_email("cancelled", registration, at=at)
    await _note(Action.WITHDRAWN, registration, by, at)


@run_tx
async def cancel(registration: Registration, by: Actor, at: datetime) -> None:
    """Ends a request. The address may ask again; `restoring` brings it back. A person with a place loses it and the
    ticket.

    Of one that nobody confirmed nothing personal is kept: it may be somebody else's address.
    """
    before = registration.state
    emptied = EMPTY if before is State.REQUESTED else {}
    await _move(registration, LIVE, State.CANCELLED, decided_at=at, **emptied)
    if before is State.REQUESTED:
        await erased.note(registration, at)
        await LinkAnswers.filter(registration_id=registration.id).update(answers_sealed=None)
    await request_emails.drop_all(registration, at)
    if before in TOLD_OF_CANCELLING:
        await queue_email("cancelled", registration, at=at)
    await taking_over.fall_away(registration, by=by, at=at)
    await _note(Action.CANCELLED, registration, by, at)
    await (ticketing.revoke(registration, at) if before in HOLDS_A_PLACE else ticketing.tell_devices(registration))


HELD = "UPDATE registration SET state = state WHERE id = ? AND state = ? RETURNING *"
CORRECT = "UPDATE registration SET person_sealed = ? WHERE id = ? RETURNING id"


@run_tx
async def correct(
    registration: Registration, mended: Mapping[str, str], by: Actor, at: datetime, **details: Detail
) -> None:
    """Corrects what they told us, by the names of a person's fields. The ticket stays as it is, and door phones get
    the name anew. `details` go into the audit log: never what was corrected.

    Only for a request that is still as it was seen: no name returns to a row that was emptied meanwhile.
    """
    held = await find_rows(Registration, HELD, [registration.id, registration.state])
    if registration.state not in LIVE or not held or not held[0].full_name:
        raise AlreadyDecided
    await query(CORRECT, [held[0].sealed(replace(held[0].person, **mended)), registration.id])
    await _note(Action.CORRECTED, registration, by, at, **details)
    await ticketing.tell_devices(registration)


async def _decide(registration: Registration, before: Collection[State], after: State, at: datetime) -> bool:
    """A move that can be undone for as long as its email waits. Says whether they held a place before it."""
    held = registration.state in HOLDS_A_PLACE
    await _move(registration, before, after, decided_at=at, state_before=registration.state)
    return held


async def _move(
    registration: Registration, before: Collection[State], after: State, **also: datetime | str | None
) -> None:
    also = {"state_before": None} | also
    if registration.state in KNOWS_OF_A_PLACE and after not in KNOWS_OF_A_PLACE:
        await coming_along.hold(registration)
    if registration.state not in before or not await registration.become(after, **also):
        raise AlreadyDecided


@within_tx
async def queue_email(template: str, *moved: Registration, at: datetime, due: datetime = EPOCH) -> None:
    """Queues the email of a move to each. The move was ours alone, so its cause only has to differ from those of
    earlier moves."""
    cause, ids = f"{template} {secrets.token_hex(8)}", [registration.id for registration in moved]
    await outbox.put(template, *ids, cause=cause, at=at, event_id=moved[0].event_id, due=due)


async def _note(action: Action, registration: Registration, by: Actor, at: datetime, **details: Any) -> None:
    await audit.record(action, registration, by=by, at=at, **details)
    after_commit(live.publish, f"event:{registration.event_id}")

"""An offer of a place to somebody on the waiting list. It holds the place until they answer, or until its time is over.

Rules: EV-08, SE-15. Each answer is a move that only one caller can make, and only while the offer is open. Each verb
moves the request before the event's row, as all decisions do, so that two of them never wait for each other.
"""

import secrets
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from events.audit import audit
from events.audit.action import Action
from events.audit.audit import Actor
from events.event import Event, event_with
from events.ground import clock, live
from events.ground.database import after_commit, find_rows, query, run_tx, within_tx
from events.ground.refusal import Refused
from events.mail import outbox, quiet_hours
from registrations.people import address_change
from registrations.people.checked import need_two
from registrations.people.registration import Registration, State
from registrations.tickets import ticketing
from registrations.tickets.ticketing import EventFull

from . import new_addresses, two_approvals
from .decision import LAST_IF_LAPSED, AlreadyDecided, refuse_after
from .new_addresses import HasOne

LASTS, LASTS_IN_LAST_WEEK = timedelta(hours=24), timedelta(hours=4)  # by day: the hours of the night do not count
LAST_WEEK = timedelta(days=7)
NO_OFFER_NOW = (
    "No offer can be made now: none goes out between 20:00 and 08:00, and none ends after the event has begun. "
    "Nothing was changed. Approve the person to give them the place at once."
)


NOT_BY_LINK = "You cannot take this place with the link. Telephone the organisers, so that they can help."


class Themselves(NamedTuple):
    """Somebody who acts for themselves."""

    registration_id: int

    @property
    def actor(self) -> str:
        return f"person:{self.registration_id}"


class Itself(NamedTuple):
    """Muster, as the one who acts on a person: else the log would name the person."""

    actor: str = "system"


def ends(event: Event, at: datetime) -> datetime | None:
    """When an offer made now would run out. None while none can be made."""
    begins = event.starts_at or clock.at_venue(event.day, 0, 0)
    until = quiet_hours.later(at, LASTS_IN_LAST_WEEK if begins - at <= LAST_WEEK else LASTS)
    return until if until <= begins and not quiet_hours.wait(at) else None


OFFER = f"""UPDATE registration SET state = 'offered', state_before = NULL, decided_at = ?, offered_until = ?,
    offer_n = offer_n + 1, {LAST_IF_LAPSED} WHERE id = ? AND state = 'waiting' RETURNING *"""  # noqa: S608  # ours


@run_tx
async def offer(registration: Registration, by: Actor, at: datetime) -> None:
    """Holds a place and queues the email. Refused when none is left, no offer goes out now, the event is over, they do
    not wait any more, or (NeedsAnother) two have to approve them: by itself no offer is made to those."""
    await refuse_after(registration.event_id, at)
    until = ends(await event_with(registration.event_id), at)
    if until is None:
        raise Refused(NO_OFFER_NOW)
    moved = await find_rows(Registration, OFFER, [at, until, at, registration.id])
    if registration.state is not State.WAITING or not moved:
        raise AlreadyDecided
    first = await two_approvals.use(registration.id, State.WAITING, by, at)
    if not await ticketing.take_place_for(registration):
        raise EventFull
    await _send("offer", moved[0], at)
    await _note(Action.OFFERED, registration, by, at, **first)


ANSWER = """UPDATE registration SET state = ?, state_before = ?, decided_at = ?
    WHERE id = ? AND state = 'offered' AND offer_n = ? AND offered_until > ? RETURNING id"""


@run_tx
async def take(registration: Registration, at: datetime) -> bool:
    """They take the place of this offer: the ticket is queued. False if it is over, or was answered before."""
    if not await _is_answered(registration, State.APPROVED, None, at):
        return False
    await _move(registration, at)
    ticket = await ticketing.issue(registration, at, held=True)
    await outbox.put("ticket", ticket.id, cause="approved", at=at, event_id=registration.event_id)
    await _note(Action.OFFER_TAKEN, registration, None, at)
    return True


async def _move(registration: Registration, at: datetime) -> None:
    """To the other address that they had asked for, if it has said yes. One that has a request of its own by now is
    left alone, and nobody is told so: only its reader may learn of that. Raises Refused where two have to approve
    the present one: the offer was made for the other."""
    themselves = Themselves(registration.id)
    try:
        await new_addresses.take_effect(registration, themselves, at)
    except HasOne:
        if await need_two(await event_with(registration.event_id), [registration.email]):
            raise Refused(NOT_BY_LINK) from None
        await address_change.end_all(registration)
        await audit.record(Action.ADDRESS_KEPT, registration, by=themselves, at=at)


@run_tx
async def decline(registration: Registration, at: datetime) -> bool:
    """They leave the place to somebody else, which ends their request. False if the offer is over, or was answered."""
    if not await _is_answered(registration, State.CANCELLED, State.OFFERED, at):
        return False
    await ticketing.revoke(registration, at)
    cause = f"gave up {secrets.token_hex(8)}"  # once more, if they were restored since
    await outbox.put("given_up", registration.id, cause=cause, at=at, event_id=registration.event_id)
    await _note(Action.OFFER_DECLINED, registration, None, at)
    return True


async def _is_answered(registration: Registration, state: State, before: State | None, at: datetime) -> bool:
    offered = [registration.id, registration.offer_n, at]
    return bool(await find_rows(Registration, ANSWER, [state, before, at, *offered]))


RUN_OUT = """UPDATE registration SET state = 'waiting', state_before = NULL, lapsed_at = ?
    WHERE id = ? AND state = 'offered' AND offer_n = ? AND offered_until <= ? RETURNING id"""


@run_tx
async def run_out(registration: Registration, at: datetime) -> bool:
    """Nobody answered in time: the place is free, and they are told. False if it was answered or ended meanwhile."""
    values = [at, registration.id, registration.offer_n, at]
    if not await find_rows(Registration, RUN_OUT, values):
        return False
    await ticketing.free_places_of(registration)
    await _send("offer_over", registration, at)
    await _note(Action.OFFER_RAN_OUT, registration, None, at)
    return True


BACK = """UPDATE registration SET state = 'waiting', state_before = NULL, generation = generation + 1
    WHERE id = ? AND state = 'offered' RETURNING id"""


@within_tx
async def end_by_address(registration: Registration) -> bool:
    """The address for which it was made is not theirs any more: they wait on in their turn, with new links. False if
    it was answered, or is over."""
    if not await query(BACK, [registration.id]):
        return False
    await ticketing.free_places_of(registration)
    return True


STAY = """UPDATE registration SET lapsed_at = NULL, waits_from = ?
    WHERE id = ? AND state = 'waiting' AND lapsed_at IS NOT NULL AND offer_n = ? RETURNING id"""


@run_tx
async def stay(registration: Registration, at: datetime) -> bool:
    """Whoever did not answer in time waits on, as the last. False if they have moved on meanwhile."""
    if not await find_rows(Registration, STAY, [at, registration.id, registration.offer_n]):
        return False
    await _note(Action.STAYED, registration, None, at)
    return True


async def _send(template: str, registration: Registration, at: datetime) -> None:
    cause = f"offer {registration.offer_n}"
    await outbox.put(template, registration.id, cause=cause, at=at, event_id=registration.event_id)


async def _note(action: Action, registration: Registration, by: Actor | None, at: datetime, **details: Any) -> None:
    await audit.record(action, registration, by=by, at=at, **details)
    after_commit(live.publish, f"event:{registration.event_id}")

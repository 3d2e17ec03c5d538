"""Organisers bring a cancelled request back: with a place if one is left, on the waiting list, or in the queue."""

import secrets
from datetime import datetime

from tortoise.exceptions import IntegrityError

from events.audit import audit
from events.audit.action import Action
from events.audit.audit import Actor
from events.event import event_with
from events.ground import live, wording
from events.ground.database import after_commit, find_rows, run_tx
from events.ground.refusal import Refused
from events.mail import outbox
from events.mail.outbox import EPOCH
from registrations.people import address_change
from registrations.people.person import address_tag
from registrations.people.registration import Registration, State, of_address
from registrations.tickets import request_emails, ticketing

from . import two_approvals
from .decision import LAST_IF_LAPSED, AlreadyDecided

ASKED_AGAIN = (
    "This person has asked for a place again since, with the same address. Nothing was restored: decide on their newer "
    "request."
)
EMAILS = {State.APPROVED: "ticket", State.WAITING: "waiting", State.CONFIRMED: "received"}  # by where it is restored to
RESTORE = f"""UPDATE registration
    SET state = ?, state_before = NULL, comes_with_id = NULL, decided_at = ?, {LAST_IF_LAPSED}, address_tag = ?
    WHERE id = ? AND state = 'cancelled' AND confirmed_at IS NOT NULL AND person_sealed IS NOT NULL RETURNING *"""  # noqa: S608  # ours


def may_be_restored(registration: Registration) -> bool:
    """They had confirmed the address, and it is not deleted."""
    confirmed = registration.confirmed_at is not None and bool(registration.email)
    return registration.state is State.CANCELLED and confirmed


async def restore(registration: Registration, to: State, by: Actor, at: datetime, due: datetime = EPOCH) -> None:
    """`to`: one of EMAILS. Raises EventFull if no place is left, NeedsAnother if two have to approve a place, and
    Refused if the same address has a newer request or this one is not cancelled any more.

    `due` is the machine's time before which the email is not sent.
    """
    try:
        await _restore(registration, to, by, at, due)
    except IntegrityError:  # one_live_request, in this moment
        raise Refused(ASKED_AGAIN) from None


@run_tx
async def _restore(registration: Registration, to: State, by: Actor, at: datetime, due: datetime) -> None:
    event = await event_with(registration.event_id)
    if event.is_over(at):
        raise Refused(wording.IS_OVER)
    if not may_be_restored(registration):
        raise AlreadyDecided
    theirs = await of_address(event, registration.email)
    if theirs is not None and theirs.id != registration.id:
        raise Refused(ASKED_AGAIN)
    values = [to, None if to is State.CONFIRMED else at, at, address_tag(event, registration.email), registration.id]
    restored = await find_rows(Registration, RESTORE, values)
    if not restored:
        raise AlreadyDecided
    first = await two_approvals.use(registration.id, State.CANCELLED, by, at) if to is State.APPROVED else {}
    await two_approvals.end(registration, at)
    await address_change.end_all(registration)
    await request_emails.drop_all(registration, at)
    await audit.record(Action.REQUEST_RESTORED, registration, by=by, at=at, to=to.value, **first)
    after_commit(live.publish, f"event:{registration.event_id}")
    cause = f"restored {secrets.token_hex(8)}"
    if to is State.APPROVED:
        subject = (await ticketing.issue(restored[0], at)).id
    else:
        subject = registration.id
        await ticketing.tell_devices(registration)
    await outbox.put(EMAILS[to], subject, cause=cause, at=at, event_id=registration.event_id, due=due)

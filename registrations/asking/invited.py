"""An invitation is used: by whoever confirms an address that it is for, and only then.

Rules: SE-15. The row of the invitation says whether a use is left, and is held after that of the request and before
that of the event, as everybody does who holds several.
"""

from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from events.audit import audit
from events.audit.action import Action
from events.event import event_with
from events.ground.database import query, run_tx, within_tx
from events.mail import outbox
from registrations.people.checked import need_two
from registrations.people.invitation import Invitation
from registrations.people.registration import Registration, State
from registrations.tickets import ticketing
from registrations.tickets.ticketing import EventFull

from . import inviting

USE = """UPDATE invitation SET used = used + 1
    WHERE id = ? AND used < places AND ended_at IS NULL AND until > ? RETURNING id"""
BY = "UPDATE registration SET invitation_id = ? WHERE id = ? RETURNING id"
DECIDE = "UPDATE registration SET state = ?, decided_at = ? WHERE id = ? AND state = 'confirmed' RETURNING id"


class Used(StrEnum):
    """What became of a code."""

    PLACE = "place"  # or the waiting list, where all places are taken
    COUNTS = "used"  # and the request waits for a decision
    REFUSED = "refused"


class ByInvitation(NamedTuple):
    """An invitation, as the one who gives a place."""

    id: int

    @property
    def actor(self) -> str:
        return f"invitation:{self.id}"


@within_tx
async def use(registration_id: int, code: str, at: datetime) -> Used:
    """Counts one use, for a request that was confirmed in this transaction. None if the code is not for their
    address, or cannot be used any more: then the request is one like any other."""
    registration = await Registration.get(id=registration_id)
    event = await event_with(registration.event_id)
    invitation = None if event.is_over(at) else await inviting.working(event, code, at)
    terms = invitation.terms if invitation else None
    if invitation is None or terms is None or not terms.fits(registration.email):
        return Used.REFUSED
    if not await query(USE, [invitation.id, at]):  # somebody else had the last
        return Used.REFUSED
    await query(BY, [invitation.id, registration.id])
    await audit.record(Action.INVITATION_USED, registration, by=None, at=at, invitation=invitation.id)
    if not invitation.skips_queue or await need_two(event, [registration.email]):  # one organiser made it alone
        await inviting.free_kept(invitation.id, beyond_uses=True)
        return Used.COUNTS
    await _admit(registration, invitation, at)
    return Used.PLACE


async def _admit(registration: Registration, invitation: Invitation, at: datetime) -> None:
    """By night, too: they have just confirmed, and wait for it."""
    try:
        await _give_place(registration, invitation, at)
    except EventFull:
        await _put_on_waiting_list(registration, invitation, at)


@run_tx
async def _give_place(registration: Registration, invitation: Invitation, at: datetime) -> None:
    await _move(registration, State.APPROVED, Action.APPROVED, invitation, at)
    ticket = await ticketing.issue(registration, at, held=await inviting.give_kept(invitation.id))
    await outbox.put("ticket", ticket.id, cause="approved", at=at, event_id=registration.event_id)


@run_tx
async def _put_on_waiting_list(registration: Registration, invitation: Invitation, at: datetime) -> None:
    await _move(registration, State.WAITING, Action.PUT_ON_WAITING_LIST, invitation, at)
    await outbox.put("waiting", registration.id, cause="invited", at=at, event_id=registration.event_id)


@within_tx
async def _move(registration: Registration, state: State, action: Action, invitation: Invitation, at: datetime) -> None:
    await query(DECIDE, [state, at, registration.id])
    made_by = f"staff:{invitation.made_by_id}"
    await audit.record(action, registration, by=ByInvitation(invitation.id), at=at, made_by=made_by)

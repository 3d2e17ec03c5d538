"""Takes a decision back as if it had not been made, while none of its emails has gone out."""

from datetime import datetime

from events.audit import audit
from events.audit.action import Action
from events.audit.audit import Actor
from events.ground import live
from events.ground.database import after_commit, run_tx
from events.mail import outbox
from events.mail.outbox import Message, MessageState
from registrations.people.registration import HOLDS_A_PLACE, KNOWS_OF_A_PLACE, Registration, State
from registrations.tickets import ticketing
from registrations.tickets.ticket import Ticket

from . import coming_along, taking_over, two_approvals
from .vetting import DECIDED_BY_EMAIL, AlreadyDecided


async def undoable(registration: Registration) -> list[Message]:
    """The emails of their last decision, while all of them wait. Empty once anybody has begun to send one."""
    template = DECIDED_BY_EMAIL.get(registration.state)
    if template is None or registration.state_before is None:
        return []
    emails = await _of_approval(registration) if template == "ticket" else await _since_decided(template, registration)
    untried = all(email.state is MessageState.QUEUED and email.tries == 0 for email in emails)
    return emails if untried else []


async def _of_approval(registration: Registration) -> list[Message]:
    """Since then the ticket may have been sent again, or they may have asked again: such an email is due at once."""
    ticket = await Ticket.get_or_none(registration_id=registration.id, revoked_at=None)
    sent = await Message.filter(template="ticket", subject_id=ticket.id).order_by("id") if ticket else []
    asked_again = Message.filter(template="have_place", subject_id=registration.id)
    return [*sent, *await asked_again.filter(id__gt=sent[0].id)] if sent else []


async def _since_decided(template: str, registration: Registration) -> list[Message]:
    """Whoever asked again since is sent the same once more: that takes the place of no email of the decision."""
    theirs = Message.filter(template=template, subject_id=registration.id)
    decided = await theirs.filter(cause__startswith=f"{template} ").order_by("-id").first()  # as `vetting` names it
    return await theirs.filter(id__gte=decided.id).order_by("id") if decided else []


async def undo(registration: Registration, by: Actor, at: datetime) -> bool:
    """Takes the last decision back as if it had not been made, or their own approval as the first of two. False once
    an email of it may be on its way."""
    return await two_approvals.take_back(registration, by, at) or await undo_decision(registration, by, at)


async def undo_decision(registration: Registration, by: Actor, at: datetime) -> bool:
    """Takes the last decision back, and no approval as the first of two."""
    try:
        await _undo(registration, by, at)
    except AlreadyDecided:
        return False
    return True


@run_tx
async def _undo(registration: Registration, by: Actor, at: datetime) -> None:
    """All or nothing: if a mailer claims an email meanwhile, it wins. The row is held first, so that whoever has one
    sent again comes before us, or finds the decision undone."""
    decided, decided_at = registration.state, registration.decided_at
    await coming_along.hold(registration)
    await Registration.filter(id=registration.id, state=decided).update(state=decided)  # holds it
    emails = await undoable(registration)
    if not emails or not await registration.step_back():
        raise AlreadyDecided
    for email in emails:
        if not await outbox.take_back(email, at):
            raise AlreadyDecided
    if registration.state not in KNOWS_OF_A_PLACE:  # else the place is held as before, and still handed over
        await taking_over.fall_away(registration, by=by, at=at)
    if decided is State.APPROVED:
        await ticketing.take_back(registration, at)
        await two_approvals.reopen(registration, decided_at or at)
    await audit.record(Action.DECISION_UNDONE, registration, by=by, at=at)
    after_commit(live.publish, f"event:{registration.event_id}")
    if decided is not State.APPROVED:
        await ticketing.tell_devices(registration)
    if registration.state in HOLDS_A_PLACE and not await ticketing.take_place_for(registration):
        raise AlreadyDecided  # the place they held is needed again

"""Organisers have a ticket sent once more."""

from datetime import datetime

from events.audit import audit
from events.audit.action import Action
from events.audit.audit import Actor
from events.ground import live
from events.ground.database import after_commit, run_tx
from events.ground.refusal import Refused
from events.mail import outbox
from registrations.people.registration import Registration
from registrations.tickets import ticketing

NO_TICKET = "This person has no ticket that could be sent. Look at them again."
JUST_SENT = "The ticket is on its way already. Nothing more was sent."


@run_tx
async def send_ticket_again(registration: Registration, by: Actor, at: datetime) -> None:
    """Once a minute at most, so that a double click sends one email."""
    ticket = await ticketing.hold(registration)
    if ticket is None:
        raise Refused(NO_TICKET)
    cause = f"resent {at:%Y-%m-%dT%H:%M}"
    if not await outbox.put("ticket", ticket.id, cause=cause, at=at, event_id=registration.event_id):
        raise Refused(JUST_SENT)
    await audit.record(Action.RESENT, registration, by=by, at=at)
    after_commit(live.publish, f"event:{registration.event_id}")

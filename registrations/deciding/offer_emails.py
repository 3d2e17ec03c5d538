"""The two emails of an offer: that a place is free, and that nobody answered in time."""

from datetime import datetime

from events.ground import clock
from events.ground.tokens import Purpose
from events.mail import emails
from events.mail.bounces.addressees import reachable
from events.mail.emails import Email, Writer
from events.mail.outbox import Message
from registrations.people.registration import Registration, State, with_event
from registrations.tickets import request_emails
from registrations.tickets.request_emails import is_reminder
from registrations.tickets.ticket_email import facts_of, is_past


async def offer_email(message: Message) -> Email | None:
    """None once it is no longer true: an offer that is answered or over, or somebody who waits again."""
    person, at = await with_event("id = ?", message.subject_id), clock.now()
    if person is None or is_past(person.event, at) or not TRUE[message.template](person, at):
        return None
    until = moment_words(person.offered_until) if person.offered_until else ""
    facts = facts_of(person) | {"until": until, "offer": person.link(Purpose.OFFER), "reminder": is_reminder(message)}
    return emails.write(message, to=reachable(person), name=person.full_name, facts=facts)


def moment_words(moment: datetime) -> str:
    """09:30 on Monday 15 April 2019, at the venue."""
    return f"{clock.time_words(moment)} on {clock.day_words(moment)}"


def is_open(person: Registration, at: datetime) -> bool:
    """They have an offer that can still be answered."""
    return person.state is State.OFFERED and person.offered_until is not None and at < person.offered_until


def has_lapsed(person: Registration, at: datetime) -> bool:
    """Their last offer ran out, and they have not asked to stay since."""
    return person.state is State.WAITING and person.lapsed_at is not None


TRUE = {"offer": is_open, "offer_over": has_lapsed}
WRITERS: dict[str, Writer] = dict.fromkeys(TRUE, offer_email)
request_emails.TEMPLATES |= set(WRITERS)

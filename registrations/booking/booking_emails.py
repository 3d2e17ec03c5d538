"""The emails about what was changed on a booking page: they say what kind of thing it was, and never what it says."""

from collections.abc import Mapping

from events.ground import clock
from events.ground.tokens import Purpose
from events.mail import emails
from events.mail.bounces.addressees import reachable
from events.mail.emails import Email, Writer
from events.mail.outbox import Message
from registrations.people.registration import MANAGED, State, with_event
from registrations.tickets import gathered, request_emails
from registrations.tickets.gathered import CHANGED
from registrations.tickets.ticket_email import facts_of, is_past

from .own_needs import ANSWERED, NOTED

KINDS: Mapping[str, str] = {
    "name": "the name",
    "badge-name": "the name for the badge",
    "role": "the role",
    "telephone": "the telephone number",
    "organisation": "the organisation",
    "answered": "an answer for the day",
    "choice": "a choice",
    "noted": "a choice that an organiser noted",
}  # by the parts of the first word of the message's cause


async def changed_email(message: Message) -> Email | None:
    person = await with_event("id = ?", message.subject_id)
    if person is None or person.state not in MANAGED or is_past(person.event, clock.now()):
        return None
    parts = gathered.parts_of(message)
    changed = [KINDS[part] for part in parts]
    is_rechecked = person.state is State.RECHECKING
    facts = facts_of(person) | {"changed": changed, "is_rechecked": is_rechecked, "manage": person.link(Purpose.MANAGE)}
    facts |= {"noted": NOTED in parts, "answered": parts == [ANSWERED]}
    return emails.write(message, to=reachable(person), name=person.full_name, facts=facts)


WRITERS: dict[str, Writer] = {CHANGED: changed_email}
request_emails.TEMPLATES.update(WRITERS)

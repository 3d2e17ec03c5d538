"""The emails about what somebody asked us to arrange: that we have it, and each step that it takes.

None says what it was: that stands on the booking page alone. Rules: EM-16, EV-04.
"""

from collections.abc import Mapping

from events.ground import clock
from events.ground.tokens import Purpose
from events.mail import emails
from events.mail.bounces.addressees import reachable
from events.mail.emails import Email, Writer
from events.mail.outbox import Message
from registrations.people.needs import Step
from registrations.people.registration import KNOWS_OF_A_PLACE, with_event
from registrations.tickets import gathered, request_emails
from registrations.tickets.ticket_email import facts_of, is_past

ASKED = "needs_asked"
OF_STEP: Mapping[Step, str] = {step: f"needs_{step}" for step in Step}


async def needs_email(message: Message) -> Email | None:
    """None once they have taken it back, so that no email speaks of what is deleted."""
    person = await with_event("id = ?", message.subject_id)
    if person is None or person.state not in KNOWS_OF_A_PLACE or is_past(person.event, clock.now()):
        return None
    if not person.needs.adjustments:
        return None
    facts = facts_of(person) | {"manage": person.link(Purpose.MANAGE)}
    return emails.write(message, to=reachable(person), name=person.full_name, facts=facts)


WRITERS: dict[str, Writer] = dict.fromkeys(OF_STEP.values(), needs_email)
request_emails.TEMPLATES.update(WRITERS)
gathered.SENT_FIRST.add(ASKED)
request_emails.OF_NEEDS.update(set(OF_STEP.values()) - {ASKED})  # that one follows from what a guest chose

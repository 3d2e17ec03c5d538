"""The emails about what somebody asked us to arrange: that we have it, that it is arranged, that we have answered.

None says what it was: that stands on the booking page alone. Rules: EM-16, EV-04.
"""

from collections.abc import Mapping, Sequence
from functools import partial

from events.ground import clock
from events.ground.tokens import Purpose
from events.mail import emails
from events.mail.bounces.addressees import reachable
from events.mail.emails import Compose, Email, Writer
from events.mail.outbox import Message
from registrations.people.needs import Step
from registrations.people.registration import KNOWS_OF_A_PLACE, Registration, with_events
from registrations.tickets import request_emails
from registrations.tickets.ticket_email import facts_of, is_past

ASKED, ARRANGED, TOLD = "needs_asked", "needs_arranged", "needs_told"
OF_STEP: Mapping[Step, str] = {Step.ASKED: ASKED, Step.ARRANGED: ARRANGED, Step.TOLD: TOLD}


async def needs_emails(messages: Sequence[Message]) -> Sequence[Compose]:
    people = await with_events({message.subject_id for message in messages})
    return [partial(_needs_email, message, people.get(message.subject_id)) for message in messages]


async def _needs_email(message: Message, person: Registration | None) -> Email | None:
    """None once they have taken it back, so that no email speaks of what is deleted."""
    if person is None or person.state not in KNOWS_OF_A_PLACE or is_past(person.event, clock.now()):
        return None
    if not person.needs.adjustments:
        return None
    facts = facts_of(person) | {"manage": person.link(Purpose.MANAGE)}
    return emails.write(message, to=reachable(person), name=person.full_name, facts=facts)


WRITERS: dict[str, Writer] = dict.fromkeys(OF_STEP.values(), needs_emails)
request_emails.TEMPLATES.update(WRITERS)
request_emails.OF_NEEDS.update({ARRANGED, TOLD})  # the first follows from what a guest chose, as other emails do

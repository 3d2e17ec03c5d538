"""The email to whom a guest named, a colleague or somebody who comes along: where we have their address from, and what
becomes of it.

Rules: DP-16, EM-05, EV-05. It names no guest: anybody can have typed the address.
"""

from collections.abc import Sequence
from functools import partial

from events.ground import clock
from events.ground.settings import current
from events.mail import emails
from events.mail.emails import Compose, Email, Writer
from events.mail.outbox import Message
from registrations.deciding.offer_emails import moment_words
from registrations.people import objection
from registrations.people.colleague import LINK_LASTS, Colleague, answered_until
from registrations.people.registration import with_events
from registrations.tickets.ticket_email import facts_of, marked

COLLEAGUE, COMPANION = "colleague", "companion"


async def colleague_emails(messages: Sequence[Message]) -> Sequence[Compose]:
    found = await Colleague.filter(id__in=sorted({message.subject_id for message in messages}))
    guests = await with_events({colleague.registration_id for colleague in found})
    named = {colleague.id: colleague for colleague in found if colleague.registration_id in guests}
    for colleague in named.values():
        colleague.registration = guests[colleague.registration_id]
    return [partial(_colleague_email, message, named.get(message.subject_id)) for message in messages]


async def _colleague_email(message: Message, colleague: Colleague | None) -> Email | None:
    """None once it is answered or over, while nobody can ask for a place, and to whoever said no to another guest."""
    at = clock.now()
    if colleague is None or not colleague.is_open(at) or not colleague.registration.event.is_open(at):
        return None
    event = colleague.registration.event
    if await objection.is_made(event.id, colleague.address):
        return None
    reached = {host["name"]: ", ".join(filter(None, [host.get("email"), host.get("phone")])) for host in event.hosts}
    facts = facts_of(colleague.registration) | {
        "name": "",
        "link": colleague.link,
        "until": moment_words(answered_until(event, colleague.asked_at)),
        "deleted": moment_words(colleague.asked_at + LINK_LASTS),
        "hosts": {name: marked(event, contact) for name, contact in reached.items()},
        "privacy": f"{current().base_url}/privacy",
    }
    return emails.write(message, to=colleague.address, facts=facts)


WRITERS: dict[str, Writer] = dict.fromkeys((COLLEAGUE, COMPANION), colleague_emails)

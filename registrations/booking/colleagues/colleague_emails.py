"""The email to whom a guest named, a colleague or somebody who comes along: where we have their address from, and what
becomes of it.

Rules: DP-16, EM-05, EV-05. It names the guest only where they chose that, and as an organiser approved them: anybody
can have typed the address, and any words as their name.
"""

from events.ground import clock
from events.ground.settings import current
from events.mail import emails
from events.mail.emails import Email, Writer
from events.mail.outbox import Message
from registrations.deciding.offer_emails import moment_words
from registrations.people import objection
from registrations.people.colleague import LINK_LASTS, Colleague, answered_until
from registrations.people.registration import with_event
from registrations.tickets.sender_name import approved_name
from registrations.tickets.ticket_email import facts_of, marked

COLLEAGUE, COMPANION = "colleague", "companion"


async def colleague_email(message: Message) -> Email | None:
    """None once it is answered or over, while nobody can ask for a place, and to whoever said no to another guest."""
    colleague, at = await Colleague.get_or_none(id=message.subject_id), clock.now()
    guest = await with_event("id = ?", colleague.registration_id) if colleague else None
    if colleague is None or guest is None:
        return None
    colleague.registration, event = guest, guest.event
    if not colleague.is_open(at) or not event.is_open(at) or await objection.is_made(event.id, colleague.address):
        return None
    reached = {host["name"]: ", ".join(filter(None, [host.get("email"), host.get("phone")])) for host in event.hosts}
    facts = facts_of(guest) | {
        "name": "",
        "guest": await approved_name(guest) if colleague.says_who else "",
        "link": colleague.link,
        "until": moment_words(answered_until(event, colleague.asked_at)),
        "deleted": moment_words(colleague.asked_at + LINK_LASTS),
        "hosts": {name: marked(event, contact) for name, contact in reached.items()},
        "privacy": f"{current().base_url}/privacy",
    }
    return emails.write(message, to=colleague.address, facts=facts)


WRITERS: dict[str, Writer] = dict.fromkeys((COLLEAGUE, COMPANION), colleague_email)

"""What an email to many will say, written for an invented guest: for organisers to read before it goes out."""

from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any, Literal, NamedTuple

from events.event import Event
from events.ground import tokens
from events.mail import emails
from events.mail.outbox import Message
from registrations.people import person as people
from registrations.people.person import Person
from registrations.people.registration import Registration, State

from .mailing import MailingKind
from .mailing_emails import mailing_facts

GUEST = Person("Alex Example", "", "alex@example.org", "Example organisation", "Advocate")
KNEW = {"day": "another day", "hours": "other hours"}


def facts_for(event: Event, kind: MailingKind, said: dict[str, Any] | None = None) -> dict[str, Any]:
    """What this email tells the invented guest."""
    public_id = tokens.new_public_id()
    guest = Registration(id=0, public_id=public_id, generation=0, state=State.APPROVED)
    guest.event, guest.person_sealed = event, people.seal(GUEST, event, public_id)
    return mailing_facts(kind, guest, KNEW, said) or {}


class Example(NamedTuple):
    """What an email program makes of it."""

    subject: str
    text: str
    html: str


def example(kind: MailingKind, event: Event, at: datetime, said: dict[str, Any] | None = None) -> Example:
    """To a guest who is in no table. Its links open nothing."""
    message = Message(id=0, template=kind.template, queued_at=at)
    facts = facts_for(event, kind, said)
    written = emails.write(message, to=GUEST.email, name=GUEST.full_name, facts=facts)
    email = message_from_bytes(written.raw, policy=policy.default)
    return Example(str(email["Subject"]), *(_body(email, kind_of_text) for kind_of_text in ("plain", "html")))


def _body(email: EmailMessage, kind: Literal["plain", "html"]) -> str:
    part = email.get_body((kind,))
    return str(part.get_content()) if part else ""

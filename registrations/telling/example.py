"""What an email to many will say, written for an invented guest: for organisers to read before it goes out."""

from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any, Literal, NamedTuple

from events.event import Event
from events.ground import tokens
from events.ground.tokens import Purpose
from events.mail import emails
from events.mail.outbox import Message
from registrations.feedback import token as feedback_token
from registrations.people import person as people
from registrations.people.person import Person
from registrations.people.registration import Registration, State
from registrations.tickets.ticket_email import facts_of

from .mailing import MailingKind
from .mailing_emails import mailing_facts

GUEST = Person("Alex Example", "", "alex@example.org", "Example organisation", "Advocate")
KNEW = {"day": "another day", "hours": "other hours"}


def facts_for(
    event: Event, kind: MailingKind, said: dict[str, Any] | None = None, state: State = State.APPROVED
) -> dict[str, Any]:
    """What this email tells an invented person in this state."""
    return mailing_facts(kind, _guest(event, state), KNEW, said, feedback_token.address_of_none()) or {}


def _guest(event: Event, state: State = State.APPROVED) -> Registration:
    public_id = tokens.new_public_id()
    guest = Registration(id=0, public_id=public_id, generation=0, state=state)
    guest.event, guest.person_sealed = event, people.seal(GUEST, event, public_id)
    return guest


class Example(NamedTuple):
    """What an email program makes of it."""

    subject: str
    text: str
    html: str


def example(
    kind: MailingKind, event: Event, at: datetime, said: dict[str, Any] | None = None, state: State = State.APPROVED
) -> Example:
    """To somebody who is in no table. Its links open nothing."""
    return _written(kind.template, facts_for(event, kind, said, state), at)


def example_to_guest(template: str, event: Event, at: datetime) -> Example:
    """The same of an email to one guest, which leads to their booking page."""
    guest = _guest(event)
    return _written(template, facts_of(guest) | {"manage": guest.link(Purpose.MANAGE)}, at)


def _written(template: str, facts: dict[str, Any], at: datetime) -> Example:
    message = Message(id=0, template=template, queued_at=at)
    written = emails.write(message, to=GUEST.email, name=GUEST.full_name, facts=facts)
    email = message_from_bytes(written.raw, policy=policy.default)
    return Example(str(email["Subject"]), *(_body(email, kind_of_text) for kind_of_text in ("plain", "html")))


def _body(email: EmailMessage, kind: Literal["plain", "html"]) -> str:
    part = email.get_body((kind,))
    return str(part.get_content()) if part else ""

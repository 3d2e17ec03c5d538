"""The email with the ticket: reference, code, what to bring, and the venue once it is released."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Any

from events.event import Event
from events.ground import clock
from events.ground.database import find_row
from events.ground.keys import CannotOpen
from events.ground.settings import current
from events.ground.tokens import Purpose
from events.mail import emails
from events.mail.bounces.addressees import reachable
from events.mail.emails import Email
from events.mail.outbox import Message
from registrations.codes import qr
from registrations.people.choices import Choices, Switch
from registrations.people.registration import Registration, State, with_event

from . import own_changes
from .ticket import UNREADABLE, Ticket, code_of

MADE_UP = " (made up for this rehearsal)"
WORKSHOPS_OF: list[Callable[[Registration], Awaitable[Sequence[tuple[str, str]]]]] = []  # when, and which and where


async def ticket_email(message: Message) -> Email | None:
    """None when the ticket has been given up or replaced since it was queued. Raises CannotOpen if its reference
    cannot be read: an email without one helps nobody at the door."""
    ticket = await find_row(Ticket, "id = ? AND revoked_at IS NULL", [message.subject_id])
    person = await with_event("id = ?", ticket.registration_id) if ticket else None
    if ticket is None or person is None or person.state is not State.APPROVED or is_past(person.event, clock.now()):
        return None
    event, reference = person.event, ticket.reference
    if reference == UNREADABLE:
        raise CannotOpen(f"ticket:{ticket.id}")
    facts = facts_of(person) | facts_of_day(event) | {"reference": reference} | facts_of_guest(person)
    facts["workshops"] = await workshops_of(person)
    images = {"code": qr.png(code_of(event, ticket.n))} if current().code_in_email else {}
    return emails.write(message, to=reachable(person), name=person.full_name, facts=facts, images=images)


def facts_of(person: Registration) -> dict[str, Any]:
    """What every email to a professional may say, whatever the answer: nothing about others, and never the venue."""
    event = person.event
    return {
        "name": emails.harmless(person.full_name),
        "title": event.title,
        "day": event.day_words,
        "banner": [event.title, event.day_words, f"Hosted by {event.host_names}"],  # inboxes show the first words
        "contact": marked(event, ", ".join(filter(None, [event.contact_email, event.contact_phone]))),
        "contact_phone": event.contact_phone,
    }


def facts_of_day(event: Event) -> dict[str, Any]:
    """What everybody with a place may know beside: when, where once that is released, and what to bring."""
    return {
        "hours": marked(event, event.hours_words),
        "doors_open": marked(event, doors_words(event)),
        "venue": marked(event, " ".join(event.venue_for_guests.split())),
        "bring": marked(event, event.bring),
        "wellbeing": marked(event, event.wellbeing),
        "you_can": you_can_words(event, clock.now()),
    }


def facts_of_guest(person: Registration) -> dict[str, str]:
    """And what is this guest's alone: by which entrance they come, and their links."""
    return {
        "entrance": entrance_words(person.event, person.choices),
        "ticket_page": person.link(Purpose.TICKET),
        "manage": person.link(Purpose.MANAGE),
    }


async def workshops_of(person: Registration) -> list[tuple[str, str]]:
    """In which workshops this guest takes part: when, and which and where."""
    return [workshop for find in WORKSHOPS_OF for workshop in await find(person)]


def you_can_words(event: Event, at: datetime) -> str:
    """How a sentence begins about what guests tell us on the page of their booking. Nothing once that is too late."""
    if not own_changes.are_taken(event, at):
        return ""
    last = own_changes.last_day_words(event)
    return f"Until {last} you can" if last else "You can"


def doors_words(event: Event) -> str:
    """When the doors open, like 09:00, or nothing until that is known."""
    return clock.time_words(event.doors_open_at) if event.doors_open_at else ""


def entrance_words(event: Event, chosen: Choices) -> str:
    """For who arrives by another entrance, or nothing. It does not say why."""
    if Switch.OTHER_ENTRANCE not in chosen.switches:
        return ""
    return (
        f"Before you come, telephone the organisers: {marked(event, event.contact_phone)}. They tell you how to arrive."
    )


def is_past(event: Event, at: datetime) -> bool:
    """Whether its day has passed. Then nothing still queued is worth sending, least of all a refusal."""
    return event.is_over(at)


def marked(event: Event, fact: str) -> str:
    """A fact that nobody published, marked as made up where a rehearsal invented it."""
    return fact + MADE_UP if fact and event.rehearsal else fact

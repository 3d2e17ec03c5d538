"""The emails of mailings, each written when it is sent, and only if it is still true for whoever gets it."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from events.content import markdown
from events.event import Event
from events.ground import clock
from events.ground.database import query
from events.mail import emails
from events.mail.bounces.addressees import reachable
from events.mail.emails import Email, Writer
from events.mail.outbox import Message
from registrations.feedback import token as feedback_token
from registrations.feedback.box import last_day_words
from registrations.people import needs
from registrations.people.person import NAMED
from registrations.people.registration import Registration, State, with_event
from registrations.tickets import request_emails
from registrations.tickets.ticket_email import facts_of, facts_of_day, facts_of_guest, marked, workshops_of

from . import certificate_news, mailings
from .announcement import Announcement, announcement_of
from .event_news import TOLD, VENUE, differing
from .mailing import (
    ANNOUNCEMENT,
    BY_THE_CLOCK,
    CERTIFICATE,
    EVENT_CHANGED,
    KINDS,
    THANKS,
    VENUE_RELEASED,
    Mailing,
    MailingKind,
)

NOON = 12
LABELS = {"day": "Date", "hours": "Time", "doors": "Doors open"}
BEFORE_THE_DAY = [VENUE_RELEASED, *(kind for kind in BY_THE_CLOCK if not kind.arrived)]  # they say when and where
MEANT = "SELECT r.id FROM registration r WHERE r.id = ? AND {where}"


async def mailing_email(message: Message) -> Email | None:
    """The number of the mailing stands in the cause of the message."""
    mailing = await Mailing.get_or_none(id=int(message.cause.rpartition(" ")[2]))
    person = await with_event("id = ?", message.subject_id)
    if person is None or mailing is None or not is_true(mailing, person, clock.now()):
        return None
    if not await _is_meant(mailing, person):
        return None
    said, feedback = await _announced(mailing), await _feedback_link(mailing, person)
    facts = mailing_facts(mailing.kind, person, differing(mailing, person.event), said, feedback)
    if facts and mailing.kind in BEFORE_THE_DAY:
        facts["workshops"] = await workshops_of(person)
    return emails.write(message, to=reachable(person), name=person.full_name, facts=facts) if facts else None


async def _is_meant(mailing: Mailing, person: Registration) -> bool:
    """As they stand now, which may be other than when it was queued."""
    if mailing.kind == CERTIFICATE and not await certificate_news.can_have_one(mailing, person):
        return False
    chosen = mailing.recipients
    return bool(await query(MEANT.format(where=chosen.where), [person.id, *chosen.values]))


async def _announced(mailing: Mailing) -> dict[str, Any] | None:
    """What an announcement says. None if it cannot be read, or is none."""
    announced = announcement_of(mailing.cause)
    found = await Announcement.get_or_none(id=announced) if announced else None
    return said_in(found) if found else None


async def _feedback_link(mailing: Mailing, person: Registration) -> str:
    return await feedback_token.link_to(person.id) if mailing.kind == THANKS else ""


def said_in(announcement: Announcement) -> dict[str, Any] | None:
    """For the templates. None if it cannot be read."""
    subject, words = announcement.subject, announcement.words
    if subject is None or words is None:
        return None
    drawn = {"html": markdown.in_email(words), "text": markdown.as_text(words)}
    return {"subject": subject, "greets": announcement.greets, **drawn}


def is_true(mailing: Mailing, person: Registration, at: datetime) -> bool:
    """Whether there is still something to tell, to whoever is in the state of `person`: the day, and nobody has stopped
    it."""
    kind, event = mailing.kind, person.event
    if mailing.stopped_at or person.state not in mailing.recipients.states:
        return False
    if kind == ANNOUNCEMENT:
        return True
    if kind == VENUE_RELEASED and not event.venue_released_at:
        return False
    if kind == CERTIFICATE:
        return kind.template not in event.emails_off
    if kind.when is None:
        return not event.is_over(at)
    if kind.template in event.emails_off or mailing.cause != mailings.cause_of(event):
        return False
    return kind.arrived or not event.is_over(at)


def mailing_facts(
    kind: MailingKind, person: Registration, knew: Mapping[str, str], said: dict[str, Any] | None, feedback: str
) -> dict[str, Any] | None:
    """What the templates show. None when nothing is left to tell this person. `said`: what is announced; `feedback`:
    their link for it."""
    event, has_place = person.event, person.state is State.APPROVED
    hidden = {} if has_place else {"venue": "", "ticket_page": ""}
    facts = (
        facts_of(person)
        | facts_of_day(event)
        | facts_of_guest(person)
        | hidden
        | {"has_place": has_place, "workshops": []}
    )
    if kind == ANNOUNCEMENT:
        return facts | {"announced": said} if said else None
    if kind == THANKS:
        deleted = {"needs_deleted": event.day + needs.KEPT.time, "deleted": event.day + NAMED.time}
        facts |= {"feedback": feedback, "feedback_until": last_day_words(event)}
        return facts | {what: _words(day) for what, day in deleted.items()}
    if kind == CERTIFICATE:
        return facts | {"deleted": _words(event.day + NAMED.time)}
    if kind == EVENT_CHANGED:
        facts |= {"changes": _changes(event, knew), "venue_moved": has_place and VENUE in knew}
        return facts if facts["changes"] or facts["venue_moved"] else None
    return facts


def _words(day: date) -> str:
    return clock.day_words(clock.at_venue(day, NOON, 0))


def _changes(event: Event, knew: Mapping[str, str]) -> list[tuple[str, str, str]]:
    """For each change its label, how it is now, and how it was; empty where that was or is not known."""
    told = {name: marked(event, words(event)) for name, words in TOLD.items()} | {"day": event.day_words}
    return [(label, told[name], knew[name]) for name, label in LABELS.items() if name in knew]


WRITERS: dict[str, Writer] = dict.fromkeys([*KINDS, ANNOUNCEMENT.template], mailing_email)
request_emails.TEMPLATES.update(WRITERS)  # whoever loses a place gets none of them, either

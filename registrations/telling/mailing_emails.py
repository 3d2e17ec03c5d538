"""The emails of mailings, each written when it is sent, and only if it is still true for whoever gets it."""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from functools import partial
from typing import Any

from events.event import Event
from events.ground import clock
from events.ground.database import places, query
from events.mail import emails
from events.mail.bounces.addressees import reachable
from events.mail.emails import Compose, Email, Writer
from events.mail.outbox import Message
from registrations.feedback import token as feedback_token
from registrations.feedback.box import last_day_words
from registrations.people import needs
from registrations.people.person import NAMED
from registrations.people.registration import Registration, State, with_events
from registrations.tickets import request_emails
from registrations.tickets.ticket_email import facts_of, facts_of_day, facts_of_guest, marked

from . import mailings
from .announcement import Announcement, announcement_of
from .event_news import TOLD, VENUE, differing
from .mailing import ANNOUNCEMENT, EVENT_CHANGED, KINDS, THANKS, VENUE_RELEASED, Mailing, MailingKind

NOON = 12
LABELS = {"day": "Date", "hours": "Time", "doors": "Doors open"}
MEANT = "SELECT r.id FROM registration r WHERE r.id IN ({ids}) AND {where}"


Meant = Callable[[Mailing], Awaitable[set[int]]]


async def mailing_emails(messages: Sequence[Message]) -> Sequence[Compose]:
    ids = sorted({message.subject_id for message in messages})
    people = await with_events(ids)
    of_cause = {mailing.message_cause: mailing for mailing in await Mailing.filter(id__in=_mailing_ids(messages))}
    said, meant = await _announced(of_cause.values()), _meaning(ids)
    thanked = any(mailing.kind == THANKS for mailing in of_cause.values())
    links = await feedback_token.links_to(ids) if thanked else {}
    return [
        partial(
            _written,
            message,
            people.get(message.subject_id),
            of_cause.get(message.cause),
            meant,
            said.get(message.cause),
            links.get(message.subject_id, ""),
        )
        for message in messages
    ]


def _meaning(ids: Sequence[int]) -> Meant:
    """Whom of these each mailing is for, as they stand when its first email is written. One whose choice of people
    cannot be read holds up no other."""
    known = dict[int, set[int]]()

    async def meant(mailing: Mailing) -> set[int]:
        if mailing.id not in known:
            chosen = mailing.recipients
            sql = MEANT.format(ids=places(len(ids)), where=chosen.where)
            known[mailing.id] = {int(row["id"]) for row in await query(sql, [*ids, *chosen.values])}
        return known[mailing.id]

    return meant


def _mailing_ids(messages: Sequence[Message]) -> list[int]:
    return sorted({int(message.cause.rpartition(" ")[2]) for message in messages})


async def _announced(of: Iterable[Mailing]) -> dict[str, dict[str, Any]]:
    """What announcements say, by the cause of their messages. Without those that cannot be read."""
    causes = {announcement_of(mailing.cause): mailing.message_cause for mailing in of}
    found = await Announcement.filter(id__in=sorted(causes)) if any(causes) else []
    return {causes[row.id]: said for row in found if (said := said_in(row)) is not None}


def said_in(announcement: Announcement) -> dict[str, Any] | None:
    """For the templates. None if it cannot be read."""
    subject, words = announcement.subject, announcement.words
    return None if subject is None or words is None else {"subject": subject, "paragraphs": words.splitlines()}


async def _written(
    message: Message,
    person: Registration | None,
    mailing: Mailing | None,
    meant: Meant,
    said: dict[str, Any] | None,
    feedback: str,
) -> Email | None:
    if person is None or mailing is None or not is_true(mailing, person, clock.now()):
        return None
    if person.id not in await meant(mailing):
        return None
    facts = mailing_facts(mailing.kind, person, differing(mailing, person.event), said, feedback)
    return emails.write(message, to=reachable(person), name=person.full_name, facts=facts) if facts else None


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
    facts = facts_of(person) | facts_of_day(event) | facts_of_guest(person) | hidden | {"has_place": has_place}
    if kind == ANNOUNCEMENT:
        return facts | {"announced": said} if said else None
    if kind == THANKS:
        deleted = {"needs_deleted": event.day + needs.KEPT.time, "deleted": event.day + NAMED.time}
        facts |= {"feedback": feedback, "feedback_until": last_day_words(event)}
        return facts | {what: _words(day) for what, day in deleted.items()}
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


WRITERS: dict[str, Writer] = dict.fromkeys([*KINDS, ANNOUNCEMENT.template], mailing_emails)
request_emails.TEMPLATES.update(WRITERS)  # whoever loses a place gets none of them, either

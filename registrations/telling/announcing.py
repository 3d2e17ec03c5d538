"""Organisers write an announcement, send themselves a test, and send it to those they chose, once.

`at` is the event's time, `real` the machine's.
"""

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from events.accounts.staff import Staff
from events.audit import audit
from events.audit.action import Action
from events.audit.audit import Actor
from events.event import Event
from events.ground import data_keys, limits, tokens
from events.ground.database import run_tx
from events.ground.limits import Limit
from events.ground.refusal import Refused
from events.mail import outbox
from registrations.bulk import acting
from registrations.tickets.ticket import Ticket
from registrations.workshops.roster import Group

from . import mailings
from .announcement import SUBJECT, WORDS, Announcement, Audience, announcement_of
from .mailing import ANNOUNCEMENT, Mailing
from .saying_where import names_venue

TESTS = Limit("test emails of announcements to one account", 10, timedelta(hours=1))
TEST = "announcement_test"  # the template
TELLING = re.compile(r"stalk|abus|violen|victim|harass|perpetrat|survivor", re.I)  # SG-11
IN_SUBJECT = "The subject shows on locked phones: say nothing of stalking, abuse or victims in it"
NAMES_VENUE = "This names the address of the event, which is not released yet. Leave it out, or release it first"
SENT_ALREADY = "This announcement has been sent already."
CHANGED = "Someone else has changed this announcement since you opened it. Look at it again."
TO_NOBODY = "This would go to nobody now. Choose other people."
UNREADABLE = "This announcement cannot be read any more. Write it anew."
ENOUGH_TESTS = "You have sent yourself many tests. Wait an hour, or send it."


class Written(NamedTuple):
    """What is on the form; `ids` are requests to whom alone it goes, or nobody in particular."""

    subject: str
    words: str
    audience: Audience
    kind: str
    ids: tuple[int, ...]
    group: Group = Group()  # whoever takes part in this workshop, or in none of this slot, alone; all without either
    act_id: int = 0  # the people of the list that this bulk act has fixed alone
    greets: bool = True


def wrong_subject(text: str) -> str:
    return IN_SUBJECT if TELLING.search(text) else ""


@run_tx
async def write(event: Event, written: Written, by: Actor, at: datetime) -> Announcement:
    public_id = tokens.new_public_id()
    columns = _columns(event, public_id, written)
    made = await Announcement.create(event_id=event.id, public_id=public_id, changed_at=at, **columns)
    if written.act_id:
        await acting.keep(written.act_id, at)
    await audit.record(Action.ANNOUNCEMENT_WRITTEN, made, by=by, at=at, event_id=event.id)
    return made


@run_tx
async def change(announcement: Announcement, written: Written, seen: int, by: Actor, at: datetime) -> None:
    """`seen`: the version on the page. Raises Refused once it is sent, or somebody else has changed it since."""
    event = await Event.get(id=announcement.event_id)
    columns = _columns(event, announcement.public_id, written) | {"version": seen + 1, "changed_at": at}
    if not await Announcement.filter(id=announcement.id, version=seen, sent_at=None).update(**columns):
        raise Refused(SENT_ALREADY if await Announcement.filter(id=announcement.id, version=seen).exists() else CHANGED)
    await audit.record(Action.ANNOUNCEMENT_WRITTEN, announcement, by=by, at=at, event_id=event.id)


@run_tx
async def discard(announcement: Announcement, by: Actor, at: datetime) -> None:
    if not await Announcement.filter(id=announcement.id, sent_at=None).delete():
        raise Refused(SENT_ALREADY)
    await audit.record(Action.ANNOUNCEMENT_DISCARDED, announcement, by=by, at=at, event_id=announcement.event_id)


@run_tx
async def send_test(announcement: Announcement, by: Staff, at: datetime, real: datetime) -> None:
    """To the organiser's own address, as a guest would get it. Raises Refused after many in an hour."""
    if not await limits.count(TESTS, str(by.id), real):
        raise Refused(ENOUGH_TESTS, 429, TESTS.seconds)
    cause = f"{by.id} {tokens.new_public_id()}"
    await outbox.put(TEST, announcement.id, cause=cause, at=at, event_id=announcement.event_id)


@run_tx
async def send(announcement: Announcement, seen: int, by: Actor, at: datetime, real: datetime) -> None:
    """Begins its mailing. Raises Refused if it was sent or changed, goes to nobody, or names a venue held back."""
    event = await Event.get(id=announcement.event_id)
    subject, words = announcement.subject, announcement.words
    if subject is None or words is None:
        raise Refused(UNREADABLE)
    if names_venue(event, subject, words):
        raise Refused(f"{NAMES_VENUE}.")
    if not await Announcement.filter(id=announcement.id, version=seen, sent_at=None).update(sent_at=at):
        raise Refused(CHANGED if await Announcement.filter(id=announcement.id, sent_at=None).exists() else SENT_ALREADY)
    cause, chosen = announcement.mailing_cause, announcement.recipients
    mailing = await mailings.begin(event, ANNOUNCEMENT, cause, at, real, by=by, recipients=chosen)
    if mailing is None or not mailing.number:
        raise Refused(TO_NOBODY)


def _columns(event: Event, public_id: str, written: Written) -> dict[str, Any]:
    return {
        "subject_sealed": data_keys.seal(event.data_key, SUBJECT, public_id, written.subject),
        "words_sealed": data_keys.seal(event.data_key, WORDS, public_id, written.words),
        "audience": written.audience,
        "kind": written.kind,
        "ids": list(written.ids),
        "greets": written.greets,
        "workshop_id": written.group.workshop_id,
        "none_of_id": written.group.slot_id,
        "act_id": written.act_id,
    }


async def tickets_of(announcement: Announcement) -> list[Ticket]:
    """Of those whom it alone goes to: their references stand on its form."""
    return await Ticket.filter(registration_id__in=announcement.ids, revoked_at=None).order_by("id")


async def subjects_of(found: Sequence[Mailing]) -> dict[int, str]:
    """Of those mailings that are announcements and can be read, by the id of the mailing."""
    causes = {announced: mailing.id for mailing in found if (announced := announcement_of(mailing.cause))}
    read = await Announcement.filter(id__in=list(causes)) if causes else []
    return {causes[announcement.id]: subject for announcement in read if (subject := announcement.subject)}


async def drafts_of(event: Event) -> list[Announcement]:
    """Those that were not sent, the last changed first."""
    return await Announcement.filter(event_id=event.id, sent_at=None).order_by("-changed_at", "-id")

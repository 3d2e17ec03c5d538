"""What people and phones still need an old instance key for, beside what `events/rotation/needs.py` knows."""

from datetime import datetime
from typing import Any

from events.backup import erased_list
from events.ground.settings import current
from events.rotation.needs import Need, Old
from registrations.feedback.box import FeedbackBox
from registrations.feedback.token import FeedbackToken
from registrations.people.link_answers import LINK_LASTS, LinkAnswers
from registrations.people.objection import Objection
from registrations.people.registration import MANAGED, Registration
from registrations.phones.door import DoorPass
from registrations.privacy.rights.copies import LASTS, LIVES
from registrations.privacy.rights.rights_request import RightsRequest

LIST = "Lines in the list of what was erased, beside the backups,"


async def of_bookings(old: Old, real: datetime) -> list[str]:
    """Those who had a page of their own before."""
    with_a_page = Registration.filter(state__in=MANAGED, person_sealed__isnull=False, requested_at__lt=old.since)
    people = await with_a_page.count()
    return [f"Links to bookings work by it, in emails from before: {people}."] if people else []


async def of_unanswered(old: Old, real: datetime) -> list[str]:
    """Links that ask whether somebody asked: one may have been sent again since, and works as it was sent first."""
    waiting = await LinkAnswers.exclude(answers_sealed=None).count() if real < old.since + LINK_LASTS else 0
    return [f"Links that wait for an answer may work by it: {waiting}."] if waiting else []


async def of_phones(old: Old, real: datetime) -> list[str]:
    """Their pairing codes, the PINs of leads, and the marks of scans that they hold."""
    passes = await DoorPass.filter(revoked_at=None, expires_at__gt=real, made_at__lt=old.since).count()
    return [f"Phones at doors have passes from before, which are not over: {passes}."] if passes else []


async def of_copies(old: Old, real: datetime) -> list[str]:
    """Links to a copy of what is held of somebody, which were sent before and can still be opened."""
    sent = RightsRequest.filter(LIVES, copy_sent_at__lt=old.since, copy_opened_at=None)
    number = await sent.filter(copy_sent_at__gt=real - LASTS).count()
    return [f"Links to copies for people who asked for one work by it: {number}."] if number else []


async def of_erasures(old: Old, real: datetime) -> list[str]:
    """Lines that a restore reads: without the key each would pass for one that somebody slipped in."""
    folder = current().backup_folder
    lines = erased_list.proved_by_older(folder) if folder else 0
    return [f"{LIST} are proved by it: {lines}. ./run backup proves them by the new one."] if lines else []


async def of_objections(old: Old, real: datetime) -> list[str]:
    """Without the key nobody would know these addresses again, and guests could have us write to them."""
    number = await Objection.filter(made_at__lt=old.since).count()
    return [f"Addresses to which we do not write again for a guest are known by it: {number}."] if number else []


async def of_feedback(old: Old, real: datetime) -> list[str]:
    """Links that let an answer in, and were made before."""
    asked: Any = await FeedbackBox.filter(asked_at__lt=old.since).values_list("event_id", flat=True)
    number = await FeedbackToken.filter(event_id__in=asked).count() if asked else 0
    return [f"Links that ask for feedback may work by it: {number}."] if number else []


NEEDS: list[Need] = [of_bookings, of_unanswered, of_phones, of_copies, of_erasures, of_objections, of_feedback]

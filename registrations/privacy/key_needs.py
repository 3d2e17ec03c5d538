"""What people and phones still need an old instance key for, beside what `events/rotation/needs.py` knows."""

from datetime import datetime

from events.rotation.needs import Need, Old
from registrations.people.link_answers import LINK_LASTS, LinkAnswers
from registrations.people.registration import MANAGED, Registration
from registrations.phones.door import DoorPass


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


NEEDS: list[Need] = [of_bookings, of_unanswered, of_phones]

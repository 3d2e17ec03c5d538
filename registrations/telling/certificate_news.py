"""Tells guests that they can have their certificate: of a release in its own transaction, and later whoever is known to
have come only then.

Rules: EM-15, EV-09.
"""

from datetime import datetime, timedelta

from events.event import Event, event_with
from events.ground.database import run_tx, within_tx
from registrations.certificates import releasing, standing, taking
from registrations.certificates.taking import View
from registrations.people.person import NAMED
from registrations.people.registration import Registration

from . import late_comers, mailings
from .mailing import CERTIFICATE, Mailing

WAIT = timedelta(minutes=10)  # so that nobody hears of a release that is taken back at once


@within_tx
async def tell(event: Event, at: datetime, real: datetime) -> None:
    if CERTIFICATE.template not in event.emails_off:
        await mailings.begin(event, CERTIFICATE, mailings.cause_at(at), at, real, wait=WAIT)


async def can_have_one(mailing: Mailing, person: Registration) -> bool:
    """By the release that this mailing is about. Not once they have taken theirs: then they know of it."""
    if not await _is_of_now(mailing, person.event):
        return False
    found = await taking.found_for(person, person.event)
    is_being_made = found.view is View.BEING_MADE and found.time is not None and found.time.minutes > 0
    return found.view is View.ASKED or is_being_made


async def _is_of_now(mailing: Mailing, event: Event) -> bool:
    released_at = await standing.released(event)
    return released_at is not None and mailing.cause == mailings.cause_at(released_at)


async def turn(at: datetime, real: datetime) -> None:
    """For each event whose guests were told, until their names are deleted."""
    begun = Mailing.filter(template=CERTIFICATE.template, stopped_at=None, is_filled=True, begun_at__gt=at - NAMED.time)
    for mailing in await begun:
        event = await event_with(mailing.event_id)
        is_on = CERTIFICATE.template not in event.emails_off
        if is_on and await late_comers.find(mailing) and await _is_of_now(mailing, event):
            await run_tx(late_comers.add)(mailing.id, event, at, real)


releasing.HEARD.append(tell)

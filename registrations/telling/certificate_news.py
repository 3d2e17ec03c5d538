"""Tells guests that they can have their certificate: of a release in its own transaction; later whoever is known to
have come only then; and who had come to none of the programme as far as was known, once it is known that they did.

Rules: EM-15, EV-09.
"""

from datetime import datetime, timedelta

from events.event import Event, event_with
from events.ground.database import find_rows, run_tx, within_tx
from events.mail import outbox, quiet_hours
from events.mail.outbox import Message
from registrations.certificates import releasing, standing, taking
from registrations.certificates.taking import View
from registrations.people.person import NAMED
from registrations.people.registration import Registration, with_event

from . import late_comers, mailings
from .mailing import CERTIFICATE, Mailing

# An entry may be typed up, or the hours that count be changed. Of whoever else was told nothing the certificate is
# taken, or has ended.
UNTOLD = """SELECT m.* FROM certificate c
    JOIN message m ON m.subject_id = c.registration_id AND m.template = ? AND m.cause = ?
    WHERE c.event_id = ? AND c.taken_at IS NULL AND c.ended_at IS NULL AND m.state = 'dropped' ORDER BY m.id"""
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
        if not is_on or not await _is_of_now(mailing, event):
            continue
        if await late_comers.find(mailing):
            await run_tx(late_comers.add)(mailing.id, event, at, real)
        for message in await find_rows(Message, UNTOLD, [mailing.template, mailing.message_cause, event.id]):
            person = await with_event("id = ?", message.subject_id)
            if person is not None and await can_have_one(mailing, person):
                await outbox.retry(message, None, at, real + quiet_hours.wait(at), "dropped")


releasing.HEARD.append(tell)

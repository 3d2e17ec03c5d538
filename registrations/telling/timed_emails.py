"""Emails whose time has come: a week before, the day before, afterwards. Each once, unless organisers switch it off."""

import asyncio
from datetime import datetime

from events.event import Event, EventState
from events.ground import clock
from events.ground.database import run_tx
from events.ground.repeating import repeat
from registrations.feedback import asking as feedback

from . import certificate_news, late_thanks, mailings
from .mailing import BY_THE_CLOCK, THANKS, MailingKind

EVERY_SECONDS = 30.0
NEAR = 8  # days before and after its day an event has emails by the clock


async def turn(at: datetime, real: datetime) -> None:
    for event in await Event.exclude(state=EventState.DRAFT):
        if abs((event.day - clock.local(at).date()).days) <= NEAR:
            for kind in due(event, at):
                await _begin(event, kind, at, real)
    await mailings.fill_all(at)
    await late_thanks.turn(at, real)
    await certificate_news.turn(at, real)
    await feedback.turn(at)


def due(event: Event, at: datetime) -> list[MailingKind]:
    """What goes out now, or would have while no server ran."""
    return [kind for kind in wanted(event) if (when := time_of(kind, event)) and when <= at < when + kind.lasts]


def wanted(event: Event) -> list[MailingKind]:
    return [kind for kind in BY_THE_CLOCK if kind.template not in event.emails_off]


def time_of(kind: MailingKind, event: Event) -> datetime | None:
    return kind.when(event) if kind.when else None


@run_tx
async def _begin(event: Event, kind: MailingKind, at: datetime, real: datetime) -> None:
    """Once for each day that the event is on: one that is put off has them again. Whoever is thanked is asked for
    feedback, by links that are made for all of them at once."""
    begun = await mailings.begin(event, kind, mailings.cause_of(event), at, real)
    if begun is not None and kind is THANKS:
        await feedback.begin(event, await mailings.people_of(event, begun.recipients), at)


async def run(stop: asyncio.Event) -> None:
    """Looks twice a minute until the server stops."""
    await repeat(lambda: turn(clock.now(), clock.real()), EVERY_SECONDS, stop, "timed emails failed")

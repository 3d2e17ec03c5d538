"""Whom a photographer may photograph: the guests are counted, and of those who said yes some are named. Nobody else is.

The names of those who said no are what somebody who looks for them wants, so that their badge alone says it.
Rules: DP-13, SG-12, SE-12.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple

from events.accounts import reading
from events.accounts.staff import Staff
from events.event import Event
from events.ground.database import find_rows
from events.ground.refusal import Refused
from events.processor import Processor, Service
from registrations.people import person
from registrations.people.choices import Switch
from registrations.people.names.surname import order
from registrations.people.registration import Registration, State

CHOSE = "SELECT * FROM registration WHERE event_id = ? AND state = ? AND choices_sealed IS NOT NULL ORDER BY id"
DESTROYED_AFTER = timedelta(days=1)
OVER = "The event is over, so nobody needs these names any more."


class Photographs(NamedTuple):
    """Of those who have a ticket. Who is to be looked at again has none, and no badge."""

    guests: int
    yes: int
    declined: int = 0  # who said no

    @property
    def no(self) -> int:
        return self.guests - self.yes

    @property
    def unanswered(self) -> int:
        return self.guests - self.yes - self.declined


async def counted(event: Event) -> Photographs:
    return await _counted(event, await _answered(event))


async def names(
    event: Event, photographer: Processor, by: Staff, at: datetime, real: datetime
) -> tuple[Photographs, list[str]]:
    """How those who said yes are called on their badges, but for who wants to be in no list. That they were read, and
    for whom, is recorded. Raises Refused once the event is over."""
    if event.is_over(at):
        raise Refused(OVER)
    answered = await _answered(event)
    named = [guest for guest in answered if guest.choices.in_photos and _may_be_named(guest)]
    found, ids = await _counted(event, answered), [guest.id for guest in named]
    await reading.listed(event, "photographs", ids, by=by, at=at, real=real, filters={"photographer": photographer.id})
    shown = [guest.choices.badge_name(guest.person) for guest in named]
    return found, sorted(shown, key=order)


async def photographers(event: Event) -> Sequence[Processor]:
    """Those of the processor register, which the privacy notice names: nobody else is given a name."""
    return await Processor.filter(event_id=event.id, service=Service.PHOTOGRAPHY).order_by("name", "id")


def destroyed_by(event: Event) -> date:
    """The day by which the photographer destroys the list."""
    return event.day + DESTROYED_AFTER


async def _counted(event: Event, answered: Sequence[Registration]) -> Photographs:
    guests = await Registration.filter(event_id=event.id, state=State.APPROVED).count()
    yes = sum(guest.choices.in_photos for guest in answered)
    return Photographs(guests, yes, len(answered) - yes)


async def _answered(event: Event) -> list[Registration]:
    chose = await find_rows(Registration, CHOSE, [event.id, State.APPROVED.value])
    return [guest for guest in chose if guest.choices.has_answered_photos]


def _may_be_named(guest: Registration) -> bool:
    return Switch.NO_LISTS not in guest.choices.switches and guest.person is not person.UNREADABLE

"""Requests as they stand in the database, before and after a decision."""

from datetime import timedelta

from events.accounts.staff import Staff
from events.event import Event
from registrations.deciding import vetting
from registrations.people.registration import Registration
from tests.people import MONDAY, Person, confirmed

LATER = MONDAY + timedelta(hours=1)


async def taken(event: Event) -> int:
    return (await Event.get(id=event.id)).taken


async def anew(registration: Registration) -> Registration:
    return await Registration.get(id=registration.id)


async def approved(person: Person, event: Event, by: Staff) -> Registration:
    asked = await confirmed(person, event)
    await vetting.approve(asked, by, MONDAY)
    return await anew(asked)

"""Approved by their state alone, so that the test issues the ticket."""

from events.event import Event
from registrations.people.registration import Registration, State
from tests.people import Person, confirmed


async def before_ticket(person: Person, event: Event) -> Registration:
    asked = await confirmed(person, event)
    assert await asked.become(State.APPROVED)
    return asked

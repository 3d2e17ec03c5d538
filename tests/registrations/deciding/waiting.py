"""Who waits for a place, for tests of the waiting list."""

from datetime import datetime, timedelta

from events.accounts.staff import Staff
from events.event import Event
from registrations.deciding import vetting, waiting_list
from registrations.people.registration import Registration, State
from tests.people import MONDAY, Person, confirmed, someone
from tests.professional import with_ticket

NOON = MONDAY + timedelta(hours=3)


async def waiting(event: Event, by: Staff, number: int = 1, *people: Person) -> list[Registration]:
    """On the waiting list since before MONDAY, in this order of asking."""
    made = []
    for n, person in enumerate([*people, *(someone() for _ in range(number - len(people)))]):
        asked = await confirmed(person, event, MONDAY - timedelta(days=2) + timedelta(minutes=n))
        await vetting.put_on_waiting_list(asked, by, MONDAY - timedelta(days=1))
        made.append(asked)
    return made


async def full(event: Event, places: int) -> list[Registration]:
    """So many places, each with a guest."""
    await Event.filter(id=event.id).update(capacity=places, allowance=0)
    return [(await with_ticket(someone(), event))[0] for _ in range(places)]


async def states(*people: Registration) -> list[State]:
    rows = {row.id: row.state for row in await Registration.filter(id__in=[person.id for person in people])}
    return [rows[person.id] for person in people]


async def turn(at: datetime = NOON) -> None:
    await waiting_list.turn(at)

"""An event with people in every state, as its closing report counts them."""

from datetime import timedelta

from events.event import Event
from events.ground import clock
from registrations.checkin import checkin
from registrations.people.registration import OrganisationKind, Registration, State
from registrations.phones.door import Door, DoorPass
from registrations.tickets.ticket import Ticket
from tests.at_the_door import a_phone_at, a_ticket, scan_of
from tests.people import MONDAY, THE_DAY, confirmed, someone

THE_NEXT_DAY = THE_DAY + timedelta(days=1)
DECIDED = {"state_before": State.CONFIRMED, "decided_at": MONDAY + timedelta(hours=5)}


async def tickets(event: Event, number: int, kind: OrganisationKind = OrganisationKind.CHARITY) -> list[Ticket]:
    """Of so many guests of this kind, decided on five hours after their yes."""
    found = [await a_ticket(someone(), event) for _ in range(number)]
    theirs = Registration.filter(id__in=[ticket.registration_id for ticket in found])
    await theirs.update(kind=kind, **DECIDED)
    return found


async def come_in(door: Door, some: list[Ticket]) -> None:
    phone = await a_phone_at(door)
    await checkin.settle([await scan_of(ticket) for ticket in some], phone, THE_DAY)


async def in_state(event: Event, state: State, number: int) -> None:
    for _ in range(number):
        asked = await confirmed(someone(), event)
        await Registration.filter(id=asked.id).update(state=state)


async def close_door(event: Event) -> None:
    """As the last step of closing leaves it."""
    await DoorPass.filter(event_id=event.id).update(revoked_at=clock.real())
    await Event.filter(id=event.id).update(doors_closing_at=THE_DAY, doors_closed_at=THE_DAY)

"""What a guest and a colleague do when a place is handed over."""

from datetime import datetime

from events.event import Event
from events.ground import clock
from registrations.booking.handing import handing_over
from registrations.booking.handing.handing_over import Details
from registrations.people.hand_over import HandOver
from registrations.people.registration import OrganisationKind, Registration
from registrations.tickets.ticket import Ticket
from tests.people import MONDAY, Person, request_of
from tests.professional import with_ticket

CY = Person("Cy Colleague", "cy@wardens.example.org", "Wardens of the West", "charity", "Warden")


async def anew(registration: Registration) -> Registration:
    return await Registration.get(id=registration.id)


async def newest(registration: Registration) -> HandOver:
    """The last that this guest asked for, with the booking as it stands."""
    asked = HandOver.filter(registration_id=registration.id).order_by("-id").select_related("registration")
    return await asked.first() or await HandOver.get(id=0)


async def asks(
    registration: Registration, address: str = CY.email, network: str = "", at: datetime = MONDAY, *,
    says_who: bool = False,
) -> HandOver:  # fmt: skip
    await handing_over.ask(await anew(registration), address, network, at, clock.real(), says_who=says_who)
    return await newest(registration)


def told_of(person: Person) -> Details:
    kind = OrganisationKind(person.kind)
    return Details(person.name, person.badge_name, person.organisation, kind, person.role, person.phone)


async def taken_up(guest: Person, event: Event, colleague: Person = CY) -> tuple[Registration, Registration]:
    """The guest has a ticket and handed the place over; the colleague has said yes. Both requests as they stand."""
    giver, _ticket = await with_ticket(guest, event)
    hand_over = await asks(giver, colleague.email)
    assert await handing_over.take_up(hand_over, told_of(colleague), MONDAY)
    return await anew(giver), await request_of(colleague.email)


async def live_tickets(*people: Registration) -> list[int]:
    """Of each of them."""
    return [await Ticket.filter(registration_id=person.id, revoked_at=None).count() for person in people]


async def taken(event: Event) -> int:
    return (await Event.get(id=event.id)).taken

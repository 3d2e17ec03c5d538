"""What a guest, and whoever reads the other address, do when we are to write to another one."""

from datetime import datetime

from events.accounts.staff import Staff
from events.event import Event
from events.ground import clock
from registrations.booking import new_address
from registrations.deciding import vetting
from registrations.deciding.vetting import Decision
from registrations.people.address_change import AddressChange
from registrations.people.registration import Registration
from tests.people import MONDAY, Person
from tests.professional import with_ticket

NEW = "ada@lanterns.example.org"


async def anew(registration: Registration) -> Registration:
    return await Registration.get(id=registration.id)


async def newest(registration: Registration) -> AddressChange:
    """The last change that was asked for, with its booking as it stands."""
    changes = AddressChange.filter(registration_id=registration.id).order_by("-id").select_related("registration")
    return await changes.first() or await AddressChange.get(id=0)


async def asks(registration: Registration, address: str = NEW, network: str = "") -> AddressChange:
    await new_address.ask(await anew(registration), address, network, MONDAY, clock.real())
    return await newest(registration)


async def waits(person: Person, event: Event, address: str = NEW) -> AddressChange:
    """Has a place, asked for another address, and that one has said yes."""
    asked, _ticket = await with_ticket(person, event)
    change = await asks(asked, address)
    assert await new_address.confirm(change, MONDAY)
    return await newest(asked)


async def moves(registration: Registration, by: Staff, at: datetime = MONDAY, to: str = NEW) -> Registration:
    """Somebody with a place: an organiser approves at this moment that we write to another address."""
    assert await new_address.confirm(await asks(registration, to), MONDAY)
    await vetting.decide(await anew(registration), Decision.APPROVE, by, at)
    now = await anew(registration)
    assert now.email == to
    return now

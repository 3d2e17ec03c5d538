"""Guests who choose workshops, for tests."""

from typing import Any

from events.accounts.staff import Staff
from events.event import Event
from events.ground import clock
from events.programme import changing
from events.programme.programme import ShownTo, Slot
from registrations.people.registration import Registration
from registrations.workshops import allocating, choosing
from tests.events.programme.programmes import SLOT, Filled, a_programme, a_workshop
from tests.people import MONDAY, Person, someone
from tests.professional import with_ticket


async def a_guest(event: Event, person: Person | None = None) -> Registration:
    guest, _ticket = await with_ticket(person or someone(), event)
    guest.event = event
    return guest


async def chooses(guest: Registration, slot: Slot, first: int, second: int | None = None) -> Registration:
    await choosing.choose(guest, slot.id, first, second, MONDAY, clock.real())
    return guest


async def has_chosen(guest: Registration, event: Event, by: Staff) -> Filled:
    """In a programme that is made for it."""
    filled = await a_programme(event, by)
    await chooses(guest, filled.slot, filled.first.id, filled.second.id)
    return filled


async def takes_part(guest: Registration, event: Event, by: Staff) -> Filled:
    """In what they chose, in a programme that is made for it."""
    filled = await has_chosen(guest, event, by)
    await allocating.allocate(event, filled.slot.id, False, by=by, at=MONDAY, real=clock.real())
    return filled


async def of_workshops(world: Any, path: str) -> dict[str, str]:
    """What stands in the braces of this path: a workshop in the event's first slot, which is made if there is none.
    Guests see it; where the path needs it, its places are given out, and the person has a place."""
    event, lead = world.event, world.staff["lead"]
    slot = await Slot.filter(event=event).first() or await changing.add_slot(event, SLOT, by=lead, at=MONDAY)
    await changing.show_to(event, ShownTo.GUESTS, by=lead, at=MONDAY)
    workshop = await a_workshop(event, slot, someone().name, 0, lead)
    if path.endswith("/check") or "/people/" in path:
        await allocating.allocate(event, slot.id, False, by=lead, at=MONDAY, real=clock.real())
    guest = await a_guest(event) if "/people/" in path else None
    return {"slot": str(slot.id), "id": str(guest.id if guest else workshop.id)}

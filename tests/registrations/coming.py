"""Who comes along with a guest, as tests make them."""

from datetime import datetime

from events.accounts.staff import Staff
from events.event import Event
from events.ground.database import run_tx
from registrations.deciding import coming_along
from registrations.people import companions
from registrations.people.registration import Registration, State
from tests.people import MONDAY, Person, a_member_of_staff, someone
from tests.professional import put_into, with_ticket


async def comes_along(
    guest: Registration, state: State = State.CONFIRMED, person: Person | None = None
) -> Registration:
    """Somebody in this state, who comes along with this guest, as an organiser noted."""
    theirs = await put_into(state, person or someone(), await Event.get(id=guest.event_id))
    await link(theirs, guest)
    return await anew(theirs)


async def link(companion: Registration, guest: Registration, at: datetime = MONDAY) -> None:
    by = await Staff.all().order_by("id").first()
    by = by or await a_member_of_staff("Olga Organiser", "olga@hosts.example.org", None, None)
    await coming_along.link(await anew(companion), await anew(guest), by, at)


async def a_guest(event: Event) -> Registration:
    return (await with_ticket(someone(), event))[0]


async def anew(registration: Registration) -> Registration:
    return await Registration.get(id=registration.id)


joined = run_tx(companions.join)

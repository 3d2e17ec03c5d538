"""Roles that are offered to somebody with an account."""

from typing import Any

from events.accounts import accounts
from events.accounts.roles import role_offers
from events.accounts.staff import RoleName
from events.event import EventState
from events.ground import clock
from tests.people import a_member_of_staff, an_event, someone


async def of_offers(world: Any, caller: str, path: str) -> dict[str, str]:
    """What stands in the braces of a path about an offer: to the caller by another event, or by a lead of the world's
    to somebody else."""
    is_own = path.startswith("/staff/account/")
    event = await an_event(state=EventState.DRAFT) if is_own else world.event
    if is_own:
        event.title = f"Conference {event.id}"
        await event.save()
    people = [(someone(), of) for of in (event, None)]
    lead, new = [await a_member_of_staff(new.name, new.email, of, RoleName.LEAD) for new, of in people]
    to = world.staff.get(caller, world.staff["viewer"]) if is_own else new
    await accounts.offer_role(to, event, RoleName.VIEWER, by=lead, at=clock.now())
    return {"id": str((await role_offers.for_event(event, clock.now()))[-1].id)}

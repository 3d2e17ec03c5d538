"""Somebody who used their rights, complained, and then moved to another address, for tests."""

from datetime import datetime, timedelta

from events.accounts.staff import Staff
from events.event import Event
from registrations.booking import own_booking
from registrations.people.registration import Registration
from registrations.privacy.cases import complaints
from registrations.privacy.rights import rights_requests
from registrations.privacy.rights.rights_request import Right, RightsRequest
from registrations.privacy.rights.rights_requests import Asked
from tests.people import MONDAY, Person
from tests.professional import with_ticket
from tests.registrations.booking.addressing import moves
from tests.registrations.privacy.cases.complaining import DONE_TO_ADA, complain
from tests.registrations.privacy.rights.asking import proved

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
MOVED, LATER = MONDAY + 3 * HOUR, MONDAY + 6 * HOUR
HERS, THEIRS = "I asked before I moved.", "I read this address now."


async def taken(
    event: Event, omar: Staff, email: str, at: datetime, about: str = HERS, kind: Right = Right.CORRECTION,
    came: datetime | None = None,
) -> RightsRequest:  # fmt: skip
    """Written down by Omar at this moment; `came` if that was another."""
    return await proved(await rights_requests.take(event, Asked(email, kind, about), came or at, omar, at), omar)


async def has_moved(event: Event, ada: Person, omar: Staff) -> Registration:
    """At noon. She had asked for a place before, complained, and used her rights."""
    earlier, _ = await with_ticket(ada, event)
    await own_booking.give_up(await Registration.get(id=earlier.id), MONDAY)
    asked, _ = await with_ticket(ada, event)
    await complain(event, complaints.Written(ada.name, ada.email, DONE_TO_ADA))
    await taken(event, omar, ada.email, MONDAY + HOUR)
    return await moves(asked, omar, MOVED)

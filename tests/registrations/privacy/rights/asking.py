"""Somebody who uses their rights, for tests."""

from datetime import datetime

from events.accounts.staff import Staff
from events.event import Event
from events.ground import clock
from registrations.people.registration import Registration
from registrations.privacy.rights import copies, rights_requests
from registrations.privacy.rights.rights_request import Right, RightsRequest
from registrations.privacy.rights.rights_requests import Asked
from tests.people import MONDAY, someone

ON_THE_TELEPHONE = "She telephoned, and wants to know what we hold."
IS_WRONG = "My surname is Ashdown-Okafor since May."
ADAS = Asked("ada@wardens.example.org", Right.CORRECTION, IS_WRONG)


async def a_rights_request(
    event: Event, by: Staff, kind: Right = Right.ACCESS, email: str = "", received_at: datetime = MONDAY,
) -> RightsRequest:  # fmt: skip
    """Taken by an organiser, for somebody else each time if no address is given; proved to be theirs where it has to
    be."""
    asked = Asked(email or someone().email, kind, ON_THE_TELEPHONE)
    return await proved(await rights_requests.take(event, asked, received_at, by, MONDAY), by)


async def proved(request: RightsRequest, by: Staff) -> RightsRequest:
    """An erasure is done for nobody else: whoever asks for one has shown that the address is theirs."""
    if request.kind is Right.ERASURE:
        await rights_requests.confirm(request, by, MONDAY)
    return await newest(request)


async def asked_by_link(
    registration: Registration, kind: Right, about: str = "", at: datetime = MONDAY
) -> RightsRequest:
    """By whoever holds the link to this booking."""
    registration.event = await Event.get(id=registration.event_id)
    await rights_requests.ask(registration, kind, about, at, clock.real())
    return await RightsRequest.all().order_by("-id").first() or await RightsRequest.get()


async def a_copy(event: Event, by: Staff) -> RightsRequest:
    """Its link was sent just now."""
    request = await a_rights_request(event, by)
    await copies.send(request, by, clock.now())
    return await newest(request)


async def an_open_copy(event: Event, by: Staff) -> tuple[RightsRequest, str]:
    """Opened just now, with the cookie of that visit."""
    request = await a_copy(event, by)
    return request, await copies.open_once(request, None, clock.now()) or ""


def token_of(request: RightsRequest) -> str:
    """Of the link to its copy."""
    return request.copy_link.rpartition("/")[2]


async def newest(request: RightsRequest) -> RightsRequest:
    """As it stands now."""
    return await RightsRequest.get(id=request.id)

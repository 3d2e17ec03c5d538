"""What a guest does who names a colleague, and the colleague who opens the link."""

import re
from datetime import datetime, timedelta

import httpx2

from events.event import Event
from events.ground import clock
from registrations.booking.colleagues import naming
from registrations.people import typed_addresses
from registrations.people.colleague import Colleague
from registrations.people.registration import Registration
from tests.people import MONDAY, Person
from tests.professional import questions_of, with_ticket

KIT = Person("Kit Lantern", "kit@lanterns.example.org", "Lanterns", "charity", "Keeper", "", "01632 960 555")


async def names(
    guest: Registration,
    address: str = KIT.email,
    hours: int = 0,
    at: datetime = MONDAY,
    *,
    comes_along: bool = False,
    says_who: bool = False,
) -> Colleague:
    """So many hours of the machine later, which is long enough for another one."""
    real, seen = clock.real() + timedelta(hours=hours), await Registration.get(id=guest.id)
    await naming.name(seen, address, f"192.0.2.{hours}", at, real, comes_along=comes_along, says_who=says_who)
    return await newest(guest)


async def newest(guest: Registration) -> Colleague:
    row = await Colleague.filter(registration_id=guest.id).order_by("-id").first() or await Colleague.get(id=0)
    return await asked(row)


async def asked(row: Colleague) -> Colleague:
    """The same as it stands, as its link finds it."""
    found = await typed_addresses.of_link(Colleague, row.public_id)
    assert found is not None
    return found


async def a_guest_names(person: Person, event: Event, address: str = KIT.email) -> Colleague:
    return await names((await with_ticket(person, event))[0], address)


async def says_yes(client: httpx2.AsyncClient, named: Colleague) -> str:
    """Where that leads to."""
    answer = await client.post(named.path, data={"place": "yes"})
    assert answer.status_code == 303
    return str(answer.headers["location"])


async def answers(client: httpx2.AsyncClient, event: Event, person: Person = KIT, *, code: str = "") -> None:
    """All questions but that for the address, which their link has proved."""
    for step, typed in questions_of(person).items():
        more = {"invitation": code} if step == "organisation" and code else {}
        if step != "email":
            sent = await client.post(f"/e/{event.slug}/ask/{step}", data=typed | more)
            assert sent.status_code == 303, (step, sent.status_code)


async def asks_for_a_place(
    client: httpx2.AsyncClient, named: Colleague, event: Event, person: Person = KIT, *, code: str = ""
) -> httpx2.Response:
    """From the link to the last button."""
    await says_yes(client, named)
    await answers(client, event, person, code=code)
    return await client.post(f"/e/{event.slug}/ask/check")


def outside(page: httpx2.Response) -> tuple[int, str, str]:
    """What somebody sees of an answer, but for the half of a link."""
    return page.status_code, page.headers.get("location", ""), re.sub(r"[a-z2-7]{42}", "TOKEN", page.text)

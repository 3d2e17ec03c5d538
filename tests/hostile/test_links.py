"""A link opens the pages of its own purpose; anywhere else it is answered like one that was never made (SE-02)."""

import re
from typing import NamedTuple

import httpx2
import pytest

from events.accounts import password_links
from events.accounts.staff import RoleName, Staff
from events.event import Event
from events.ground import clock, tokens
from events.ground.database import Database
from events.ground.tokens import Purpose
from events.programme.programme import Slot
from registrations.people.address_change import AddressChange
from registrations.people.colleague import Colleague
from registrations.people.hand_over import HandOver
from registrations.people.registration import Registration
from registrations.privacy.rights.copy_pages import VISITING
from registrations.privacy.rights.rights_request import RightsRequest
from tests.at_the_door import a_phone_at
from tests.browser import browsing
from tests.events.programme.programmes import a_programme
from tests.hostile.gateway import ROUTES, everything
from tests.people import Person, a_door, a_member_of_staff, requested, someone
from tests.professional import with_ticket
from tests.registrations.booking.addressing import asks
from tests.registrations.booking.colleagues.naming_them import a_guest_names
from tests.registrations.booking.handing.handing import asks as hands_over
from tests.registrations.certificates.giving import is_given
from tests.registrations.privacy.rights.asking import a_copy, an_open_copy

WITH_TOKEN = [route for route in ROUTES if "{token}" in route.path]
NEVER_MADE = "abcdefghijklmnopqrstuvwxyz234567abcdefghij"


Linked = Registration | Staff | RightsRequest | AddressChange | Colleague | HandOver


class Mailed(NamedTuple):
    links: dict[Purpose, list[str]]
    visit: str  # the cookie of whoever has opened one of the copies


async def mailed(event: Event, ada: Person, bo: Person) -> Mailed:
    """Links of every purpose for one who has not confirmed, one who is approved, one who asked for another address, one
    whom a guest named, one who hands a place over, one who is invited as staff, and two who asked for a copy."""
    new = await a_member_of_staff("Nora New", "nora@hosts.example.org", event, RoleName.VIEWER)
    await password_links.email_invitation(new, by=None, at=clock.now(), real=clock.real())
    unopened, (opened, visit) = await a_copy(event, new), await an_open_copy(event, new)
    await a_programme(event, new)
    people: list[Linked] = [
        await requested(ada, event),
        (await with_ticket(bo, event))[0],
        await asks((await with_ticket(someone(), event))[0]),
        await a_guest_names(someone(), event),
        await hands_over((await with_ticket(someone(), event))[0], someone().email),
        await is_given(event, new, await a_phone_at(await a_door(event))),
    ]
    people += [await Staff.get(id=new.id), unopened, opened]
    links = {
        purpose: [tokens.make(purpose, person.public_id, generation_of(person)) for person in people]
        for purpose in Purpose
    }
    return Mailed(links, visit)


def generation_of(row: Linked) -> int:
    """Links of a change of address, to a colleague, or of a hand-over are never replaced: they end with it."""
    return 0 if isinstance(row, AddressChange | Colleague | HandOver) else row.generation


async def answer_to(client: httpx2.AsyncClient, path: str, method: str, token: str) -> tuple[int, str, str]:
    """What can be told apart from outside: status, where it leads, and the page, but for the link itself."""
    path = path.replace("{token}", token).replace("{what}", "name").replace("{need}", "diet")
    path = path.replace("{slot:int}", str((await Slot.get()).id))
    answer = await client.request(method, path, data={} if method == "POST" else None)
    said = re.sub(r"[a-z2-7]{42}", "TOKEN", answer.text)
    return answer.status_code, answer.headers.get("location", ""), said


@pytest.mark.sweep
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_a_link_of_another_purpose_looks_like_none_at_all(
    database: Database, event: Event, ada: Person, bo: Person
) -> None:
    links, visit = await mailed(event, ada, bo)
    opened: dict[str, set[str]] = {}
    async with browsing(database) as client:
        client.cookies.set(VISITING.name, visit, domain="places.example.org", path="/")
        for route in WITH_TOKEN:
            for method in sorted({"GET", "POST"} & (route.methods or set())):
                unknown = await answer_to(client, route.path, method, NEVER_MADE)
                answers = {
                    what: [await answer_to(client, route.path, method, link) for link in links[what]] for what in links
                }
                opened[f"{method} {route.path}"] = {
                    what for what in links if answers[what] != [unknown] * len(links[what])
                }
    assert {what: len(purposes) for what, purposes in opened.items()} == dict.fromkeys(opened, 1)
    assert set().union(*opened.values()) == set(Purpose)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_no_link_that_was_emailed_stands_in_the_database(
    database: Database, event: Event, ada: Person, bo: Person
) -> None:
    links, _ = await mailed(event, ada, bo)
    stored = str(await everything())
    assert event.contact_email in stored, "the search itself has to work"
    assert [link for made in links.values() for link in made if link in stored or link[16:] in stored] == []

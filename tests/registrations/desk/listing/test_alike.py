"""A signal that others are like somebody leads to the list that shows them, and to nothing for whom that is closed."""

import re
from dataclasses import replace
from html import unescape

import httpx2
import pytest

from events.accounts.staff import RoleName, Staff
from events.event import Event
from events.ground.database import Database
from tests.at_the_desk import desk
from tests.browser import browsing, words
from tests.people import Person, a_member_of_staff, confirmed, someone

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)  # pages say the same to both


def link(page: httpx2.Response, text: str) -> str:
    href = re.findall(rf'href="([^"]+)">{text}</a>', page.text)[0]
    return unescape(str(href))


async def test_a_signal_of_others_leads_to_the_list_that_shows_them(
    database: Database, event: Event, ada: Person, cleo: Person, omar: Staff
) -> None:
    first = await confirmed(replace(ada, phone="01632 960 101"), event)
    for n, other in enumerate([someone() for _ in range(5)]):
        await confirmed(
            replace(other, name=f"Person{n} Ashdown" if n else ada.name, phone="+44 1632 960101" if n == 4 else ""),
            event,
        )
    await confirmed(replace(cleo, organisation=ada.organisation), event)
    async with browsing(database, omar) as client:
        queue, page = await client.get(desk(event, "requests")), await client.get(desk(event, "people", first.id))
        found = {
            said: words((await client.get(link(page, said))).text)
            for said in (
                "1 more in this name",
                "1 more with this telephone number",
                "1 more from this organisation",
                "5 more with this surname",
            )
        }
    totals = {said: re.findall(r"1 to \d of (\d)", text) for said, text in found.items()}
    assert [*totals.values()] == [["2"], ["2"], ["2"], ["6"]]
    assert cleo.name in found["1 more from this organisation"]
    assert link(queue, "1 more with this telephone number").startswith(desk(event, "people?find="))
    assert "ashdown" not in link(page, "1 more in this name").lower()


async def test_who_sees_no_telephone_numbers_has_no_search_by_one(
    database: Database, event: Event, ada: Person
) -> None:
    first = await confirmed(replace(ada, phone="01632 960 101"), event)
    await confirmed(replace(ada, email="other@wardens.example.org", phone="01632 960 101"), event)
    viewer = await a_member_of_staff("Vera Viewer", "vera@hosts.example.org", event, RoleName.VIEWER)
    async with browsing(database, viewer) as client:
        page = await client.get(desk(event, "people", first.id))
    assert "1 more with this telephone number" in words(page.text)
    assert "1 more with this telephone number</a>" not in page.text
    assert link(page, "1 more in this name").startswith(desk(event, "people?find="))

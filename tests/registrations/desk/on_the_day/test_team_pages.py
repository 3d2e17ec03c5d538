"""Did they all arrive? By organisation, with a link to whoever is meant by each number."""

import re
from dataclasses import replace
from html import unescape

import pytest

from events.accounts.staff import Staff
from events.audit.action import Action
from events.audit.audit import AuditEntry
from events.event import Event
from events.ground import clock
from events.ground.database import Database
from registrations.checkin import checkin
from registrations.desk import people_list
from registrations.desk.on_the_day import team_pages
from registrations.phones.door import Device
from tests.at_the_desk import desk
from tests.at_the_door import a_ticket, scan_of
from tests.browser import browsing, heading, words
from tests.people import MONDAY, THE_DAY, Person, someone

SQLITE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)  # the counts are tried on both
pytestmark = [SQLITE, pytest.mark.usefixtures("the_day")]


@pytest.fixture
async def arrivals(event: Event, sid: Device) -> list[str]:
    """Of each organisation: first who is in, then who is not."""
    names = ["Wardens of Westmoor", "Wardens of Westmoor", "Wardens", "Aviary & Friends"]
    tickets = [await a_ticket(replace(someone(), organisation=name), event) for name in names]
    await checkin.settle([await scan_of(tickets[0]), await scan_of(tickets[2])], sid, THE_DAY)
    return names


async def test_each_organisation_has_its_numbers(
    database: Database, event: Event, arrivals: list[str], omar: Staff
) -> None:
    async with browsing(database, omar) as client:
        page = await client.get(desk(event, "people", "arrivals"))
    said = words(re.sub(r'<span class="visually-hidden">.*?</span>', "", page.text))
    assert heading(page) == "Arrivals by organisation"
    assert "Organisation In Not yet Left Aviary & Friends 0 1 0 Wardens 1 0 0 Wardens of Westmoor 1 1 0" in said
    assert "1 to 3 of 3 organisations, as people wrote them." in said


async def test_a_number_leads_to_exactly_these_people_and_its_address_names_no_organisation(
    database: Database, event: Event, arrivals: list[str], omar: Staff
) -> None:
    """Wardens are some of those who have the word in their name."""
    async with browsing(database, omar) as client:
        page = await client.get(desk(event, "people", "arrivals"))
        links = [unescape(link) for link in re.findall(r'href="([^"]*\?of=[^"]*there=[^"]*)"', page.text)]
        ranges = []
        for link in links:
            assert "arden" not in link
            said = words((await client.get(link)).text)
            ranges.append(re.findall(r"1 to 1 of 1, all of ([^.]*)\.", said))
        of = links[1].partition("of=")[2].partition("&")[0]
        kept = await client.post(desk(event, "people", "search"), data={"of": of, "text": "number"})
        narrowed = words((await client.get(kept.headers["location"])).text)
    assert ranges == [["Aviary & Friends"], ["Wardens"], ["Wardens of Westmoor"], ["Wardens of Westmoor"]]
    assert "1 to 1 of 1, all of Wardens." in narrowed


async def test_an_organisation_is_looked_for_sealed_and_what_was_read_is_recorded(
    database: Database, event: Event, arrivals: list[str], omar: Staff
) -> None:
    async with browsing(database, omar) as client:
        led = (await client.post(desk(event, "people", "arrivals", "search"), data={"text": "Westmoor"})).headers
        page = await client.get(led["location"])
        none = await client.post(desk(event, "people", "arrivals", "search"), data={"text": "nothing at all"})
        nothing = await client.get(none.headers["location"])
    assert "estmoor" not in led["location"]
    assert "1 to 1 of 1 organisation, as people wrote them." in words(page.text)
    assert "No organisation was found" in nothing.text
    entry = await AuditEntry.filter(action=Action.LISTED).order_by("id").first()
    assert entry is not None
    assert entry.details == {"list": "arrivals by organisation", "ids": [], "letters": 8, "results": 1, "page": 1}


async def test_many_organisations_come_in_pages(
    database: Database, event: Event, arrivals: list[str], omar: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(team_pages, "A_PAGE", 2)
    monkeypatch.setattr(people_list, "A_PAGE", 2)
    async with browsing(database, omar) as client:
        pages = [words((await client.get(desk(event, "people", "arrivals"), params={"page": n})).text)
                 for n in ("1", "2", "9", "x")]  # fmt: skip
    assert [re.findall(r"(\d to \d of \d)", page) for page in pages] == [[text] for text in
            ("1 to 2 of 3", "3 to 3 of 3", "3 to 3 of 3", "1 to 2 of 3")]  # fmt: skip


async def test_before_the_doors_nothing_is_counted(
    database: Database, event: Event, arrivals: list[str], omar: Staff, ada: Person
) -> None:
    clock.move_to(MONDAY)
    async with browsing(database, omar) as client:
        page = await client.get(desk(event, "people", "arrivals"))
    assert "from the moment at which the first door opens" in page.text
    assert "Wardens" not in page.text

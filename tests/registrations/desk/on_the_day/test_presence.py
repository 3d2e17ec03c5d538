"""Has somebody arrived? On their page, in the people list and its filters, for the roles that may see it."""

import re
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from events.accounts.staff import Staff
from events.audit.action import Action
from events.audit.audit import AuditEntry
from events.event import Event
from events.ground import clock
from events.ground.database import Database
from registrations.checkin import checkin
from registrations.checkin.scan import ScanKind, Sent
from registrations.phones.door import Device
from registrations.tickets.ticket import Ticket, proof_of
from tests.at_the_desk import desk
from tests.at_the_door import a_ticket, scan_id, scan_of
from tests.browser import browsing, words
from tests.people import THE_DAY, Person, confirmed

FIVE, LATER = THE_DAY + timedelta(minutes=5), THE_DAY + timedelta(hours=2, minutes=2)
SQLITE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)  # pages say the same to both
pytestmark = [SQLITE, pytest.mark.usefixtures("the_day")]


@pytest.fixture
async def arrived(event: Event, sid: Device, ada: Person, bo: Person, cleo: Person) -> list[Ticket]:
    """Ada is in, Bo has left, and Cleo has not come; somebody else waits for a decision."""
    tickets = [await a_ticket(person, event) for person in (ada, bo, cleo)]
    for ticket in tickets[:2]:
        await checkin.settle([await scan_of(ticket)], sid, FIVE)
    out = Sent(scan_id(), ScanKind.OUT, proof=proof_of(event, tickets[1].n))
    await checkin.settle([out], sid, LATER)
    clock.move_to(LATER + timedelta(minutes=1))
    return tickets


async def people(database: Database, event: Event, staff: Staff, **asked: str) -> str:
    async with browsing(database, staff) as client:
        return words((await client.get(desk(event, "people"), params=asked)).text)


async def test_the_list_says_who_is_in_where_who_has_left_and_who_is_not_here_yet(
    database: Database, event: Event, arrived: list[Ticket], omar: Staff
) -> None:
    said = await people(database, event, omar)
    assert re.findall(r"Approved (In \d\d:\d\d, Main door|Left \d\d:\d\d|Not yet)", said) == [
        "In 09:05, Main door", "Not yet", "Left 11:02",
    ]  # fmt: skip


@pytest.mark.parametrize(("chosen", "shown"), [("in", "Ada Ashdown"), ("left", "Bo Okafor"), ("not-yet", "Cleo")])
async def test_each_filter_shows_its_people_and_the_entry_says_which_it_was(
    database: Database, event: Event, arrived: list[Ticket], omar: Staff, chosen: str, shown: str
) -> None:
    await confirmed(Person("Dee Waiting", "dee@guests.example.org", "Elsewhere", "charity", "Advocate"), event)
    said = await people(database, event, omar, there=chosen)
    assert [name for name in ("Ada Ashdown", "Bo Okafor", "Cleo", "Dee") if name in said] == [shown]
    assert "1 to 1 of 1." in said
    entry = await AuditEntry.filter(action=Action.LISTED).order_by("-id").first()
    assert entry is not None
    assert (entry.details["presence"], entry.details["results"], len(entry.details["ids"])) == (chosen, 1, 1)


async def test_filters_are_kept_together_and_a_search_is_still_sealed(
    database: Database, event: Event, arrived: list[Ticket], omar: Staff
) -> None:
    async with browsing(database, omar) as client:
        posted = {"text": "wardens", "there": "in", "state": "approved"}
        led = (await client.post(desk(event, "people", "search"), data=posted)).headers["location"]
        assert "wardens" not in led
        assert {"there": ["in"], "state": ["approved"]}.items() <= parse_qs(urlsplit(led).query).items()
        assert "1 to 1 of 1." in words((await client.get(led)).text)
        nobody = await client.get(desk(event, "people"), params={"there": "not-yet", "state": "waiting"})
        odd = await client.get(desk(event, "people"), params={"there": "gone"})
    assert "Nobody was found" in nobody.text
    assert "1 to 3 of 3." in words(odd.text)


async def test_a_page_says_it_of_its_person(
    database: Database, event: Event, arrived: list[Ticket], omar: Staff
) -> None:
    there = []
    for ticket in arrived:
        said = await one_page(database, event, omar, ticket)
        there += re.findall(r"At the event (In 09:05, Main door|Left 11:02|Not yet) Ticket", said)
    assert there == ["In 09:05, Main door", "Left 11:02", "Not yet"]


async def test_a_viewer_learns_neither_who_has_come_nor_by_a_filter(
    database: Database, event: Event, arrived: list[Ticket], vic: Staff, omar: Staff
) -> None:
    async with browsing(database, vic) as client:
        everybody = await client.get(desk(event, "people"))
        filtered = await client.get(desk(event, "people"), params={"there": "in"})
        page = await client.get(desk(event, "people", arrived[0].registration_id))
        teams = await client.get(desk(event, "people", "arrivals"))
    for answer in (everybody, filtered, page):
        assert not re.search(r"At the event|09:05|Not yet|COME IN", words(answer.text))
    assert "1 to 3 of 3." in words(filtered.text)
    assert teams.status_code == 403
    assert "COME IN" in await one_page(database, event, omar, arrived[0])


async def one_page(database: Database, event: Event, staff: Staff, ticket: Ticket) -> str:
    async with browsing(database, staff) as client:
        return words((await client.get(desk(event, "people", ticket.registration_id))).text)


async def test_before_the_doors_nothing_of_it_is_shown_and_afterwards_in_the_past(
    database: Database, event: Event, arrived: list[Ticket], omar: Staff
) -> None:
    clock.move_to(THE_DAY - timedelta(minutes=1))
    before = await people(database, event, omar, there="in")
    assert "At the event" not in before
    assert "1 to 3 of 3." in before
    clock.move_to(THE_DAY + timedelta(days=1))
    after = await people(database, event, omar)
    assert [said for said in ("Came 09:05, Main door", "Left 11:02", "Did not come") if said in after] == [
        "Came 09:05, Main door", "Left 11:02", "Did not come",
    ]  # fmt: skip
    assert "In 09:05" not in after

"""The badge desk shows what stands on badges and nothing else, and prints without a script too.

Rules: EV-02, SE-09, SE-12.
"""

import json

import pytest

from events.accounts.staff import RoleName, Staff
from events.audit.action import Action
from events.audit.audit import AuditEntry
from events.event import Event
from events.ground import clock
from events.ground.database import Database
from events.web.rendering import TEMPLATES
from registrations.badges.badge_print import BadgePrint
from registrations.badges.papers import OF_ONE, PaperName
from registrations.checkin.checkin import settle
from registrations.desk.badges import badge_desk_pages
from registrations.tickets.ticket import Ticket
from tests import pdf_reading
from tests.at_the_desk import desk
from tests.at_the_door import a_phone_at, a_ticket, scan_of
from tests.browser import browsing, words
from tests.people import THE_DAY, Person, a_door, a_member_of_staff, joined

STATIC = TEMPLATES / "static"


@pytest.fixture
async def bea(event: Event) -> Staff:
    return await joined(await a_member_of_staff("Bea Badges", "bea@hosts.example.org", event, RoleName.BADGES))


@pytest.fixture
async def bo_is_in(event: Event, bo: Person) -> Ticket:
    clock.move_to(THE_DAY)
    ticket = await a_ticket(bo, event)
    await settle([await scan_of(ticket)], await a_phone_at(await a_door(event)), clock.now())
    return ticket


async def test_who_is_in_stands_there_with_what_is_on_the_badge_alone(
    database: Database, event: Event, bo_is_in: Ticket, bea: Staff
) -> None:
    async with browsing(database, bea) as client:
        shown = await client.get(desk(event, "badge-desk"))
    said = words(shown.text)
    assert "To print: 1 Bo Okafor Westmoor Constabulary Delegate Came in" in said
    hidden = ("bo.okafor@", "Officer", bo_is_in.reference, "police")
    assert [word for word in hidden if word in shown.text] == []


async def test_her_role_opens_nothing_else(database: Database, event: Event, bo_is_in: Ticket, bea: Staff) -> None:
    async with browsing(database, bea) as client:
        led = await client.get(desk(event))
        assert led.headers["location"] == desk(event, "badge-desk")
        paths = ["people", "badges", "board", "requests", f"badges/people/{bo_is_in.registration_id}"]
        assert [(await client.get(desk(event, path))).status_code for path in paths] == [403] * len(paths)


async def test_a_button_prints_without_a_script_and_once(
    database: Database, event: Event, bo_is_in: Ticket, bea: Staff
) -> None:
    path = desk(event, "badge-desk", bo_is_in.registration_id)
    async with browsing(database, bea) as client:
        made = await client.post(path, data={"paper": "label-54"})
        second = await client.post(path, data={"paper": "label-54"})
        shown = words((await client.get(desk(event, "badge-desk"))).text)
        again = await client.post(f"{path}/again", data={"paper": "card", "after": "1"})
        stale = await client.post(f"{path}/again", data={"paper": "card", "after": "1"})
    assert (made.headers["content-type"], made.headers["content-disposition"]) == (
        "application/pdf",
        'inline; filename="badges.pdf"',
    )
    assert pdf_reading.words(made.content) == "Conference for professionals Bo Okafor Westmoor Constabulary Delegate"
    assert (second.status_code, stale.status_code, again.status_code) == (409, 409, 200)
    assert "Nobody waits for a badge. Printed last Bo Okafor" in shown
    assert await BadgePrint.all().count() == 2


async def test_a_script_gets_a_drawing(database: Database, event: Event, bo_is_in: Ticket, bea: Staff) -> None:
    path = desk(event, "badge-desk", bo_is_in.registration_id)
    async with browsing(database, bea) as client:
        made = await client.post(path, data={"paper": "card"}, headers={"accept": "image/svg+xml"})
    assert (made.headers["content-type"], made.text.startswith("<svg ")) == ("image/svg+xml", True)


@pytest.mark.parametrize("paper", ["", "card-sheet", "papyrus"])
async def test_no_paper_of_one_badge_prints_nothing(
    database: Database, event: Event, bo_is_in: Ticket, bea: Staff, paper: str
) -> None:
    async with browsing(database, bea) as client:
        answer = await client.post(desk(event, "badge-desk", bo_is_in.registration_id), data={"paper": paper})
    assert (answer.status_code, await BadgePrint.all().count()) == (400, 0)


async def test_that_she_saw_them_is_recorded_and_prints_are_too(
    database: Database, event: Event, bo_is_in: Ticket, bea: Staff
) -> None:
    async with browsing(database, bea) as client:
        await client.get(desk(event, "badge-desk"))
        await client.post(desk(event, "badge-desk", bo_is_in.registration_id), data={"paper": "card"})
    seen, made = [await AuditEntry.get(action=action) for action in (Action.LISTED, Action.BADGES_PRINTED)]
    assert seen.details == {"list": "badge desk", "ids": [bo_is_in.registration_id]}
    assert (made.actor, made.subject) == (bea.actor, f"registration:{bo_is_in.registration_id}")
    assert "Okafor" not in json.dumps([seen.details, made.details])


async def test_the_live_part_is_the_same_list(event: Event, bo_is_in: Ticket) -> None:
    drawn = words(await badge_desk_pages.part(event, PaperName.CARD).draw())
    assert "To print: 1 Bo Okafor" in drawn


@pytest.mark.parametrize("paper", OF_ONE)
def test_each_paper_has_a_page_of_its_size(paper: PaperName) -> None:
    width, height = paper.paper.page
    said = (STATIC / "desk" / f"badge_{paper.value}.css").read_text()
    assert f"@page {{ size: {width}mm {height}mm; margin: 0; }}" in said
    assert f"width: {width}mm; height: {height}mm;" in said

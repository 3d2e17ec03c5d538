"""The page for whoever plays the rehearsal's morning alone: its links lead somewhere, its tickets do what it says."""

import re
from collections import Counter

import pytest

from events.accounts.staff import RoleName, Staff
from events.event import Event
from events.ground import clock
from events.ground.database import Database
from registrations.checkin import checkin
from registrations.phones.door import Door
from registrations.rehearsal import morning_pages, rehearsal_arrivals
from registrations.rehearsal.rehearsal_pages import MOMENTS, moment_of
from registrations.tickets.ticket import Ticket
from tests.at_the_door import a_phone_at, scan_of
from tests.browser import browsing, heading, words

OPEN, LATEST = moment_of("2019-04-15T09:05"), moment_of("2019-04-15T11:30")


@pytest.fixture
def database(rehearsed: Database) -> Database:
    return rehearsed


async def a_lead() -> Staff:
    lead = await Staff.filter(roles__name=RoleName.LEAD).order_by("id").first()
    assert lead is not None
    return lead


async def test_each_ticket_to_try_does_at_the_door_what_the_page_says(database: Database) -> None:
    """Also once everybody who comes by themselves has come."""
    event = await Event.get()
    tried = await morning_pages.to_try(event)
    assert Counter(guest.says.partition(",")[0].partition(":")[0] for guest in tried) == {
        "COME IN": 4, "ALREADY IN": 1, "ASK THE LEAD": 1,
    }  # fmt: skip
    await rehearsal_arrivals.arrive(event, OPEN, clock.real())
    assert await verdicts_of(event, tried) == ["ok"] * 4 + ["already_in", "ask_lead"]


async def test_those_to_come_are_still_to_come_at_every_moment_of_the_clock(database: Database) -> None:
    event = await Event.get()
    tried = await morning_pages.to_try(event)
    assert moment_of(MOMENTS[-2][0]) == LATEST
    await rehearsal_arrivals.arrive(event, LATEST, clock.real())
    assert (await verdicts_of(event, tried))[:4] == ["ok"] * 4


async def verdicts_of(event: Event, tried: list[morning_pages.ToTry]) -> list[str]:
    device = await a_phone_at(await Door.get())
    found = [await Ticket.get(event=event, registration_id=guest.person_id) for guest in tried]
    return [(await checkin.settle([await scan_of(ticket)], device, OPEN))[0]["verdict"] for ticket in found]


async def test_the_page_has_each_part_with_links_that_lead_somewhere(database: Database) -> None:
    async with browsing(database, await a_lead(), extra=morning_pages.routes) as client:
        page = await client.get(morning_pages.PATH)
        assert heading(page) == "Play the morning"
        parts = re.findall(r"<li><strong>([^<]+)\.</strong>", page.text)
        assert parts == [
            "The clock",
            "Organiser",
            "Steward",
            "Door lead",
            "Walk-in",
            "Badge desk",
            "Companion",
            "Paper",
            "Roll call",
            "The end",
        ]
        linked = sorted(set(re.findall(r'class="govuk-link" href="(/desk/[^"]+)"', page.text)))
        assert {path: (await client.get(path)).status_code for path in linked} == dict.fromkeys(linked, 200)
        assert len(linked) == 9
    event = await Event.get()
    for guest in await morning_pages.to_try(event):
        assert f"{guest.name} Reference {guest.reference}" in words(page.text)


async def test_it_is_there_for_the_desk_of_a_rehearsal_alone(database: Database) -> None:
    async with browsing(database, extra=morning_pages.routes) as client:
        assert (await client.get(morning_pages.PATH)).headers["location"].partition("?")[0] == "/staff/sign-in"
    async with browsing(database, await a_lead()) as client:
        assert (await client.get(morning_pages.PATH)).status_code == 404

"""Organisers say until when people change their own booking; after that their page says to telephone.

Rules: GU-22.
"""

from collections.abc import Awaitable, Callable
from datetime import timedelta

import httpx2
import pytest

from events.accounts.staff import Staff
from events.event import Event
from events.ground import clock
from events.ground.database import Database
from events.ground.tokens import Purpose
from registrations.people.registration import Registration
from registrations.tickets import own_changes
from tests.browser import browsing, words
from tests.people import Person, confirmed, queued
from tests.professional import path_to, with_ticket
from tests.registrations.booking.test_change_pages import sent_with

CLOSED = (
    "You could change your booking here until Friday 12 April 2019. To change something now, telephone the organisers"
)


@pytest.mark.parametrize(
    ("days", "moment", "takes"),
    [
        (None, (0, 23, 59), True),
        (None, (1, 0, 0), False),
        (0, (0, 23, 59), True),
        (0, (1, 0, 0), False),
        (3, (-3, 23, 59), True),
        (3, (-2, 0, 0), False),
    ],
)
def test_the_last_day_ends_at_midnight_at_the_venue(
    event: Event, days: int | None, moment: tuple[int, int, int], takes: bool
) -> None:
    event.changes_until = days
    at = clock.at_venue(event.day + timedelta(days=moment[0]), *moment[1:])
    assert own_changes.are_taken(event, at) is takes


@pytest.mark.parametrize(("days", "last"), [(3, "Friday 12 April 2019"), (None, "the event is over")])
async def test_until_then_ticket_and_booking_page_say_which_day_it_is(
    database: Database, event: Event, ada: Person, days: int | None, last: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await Event.filter(id=event.id).update(changes_until=days)
    asked, _ = await with_ticket(ada, event)
    pages, says = [path_to(asked, purpose) for purpose in (Purpose.TICKET, Purpose.MANAGE)], []
    async with browsing(database) as client:
        says += [words((await client.get(page)).text) for page in pages]
        monkeypatch.setattr(own_changes, "are_taken", lambda *_: False)
        says += [words((await client.get(page)).text) for page in pages]
    assert [f"You can change your booking until {last}." in page for page in says] == [True, True, False, False]
    assert ("You can give up your place after that too." in says[1]) is (days is not None)


async def test_who_has_no_place_yet_reads_that_it_is_a_request(database: Database, event: Event, ada: Person) -> None:
    asked = await confirmed(ada, event)
    async with browsing(database) as client:
        page = words((await client.get(path_to(asked, Purpose.MANAGE))).text)
    assert ("You can change your request until" in page, "change your booking" in page) == (True, False)


async def test_after_it_the_page_says_whom_to_telephone(
    database: Database, event: Event, ada: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    await Event.filter(id=event.id).update(changes_until=3)
    asked, _ = await with_ticket(ada, event)
    booking = path_to(asked, Purpose.MANAGE)
    async with browsing(database) as client:
        before = await client.get(booking)
        seen = sent_with((await client.get(f"{booking}/change/name")).text)
        monkeypatch.setattr(own_changes, "are_taken", lambda *_: False)
        after, give_up = await client.get(booking), await client.get(f"{booking}/give-up")
        typed = {"full_name": "Ada Birch", **seen}
        pages = [f"{booking}/change/name", f"{booking}/change/organisation"]
        refused = [await act(client, page, typed) for page in pages for act in (_get, _post)]
    assert [("/change/" in page.text, CLOSED in words(page.text)) for page in (before, after)] == [
        (True, False), (False, True),
    ]  # fmt: skip
    assert "01632 960003" in words(after.text)
    assert [(page.status_code, CLOSED in words(page.text)) for page in refused] == [(409, True)] * 4
    assert give_up.status_code == 200, "a place that is given up late still helps somebody"
    assert ((await Registration.get(id=asked.id)).person, await queued()) == (asked.person, [])


Act = Callable[[httpx2.AsyncClient, str, dict[str, str]], Awaitable[httpx2.Response]]


async def _get(client: httpx2.AsyncClient, page: str, typed: dict[str, str]) -> httpx2.Response:
    return await client.get(page)


async def _post(client: httpx2.AsyncClient, page: str, typed: dict[str, str]) -> httpx2.Response:
    return await client.post(page, data=typed)


@pytest.mark.parametrize(("typed", "kept"), [("3", 3), ("0", 0), ("", None)])
async def test_an_organiser_sets_it_and_takes_it_away(
    database: Database, event: Event, omar: Staff, typed: str, kept: int | None
) -> None:
    await Event.filter(id=event.id).update(changes_until=7)
    async with browsing(database, omar) as client:
        saved = await client.post(f"/desk/{event.slug}/event/changes", data={"changes_until": typed})
        page = words((await client.get(f"/desk/{event.slug}/event")).text)
    assert (saved.status_code, (await Event.get(id=event.id)).changes_until) == (303, kept)
    until = {3: "Until Friday 12 April 2019", 0: "Until Monday 15 April 2019", None: "Until the event is over"}[kept]
    assert f"People change their booking {until}" in page


@pytest.mark.parametrize("typed", ["61", "-1", "3.5", "three"])
async def test_what_is_no_number_of_days_is_asked_for_again(
    database: Database, event: Event, omar: Staff, typed: str
) -> None:
    async with browsing(database, omar) as client:
        page = await client.post(f"/desk/{event.slug}/event/changes", data={"changes_until": typed})
    assert (page.status_code, "must be a whole number from 0 to 60, or empty" in page.text) == (422, True)
    assert (await Event.get(id=event.id)).changes_until is None

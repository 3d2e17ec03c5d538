"""How many phones are enough: a plain sum by a form that changes nothing."""

import pytest

from events.accounts.staff import Staff
from events.event import Event
from events.ground.database import Database
from registrations.desk.on_the_day.phones_needed_pages import Enough, enough
from tests.at_the_desk import desk
from tests.at_the_door import a_ticket
from tests.browser import browsing, heading, words
from tests.people import someone

SQLITE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)  # nothing is read but the event


@pytest.mark.parametrize(
    ("asked", "answer"),
    [
        ((200, 30, 12), Enough(1, 12, 17)),
        ((360, 30, 12), Enough(1, 12, 30)),
        ((361, 30, 12), Enough(2, 24, 16)),
        ((20_000, 60, 12), Enough(28, 336, 60)),
        ((1, 600, 60), Enough(1, 60, 1)),
    ],
)
def test_lanes_are_as_many_as_it_takes_and_a_phone_is_spare(asked: tuple[int, int, int], answer: Enough) -> None:
    found = enough(*asked)
    assert found == answer
    assert found.phones == found.lanes + 1
    assert found.takes <= asked[1]
    assert found.lanes == 1 or (found.lanes - 1) * asked[1] * asked[2] < asked[0], "one less is too few"


@SQLITE
async def test_the_page_begins_with_the_events_guests_and_takes_others(
    database: Database, event: Event, omar: Staff
) -> None:
    for _ in range(3):
        await a_ticket(someone(), event)
    path = desk(event, "doors", "how-many")
    async with browsing(database, omar) as client:
        begins = await client.get(path)
        asked = await client.get(path, params={"guests": "361", "minutes": "30", "rate": "12"})
        doors = await client.get(desk(event, "doors"))
    assert heading(begins) == "How many phones are enough"
    assert "1 lane, 2 phones" in words(begins.text)
    assert "3 guests take 1 minute" in words(begins.text)
    assert 'value="3"' in begins.text
    assert "2 lanes, 3 phones" in words(asked.text)
    assert "Together they let in 24 people a minute, so 361 guests take 16 minutes" in words(asked.text)
    assert path in doors.text


@SQLITE
@pytest.mark.parametrize("odd", ["", "0", "-3", "ten", "1e3", "9" * 40, "²", "\ud83d"])
async def test_what_is_no_number_is_named_and_nothing_is_reckoned(
    database: Database, event: Event, omar: Staff, odd: str
) -> None:
    params = {"guests": odd.encode("utf-8", "replace").decode(), "minutes": "30", "rate": "12"}
    async with browsing(database, omar) as client:
        page = await client.get(desk(event, "doors", "how-many"), params=params)
    assert page.status_code == 422
    assert "There is a problem" in page.text
    assert 'href="#guests"' in page.text
    assert "phones-needed" not in page.text


@SQLITE
async def test_an_event_without_guests_asks_first(database: Database, event: Event, omar: Staff) -> None:
    async with browsing(database, omar) as client:
        page = await client.get(desk(event, "doors", "how-many"))
    assert page.status_code == 200
    assert "phones-needed" not in page.text
    assert "There is a problem" not in page.text

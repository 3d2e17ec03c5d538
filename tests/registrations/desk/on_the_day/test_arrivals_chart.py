"""Arrivals in five minutes each: the same in bars, words and figures, on the board and the first page."""

import re
from datetime import timedelta

import pytest

from events.accounts.staff import Staff
from events.event import Event
from events.ground import clock
from events.ground.database import Database
from registrations.checkin import checkin
from registrations.checkin.whereabouts import SLOT
from registrations.desk.on_the_day.arrivals_chart import HEIGHT, MOST_BARS, WIDTH, drawn
from registrations.phones.door import Device
from server import ROOT
from tests.at_the_desk import desk
from tests.at_the_door import a_ticket, scan_of
from tests.browser import browsing, words
from tests.people import MONDAY, THE_DAY, Person, someone

NINE = int(THE_DAY.timestamp()) // SLOT
SQLITE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)  # what is counted is tried on both


def test_every_five_minutes_have_a_bar_as_high_as_their_people() -> None:
    chart = drawn({NINE: 4, NINE + 1: 8, NINE + 3: 2, NINE + 9: 0})
    assert chart is not None
    assert [(bar.words, bar.people, bar.height) for bar in chart.bars] == [
        ("09:00 to 09:05", 4, 50.0), ("09:05 to 09:10", 8, 100.0), ("09:10 to 09:15", 0, 0.0),
        ("09:15 to 09:20", 2, 25.0),
    ]  # fmt: skip
    assert [bar.y + bar.height for bar in chart.bars] == [HEIGHT] * 4
    places = [bar.x for bar in chart.bars]
    assert all(left + bar.width < right for left, right, bar in zip(places, places[1:], chart.bars, strict=False))
    assert chart.summary == "14 people from 09:00 to 09:20. Most came 09:05 to 09:10: 8."


def test_one_person_is_one_bar_of_no_great_width() -> None:
    chart = drawn({NINE: 1})
    assert chart is not None
    assert (len(chart.bars), chart.bars[0].width < WIDTH / 10) == (1, True)
    assert chart.summary == "1 person from 09:00 to 09:05. Most came 09:00 to 09:05: 1."


def test_a_long_day_shows_its_last_hours_and_leaves_nobody_out() -> None:
    chart = drawn({NINE: 7, NINE + 1: 3, NINE + 60: 2})
    assert chart is not None
    assert (len(chart.bars), chart.before, chart.bars[-1].people) == (MOST_BARS, 10, 2)
    assert chart.summary.startswith("12 people from ")
    assert chart.bars[-1].x + chart.bars[-1].width <= WIDTH


@pytest.mark.parametrize("nobody", [{}, {NINE: 0}])
def test_nobody_is_no_chart(nobody: dict[int, int]) -> None:
    assert drawn(nobody) is None


def test_what_draws_the_bars_leaves_the_tables_of_the_first_page_alone() -> None:
    """On the day that page has this stylesheet beside its own."""
    selectors = re.findall(r"[^{}]+(?={)", (ROOT / "templates/static/desk/board.css").read_text())
    bare = re.compile(r"(?<![-_.\w])(table|th|td)\b")
    ours = re.compile(r"\.(govuk-table|board__|door__|teams|arrivals)")
    assert [said for rule in selectors for said in rule.split(",") if bare.search(said) and not ours.search(said)] == []


@SQLITE
@pytest.mark.usefixtures("the_day")
async def test_board_and_first_page_show_it_on_the_day_with_nobodys_name(
    database: Database, event: Event, sid: Device, ada: Person, vic: Staff
) -> None:
    await checkin.settle([await scan_of(await a_ticket(ada, event))], sid, THE_DAY + timedelta(minutes=6))
    await checkin.settle([await scan_of(await a_ticket(someone(), event))], sid, THE_DAY + timedelta(minutes=9))
    async with browsing(database, vic) as client:
        pages = {path: (await client.get(desk(event, path))).text for path in ("board", "overview")}
        clock.move_to(THE_DAY + timedelta(days=1))
        later = {path: (await client.get(desk(event, path))).text for path in ("board", "overview")}
        clock.move_to(MONDAY)
        before = {path: (await client.get(desk(event, path))).text for path in ("board", "overview")}
    for page in pages.values():
        section = page.partition('<section class="arrivals"')[2].partition("</section>")[0]
        [label] = re.findall(r'<svg[^>]* role="img" aria-label="([^"]*)"', section)
        assert label == "Bars. 2 people from 09:05 to 09:10. Most came 09:05 to 09:10: 2."
        assert "Time People 09:05 to 09:10 2" in words(section)
        assert "Ashdown" not in section
        assert " style=" not in section
    assert ["arrivals__bars" in page for page in (*later.values(), *before.values())] == [True, True, False, False]

"""A text that says where an event is, however it is put, is told from one that does not. Rules: EM-16, SG-01."""

import pytest

from events.event import Event
from events.programme import changing
from registrations.telling.saying_where import names_venue, says_where
from tests.people import MONDAY

HALL = "St Mary's Guildhall, 1 Example Street\nSampleton SA1 2BC"
LONG = "word " * 900


@pytest.mark.parametrize(
    ("venue", "text"),
    [
        (HALL, "We meet in the guildhall."),
        (HALL, "At St Mary\u2019s"),
        (HALL, "Park in 1, Example Street"),
        (HALL, "For your navigation: SA1 2BC"),
        (HALL, "sa12bc"),
        (HALL, f"{LONG} in the GUILDHALL"),
        ("The Guildhall.", "In the Guildhall"),
        (HALL, "In the **Guild**hall"),
        (HALL, r"In the Guild\_hall, or the _Guild_&#104;all"),
        (HALL, "In the Guild[hall](https://maps.example.org/)"),
        (HALL, "In the Guild&#8203;hall"),
        (HALL, "[Find us](https://maps.example.org/?q=SA1%202BC)"),
        (HALL, "[Find us](https://maps.example.org/1%20Example%20Street)"),
        (HALL, "We meet.SA1 2BC.Be there"),
        ("Sampleton-Rooms", "In the Sampleton Rooms"),
        ("Ägidienhalle, 2 Street", "in der A\u0308gidienhalle"),
    ],
)
async def test_what_says_where_it_is(event: Event, venue: str, text: str) -> None:
    event.venue, event.venue_released_at = venue, None
    assert (says_where(event, "A title", text), names_venue(event, text)) == (True, True)
    event.venue_released_at = MONDAY
    assert (says_where(event, text), names_venue(event, text)) == (True, False), "an announcement may now"


@pytest.mark.parametrize(
    ("venue", "text"),
    [
        (HALL, "Twelve ways to help, and a hall of mirrors"),
        ("Big Hall, 12, Example Street", "12 ways to help"),
        ("The Civic Centre, 1 Example Street", "Working with a civic centre"),
        ("", "Anywhere"),
        (",\n", "Anywhere, or nowhere"),
    ],
)
async def test_what_does_not(event: Event, venue: str, text: str) -> None:
    event.venue, event.venue_released_at = venue, None
    assert (says_where(event, text), names_venue(event, text)) == (False, False)


async def test_each_text_is_looked_at_by_itself(event: Event) -> None:
    event.venue = "Big Hall, 1 Example Street"
    assert not says_where(event, "Part 1", "Example street work")
    assert says_where(event, "Part 1", "Work in 1 Example Street"), "the control"


def test_the_programme_asks_it() -> None:
    assert [says_where] == changing.SAYS_WHERE

"""A page says until when an email waits, and nobody else makes it say so."""

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

from registrations.asking import late
from tests.people import MONDAY

HOUR = timedelta(hours=1)


def told(path: str, after: timedelta = timedelta()) -> str:
    query = {name: values[0] for name, values in parse_qs(urlsplit(path).query).items()}
    return late.words(query, MONDAY + after)


def test_the_time_goes_along_with_the_address_of_the_page() -> None:
    for path in ("/e/day/asked", "/e/day/asked?again"):
        assert told(late.along(path, 2 * HOUR, MONDAY)) == "11:00 on Monday 8 April 2019"
        assert late.along(path, timedelta(), MONDAY) == path


def test_nothing_is_said_once_it_is_over_nor_where_somebody_wrote_a_time_themselves() -> None:
    path = late.along("/e/day/asked", 2 * HOUR, MONDAY)
    assert [bool(told(path, hours * HOUR)) for hours in (0, 2, 3)] == [True, True, False]
    assert [told(f"/e/day/asked?late={wrong}") for wrong in ("", "tomorrow", path.partition("=")[2][:-4])] == [""] * 3

"""What an event knows of itself: when its venue is due, whether it is over, how its hours read."""

from datetime import date, timedelta

from events.event import Event
from tests.people import MONDAY, THE_DAY


async def test_hosts_are_reminded_of_the_venue_in_the_last_days(event: Event) -> None:
    days = [date(2019, 4, 11), date(2019, 4, 12), date(2019, 4, 15), date(2019, 4, 16)]
    assert [event.waits_for_release(day) for day in days] == [False, True, True, False]
    event.venue_released_at = MONDAY
    assert [event.waits_for_release(day) for day in days] == [False] * 4


async def test_it_is_over_once_the_day_has_passed_at_the_venue(event: Event) -> None:
    midnight_there = THE_DAY + timedelta(hours=15)
    assert [event.is_over(midnight_there - timedelta(minutes=1)), event.is_over(midnight_there)] == [False, True]
    assert event.hours_words == "09:30 to 16:00"

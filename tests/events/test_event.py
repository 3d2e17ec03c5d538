"""What an event knows of itself: when its venue is due, whether it is over, how its hours read."""

from datetime import date, timedelta

import pytest
from tortoise.exceptions import DoesNotExist

from events.event import Event, event_of, release_place, take_place
from events.ground import clock
from tests.people import MONDAY, THE_DAY


async def test_hosts_are_reminded_of_the_venue_in_the_last_days(event: Event) -> None:
    days = [clock.at_venue(date(2019, 4, day), 8, 59) for day in (11, 12, 15, 16)]
    assert [event.waits_for_release(at) for at in days] == [False, True, True, False]
    event.venue_released_at = MONDAY
    assert [event.waits_for_release(at) for at in days] == [False] * 4


async def test_nobody_is_reminded_of_the_venue_once_guests_come_in(event: Event) -> None:
    assert event.waits_for_release(THE_DAY - timedelta(minutes=1))
    assert not event.waits_for_release(THE_DAY), "doors are open"
    event.doors_open_at = None
    assert event.waits_for_release(THE_DAY)
    assert not event.waits_for_release(THE_DAY + timedelta(minutes=30)), "it has begun"
    event.starts_at = None
    assert event.waits_for_release(THE_DAY + timedelta(minutes=30))


async def test_it_is_over_once_the_day_has_passed_at_the_venue(event: Event) -> None:
    midnight_there = THE_DAY + timedelta(hours=15)
    assert [event.is_over(midnight_there - timedelta(minutes=1)), event.is_over(midnight_there)] == [False, True]
    assert event.hours_words == "09:30 to 16:00"


async def test_found_by_its_address_it_is_what_tortoise_would_make_of_its_row(event: Event) -> None:
    found, made = await event_of(event.slug), await Event.get(id=event.id)
    columns = sorted(Event._meta.db_fields)
    assert [getattr(found, name) for name in columns] == [getattr(made, name) for name in columns]
    found.title = "Another title"
    await found.save(update_fields=["title"])
    assert [event.title for event in await Event.all()] == ["Another title"]


async def test_there_is_no_event_at_an_address_that_nobody_gave_out(event: Event) -> None:
    for nobodys in (f"{event.slug}x", "", "' OR '1'='1", "%"):
        with pytest.raises(DoesNotExist):
            await event_of(nobodys)


async def test_a_place_that_nobody_took_is_never_given_back(event: Event) -> None:
    assert await take_place(event.id)
    for _ in range(3):
        await release_place(event.id)
    assert (await Event.get(id=event.id)).taken == 0

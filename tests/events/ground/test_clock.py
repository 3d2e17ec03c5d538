"""Two clocks: the event's, which a rehearsal may move, and the machine's; and what a wall clock at the venue shows."""

from datetime import UTC, date, datetime, timedelta

import pytest

from events.ground import clock

THE_DAY = date(2019, 4, 15)


def test_half_past_nine_at_the_venue_is_half_past_eight_in_utc_since_summer_time_has_begun() -> None:
    starts = clock.at_venue(THE_DAY, 9, 30)
    assert starts.isoformat() == "2019-04-15T08:30:00+00:00"
    assert clock.local(starts).isoformat() == "2019-04-15T09:30:00+01:00"
    assert (clock.day_words(starts), clock.time_words(starts)) == ("Monday 15 April 2019", "09:30")


@pytest.mark.parametrize(
    ("day", "instant"),
    [
        (date(2019, 3, 30), "2019-03-30T09:30:00+00:00"),  # the day before summer time
        (date(2019, 3, 31), "2019-03-31T08:30:00+00:00"),
        (date(2019, 10, 26), "2019-10-26T08:30:00+00:00"),  # its last whole day
        (date(2019, 10, 27), "2019-10-27T09:30:00+00:00"),
    ],
)
def test_the_zone_has_its_own_rules_for_each_day(day: date, instant: str) -> None:
    assert clock.at_venue(day, 9, 30).isoformat() == instant


def test_late_in_the_evening_in_utc_is_the_next_day_at_the_venue() -> None:
    assert clock.day_words(datetime(2019, 4, 14, 23, 30, tzinfo=UTC)) == "Monday 15 April 2019"


def test_a_moved_clock_ticks_on_from_where_it_was_put() -> None:
    morning = clock.at_venue(THE_DAY, 8, 45)
    clock.move_to(morning)
    first = clock.now()
    while (second := clock.now()) == first:
        pass
    assert morning <= first < second < morning + timedelta(seconds=1)


def test_moving_the_events_clock_does_not_move_the_machines() -> None:
    before = datetime.now(UTC)
    clock.move_to(datetime(2019, 4, 15, tzinfo=UTC))
    assert before <= clock.real() <= datetime.now(UTC)
    clock.move_to(None)
    assert before <= clock.now() <= datetime.now(UTC)


@pytest.mark.parametrize("read", [clock.now, clock.real])
def test_every_clock_says_utc(read: object) -> None:
    assert callable(read)
    assert read().utcoffset() == timedelta(0)


def test_a_moment_without_a_zone_is_turned_down() -> None:
    with pytest.raises(TypeError):
        clock.move_to(datetime(2019, 4, 15))  # noqa: DTZ001

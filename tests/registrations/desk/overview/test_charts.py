"""Bars of requests a day: each day at the venue has its place, and the words say what the bars show."""

from datetime import date, timedelta

import pytest

from registrations.desk.overview.charts import HEIGHT, MOST_DAYS, WIDTH, a_day, share
from registrations.desk.overview.standing import span_words

LAST = date(2019, 4, 8)


def test_every_day_at_the_venue_has_a_bar_as_high_as_its_requests() -> None:
    days = a_day({date(2019, 4, 3): 1, date(2019, 4, 1): 2, date(2019, 3, 30): 1}, date(2019, 4, 4))
    assert days is not None
    assert [(bar.day.day, bar.people, bar.height) for bar in days.bars] == [
        (30, 1, 50.0), (31, 0, 0.0), (1, 2, 100.0), (2, 0, 0.0), (3, 1, 50.0), (4, 0, 0.0),
    ]  # fmt: skip
    assert [bar.y + bar.height for bar in days.bars] == [HEIGHT] * 6
    assert days.summary == "4 requests from Saturday 30 March to Thursday 4 April. Most came on Monday 1 April: 2."


def test_who_asked_before_the_first_bar_is_told_as_one_number() -> None:
    old, new = (LAST - timedelta(days=back) for back in (MOST_DAYS, MOST_DAYS - 1))
    days = a_day({old: 2, new: 1}, LAST)
    assert days is not None
    assert (days.before, len(days.bars), days.bars[0].people, days.total) == (2, MOST_DAYS, 1, 3)
    assert days.bars[-1].x + days.bars[-1].width <= WIDTH


def test_who_asked_after_the_last_day_is_not_counted_and_nobody_is_no_chart() -> None:
    later = LAST + timedelta(days=1)
    assert (a_day({}, LAST), a_day({later: 1}, LAST)) == (None, None)
    days = a_day({LAST: 1, later: 1}, LAST)
    assert days is not None
    assert days.total == 1


def test_days_on_which_nobody_asked_say_so() -> None:
    days = a_day({date(2019, 1, 1): 1}, LAST)
    assert days is not None
    assert days.summary.startswith("No requests from ")
    assert days.before == 1


@pytest.mark.parametrize(("part", "whole", "wide"), [(1, 2, 240.0), (3, 2, 480.0), (0, 0, 0.0), (5, 0, 0.0)])
def test_a_share_is_never_wider_than_the_whole(part: int, whole: int, wide: float) -> None:
    assert share(part, whole) == wide


SPANS = [
    (timedelta(seconds=59), "less than a minute"), (timedelta(minutes=1), "1 minute"),
    (timedelta(minutes=119), "119 minutes"), (timedelta(hours=2), "2 hours"), (timedelta(hours=47), "47 hours"),
    (timedelta(hours=48), "2 days"), (timedelta(days=42), "42 days"), (timedelta(days=-1), "less than a minute"),
]  # fmt: skip


@pytest.mark.parametrize(("span", "text"), SPANS)
def test_a_span_is_told_in_the_unit_that_fits(span: timedelta, text: str) -> None:
    assert span_words(span) == text

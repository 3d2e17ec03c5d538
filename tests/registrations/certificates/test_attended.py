"""How much of the programme somebody attended, from entries and exits. Rules: EV-09."""

from datetime import date, datetime, timedelta

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from events.ground import clock
from registrations.certificates.attended import QUARTER, rounded, stays, whole, words
from registrations.certificates.certificate import Hours
from registrations.checkin.attendance_ledger import Passage

DAY = date(2019, 4, 15)
HOURS = Hours(9 * 60 + 30, 16 * 60, [(12 * 60 + 30, 13 * 60 + 15)])
WHOLE = 345
MINUTES = st.integers(0, 1439)


def at(time: str) -> datetime:
    hours, minutes = map(int, time.split(":"))
    return clock.at_venue(DAY, hours, minutes)


def entry(time: str, **more: float) -> Passage:
    return Passage("i" + time, False, at(time), **more)  # type: ignore[arg-type]


def out(time: str, **more: float) -> Passage:
    return Passage("o" + time, True, at(time), **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("passages", "minutes"),
    [
        ([entry("09:10")], WHOLE),  # no exit: to the end
        ([entry("09:10"), out("17:00")], WHOLE),
        ([entry("09:34"), out("16:20")], WHOLE),  # four minutes are less than half a quarter
        ([entry("11:00")], WHOLE - 90),
        ([entry("09:10"), out("12:40")], 180),
        ([entry("09:10"), out("12:50"), entry("13:10")], WHOLE),  # out in the break alone
        ([entry("09:10"), out("11:00"), entry("14:00"), out("15:00")], 90 + 60),
        ([entry("14:00"), entry("14:05"), out("15:00")], 60),  # let in twice
        ([entry("16:10")], 0),  # when it was over
        ([out("15:00"), entry("16:10")], 0),
        ([entry("10:30", unsure=3600)], WHOLE),  # typed up from paper: from 09:30 to 11:30
        ([entry("10:00", unsure=1800), out("11:00", unsure=600)], 105),  # 09:30 to 11:10
        ([entry("15:00", made_up=True), out("15:00")], WHOLE - 60),  # an exit alone: since when is not known
        ([entry("09:10"), out("10:00"), entry("15:00", made_up=True), out("15:00")], 30),
        ([], 0),
    ],
)  # fmt: skip
def test_what_counts_is_their_part_of_the_programme(passages: list[Passage], minutes: int) -> None:
    inside, _ = stays(passages, DAY)
    assert rounded(inside, HOURS) == minutes


def test_a_day_from_which_the_event_was_put_off_counts_for_nobody() -> None:
    """Without an exit on that day they would have attended all of the other."""
    put_off = DAY + timedelta(days=14)
    assert stays([entry("09:10")], put_off) == ([], False)
    again = Passage("again", False, at("11:00") + timedelta(days=14))
    assert rounded(stays([entry("09:10"), again], put_off)[0], HOURS) == WHOLE - 90
    assert rounded(stays([entry("09:10")], DAY)[0], HOURS) == WHOLE


def test_who_left_is_known_and_who_came_back_has_not_left() -> None:
    assert stays([entry("09:10"), out("12:00")], DAY)[1]
    assert not stays([entry("09:10"), out("12:00"), entry("13:00")], DAY)[1]
    assert not stays([entry("09:10")], DAY)[1]


def test_another_day_counts_for_nothing() -> None:
    before = [
        Passage("i", False, clock.at_venue(date(2019, 4, 14), 9, 0)),
        Passage("o", True, clock.at_venue(date(2019, 4, 14), 17, 0)),
    ]
    assert rounded(stays(before, DAY)[0], HOURS) == 0


@given(st.lists(st.tuples(MINUTES, MINUTES), max_size=5), st.lists(st.tuples(MINUTES, MINUTES), max_size=3))
@example([(540, 960)], [(480, 1020), (1030, 1080)])  # one goes on past the end, and one begins after it
@settings(deadline=None)
def test_it_is_what_a_count_of_each_minute_finds(inside: list[tuple[int, int]], breaks: list[tuple[int, int]]) -> None:
    """The other way round: minute by minute."""
    inside, breaks = [(min(span), max(span)) for span in inside], [(min(span), max(span)) for span in breaks]
    hours = Hours(HOURS.starts, HOURS.ends, breaks)
    programme = [m for m in range(hours.starts, hours.ends) if not any(first <= m < last for first, last in breaks)]
    there = sum(any(first <= m < last for first, last in inside) for m in programme)
    assert whole(hours) == len(programme)
    assert rounded(inside, hours) == min(len(programme), QUARTER * int(there / QUARTER + 0.5))


@pytest.mark.parametrize(
    ("minutes", "said"),
    [(345, "5 hours 45 minutes"), (60, "1 hour"), (15, "15 minutes"), (61, "1 hour 1 minute"), (0, "no time")],
)
def test_in_words(minutes: int, said: str) -> None:
    assert words(minutes) == said

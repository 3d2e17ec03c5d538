"""Bars that are drawn on the server, in units of the drawing. Whatever they show stands beside them in figures."""

from bisect import bisect_left
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import NamedTuple

from events.ground import clock

MOST_DAYS = 42  # six weeks: who asked before is told as one number
WIDTH, HEIGHT, WIDEST = 480, 100, 30  # of the drawing, and of a bar with its gap


class Day(NamedTuple):
    """How many asked on a day at the venue."""

    day: date
    people: int
    x: float
    width: float
    height: float

    @property
    def y(self) -> float:
        return HEIGHT - self.height

    @property
    def words(self) -> str:
        return f"{self.day:%A} {self.day.day} {self.day:%B}"


class Days(NamedTuple):
    bars: list[Day]
    before: int  # people who asked before the first

    @property
    def total(self) -> int:
        return sum(bar.people for bar in self.bars) + self.before

    @property
    def summary(self) -> str:
        """What whoever does not see the bars has of them."""
        first, last, most = self.bars[0], self.bars[-1], max(self.bars, key=lambda bar: bar.people)
        lately = self.total - self.before
        asked = f"{lately} {'request' if lately == 1 else 'requests'} from {first.words} to {last.words}"
        if not lately:
            return f"No {asked.removeprefix('0 ')}."
        return f"{asked}. Most came on {most.words}: {most.people}."


def a_day(asked: Sequence[float], last: date) -> Days | None:
    """`asked`: when, in seconds since 1970, in order; `last`: the day of the last bar. None where nobody asked by then.
    Every day has its place, also where nobody asked."""
    until = bisect_left(asked, _begins(last + _days(1)))
    if not until:
        return None
    first = max(datetime.fromtimestamp(asked[0], clock.LONDON).date(), last - _days(MOST_DAYS - 1))
    number = (last - first).days + 1
    starts = [bisect_left(asked, _begins(first + _days(n))) for n in range(number)] + [until]
    counted = [after - start for start, after in pairwise(starts)]
    step, most = min(WIDTH / number, WIDEST), max(*counted, 1)
    bars = [
        Day(first + _days(n), people, round(n * step, 1), round(step * 0.8, 1), round(people / most * HEIGHT, 1))
        for n, people in enumerate(counted)
    ]
    return Days(bars, starts[0])


def _days(number: int) -> timedelta:
    return timedelta(days=number)


def _begins(day: date) -> float:
    return clock.at_venue(day, 0, 0).timestamp()


def share(part: int, whole: int) -> float:
    """As a width of the drawing."""
    return round(min(part, whole) / whole * WIDTH, 1) if whole > 0 else 0.0

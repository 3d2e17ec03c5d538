"""Bars that are drawn on the server, in units of the drawing. Whatever they show stands beside them in figures."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import NamedTuple

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


def a_day(asked: Mapping[date, int], last: date) -> Days | None:
    """`asked`: how many, on each day on which anybody did; `last`: the day of the last bar. None where nobody asked by
    then. Every day has its place, also where nobody asked."""
    days = [day for day in asked if day <= last]
    if not days:
        return None
    first = max(min(days), last - _days(MOST_DAYS - 1))
    number = (last - first).days + 1
    counted = [asked.get(first + _days(n), 0) for n in range(number)]
    step, most = min(WIDTH / number, WIDEST), max(*counted, 1)
    bars = [
        Day(first + _days(n), people, round(n * step, 1), round(step * 0.8, 1), round(people / most * HEIGHT, 1))
        for n, people in enumerate(counted)
    ]
    return Days(bars, sum(asked[day] for day in days if day < first))


def _days(number: int) -> timedelta:
    return timedelta(days=number)


def share(part: int, whole: int) -> float:
    """As a width of the drawing."""
    return round(min(part, whole) / whole * WIDTH, 1) if whole > 0 else 0.0

"""How many came in which five minutes: bars that are drawn on the server, with the figures in words beside them."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from events.event import Event
from events.ground import clock
from registrations.checkin import whereabouts
from registrations.checkin.whereabouts import SLOT

MOST_BARS = 48  # four hours: who came before is told as one number
WIDTH, HEIGHT, WIDEST = 480, 100, 30  # of the drawing, and of a bar with its gap, in its own units


class Bar(NamedTuple):
    """People who came within five minutes."""

    at: datetime  # when these begin
    people: int
    x: float
    y: float
    width: float
    height: float

    @property
    def words(self) -> str:
        return f"{clock.time_words(self.at)} to {clock.time_words(self.at + timedelta(seconds=SLOT))}"


class Chart(NamedTuple):
    bars: list[Bar]
    before: int  # people who came before the first bar

    @property
    def most(self) -> Bar:
        return max(self.bars, key=lambda bar: bar.people)

    @property
    def summary(self) -> str:
        """What whoever does not see the bars has of them."""
        came = sum(bar.people for bar in self.bars) + self.before
        first, last, most = self.bars[0], self.bars[-1], self.most
        spans = f"from {clock.time_words(first.at)} to {last.words.rpartition(' ')[2]}"
        return f"{came} {'person' if came == 1 else 'people'} {spans}. Most came {most.words}: {most.people}."


async def chart(event: Event, at: datetime) -> Chart | None:
    """None before the day, and while nobody has come."""
    if clock.local(at).date() < event.day:
        return None
    return drawn((await whereabouts.of(event)).slots)


def drawn(slots: Mapping[int, int]) -> Chart | None:
    """`slots`: how many people came first in each SLOT since 1970. Every bar has its place, also where nobody came."""
    came = {slot: people for slot, people in slots.items() if people}
    if not came:
        return None
    last = max(came)
    first = max(min(came), last - MOST_BARS + 1)
    step, most = min(WIDTH / (last - first + 1), WIDEST), max(people for slot, people in came.items() if slot >= first)
    bars = []
    for number, slot in enumerate(range(first, last + 1)):
        height = round(came.get(slot, 0) / most * HEIGHT, 1)
        moment = datetime.fromtimestamp(slot * SLOT, UTC)
        bars.append(
            Bar(moment, came.get(slot, 0), round(number * step, 1), HEIGHT - height, round(step * 0.8, 1), height)
        )
    return Chart(bars, sum(people for slot, people in came.items() if slot < first))

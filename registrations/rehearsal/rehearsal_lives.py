"""What became of each of the rehearsal's two hundred, and when: worked out before any of it is done.

Places are given until none is left; whoever asks after that waits; then some give theirs up, so that a few are free.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from .rehearsal_people import Invented, people
from .working_days import Calendar, spread

DECIDED = {"approved": 124, "not offered": 10, "gave up": 8, "cancelled": 4, "never confirmed": 2}
WAITING = 14  # who asked once all places were given
LAST = {"to decide": 24, "not confirmed": 14}  # since the last time when organisers decided, and younger than a link
ENDED = ("gave up", "cancelled")
EARLY = 6  # of those whose place ended, while others were still given one
DECIDERS = ("lena.hart", "omar.said", "marcus.bell")  # one each time when they sit down to decide


class Life(NamedTuple):
    person: Invented
    fate: str
    asked: datetime
    confirmed: datetime | None = None
    decided: datetime | None = None
    by: str = ""  # who decided
    ended: datetime | None = None


def fates() -> list[str]:
    """Of each person, in the order in which they ask: the same in every rehearsal."""
    return [*_mixed(DECIDED, 35), *["waiting"] * WAITING, *_mixed(LAST, 15)]


def _mixed(shares: dict[str, int], step: int) -> list[str]:
    dealt = list(Counter(shares).elements())
    return [dealt[n * step % len(dealt)] for n in range(len(dealt))]


def approved_people() -> list[str]:
    """The email addresses of those who have a place once all is decided, in the order in which they asked."""
    return [person.email for person, fate in zip(people(), fates(), strict=True) if fate == "approved"]


def lives(until: datetime) -> list[Life]:
    """In the order in which they asked."""
    calendar = Calendar(until)
    shares = _confirmed(calendar)
    settled = [life for life in shares if life.fate not in LAST]
    decided = _decided(settled, calendar.sittings())
    return [*_ended(decided, calendar), *shares[len(settled) :]]


def _confirmed(calendar: Calendar) -> list[Life]:
    """The first of them have asked by noon of the last working day, the others since then."""
    given, moments, noon = fates(), calendar.asking(), calendar.on(1, 13, 0)
    late = sum(LAST.values())
    asked = spread([at for at in moments if at < noon], len(given) - late)
    asked += spread([at for at in moments if at >= noon], late)
    told = enumerate(zip(people(), given, asked, strict=True))
    return [Life(person, fate, at, _yes(n, fate, at, calendar.until)) for n, (person, fate, at) in told]


def _yes(number: int, fate: str, asked: datetime, until: datetime) -> datetime | None:
    if fate in ("not confirmed", "never confirmed"):
        return None
    return min(asked + timedelta(minutes=3 + number * 7 % 50), until - timedelta(minutes=5))


def _decided(settled: Sequence[Life], sittings: Sequence[datetime]) -> list[Life]:
    """Each at the next sitting, one every two minutes; those who wait after everybody with a place."""
    found, taken, given = list[Life](), Counter[int](), 0
    for life in settled:
        if life.confirmed is None:
            found.append(life)
            continue
        due = next(n for n, begins in enumerate(sittings) if begins > life.confirmed)
        due = max(due, given) if life.fate == "waiting" else due
        given = max(due, given)
        taken[due] += 1
        at = sittings[due] + timedelta(minutes=2 * taken[due])
        found.append(life._replace(decided=at, by=DECIDERS[due % len(DECIDERS)]))
    return found


def _ended(decided: Sequence[Life], calendar: Calendar) -> list[Life]:
    """Some of those who had a place do not come: early, at noon of the next working day, or late, on the last one."""
    number, found = 0, list[Life]()
    for life in decided:
        if life.fate in ENDED and life.decided is not None:
            noons = [calendar.on(n, 12, 30) for n in range(len(calendar.working_days), 0, -1)]
            noon = next((noon for noon in noons if noon > life.decided + timedelta(hours=12)), noons[-1])
            begins = noon if number < EARLY else calendar.on(1, 16, 20)
            life = life._replace(ended=begins + timedelta(minutes=7 * number))
            number += 1
        found.append(life)
    return found

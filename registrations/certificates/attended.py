"""How much of the programme somebody attended: from their entries and exits at the entrances, in minutes.

An entry counts from the earliest, and an exit to the latest time that it can have been: paper knows no more than a part
of the morning. Without an exit somebody stayed to the end. Breaks count for nobody. The sum is rounded to the nearest
quarter of an hour. Rules: EV-09.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple

from events.event import Event
from events.ground import clock
from events.ground.database import query
from registrations.checkin import reconciling
from registrations.checkin.attendance_ledger import Passage, without_known
from registrations.phones.door import ENTRANCES

from .certificate import Hours

QUARTER = 15  # minutes
DAY = 24 * 60.0
TICKETS = "SELECT id FROM ticket WHERE registration_id = ? ORDER BY id"
Span = tuple[float, float]  # minutes of the event's day


class Attended(NamedTuple):
    """In minutes. `left`: an exit was scanned, and nobody came in again after it."""

    minutes: int
    whole: int  # of the programme, without its breaks
    left: bool = False


async def of_person(registration_id: int, event: Event, hours: Hours) -> Attended:
    """By all the tickets that they had."""
    ids = [row["id"] for row in await query(TICKETS, [registration_id])]
    found = await reconciling.passages(ids) if ids else {}
    passages = [
        passage for (_, presence), some in found.items() if presence == ENTRANCES for passage in without_known(some)
    ]
    inside, left = stays(passages, event.day)
    return Attended(rounded(inside, hours), whole(hours), left)


def stays(passages: Iterable[Passage], day: date) -> tuple[list[Span], bool]:
    """When they were in, and whether they left. An entry that nobody scanned, and that follows from an exit, may have
    been at any time before it. What was before this day was on one from which the event was put off."""
    found, since, left = list[Span](), None, False
    of_day = [passage for passage in passages if clock.local(passage.at).date() >= day]
    for passage in sorted(of_day, key=lambda passage: passage.at):
        if passage.out and since is not None:
            found.append((since, _minutes(passage.at + timedelta(seconds=passage.unsure), day)))
            since, left = None, True
        elif not passage.out and since is None:
            earliest = _minutes(passage.at - timedelta(seconds=passage.unsure), day)
            since, left = (0.0 if passage.made_up and not found else earliest), False
    return ([*found, (since, DAY)] if since is not None else found), left


def rounded(inside: Sequence[Span], hours: Hours) -> int:
    """To the nearest quarter of an hour, and never more than the whole programme."""
    parts = _parts(hours)
    exact = sum(max(0.0, min(end, last) - max(start, first)) for start, end in _joined(inside) for first, last in parts)
    return min(whole(hours), QUARTER * int(exact / QUARTER + 0.5))


def whole(hours: Hours) -> int:
    return int(sum(last - first for first, last in _parts(hours)))


def words(minutes: int) -> str:
    """5 hours 15 minutes."""
    hours, rest = divmod(minutes, 60)
    said = [
        f"{number} {unit}{'' if number == 1 else 's'}" for number, unit in ((hours, "hour"), (rest, "minute")) if number
    ]
    return " ".join(said) or "no time"


def _parts(hours: Hours) -> list[Span]:
    """The programme without its breaks."""
    parts, at = list[Span](), float(hours.starts)
    for first, last in sorted(hours.breaks):
        if (until := min(first, hours.ends)) > at:
            parts.append((at, until))
        at = max(at, last)
    return [*parts, (at, hours.ends)] if at < hours.ends else parts


def _joined(spans: Sequence[Span]) -> list[Span]:
    """Without overlaps: somebody who was let in twice was there once."""
    joined = list[Span]()
    for first, last in sorted(spans):
        if joined and first <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], last))
        else:
            joined.append((first, last))
    return joined


def _minutes(at: datetime, day: date) -> float:
    """Of the day at the venue; before and after it its first or last."""
    there = clock.local(at)
    if there.date() != day:
        return 0.0 if there.date() < day else DAY
    return there.hour * 60 + there.minute + there.second / 60

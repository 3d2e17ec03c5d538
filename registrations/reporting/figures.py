"""The figures of the closing report: counts of people by what became of their request, by kind of organisation, by area
and by week, with all hidden that is under five or would tell such a number. It reads no database. Rules: EV-13.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from statistics import median
from typing import Any, NamedTuple

from registrations.codes.small_counts import FEW, Sum, shown, shown_parts

NOT_KNOWN = "not known"
ALL = "all"
Shown = int | None  # None where it is hidden


class Outcome(StrEnum):
    """What became of a request by the end of the event: of each the first that is true."""

    CAME = "came"  # with a place that they held when the doors opened
    LATER = "later"  # came with a place that they were given afterwards, or with none
    NO_SHOW = "no show"  # held a place when the doors opened, and did not come
    ENDED = "ended"  # had a place, which ended before the doors opened
    DECLINED = "declined"
    WAITING = "waiting"
    OTHER = "other"  # took their request back; were not decided on; were given a place on the day and did not come


WITHOUT = (Outcome.ENDED, Outcome.DECLINED, Outcome.WAITING, Outcome.OTHER)  # they had no place when the doors opened
ABSENT = (Outcome.NO_SHOW, *WITHOUT)


class Request(NamedTuple):
    """A request for a place, as it is counted."""

    outcome: Outcome
    kind: str
    area: str
    day: date
    decided_in: timedelta | None


@dataclass(frozen=True)
class OtherCounts:
    """What is counted beside requests. `told`: people who told us a need, None once these are deleted; `arranged`: for
    how many of them all is."""

    emails: int
    not_arrived: int
    told: int | None
    arranged: int


def figures(
    requests: Sequence[Request], kinds: Sequence[str], areas: Sequence[str], other: OtherCounts
) -> dict[str, Any]:
    """What a report says, as it is kept: no number that it hides is in it."""
    people = _people(requests)
    came = people.get("came") is not None
    return {
        "people": people,
        "kinds": _by(requests, "kind", kinds, came=came),
        "areas": _by(requests, "area", [*areas, NOT_KNOWN], came=came) if areas else [],
        "weeks": _weeks(requests),
        "decided": _decided(requests),
        "emails": {"sent": other.emails, "not_arrived": _alone(other.not_arrived)},
        "access": _access(other),
    }


def _people(requests: Sequence[Request]) -> dict[str, Shown]:
    """Every outcome; who came, and who had no place. What comes late in the list is hidden first."""
    of = Counter(request.outcome for request in requests)
    came, cells = of[Outcome.CAME] + of[Outcome.LATER], {"asked": len(requests)}
    no_shows, parts = of[Outcome.NO_SHOW], {outcome.value: of[outcome] for outcome in WITHOUT}
    without = {"without": sum(parts.values())}
    if not came:  # nobody was counted in, so nobody can be said not to have come
        sums = [Sum("asked", ["held", "without"]), Sum("without", list(parts))]
        return shown(cells | {"held": no_shows} | without | parts, sums, ["asked"])
    cells |= {"came": came, "absent": len(requests) - came, "no show": no_shows, **without, **parts}
    cells |= {"in time": of[Outcome.CAME], "later": of[Outcome.LATER]}
    sums = [
        Sum("asked", ["came", "absent"]),
        Sum("absent", ["no show", "without"]),
        Sum("without", list(parts)),
        Sum("came", ["in time", "later"]),
    ]
    told = shown(cells, sums, ["asked"])
    # Where the number of who came is hidden, one of its parts would tell whoever knows this code the other, and who was
    # absent, if both are under five: 17 asked, 9 came later, so it was four and four.
    return told if told["came"] is not None else told | {"in time": None, "later": None}


def _by(requests: Sequence[Request], what: str, names: Sequence[str], *, came: bool) -> list[list[Any]]:
    """A line for each name: who asked, and who of them came. Whether these came together is said elsewhere, or not."""
    all_asked = Counter(getattr(request, what) for request in requests)
    if not came:
        told = _of_all(all_asked, names)
        return [[name, told[name], None] for name in names]
    there = Counter(getattr(request, what) for request in requests if request.outcome in (Outcome.CAME, Outcome.LATER))
    cells, columns = dict[tuple[str, str], int](), ("asked", "came", "absent")
    for name in names:
        counts = (all_asked[name], there[name], all_asked[name] - there[name])
        cells |= {(column, name): count for column, count in zip(columns, counts, strict=True)}
    wholes = {(column, ALL): sum(cells[column, name] for name in names) for column in columns}
    sums = [Sum((column, ALL), [(column, name) for name in names]) for column in columns]
    sums += [Sum(("asked", name), [("came", name), ("absent", name)]) for name in [*names, ALL]]
    told = shown(cells | wholes, sums, list(wholes))
    return [[name, told["asked", name], told["came", name]] for name in names]


def _of_all(counted: Mapping[Any, int], names: Iterable[Any]) -> dict[Any, Shown]:
    """Of counts that make up who asked."""
    return shown_parts({name: counted.get(name, 0) for name in names})


def _weeks(requests: Sequence[Request]) -> list[list[Any]]:
    """Each week in which somebody could ask, by its Monday."""
    mondays = Counter(request.day - timedelta(days=request.day.weekday()) for request in requests)
    if not mondays:
        return []
    first, last = min(mondays), max(mondays)
    weeks = [first + timedelta(weeks=n) for n in range((last - first).days // 7 + 1)]
    told = _of_all(mondays, weeks)
    return [[week.isoformat(), told[week]] for week in weeks]


def _decided(requests: Sequence[Request]) -> dict[str, int] | None:
    """Seconds from their yes to the decision. Of few nothing is said: the longest would be somebody's own."""
    spans = [request.decided_in.total_seconds() for request in requests if request.decided_in is not None]
    return {"median": int(median(spans)), "longest": int(max(spans))} if len(spans) >= FEW else None


def _access(other: OtherCounts) -> dict[str, Shown] | None:
    if other.told is None:
        return None
    parts = {"arranged": other.arranged, "open": other.told - other.arranged}
    return shown({"told": other.told, **parts}, [Sum("told", list(parts))])


def _alone(count: int) -> Shown:
    return count if count >= FEW else None


def rate(figures: Mapping[str, Any]) -> int | None:
    """No-shows, in a hundred of these and of those who came. None where either is hidden."""
    missed, came = (figures["people"].get(code) for code in (Outcome.NO_SHOW.value, "came"))
    return round(100 * missed / (missed + came)) if missed is not None and came is not None else None

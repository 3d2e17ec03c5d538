"""A class of data: what it is, until when it is kept, what is left of it, and which rows hold it."""

from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import NamedTuple

Gone = Counter[int | None]  # rows that went, by their event; None of those of no event
Delete = Callable[["Kept", datetime, datetime], Awaitable[Gone]]  # one batch; the event's time, and the machine's
AT_ONCE = timedelta(0)


@dataclass(frozen=True)
class Rows:
    """Which rows of which table, and when the time of one of them is over."""

    table: str
    where: str = "TRUE"
    may_go: str = "TRUE"  # of them those that may go once their time is over
    since: str = ""  # the moment that the time is counted from; '' where it is the event's day
    after: timedelta = AT_ONCE  # so long after that moment
    days: timedelta | None = None  # so long after the event's day, at its first minute; with `since`, not before both
    of: str = "event_id IN ({events})"  # of these events; '' where the rows are of none
    event: str = "event_id"  # of a row
    by_machine: bool = False  # the moment is one of the machine's clock
    in_order: bool = False  # the oldest row has the lowest number, so that nobody has to look at all of them


@dataclass(frozen=True)
class Kept:
    """All words are those of documents and pages. To add a class of data, add one to `classes.CLASSES`."""

    code: str  # under which it is counted what went: never another
    name: str
    what: str
    until: str
    leaves: str  # what is left of it
    rows: Rows
    delete: Delete
    notice: str = ""  # its line in the privacy notice


class Standing(NamedTuple):
    """How many rows of a class there are, and the day on which the next of them go."""

    rows: int
    next_on: date | None

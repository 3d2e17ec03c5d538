"""The closing report in words: the same lines for the page and for the PDF."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from events.event import Event
from events.ground import clock
from events.web.rendering import date_words
from registrations.desk.overview.standing import span_words
from registrations.privacy.retention.report import HIDDEN, in_words
from registrations.reporting import figures
from registrations.reporting.closing_report import ClosingReport

NOTE = (
    "Numbers of fewer than five people are not shown, and some larger ones, so that nobody can work the small ones"
    " out. The numbers are of one moment, and do not change any more."
)
PEOPLE = {
    "asked": "Asked for a place",
    "came": "Came",
    "in time": "Of those: with a place from before",
    "later": "Of those: with a place given on the day, or none, such as walk-ins",
    "no show": "Did not come, though they held a place when the doors opened: the no-shows",
    "held": "Held a place when the doors opened",
    "without": "Had no place when the doors opened, and did not come",
    "ended": "Of those: their place was given up, handed on or ended before",
    "declined": "Of those: not offered a place",
    "waiting": "Of those: on the waiting list to the end",
    "other": "Of those: anything else, such as a request that was taken back",
}
ACCESS = {"told": "Told us what they need", "arranged": "Of those: all arranged", "open": "Of those: not all arranged"}


class Table(NamedTuple):
    """`rows`: a name, and its numbers in words; `shares`: of each row's first number in a hundred of the largest, for
    its bar. None where there are no bars."""

    title: str
    columns: tuple[str, ...]
    rows: list[tuple[str, ...]]
    shares: list[int] | None = None


class Report(NamedTuple):
    tables: list[Table]
    notes: list[str]


def report_of(event: Event, made: ClosingReport) -> Report:
    said = made.figures
    found = [
        Table("People", ("What became of a request", "Number"), _people(said), _people_shares(said)),
        Table("By kind of organisation", ("Kind", "Asked", "Came"), _lines(said["kinds"]), _shares(said["kinds"])),
        Table("By area of the organisation", ("Area", "Asked", "Came"), _lines(_areas(said)), _shares(_areas(said))),
        Table("Requests by week", ("Week from", "Asked"), _weeks(said), _shares(said["weeks"])),
        Table("Time to decide", ("From their yes by email to the decision", "Time"), _decided(said)),
        Table("Emails about requests", ("What", "Emails"), _emails(said)),
        Table("Access", ("What", "People"), _access(said)),
    ]
    return Report([table for table in found if table.rows], _notes(event, said))


def _people(said: Mapping[str, Any]) -> list[tuple[str, ...]]:
    told: list[tuple[str, ...]] = [
        (name, in_words(said["people"][code])) for code, name in PEOPLE.items() if code in said["people"]
    ]
    if "no show" in said["people"]:
        rate = figures.rate(said)
        told.append(("No-show rate", f"{rate} %" if rate is not None else HIDDEN))
    return told


def _people_shares(said: Mapping[str, Any]) -> list[int]:
    numbers = [[code, said["people"][code]] for code in PEOPLE if code in said["people"]]
    return [*_shares(numbers), *([0] if "no show" in said["people"] else [])]


def _shares(lines: list[list[Any]]) -> list[int]:
    """By the number behind each name. What is hidden has no bar, as nothing has."""
    numbers = [line[1] or 0 for line in lines]
    most = max([*numbers, 1])
    return [round(100 * number / most) for number in numbers]


def _lines(lines: list[list[Any]]) -> list[tuple[str, ...]]:
    return [(f"{name[:1].upper()}{name[1:]}", in_words(asked), in_words(came)) for name, asked, came in lines]


def _areas(said: Mapping[str, Any]) -> list[list[Any]]:
    """Without those of which nothing is shown: in a line together they would be a number that follows from the rest."""
    return [line for line in said["areas"] if line[1] is not None]


def _weeks(said: Mapping[str, Any]) -> list[tuple[str, ...]]:
    return [(date_words(date.fromisoformat(monday)), in_words(asked)) for monday, asked in said["weeks"]]


def _decided(said: Mapping[str, Any]) -> list[tuple[str, ...]]:
    spans = said["decided"]
    if spans is None:
        return []
    words = {"median": "Half were decided within", "longest": "Longest"}
    return [(name, span_words(timedelta(seconds=spans[code]))) for code, name in words.items()]


def _emails(said: Mapping[str, Any]) -> list[tuple[str, ...]]:
    sent = said["emails"]
    return [("Sent", in_words(sent["sent"])), ("Did not arrive", in_words(sent["not_arrived"]))]


def _access(said: Mapping[str, Any]) -> list[tuple[str, ...]]:
    told = said["access"]
    return [(name, in_words(told[code])) for code, name in ACCESS.items()] if told else []


def _notes(event: Event, said: Mapping[str, Any]) -> list[str]:
    opened = datetime.fromisoformat(said["opened_at"])
    notes = [NOTE]
    if "no show" in said["people"]:
        notes.append(
            "A no-show is somebody who held a place when the doors opened"
            f" ({clock.time_words(opened)}) and did not come in. The rate is of these and of all who came."
        )
    elif "held" in said["people"]:
        notes.append("Nobody was counted in at an entrance, so nothing is said of who came.")
    if _areas(said):
        notes.append(
            "An area is that of a known organisation of the event's list, found by the domain of the address. Areas of"
            " which nothing is shown are left out."
        )
    else:
        notes.append("By area nothing can be shown: too few addresses are of organisations whose area is known.")
    if not said["closed"]:
        notes.append("The door had not been closed: what phones had not sent by then is not counted.")
    if said["access"] is None:
        notes.append("What people needed had been deleted by then, so it is not counted.")
    return notes

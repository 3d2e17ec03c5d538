"""On which day what of an event is deleted: reckoned from the classes of data, and what is there of each.

The calendar file holds days and one title alone: it names neither the event nor anybody.
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

from icalendar import Calendar
from icalendar import Event as Entry

from events.event import Event
from events.mail.emails import own_domain
from registrations.privacy.retention.kept import Kept
from registrations.privacy.retention.report import Line

CONTENT_TYPE, FILE_NAME = "text/calendar; method=PUBLISH; charset=utf-8", "deletion.ics"
SUMMARY = "Deletion day"
CASES = {"complaints", "incidents", "rights_requests"}


class Due(NamedTuple):
    """One class, and how many rows of it there are now."""

    name: str
    rows: int


class Planned(NamedTuple):
    day: date
    classes: list[Due]


class Held(NamedTuple):
    """Rows that no day is known for, or whose day is past."""

    name: str
    rows: int
    why: str


class Gone(NamedTuple):
    """`number`: in words, since some are not shown."""

    name: str
    number: str
    first_on: date
    last_on: date


class Schedule(NamedTuple):
    planned: list[Planned]  # from today on
    held: list[Held]
    gone: list[Gone]


def schedule(event: Event, lines: Sequence[Line], today: date) -> Schedule:
    """Of what belongs to this event; what is of no event goes by its own time, and says nothing here."""
    own = [line for line in lines if not line.of_all_events]
    days: dict[date, list[Due]] = {}
    for line in own:
        day = _day(event, line)
        if day is not None and day >= today:
            days.setdefault(day, []).append(Due(line.kept.name, line.standing.rows))
    held = [Held(line.kept.name, line.standing.rows, why) for line in own if (why := _held_by(line, today))]
    gone = [
        Gone(line.kept.name, line.stays(line.gone.number), line.gone.first_on, line.gone.last_on)
        for line in own
        if line.gone
    ]
    return Schedule(
        [Planned(day, days[day]) for day in sorted(days)], held, sorted(gone, key=lambda row: row.last_on, reverse=True)
    )


def _day(event: Event, line: Line) -> date | None:
    """On which the next go. Where there is nothing yet, the day that is fixed by the event's."""
    if line.standing.rows:
        return line.standing.next_on
    after = line.kept.rows.days
    return event.day + after if after is not None else None


def _held_by(line: Line, today: date) -> str:
    if not line.standing.rows:
        return ""
    if line.standing.next_on is None:
        return _waits_for(line.kept)
    return "their day is past: the server deletes them within minutes while it runs" if line.is_overdue(today) else ""


def _waits_for(kept: Kept) -> str:
    if kept.code in CASES:
        return "open, and a case goes twelve months after it is closed"
    if kept.code == "former_addresses":
        return "a complaint or a rights request from before needs them"
    return "something that is not done yet needs them"


def calendar_file(event: Event, planned: Sequence[Planned], at: datetime) -> bytes:
    """The days alone, each a whole one."""
    calendar = Calendar()
    calendar.add("prodid", "-//Muster//Deletion//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    for due in planned:
        calendar.add_component(_entry(event, due.day, at))
    return bytes(calendar.to_ical())


def _entry(event: Event, day: date, at: datetime) -> Entry:
    entry = Entry()
    entry.add("uid", f"deletion-{event.id}-{day.isoformat()}@{own_domain()}")
    entry.add("dtstamp", at.astimezone(UTC))
    entry.add("summary", SUMMARY)
    entry.add("class", "PRIVATE")
    entry.add("dtstart", day)
    entry.add("dtend", day + timedelta(days=1))
    return entry

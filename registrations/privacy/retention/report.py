"""What goes when, what has gone, and what stays of an event: for the desk, and for data protection officers on paper.

It names nobody. Of numbers of people those under five are hidden, and whatever else the closing report hides.
"""

import asyncio
from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import NamedTuple

from tortoise.expressions import Q

from events.accounts.lead_alerts import leads_of
from events.accounts.staff import Staff
from events.backup import backup_folder
from events.event import Event
from events.ground import clock
from events.ground.settings import current
from registrations.checkin.attendance import ALL_KINDS, Attendance
from registrations.codes.small_counts import FEW, shown_parts
from registrations.people.registration import OrganisationKind
from registrations.phones.door import ENTRANCES
from registrations.reporting.closing_report import ClosingReport

from . import rows
from .classes import CLASSES
from .deletion import Deletion
from .kept import Kept, Standing
from .key_copies import DATA_KEY
from .key_copy import KeyCopy

HIDDEN = "not shown"
# Of these a row is somebody, or what they did: by how many went, one could tell what the closing report hides.
OF_PEOPLE = frozenset({
    "needs", "badges", "for_the_day", "not_offered", "certificates", "names", "admissions", "scans", "feedback_tokens",
    "walk_ins", "tickets",
})  # fmt: skip


class Line(NamedTuple):
    """One class of data: how much of it there is, and what went."""

    kept: Kept
    standing: Standing
    gone: Deletion | None

    @property
    def of_all_events(self) -> bool:
        """What is there, or what went, is not counted by events."""
        return not (self.kept.rows.of and self.kept.rows.event)

    def stays(self, number: int) -> str:
        """A number of rows, in words that outlive them, or leave the desk."""
        return HIDDEN if number and self.kept.code in OF_PEOPLE else str(number)

    def is_overdue(self, today: date) -> bool:
        return self.standing.next_on is not None and self.standing.next_on < today


class Came(NamedTuple):
    """How many people came on a day of the event, in words."""

    day: date
    nobody: bool
    people: str
    by_kind: dict[str, str]
    by_door: dict[str, str]


class Said(NamedTuple):
    """What the leads of one host said of copies of the key, one of them after the other."""

    host: str
    answers: list[KeyCopy]


async def lines(event: Event) -> list[Line]:
    went = {(row.kind, row.event_id): row for row in await Deletion.filter(Q(event_id=event.id) | Q(event_id=None))}
    return [
        Line(kept, await rows.standing(kept, event), went.get((kept.code, event.id if kept.rows.event else None)))
        for kept in CLASSES
    ]


async def backups() -> Standing:
    """How many there are, and the day on which the oldest goes; a newer one has to be there by then."""
    found = await asyncio.to_thread(_backups_in, current().backup_folder)
    first = clock.local(found[0].taken_at + backup_folder.KEPT + clock.moved()).date() if found else None
    return Standing(len(found), first)


def _backups_in(folder: Path | None) -> list[backup_folder.Backup]:
    return backup_folder.all_in(folder) if folder is not None else []


async def who_came(event: Event) -> list[Came]:
    """Of each day on which the event was counted: more than one if it was put off."""
    counted = await Attendance.filter(event_id=event.id).order_by("day", "id").select_related("door")
    reports = {made.day: made for made in await ClosingReport.filter(event_id=event.id)}
    days = sorted({row.day for row in counted})
    return [_came(day, [row for row in counted if row.day == day], reports.get(day)) for day in days]


async def came_on(event: Event) -> list[Came]:
    """On its day alone, if that was counted."""
    return [came for came in await who_came(event) if came.day == event.day]


def _came(day: date, counted: list[Attendance], report: ClosingReport | None) -> Came:
    """By kind as the closing report says it, where there is one: beside other numbers one could tell what it hides."""
    whole, kinds = 0, dict.fromkeys(map(str, OrganisationKind), 0)
    entrances, rooms = dict[str, int](), dict[str, int]()
    for row in counted:
        if row.door is not None:
            doors = entrances if row.door.presence == ENTRANCES else rooms
            doors[row.door.name] = doors.get(row.door.name, 0) + row.people
        elif row.kind == ALL_KINDS:
            whole = row.people
        else:
            kinds[row.kind] = row.people
    told, by_kind = (whole if whole >= FEW else None), shown_parts(kinds)
    if report is not None:
        told, by_kind = report.figures["people"].get("came"), {name: came for name, _, came in report.figures["kinds"]}
    by_door = shown_parts(entrances) | {name: people if people >= FEW else None for name, people in rooms.items()}
    if told != whole:
        by_door = dict.fromkeys(by_door)  # they add up to another number
    return Came(day, whole == 0, in_words(told), _in_words(by_kind), _in_words(by_door))


def _in_words(counted: Mapping[str, int | None]) -> dict[str, str]:
    return {what: in_words(number) for what, number in sorted(counted.items())}


def in_words(number: int | None) -> str:
    """Of a number that may be hidden."""
    return HIDDEN if number is None else f"{number:,}"


async def destroyed_at(event: Event) -> datetime | None:
    """When the data key was destroyed on the server; None while it is there."""
    gone = await Deletion.get_or_none(event_id=event.id, kind=DATA_KEY)
    return gone.last_at if gone and not event.data_key else None


async def what_leads_said(event: Event) -> list[Said]:
    """By host, also where nobody leads the event. Who leads it no more and has not answered is not waited for."""
    leads = {role.staff_id for role in await leads_of(event.id)}
    asked = await KeyCopy.filter(event_id=event.id, day=event.day).order_by("id").select_related("staff")
    waited_for = [copy for copy in asked if copy.answer or copy.staff_id in leads]
    hosts = dict.fromkeys([host["name"] for host in event.hosts] + [copy.staff.host for copy in waited_for])
    return [Said(host, [copy for copy in waited_for if copy.staff.host == host]) for host in hosts]


async def answer_of(event: Event, staff: Staff) -> KeyCopy | None:
    return await KeyCopy.get_or_none(event_id=event.id, staff_id=staff.id, day=event.day)


async def awaits_answer(event: Event, staff: Staff) -> bool:
    """Whether this lead was asked, and has not answered."""
    given = await answer_of(event, staff)
    return given is not None and given.answer is None and not event.data_key

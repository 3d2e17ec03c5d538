"""What goes when, what has gone, and what stays of an event: for the desk, and for data protection officers on paper.

It names nobody. Of numbers of people those under five are not told exactly.
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

from . import rows
from .classes import CLASSES
from .deletion import Deletion
from .kept import Kept, Standing
from .key_copies import DATA_KEY
from .key_copy import KeyCopy

FEW = 5


class Line(NamedTuple):
    """One class of data: how much of it there is, and what went."""

    kept: Kept
    standing: Standing
    gone: Deletion | None

    @property
    def of_all_events(self) -> bool:
        """What is there, or what went, is not counted by events."""
        return not (self.kept.rows.of and self.kept.rows.event)

    def is_overdue(self, today: date) -> bool:
        return self.standing.next_on is not None and self.standing.next_on < today


class Came(NamedTuple):
    """How many people came on a day of the event, in words."""

    day: date
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
    return [_came(day, [row for row in counted if row.day == day]) for day in sorted({row.day for row in counted})]


def _came(day: date, counted: list[Attendance]) -> Came:
    doors: dict[str, int] = {}
    for row in counted:
        if row.door:
            doors[row.door.name] = doors.get(row.door.name, 0) + row.people
    kinds = {row.kind: row.people for row in counted if row.door is None}
    total = kinds.pop(ALL_KINDS, 0)
    return Came(day, _in_words(total), _all_in_words(kinds), _all_in_words(doors))


def _all_in_words(counted: Mapping[str, int]) -> dict[str, str]:
    return {what: _in_words(number) for what, number in sorted(counted.items()) if number}


def _in_words(number: int) -> str:
    return f"1 to {FEW - 1}" if 0 < number < FEW else str(number)


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

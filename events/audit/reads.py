"""Who looked at people of an event, and how much: counted from the entries that reading leaves.

An hour is one of the event's clock, and one event's: what the leads were alerted of is counted beside it.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from events.ground.database import moment, query
from events.ground.limits import Limit

from .action import Action

COUNTED_ALONE = {Action.NEEDS_READ, Action.SHEET_PRINTED}  # lists whose entries do not say who stands on them
LISTS = {Action.LISTED, Action.SEARCHED, Action.EXPORTED} | COUNTED_ALONE
DETAILS = {Action.COMPLAINT_READ, Action.INCIDENT_READ, Action.RIGHTS_READ}
OPENED = {Action.VIEWED} | DETAILS
READING = sorted(LISTS | OPENED | {Action.READ_ODDLY})
AT_MOST = 20_000  # entries that one answer counts
BATCH = 500  # entries read and counted before others get their turn
NEWEST = 2**31 - 1
# For = PostgreSQL would go through all entries by their ids. Only this index has the order of these three columns.
OF_ACTION = """SELECT * FROM (SELECT id, at, actor, action, subject, details FROM audit_entry
    WHERE (event_id, action) >= (?, ?) AND (event_id, action, id) < (?, ?, ?)
    ORDER BY event_id DESC, action DESC, id DESC LIMIT ?) AS newest"""
NEXT = f"{' UNION ALL '.join([OF_ACTION] * len(READING))} ORDER BY id DESC LIMIT ?"


class Usual(NamedTuple):
    """What nobody is alerted of: so many lists and searches, so many people opened, and none of them at night."""

    pages: Limit
    people: Limit
    is_night: Callable[[datetime], bool]


@dataclass
class Reader:
    """What one member of staff read. People are ids, wherever they were shown: on a list or opened."""

    actor: str
    lists: int = 0
    searches: int = 0
    files: int = 0  # taken away
    lines: int = 0  # in them
    others: int = 0  # complaints, incidents and rights requests
    people: set[int] = field(default_factory=set)
    read_at: list[datetime] = field(default_factory=list)  # all of it, newest first
    pages_at: list[datetime] = field(default_factory=list)  # pages that showed somebody; a file is many
    opened_at: list[datetime] = field(default_factory=list)
    alerted_at: list[datetime] = field(default_factory=list)

    def add(self, at: datetime, action: Action, subject: str, details: Mapping[str, Any]) -> None:
        if action is Action.READ_ODDLY:
            self.alerted_at.append(at)
            return
        self.read_at.append(at)
        self.lists += action is Action.LISTED or action in COUNTED_ALONE
        self.searches += action is Action.SEARCHED
        self.others += action in DETAILS
        ids: Sequence[int] = details.get("ids", [])
        self.people.update(ids)
        if action is Action.VIEWED:
            self.people.update(int(number) for number in subject.split(":")[1:])
        if action in OPENED:
            self.opened_at.append(at)
        elif action is Action.EXPORTED:
            self.files, self.lines = self.files + 1, self.lines + details["number"]
            self.pages_at += [at] * details["pages"]
        elif ids or action in COUNTED_ALONE:
            self.pages_at.append(at)

    def unusual(self, usual: Usual) -> list[tuple[str, datetime]]:
        """What was more than usual, in words, and the last moment at which it was."""
        night = [at for at in self.pages_at + self.opened_at if usual.is_night(at)]
        pages, opened = over(self.pages_at, usual.pages), over(self.opened_at, usual.people)
        found = [
            (f"More than {usual.pages.tries} lists, searches and pages of files in an hour", pages),
            (
                f"More than {usual.people.tries} people, complaints, incidents and rights requests opened in an hour",
                opened,
            ),
            ("At night", night),
            ("The leads were alerted", self.alerted_at),
        ]
        return [(words, max(moments)) for words, moments in found if moments]


class Reads(NamedTuple):
    """Who read, most people first; `cut_at` is the moment before which nothing was counted: there were too many."""

    readers: list[Reader]
    cut_at: datetime | None


def over(moments: Sequence[datetime], limit: Limit) -> list[datetime]:
    """The moments that ended a time of this length with more in it than the limit."""
    ordered = sorted(moments)
    return [
        at
        for first, at in zip(ordered, ordered[limit.tries :], strict=False)
        if at - first < limit.within  # of so many and one more
    ]


async def of_event(event_id: int, since: datetime) -> Reads:
    """Reads the newest entries first, by the index of their actions, until one is older than `since`.

    Entries are numbered as they are written, so that those of earlier days need not be looked at.
    """
    readers: dict[str, Reader] = {}
    before, counted, last = NEWEST, 0, None
    while counted < AT_MOST:
        rows = await _next(event_id, before)
        recent = [row for row in rows if row["at"] >= since]
        for row in recent:
            reader = readers.setdefault(row["actor"], Reader(row["actor"]))
            reader.add(row["at"], Action(row["action"]), row["subject"], _said(row["details"]))
        if len(recent) < BATCH:
            return Reads(_sorted(readers), None)
        before, counted, last = rows[-1]["id"], counted + BATCH, rows[-1]["at"]
    return Reads(_sorted(readers), last)


async def _next(event_id: int, before: int) -> list[dict[str, Any]]:
    values = [value for action in READING for value in (*(event_id, str(action)) * 2, before, BATCH)]
    return [{**row, "at": moment(row["at"])} for row in await query(NEXT, [*values, BATCH])]


def _said(details: Any) -> Mapping[str, Any]:
    found: Mapping[str, Any] = json.loads(details) if isinstance(details, str) else details
    return found


def _sorted(readers: dict[str, Reader]) -> list[Reader]:
    read = (reader for reader in readers.values() if reader.read_at or reader.alerted_at)
    return sorted(read, key=lambda reader: (-len(reader.people), reader.actor))

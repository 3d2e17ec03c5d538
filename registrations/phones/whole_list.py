"""Whole guest lists. Each is built once for all phones of a door, which get the same rows.

In the first minute of the morning all phones ask at once, while guests already come in. So a list is read and sealed in
parts, and scans go first between them.
"""

import asyncio
from collections.abc import Sequence
from contextvars import Context
from datetime import datetime
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

import anyio.to_thread

from events.event import Event

from . import list_rows
from .door import Phone
from .list_rows import RESERVE, Numbered

A_PART = 200  # rows that are read and sealed at once: a few milliseconds
KEPT_FOR = 60.0  # seconds
Door = tuple[int, int, str]  # an event's; its name stands in the rows


class Build(NamedTuple):
    """The rows of one version, which may still be loading."""

    event: Event
    began_at: datetime
    rows: "asyncio.Task[tuple[int, bytes]]"  # how many, in the order in which they are sent

    def serves(self, event: Event) -> bool:
        """An older version will do while this one is built: its reader asks for what has changed since."""
        if self.rows.done():
            return self.event.list_version == event.list_version and self.rows.exception() is None
        return self.event.list_version >= event.list_whole_since


_builds: WeakKeyDictionary[asyncio.AbstractEventLoop, dict[Door, Build]] = WeakKeyDictionary()


async def of(phone: Phone, event: Event, at: datetime) -> bytes:
    """The list of the phone's door as it is now, or as it was when the build in progress began.

    A build reads its version before its rows, so rows that commit meanwhile come again in the next one.
    """
    build = _build_for(phone, event, at)
    count, rows = await asyncio.shield(build.rows)
    made_at = at if build.event.list_version == event.list_version else build.began_at
    return list_rows.head(build.event, 0, made_at.timestamp(), count) + rows


def _build_for(phone: Phone, event: Event, at: datetime) -> Build:
    loop = asyncio.get_running_loop()
    builds = _builds.setdefault(loop, {})
    door = (phone.event_id, phone.door_id, phone.door_name)
    build = builds.get(door)
    if build is None or not build.serves(event):
        rows = asyncio.create_task(_rows(phone, event), context=Context())  # whoever asked first may hang up
        build = builds[door] = Build(event, at, rows)
        loop.call_later(KEPT_FOR, _forget, builds, door, build)
    return build


def _forget(builds: dict[Door, Build], door: Door, build: Build) -> None:
    if builds.get(door) is build:
        del builds[door]


async def _rows(phone: Phone, event: Event) -> tuple[int, bytes]:
    sealed: list[bytes] = []
    given_out, last = set[int](), 0
    while part := await list_rows.rows_where(phone, "t.n > ? ORDER BY t.n LIMIT ?", last, A_PART):
        sealed += await anyio.to_thread.run_sync(_sealed, event, phone, part)
        given_out |= {row["n"] for row in part}
        last = part[-1]["n"]
    sealed += await anyio.to_thread.run_sync(list_rows.sealed, event, _reserve(event, given_out))
    return len(sealed), await anyio.to_thread.run_sync(_in_order, sealed)


def _sealed(event: Event, phone: Phone, rows: Sequence[dict[str, Any]]) -> list[bytes]:
    return list_rows.sealed(event, list_rows.numbered(rows, phone))


def _reserve(event: Event, given_out: set[int]) -> list[Numbered]:
    """The numbers not given out yet, so that a phone recognises a ticket issued after its last contact."""
    rest = range(event.next_n, list_rows.last(event) + 1)  # some may be given out since we read the event
    return [Numbered(n, RESERVE) for n in rest if n not in given_out]


def _in_order(rows: list[bytes]) -> bytes:
    return b"".join(sorted(rows))

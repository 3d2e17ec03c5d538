"""Whole guest lists. Each is built once for all phones of a presence group, which get the same bytes.

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

from . import lead_cards, list_rows
from .door import Device
from .inside import places_of
from .list_rows import RESERVE, Numbered

A_PART = 200  # rows that are read and sealed at once: a few milliseconds, in which scans wait
KEPT_FOR = 60.0  # seconds
Group = tuple[int, int]  # an event, and a presence group of its doors


class Build(NamedTuple):
    """The list of one version, which may still be loading."""

    event: Event
    blob: "asyncio.Task[bytes]"

    def serves(self, event: Event) -> bool:
        """An older version will do while this one is built: its reader asks for what has changed since."""
        if self.blob.done():
            return self.event.list_version == event.list_version and self.blob.exception() is None
        return self.event.list_version >= event.list_whole_since


_builds: WeakKeyDictionary[asyncio.AbstractEventLoop, dict[Group, Build]] = WeakKeyDictionary()


async def of(device: Device, event: Event, at: datetime) -> bytes:
    """The list for the phone's presence group, made now or when its build began, as its head says.

    A build reads its version before its rows, so rows that commit meanwhile come again in the next one.
    """
    return await asyncio.shield(_build_for(device, event, at).blob)


def _build_for(device: Device, event: Event, at: datetime) -> Build:
    loop = asyncio.get_running_loop()
    builds = _builds.setdefault(loop, {})
    group = (device.event_id, device.presence)
    build = builds.get(group)
    if build is None or not build.serves(event):
        blob = asyncio.create_task(_blob(device, event, at), context=Context())  # whoever asked first may hang up
        build = builds[group] = Build(event, blob)
        loop.call_later(KEPT_FOR, _forget, builds, group, build)
    return build


def _forget(builds: dict[Group, Build], group: Group, build: Build) -> None:
    if builds.get(group) is build:
        del builds[group]


async def _blob(device: Device, event: Event, at: datetime) -> bytes:
    """In parts with both bounds given: PostgreSQL sorts all that is left where it has not counted its rows yet."""
    sealed, last = list[bytes](), list_rows.last(event)
    for first in range(1, last + 1, A_PART):
        numbers = range(first, min(first + A_PART, last + 1))
        part = await list_rows.rows_where(device, "t.n BETWEEN ? AND ?", numbers[0], numbers[-1])
        sealed += await anyio.to_thread.run_sync(_sealed, event, numbers, part)
    cards, places = await lead_cards.listed(event.id), await places_of(device)
    return await anyio.to_thread.run_sync(list_rows.packed, event, 0, at.timestamp(), sealed, cards, places)


def _sealed(event: Event, numbers: range, rows: Sequence[dict[str, Any]]) -> list[bytes]:
    """The rows, and one for each number not given out yet, so that a phone recognises a ticket issued after its last
    contact. Some may have been given out since the event was read.
    """
    given_out = {row["n"] for row in rows}
    reserve = [Numbered(n, RESERVE) for n in numbers if n >= event.next_n and n not in given_out]
    return list_rows.sealed(event, [*list_rows.numbered(rows), *reserve])

"""Notes what was erased beside the backups, so that one that is restored later brings nobody back.

What could not be noted at once is tried again by a turn.
"""

import asyncio
from datetime import datetime, timedelta

import structlog

from events.backup import erased_list
from events.backup.erased_list import Entry
from events.ground import clock
from events.ground.repeating import repeat
from events.ground.settings import current
from registrations.people.erased import ErasedAddress

EVERY_SECONDS = 60.0
SOON = timedelta(minutes=10)  # what was not noted by then, somebody has to see to
FAILED = "what was erased is not noted"
log = structlog.get_logger()


async def write_down(real: datetime) -> int:
    """Notes all that waits, as far as the folder takes it: how much. Nothing where no backups are made: there none
    brings anybody back."""
    try:
        return await _write_down(real)
    except OSError as error:
        log.error(FAILED, error=type(error).__name__)
        return 0


async def _write_down(real: datetime) -> int:
    """Rows go once all of them are noted: after a failure some are noted twice, which does no harm."""
    if (folder := current().backup_folder) is None:
        return 0
    waiting = await ErasedAddress.all().order_by("id")
    for row in waiting:
        entry = Entry(frozenset(row.tags.split()), row.erased_at, real)
        await asyncio.to_thread(erased_list.append, folder, entry)
    return await ErasedAddress.filter(id__in=[row.id for row in waiting]).delete() if waiting else 0


async def overdue(event_id: int, at: datetime) -> int:
    """How many erasures at this event should long be noted, and are not."""
    if current().backup_folder is None:
        return 0
    return await ErasedAddress.filter(event_id=event_id, erased_at__lte=at - SOON).count()


async def run(stop: asyncio.Event) -> None:
    await repeat(lambda: write_down(clock.real()), EVERY_SECONDS, stop, FAILED)

"""The turn that deletes what is over, every few minutes while the server runs."""

import asyncio
import time
from datetime import datetime

import structlog

from events.ground import clock
from events.ground.database import advisory_lock, forget_traces, run_tx
from events.ground.outage import kind_of
from events.ground.repeating import repeat
from registrations.reporting import making

from . import past_events, rows
from .classes import CLASSES
from .kept import Kept

EVERY_SECONDS = 300.0
FAILED = "retention failed"  # for the log
REPORT_FAILED = "a closing report cannot be made"
LONGEST_REST = 0.1  # seconds
DELETING_LOCK = 8415_2023  # the number of PostgreSQL's advisory lock
log = structlog.get_logger()


async def turn(at: datetime, real: datetime, stop: asyncio.Event | None = None) -> int:
    """Deletes all that is over, class by class, and returns how many rows went. Of a class that fails the others know
    nothing; the first failure is raised in the end.

    `stop`: a server runs, whose requests come first, and which may stop meanwhile.
    """
    gone, failures = 0, list[Exception]()
    try:
        await making.make_due(at)  # before what it counts goes
    except Exception as error:
        log.error(REPORT_FAILED, error=kind_of(error))
        failures.append(error)
    for kept in CLASSES:
        try:
            gone += await delete(kept, at, real, stop)
        except Exception as error:
            log.error(FAILED, kept=kept.code, error=kind_of(error))
            failures.append(error)
    await past_events.destroy_files()
    await past_events.end_past(at, real)
    if not await forget_traces():
        log.warning("deleted data stays in the journal until others have read it")
    if failures:
        raise failures[0]
    return gone


async def delete(kept: Kept, at: datetime, real: datetime, stop: asyncio.Event | None = None) -> int:
    """All of one class that is over, batch by batch. Beside a server it rests as long after a batch as that took."""
    gone = 0
    while not (stop and stop.is_set()):
        began = time.monotonic()
        number = await _batch(kept, at, real)
        if not number:
            break
        gone += number
        if stop:
            await asyncio.sleep(min(time.monotonic() - began, LONGEST_REST))
    return gone


@run_tx
async def _batch(kept: Kept, at: datetime, real: datetime) -> int:
    """Of several servers one after the other: two would count the same people before either has deleted their scans."""
    await advisory_lock(DELETING_LOCK)
    gone = await kept.delete(kept, at, real)
    await rows.count(kept, gone, at)
    return gone.total()


async def run(stop: asyncio.Event) -> None:
    """Runs the deletions every few minutes until the server stops."""
    await repeat(lambda: turn(clock.now(), clock.real(), stop), EVERY_SECONDS, stop, FAILED)

"""Knows which servers live: each holds a lock while it does, so that what a dead one has claimed is free again, and
keys are replaced while there is none."""

import asyncio
import fcntl
import os
import secrets
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from pathlib import Path

import structlog

from . import live
from .database import Database, is_postgres, query
from .outage import is_away, kind_of

LOCK_CLASS = 8415  # of PostgreSQL's advisory locks with two numbers
HELD = """SELECT objid::bigint AS mark FROM pg_locks WHERE locktype = 'advisory' AND granted AND classid = ?
    AND objsubid = 2 AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"""
AGAIN_SECONDS, BEAT_SECONDS = 1.0, 15.0
Held = Callable[[], Awaitable[None]]
log = structlog.get_logger()
_mark = 0
_first_try: asyncio.Event | None = None  # made as it begins; set once it is held or turned down


async def tried() -> None:
    """Waits until the lock is held or it is known that it cannot be: claims made before then belong to nobody."""
    if _first_try is not None:
        with suppress(TimeoutError):
            await asyncio.wait_for(_first_try.wait(), BEAT_SECONDS)


def mine() -> int:
    """The mark for what this process claims. It changes each time the lock was lost, and is 0 while it is."""
    return _mark


async def gone(marks: Iterable[int]) -> list[int]:
    """Those processes that are surely gone. On SQLite only the process with the lock can tell."""
    if not is_postgres():
        return [mark for mark in marks if _mark and mark != _mark]
    here = {row["mark"] for row in await query(HELD, [LOCK_CLASS])}
    return [mark for mark in marks if mark not in here]


async def is_for_another() -> bool:
    """Whether another server does what one of all does alone. For a moment two may think that it is theirs: what they
    do has to bear that."""
    if not is_postgres():
        return False
    marks = [row["mark"] for row in await query(HELD, [LOCK_CLASS])]
    return bool(marks) and _mark != min(marks)


async def is_held(file: Path | None) -> bool:
    """Whether any server holds its lock. `file`: of the database, on SQLite."""
    if file is None:
        return bool(await query(HELD, [LOCK_CLASS]))
    process = _process_file(file)
    return process.is_file() and not _is_free(process)


def _is_free(process: Path) -> bool:
    handle = os.open(process, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    else:
        return True
    finally:
        os.close(handle)


def _process_file(file: Path) -> Path:
    return Path(f"{file}-process")


async def _nothing() -> None: ...


async def hold(database: Database, stop: asyncio.Event, *, held: Held = _nothing) -> None:
    """The turn that holds the lock while the server runs, and takes it again if it was lost. `held` is awaited each
    time that it is ours."""
    global _first_try
    _first_try = asyncio.Event()
    while not stop.is_set():
        try:
            await (_hold_at_postgres(stop, held) if database.file is None else _hold_file(database.file, stop, held))
        except BlockingIOError:
            log.debug("another process has this database")
        except Exception as error:
            if not is_away(error) and not isinstance(error, OSError):
                raise
            log.warning("presence is lost", error=kind_of(error))
        finally:
            _become(0)
        await live.first_of(stop, within=AGAIN_SECONDS)


async def _hold_file(file: Path, stop: asyncio.Event, held: Held) -> None:
    handle = os.open(_process_file(file), os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        _become(_new_mark())
        await held()
        await stop.wait()
    finally:
        os.close(handle)


class Lost(asyncio.Event):
    def set(self) -> None:
        _become(0)
        super().set()


async def _hold_at_postgres(stop: asyncio.Event, held: Held) -> None:
    ours = await live.own_connection()
    lost = Lost()
    try:
        ours.add_termination_listener(lambda _: lost.set())
        mark = _new_mark()
        await ours.execute("SELECT pg_advisory_lock($1, $2)", LOCK_CLASS, mark, timeout=BEAT_SECONDS)
        _become(mark)
        await held()
        while not await live.first_of(stop, lost, within=BEAT_SECONDS):
            await ours.execute("SELECT 1", timeout=BEAT_SECONDS)
    finally:
        with suppress(Exception):
            ours.terminate()


def _new_mark() -> int:
    return 1 + secrets.randbelow(2**31 - 1)


def _become(mark: int) -> None:
    global _mark
    _mark = mark
    if _first_try is not None:
        _first_try.set()
    if mark:
        live.publish("outbox")  # for whoever looks after what the dead have left

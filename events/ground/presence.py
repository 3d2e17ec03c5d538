"""Knows which servers live: each holds a lock while it does, so that what a dead one has claimed is free again.

Beside it each says which keys it knows and by which it seals, by their fingerprints, so that a new key seals nothing
before all who run can open it.
"""

import asyncio
import fcntl
import os
import secrets
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, NamedTuple

import structlog

from . import data_keys, keys, live
from .database import Database, is_postgres, query
from .outage import is_away, kind_of

if TYPE_CHECKING:
    import asyncpg

LOCK_CLASS, OPENS, SEALS = 8415, 8416, 8417  # of PostgreSQL's advisory locks with two numbers
HELD = """SELECT pid, objid::bigint AS mark FROM pg_locks WHERE locktype = 'advisory' AND granted AND classid = ?
    AND objsubid = 2 AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"""
AGAIN_SECONDS, BEAT_SECONDS = 1.0, 15.0
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


class Said(NamedTuple):
    """What a server says of a key: that it knows it (OPENS), or that it seals by it (SEALS)."""

    what: int
    fingerprint: str

    @property
    def lock(self) -> tuple[int, int]:
        return self.what, int.from_bytes(bytes.fromhex(self.fingerprint[:8]), signed=True)


async def not_saying(said: Said, file: Path | None) -> int:
    """How many servers run that do not say this. `file`: of the database, on SQLite, where we know of one at most."""
    if file is None:
        what, number = said.lock
        saying = {row["pid"] for row in await query(HELD, [what]) if row["mark"] == number % 2**32}
        return len({row["pid"] for row in await query(HELD, [LOCK_CLASS])} - saying)
    process = _process_file(file)
    if not process.is_file() or _is_free(process):
        return 0
    return int(f"{said.what} {said.fingerprint}" not in process.read_text().splitlines())


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


def _known() -> set[Said]:
    """What we can say now, having looked at our files."""
    instance, data = keys.ring().fingerprints, data_keys.kept().fingerprints
    return {Said(SEALS, instance[0]), *(Said(OPENS, fingerprint) for fingerprint in [*instance, *data])}


async def hold(database: Database, stop: asyncio.Event) -> None:
    """The turn that holds the lock while the server runs, and takes it again if it was lost."""
    global _first_try
    _first_try = asyncio.Event()
    while not stop.is_set():
        try:
            await (_hold_at_postgres(stop) if database.file is None else _hold_file(database.file, stop))
        except BlockingIOError:
            log.debug("another process has this database")
        except Exception as error:
            if not is_away(error) and not isinstance(error, OSError):
                raise
            log.warning("presence is lost", error=kind_of(error))
        finally:
            _become(0)
        await live.first_of(stop, within=AGAIN_SECONDS)


async def _hold_file(file: Path, stop: asyncio.Event) -> None:
    handle = os.open(_process_file(file), os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        _become(_new_mark())
        said = set[Said]()
        while not stop.is_set():
            if (known := _known()) != said:
                said = known
                _write(handle, said)
            await live.first_of(stop, within=keys.LOOK_SECONDS)
    finally:
        os.close(handle)


def _write(handle: int, said: set[Said]) -> None:
    """Whoever reads meanwhile finds less than we say."""
    os.truncate(handle, 0)
    os.pwrite(handle, "".join(f"{what} {fingerprint}\n" for what, fingerprint in sorted(said)).encode(), 0)


class Lost(asyncio.Event):
    def set(self) -> None:
        _become(0)
        super().set()


async def _hold_at_postgres(stop: asyncio.Event) -> None:
    ours = await live.own_connection()
    lost = Lost()
    try:
        ours.add_termination_listener(lambda _: lost.set())
        mark = _new_mark()
        await ours.execute("SELECT pg_advisory_lock($1, $2)", LOCK_CLASS, mark, timeout=BEAT_SECONDS)
        _become(mark)
        said, beat = set[Said](), monotonic()
        while not lost.is_set() and not stop.is_set():
            said = await _say(ours, said)
            if monotonic() - beat >= BEAT_SECONDS:
                await ours.execute("SELECT 1", timeout=BEAT_SECONDS)
                beat = monotonic()
            await live.first_of(stop, lost, within=keys.LOOK_SECONDS)
    finally:
        with suppress(Exception):
            ours.terminate()


async def _say(ours: "asyncpg.Connection", said: set[Said]) -> set[Said]:
    """Says what we know now, and no longer what we knew before."""
    known = _known()
    for new in known - said:
        await ours.execute("SELECT pg_advisory_lock_shared($1, $2)", *new.lock, timeout=BEAT_SECONDS)
    for old in said - known:
        await ours.execute("SELECT pg_advisory_unlock_shared($1, $2)", *old.lock, timeout=BEAT_SECONDS)
    return known


def _new_mark() -> int:
    return 1 + secrets.randbelow(2**31 - 1)


def _become(mark: int) -> None:
    global _mark
    _mark = mark
    if _first_try is not None:
        _first_try.set()
    if mark:
        live.publish("outbox")  # for whoever looks after what the dead have left

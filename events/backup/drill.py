"""The restore drill: restores a backup into a place that is thrown away, and says what a real restore would have lost.

On SQLite the place is a folder beside the database, on PostgreSQL a database of its own on the same server.
"""

import asyncio
import shutil
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from secrets import token_hex
from urllib.parse import urlsplit

import asyncpg

from events.audit.seal import number_in
from events.ground.database import Database
from events.ground.refusal import Refused

from . import backup_folder, restoring
from .contents import Contents, counted_now
from .postgres_dump import connected
from .restoring import Restored

DRILLED_IN = "muster_drill_"
NO_BACKUP = "There is no backup in {} yet: ./run backup makes one."
LONGEST = 86_400  # seconds: who began longer ago drills no more
LEFT = f"""SELECT datname FROM pg_database WHERE pg_get_userbyid(datdba) = current_user
    AND abs(substring(datname FROM '^{DRILLED_IN}([0-9]+)_[0-9a-f]+$')::bigint - $1) > {LONGEST}"""  # noqa: S608
DROP = "DROP DATABASE {} WITH (FORCE)"
MAY_NOT = (
    "The drill makes a database of its own on the same PostgreSQL server, and this user may not: ALTER ROLE ... "
    "CREATEDB, or restore into an empty database somewhere else."
)


@dataclass(frozen=True)
class Drilled:
    file: Path
    age: timedelta
    seconds: float
    restored: Restored
    lost: int | None  # acts since, by the audit log; None where the live database is not here


def newest_of(folder: Path, real: datetime) -> Path:
    """Raises Refused when there is none."""
    newest = backup_folder.newest(folder, real)
    if newest is None:
        raise Refused(NO_BACKUP.format(folder))
    return newest.file


async def drill(
    database: Database, file: Path, identity: Path, at: datetime, real: datetime, *, programs: Path | None = None,
    erased: Path | None = None,
) -> Drilled:  # fmt: skip
    """Changes nothing that lasts. The live database is not open in this process, and may be at work in another."""
    began = time.monotonic()
    async with _throwaway(database, real) as elsewhere:
        restored = await restoring.restore(
            elsewhere, file, identity, at, real, programs=programs, erased=erased, with_faults=True
        )
    seconds = time.monotonic() - began
    age = real - restored.contents.taken_at
    return Drilled(file, age, seconds, restored, await _acts_since(database, restored))


async def _acts_since(database: Database, restored: Restored) -> int | None:
    if database.file is not None and not database.file.is_file():
        return None
    async with database.opened():
        return max(0, _ever(await counted_now(database, restored.contents.taken_at)) - _ever(restored.contents))


def _ever(contents: Contents) -> int:
    """Entries there ever were: those that are there, and those that were deleted when their time was over."""
    sealed = number_in(contents.head)
    return sealed + contents.rows["audit_entry"] - contents.rows["audit_seal"]


@asynccontextmanager
async def _throwaway(database: Database, real: datetime) -> AsyncIterator[Database]:
    if database.file is None:
        async with _on_the_server(database, real) as elsewhere:
            yield elsewhere
        return
    folder = _beside(database.file)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with backup_folder.held(folder):
        try:
            for path in folder.iterdir():  # of a drill that was killed
                path.unlink()
            yield replace(database, url=f"sqlite://{folder / 'muster.db'}")
        finally:
            shutil.rmtree(folder)


def _beside(file: Path) -> Path:
    return file.with_name(f".{file.name}.drill")


async def clear_left(database: Database, real: datetime) -> None:
    """Removes what drills that were killed have left, of the database that is open: people who were deleted since may
    stand in it."""
    if database.file is None:
        await _tell_server(real)
    elif await asyncio.to_thread(_beside(database.file).is_dir):
        with suppress(backup_folder.Busy):
            async with _throwaway(database, real):
                pass


@asynccontextmanager
async def _on_the_server(database: Database, real: datetime) -> AsyncIterator[Database]:
    name = f"{DRILLED_IN}{real.timestamp():.0f}_{token_hex(4)}"
    async with database.opened():
        await _tell_server(real, f"CREATE DATABASE {name} TEMPLATE template0")
    try:
        yield replace(database, url=urlsplit(database.url)._replace(path=f"/{name}").geturl())
    finally:
        async with database.opened():
            await _tell_server(real, DROP.format(name))


async def _tell_server(real: datetime, *statements: str) -> None:
    """Removes also what a drill of this user that was killed has left."""
    async with connected() as ours:
        left = [row["datname"] for row in await ours.fetch(LEFT, int(real.timestamp()))]
        try:
            for statement in [*map(DROP.format, left), *statements]:
                await ours.execute(statement)
        except asyncpg.InsufficientPrivilegeError:
            raise Refused(MAY_NOT) from None

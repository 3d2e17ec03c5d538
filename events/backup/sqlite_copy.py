"""A copy of a SQLite database while others write to it, by SQLite's own backup, in a file that has no name.

It lies on the disk of the database, which holds the same bytes already; the disk of the backups sees them only sealed.
Its name is gone before anything is written into it, so whatever ends this process ends the copy too.
"""

import asyncio
import os
import sqlite3
import tempfile
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, closing, contextmanager
from datetime import datetime
from pathlib import Path
from typing import IO, Any

from events.ground.refusal import Refused

from .contents import NOTHING, SQLITE, Contents, counted
from .sealed_file import Copy

LEFT_FREE = 64 << 20  # bytes on the database's disk, to which others write meanwhile
BARE = ("PRAGMA journal_mode = OFF", "PRAGMA synchronous = OFF", "PRAGMA locking_mode = EXCLUSIVE")  # no file beside it
NO_ROOM = (
    "The disk of the database is too full: a backup needs {} MB there for a moment, for a copy that is sealed and then "
    "gone. Make room."
)
NOT_COPIED = "The database cannot be copied. SQLite says: {}"


@asynccontextmanager
async def taken(file: Path, real: datetime) -> AsyncIterator[tuple[Contents, Copy]]:
    """What is counted and what is copied is one and the same moment. It takes no memory but SQLite's cache."""
    _look_for_room(file)
    with _nameless(file) as (handle, copy):
        try:
            contents = await _copied(file, copy, real)
        except sqlite3.Error as error:
            raise Refused(NOT_COPIED.format(error)) from None
        yield contents, handle


def _look_for_room(file: Path) -> None:
    if not file.is_file():
        raise Refused(NOTHING)
    parts = [Path(f"{file}{end}") for end in ("", "-wal")]
    needed = sum(part.stat().st_size for part in parts if part.exists()) + LEFT_FREE
    disk = os.statvfs(file.parent)
    if disk.f_bavail * disk.f_frsize < needed:
        raise Refused(NO_ROOM.format(-(-needed >> 20)))


async def _copied(file: Path, copy: sqlite3.Connection, real: datetime) -> Contents:
    """All pages in one go, as they stand when the counting begins; nobody who writes has to wait.

    Read-only, so that it never writes the journal into the file: in some versions of SQLite two who do so at once
    damage it.
    """
    with closing(_connected(file, "ro")) as source:

        async def ask(sql: str) -> Sequence[Sequence[Any]]:
            return await asyncio.to_thread(lambda: source.execute(sql).fetchall())

        await ask("BEGIN")
        contents = await counted(ask, SQLITE, real)
        await asyncio.to_thread(source.backup, copy)
        return contents


@contextmanager
def _nameless(file: Path) -> Iterator[tuple[IO[bytes], sqlite3.Connection]]:
    """An empty database without a name, to read from and to write into."""
    handle, named = tempfile.mkstemp(prefix=f".{file.name}.", suffix=".copy", dir=file.parent)  # for us alone
    with os.fdopen(handle, "rb") as out:
        try:
            into = _connected(Path(named), "rw")
        finally:
            Path(named).unlink()
        with closing(into) as copy:
            for pragma in BARE:
                copy.execute(pragma)
            yield out, copy


def _connected(file: Path, mode: str) -> sqlite3.Connection:
    uri = f"{file.absolute().as_uri()}?mode={mode}"
    return sqlite3.connect(uri, uri=True, isolation_level=None, check_same_thread=False)

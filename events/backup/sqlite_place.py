"""Where a backup of SQLite is restored to: a file that is not there yet, which comes to stand there whole or not."""

import asyncio
import fcntl
import os
import sqlite3
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, closing, contextmanager
from dataclasses import replace
from pathlib import Path

from events.ground.database import Database
from events.ground.refusal import Refused

from . import backup_folder
from .sealed_file import Sink

TAKEN = (
    "There is a database at {} already. A backup is restored into an empty place only: stop the server and move "
    "{} and all whose names begin with it to another folder, or set MUSTER_DATABASE_URL to another place."
)
WORKED_ON = "A server of Muster works here, or another restore. Stop it first."
NOT_WHOLE = "The database in this backup is not whole. SQLite says: {}"
DANGLING = "The database in this backup is not whole: rows of {} name others that are not there."
BESIDE = ("", "-wal", "-shm", "-journal")


class SqlitePlace:
    def __init__(self, database: Database, file: Path) -> None:
        self.database, self.file = database, file
        self.unfinished = file.with_name(f".{file.name}.restoring")

    @asynccontextmanager
    async def filled(self, pour: Callable[[Sink], object]) -> AsyncIterator[Database]:
        """The database, for a look before it stands in its place. It never does if that look raises."""
        self.file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with self._held():
            self._must_be_empty()
            self.clear()
            try:
                await asyncio.to_thread(self._pour, pour)
                await asyncio.to_thread(look_over, self.unfinished)
                yield replace(self.database, url=f"sqlite://{self.unfinished}")
                self._keep()
            finally:
                self.clear()

    @contextmanager
    def _held(self) -> Iterator[None]:
        """By the lock that a server holds while it works (events/ground/presence.py)."""
        handle = os.open(f"{self.file}-process", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise Refused(WORKED_ON) from None
            yield
        finally:
            os.close(handle)

    def _must_be_empty(self) -> None:
        """A journal alone counts too: SQLite would write it into whatever database comes to stand beside it."""
        if any(Path(f"{self.file}{end}").exists() for end in BESIDE):
            raise Refused(TAKEN.format(self.file, self.file.name))

    def _pour(self, pour: Callable[[Sink], object]) -> None:
        with os.fdopen(os.open(self.unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
            pour(out)

    def _keep(self) -> None:
        """Its new name is on the disk too before anybody is told that it stands there."""
        self._must_be_empty()
        backup_folder.sync(self.unfinished)
        self.unfinished.rename(self.file)
        backup_folder.sync(self.file.parent)

    def clear(self) -> None:
        """Also what a restore that was killed has left. Only for whoever holds the lock of this place."""
        for end in BESIDE:
            Path(f"{self.unfinished}{end}").unlink(missing_ok=True)


def look_over(file: Path) -> None:
    """Raises Refused for a file that is damaged, or rows whose others are missing."""
    with closing(sqlite3.connect(file)) as restored:
        try:
            said = [row[0] for row in restored.execute("PRAGMA integrity_check(3)")]
            dangling = [row[0] for row in restored.execute("PRAGMA foreign_key_check")]
        except sqlite3.DatabaseError as error:
            raise Refused(NOT_WHOLE.format(error)) from None
    if said != ["ok"]:
        raise Refused(NOT_WHOLE.format("; ".join(said)))
    if dangling:
        raise Refused(DANGLING.format(", ".join(sorted(set(dangling)))))

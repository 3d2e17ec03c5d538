"""A copy of a SQLite database while others write to it, by SQLite's own backup and in memory: on no disk unsealed."""

import asyncio
import io
import sqlite3
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, closing
from datetime import datetime
from pathlib import Path
from typing import Any

from events.ground.refusal import Refused

from .contents import NOTHING, SQLITE, Contents, counted
from .sealed_file import Copy


@asynccontextmanager
async def taken(file: Path, real: datetime) -> AsyncIterator[tuple[Contents, Copy]]:
    """It takes three times the database's size in memory for a moment, and once while the file is written."""
    memory = await asyncio.to_thread(_copied, file)

    async def ask(sql: str) -> Sequence[Sequence[Any]]:
        return await asyncio.to_thread(lambda: memory.execute(sql).fetchall())

    with closing(memory):
        contents = await counted(ask, SQLITE, real)
        copy = io.BytesIO(await asyncio.to_thread(memory.serialize))
    yield contents, copy


def _copied(file: Path) -> sqlite3.Connection:
    """All pages in one go, as they stand at its start; nobody who writes has to wait.

    Read-only, so that it never writes the journal into the file: in some versions of SQLite two who do so at once
    damage it.
    """
    if not file.is_file():
        raise Refused(NOTHING)
    memory = sqlite3.connect(":memory:", check_same_thread=False)
    with closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True)) as source:
        try:
            source.backup(memory)
        except BaseException:
            memory.close()
            raise
    return memory

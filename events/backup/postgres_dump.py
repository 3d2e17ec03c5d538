"""A copy of a PostgreSQL database while others write to it, by pg_dump, and back by pg_restore; unsealed on no disk."""

import asyncio
import subprocess
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from events.ground import live
from events.ground.database import Database
from events.ground.refusal import Refused

from . import postgres_programs
from .contents import POSTGRES, Contents, counted
from .postgres_programs import Program
from .sealed_file import Copy, Sink

if TYPE_CHECKING:
    import asyncpg

DUMP = ("--format=custom", "--no-owner", "--no-privileges")
RESTORE = ("--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges")
FAILED = "{} failed: {}"


@asynccontextmanager
async def taken(database: Database, programs: Path | None, real: datetime) -> AsyncIterator[tuple[Contents, Copy]]:
    """Of the open database. What is counted and what pg_dump copies is one and the same snapshot."""
    ours = await live.own_connection()
    try:
        program = await asyncio.to_thread(postgres_programs.find, "pg_dump", programs, version_of(ours))
        async with ours.transaction(isolation="repeatable_read", readonly=True):
            snapshot = await ours.fetchval("SELECT pg_export_snapshot()")

            async def ask(sql: str) -> Sequence[Sequence[Any]]:
                return [tuple(row.values()) for row in await ours.fetch(sql)]

            contents = await counted(ask, POSTGRES, real, program.version)
            dump = program.started(database, *DUMP, f"--snapshot={snapshot}", stdout=subprocess.PIPE)
            try:
                yield contents, _Dumped(dump)
            finally:
                _end(dump)
    finally:
        ours.terminate()


async def version_now() -> int:
    """Of the server whose database is open."""
    ours = await live.own_connection()
    try:
        return version_of(ours)
    finally:
        ours.terminate()


def version_of(ours: "asyncpg.Connection") -> int:
    return ours.get_server_version().major


class _Dumped:
    """What pg_dump writes, as a file. Its end is the end only if pg_dump says that all went well."""

    def __init__(self, dump: "subprocess.Popen[bytes]") -> None:
        self._dump = dump

    def read(self, size: int, /) -> bytes:
        piece: bytes = self._dump.stdout.read(size) if self._dump.stdout else b""
        if not piece:
            _ended_well(self._dump, "pg_dump")
        return piece


def fill(database: Database, program: Program, pour: Callable[[Sink], object]) -> None:
    """Hands what is poured to pg_restore, which does all of it or nothing. Raises Refused when it says no."""
    name = str(postgres_programs.place(database)["database"]).replace("\\", "\\\\").replace("'", "\\'")
    nowhere = subprocess.DEVNULL
    restore = program.started(database, *RESTORE, f"--dbname=dbname='{name}'", stdin=subprocess.PIPE, stdout=nowhere)
    try:
        with suppress(BrokenPipeError):  # it has given up, and says why
            if restore.stdin is not None:
                pour(restore.stdin)
        _ended_well(restore, "pg_restore")
    finally:
        _end(restore)


def _ended_well(process: "subprocess.Popen[bytes]", name: str) -> None:
    _, said = process.communicate()
    if process.returncode != 0:
        raise Refused(FAILED.format(name, postgres_programs.first_words(said)))


def _end(process: "subprocess.Popen[bytes]") -> None:
    """Also when nobody wants the copy any more: it would wait to be read for ever, or take what it has for all."""
    if process.poll() is None:
        process.kill()
    process.wait()
    for pipe in (process.stdin, process.stdout, process.stderr):
        with suppress(OSError):
            if pipe is not None:
                pipe.close()

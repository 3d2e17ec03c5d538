"""A copy of a PostgreSQL database while others write to it, by pg_dump, and back by pg_restore; unsealed on no disk."""

import asyncio
import subprocess
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from events.ground import live
from events.ground.database import Database, query, run_tx
from events.ground.refusal import Refused

from . import postgres_programs
from .contents import POSTGRES, Contents, counted
from .postgres_programs import Running
from .sealed_file import Copy, Sink

if TYPE_CHECKING:
    import asyncpg

DUMP = ("--format=custom", "--no-owner", "--no-privileges")
RESTORE = (
    "--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges",
    "--dbname=application_name=muster",  # which database it is told by the environment
)  # fmt: skip
TAKEN = (
    "The PostgreSQL database that MUSTER_DATABASE_URL names is not empty. A backup is restored into an empty place "
    "only: make a new database (createdb), and set MUSTER_DATABASE_URL to it."
)
STANDING = """SELECT kind, name FROM (
        SELECT 'SCHEMA' AS kind, oid, oid AS schema, quote_ident(nspname) AS name FROM pg_namespace
        UNION ALL SELECT 'TABLE', oid, relnamespace, oid::regclass::text FROM pg_class WHERE relkind IN ('r', 'p')
        UNION ALL SELECT 'ROUTINE', oid, pronamespace, oid::regprocedure::text FROM pg_proc
    ) AS standing WHERE oid NOT IN (SELECT objid FROM pg_depend WHERE deptype = 'e')
    AND schema NOT IN (SELECT oid FROM pg_namespace WHERE nspname ~ '^(pg_|information_schema$)')"""  # of no extension


@asynccontextmanager
async def connected() -> AsyncIterator["asyncpg.Connection"]:
    """Beside the pool of the open database."""
    ours = await live.own_connection()
    try:
        yield ours
    finally:
        ours.terminate()


@asynccontextmanager
async def taken(database: Database, programs: Path | None, real: datetime) -> AsyncIterator[tuple[Contents, Copy]]:
    """Of the open database. What is counted and what pg_dump copies is one and the same snapshot."""
    program = await found("pg_dump", programs)
    async with connected() as ours, ours.transaction(isolation="repeatable_read", readonly=True):

        async def ask(sql: str) -> Sequence[Sequence[Any]]:
            return [tuple(row.values()) for row in await ours.fetch(sql)]

        contents = await counted(ask, POSTGRES, real)
        snapshot = f"--snapshot={await ours.fetchval('SELECT pg_export_snapshot()')}"
        with postgres_programs.started(database, program, *DUMP, snapshot, stdout=subprocess.PIPE) as dump:
            yield contents, _Dumped(dump)


async def found(name: str, programs: Path | None) -> Path:
    """A program for the server whose database is open. Raises Refused with what to install."""
    async with connected() as ours:
        return postgres_programs.find(name, programs, ours.get_server_version().major)


def try_dump(database: Database, program: Path) -> None:
    """Raises Refused when it cannot: too old for this server, or not let in."""
    with postgres_programs.started(database, program, "--schema-only", stdout=subprocess.DEVNULL) as dump:
        postgres_programs.end_well(dump, "pg_dump")


class _Dumped:
    """What pg_dump writes, as a file. Its end is the end only if pg_dump says that all went well."""

    def __init__(self, dump: Running) -> None:
        self._dump = dump

    def read(self, size: int, /) -> bytes:
        piece: bytes = self._dump.stdout.read(size) if self._dump.stdout else b""
        if not piece:
            postgres_programs.end_well(self._dump, "pg_dump")
        return piece


class PostgresPlace:
    """Where a backup is restored to: an empty database, which is empty again when the backup is no good."""

    def __init__(self, database: Database, programs: Path | None) -> None:
        self.database, self.programs = database, programs

    @asynccontextmanager
    async def filled(self, pour: Callable[[Sink], object]) -> AsyncIterator[Database]:
        """The database, for a look at it. It is emptied again if that look raises."""
        async with self.database.opened():
            before = await query(STANDING)
            if any(row["kind"] == "TABLE" for row in before):
                raise Refused(TAKEN)
            program = await found("pg_restore", self.programs)
        await asyncio.to_thread(self._pour, program, pour)
        try:
            yield self.database
        except BaseException:
            async with self.database.opened():
                await _empty(before)
            raise

    def _pour(self, program: Path, pour: Callable[[Sink], object]) -> None:
        """pg_restore does all of it or nothing. Raises Refused when it says no."""
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.DEVNULL}
        with postgres_programs.started(self.database, program, *RESTORE, **pipes) as restore:
            with suppress(BrokenPipeError):  # it has given up, and says why
                if restore.stdin is not None:
                    pour(restore.stdin)
            postgres_programs.end_well(restore, "pg_restore")


@run_tx
async def _empty(before: list[dict[str, Any]]) -> None:
    for row in [row for row in await query(STANDING) if row not in before]:
        await query(f"DROP {row['kind']} IF EXISTS {row['name']} CASCADE")

"""Where a backup of PostgreSQL is restored to: an empty database, which is empty again when the backup is no good."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from events.ground.database import Database, query, run_tx
from events.ground.refusal import Refused

from . import postgres_dump, postgres_programs
from .sealed_file import Sink

TAKEN = (
    "The PostgreSQL database that MUSTER_DATABASE_URL names is not empty. A backup is restored into an empty place "
    "only: make a new database (createdb), and set MUSTER_DATABASE_URL to it."
)
OF_NOBODY = "NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = {}.oid AND d.deptype = 'e')"  # of no extension
SCHEMAS = "SELECT nspname AS name FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'"
TABLES = f"""SELECT format('%I.%I', n.nspname, c.relname) AS name FROM pg_class c
    JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname IN ({SCHEMAS})
    WHERE c.relkind IN ('r', 'p') AND {OF_NOBODY.format("c")}"""  # noqa: S608
FUNCTIONS = f"""SELECT p.oid::regprocedure::text AS name FROM pg_proc p
    JOIN pg_namespace n ON n.oid = p.pronamespace AND n.nspname IN ({SCHEMAS})
    WHERE {OF_NOBODY.format("p")}"""  # noqa: S608


class PostgresPlace:
    def __init__(self, database: Database, programs: Path | None, archive: int) -> None:
        """`archive`: the version of the pg_dump that wrote what will be poured."""
        self.database, self.programs, self.archive = database, programs, archive

    @asynccontextmanager
    async def filled(self, pour: Callable[[Sink], object]) -> AsyncIterator[Database]:
        """The database, for a look at it. It is emptied again if that look raises."""
        async with self.database.opened():
            if await query(TABLES):
                raise Refused(TAKEN)
            before = await _standing()
            server = await postgres_dump.version_now()
        program = await asyncio.to_thread(
            postgres_programs.find, "pg_restore", self.programs, max(server, self.archive)
        )
        await asyncio.to_thread(postgres_dump.fill, self.database, program, pour)
        try:
            yield self.database
        except BaseException:
            async with self.database.opened():
                await _empty(before)
            raise


async def _standing() -> set[str]:
    """Schemas and functions."""
    return {row["name"] for row in [*await query(SCHEMAS), *await query(FUNCTIONS)]}


@run_tx
async def _empty(before: set[str]) -> None:
    for kind, sql in (("SCHEMA", SCHEMAS), ("TABLE", TABLES), ("FUNCTION", FUNCTIONS)):
        for name in [row["name"] for row in await query(sql)]:
            if name not in before:
                await query(f"DROP {kind} IF EXISTS {name} CASCADE")

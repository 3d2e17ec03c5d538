"""What a database holds, counted in one snapshot: its migrations, the rows of each table, the audit log's head."""

import json
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from events.audit.seal import NO_SEAL, head_of
from events.ground.database import APPLIED, Database, query
from events.ground.refusal import Refused

Ask = Callable[[str], Awaitable[Sequence[Sequence[Any]]]]  # rows of one statement, by position
SQLITE, POSTGRES = "SQLite", "PostgreSQL"
TABLES = {
    SQLITE: "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite~_%' ESCAPE '~' ORDER BY 1",
    POSTGRES: """SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = current_schema()::regnamespace
        ORDER BY 1""",
}
HEAD = "SELECT sequence, mac FROM audit_seal ORDER BY sequence DESC LIMIT 1"
NOTHING = "There is nothing to back up yet: the database is empty."


@dataclass(frozen=True)
class Contents:
    """Travels in a backup, sealed with it."""

    kind: str  # SQLITE or POSTGRES
    taken_at: datetime  # by the machine's clock; all that was answered before is in it
    schema: list[str]  # its migrations, like "events 0001_initial"
    rows: dict[str, int]  # by table
    head: str  # the newest seal of the audit log

    @property
    def total(self) -> int:
        return sum(self.rows.values())

    def line(self) -> str:
        return json.dumps(asdict(self) | {"taken_at": self.taken_at.isoformat()}, sort_keys=True)

    @classmethod
    def read(cls, line: bytes) -> "Contents":
        """Raises ValueError, TypeError or KeyError for what `line` did not write."""
        try:
            said = json.loads(line)
        except RecursionError:
            raise ValueError("nested too deeply") from None
        said.pop("program", None)  # of pg_dump; older Musters wrote it
        return cls(**said | {"taken_at": datetime.fromisoformat(said["taken_at"])})


async def counted(ask: Ask, kind: str, taken_at: datetime) -> Contents:
    """Raises Refused for a database without Muster's tables."""
    tables = [table for (table,) in await ask(TABLES[kind])]
    if "tortoise_migrations" not in tables or "audit_seal" not in tables:
        raise Refused(NOTHING)
    schema = sorted(f"{app} {name}" for app, name in await ask(APPLIED))
    each = " UNION ALL ".join(map(_counting, tables))
    newest = await ask(HEAD)
    head = head_of(*newest[0]) if newest else NO_SEAL
    return Contents(kind, taken_at, schema, {str(table): int(number) for table, number in await ask(each)}, head)


def _counting(table: str) -> str:
    """Whatever somebody may have called it."""
    said, quoted = table.replace("'", "''"), table.replace('"', '""')
    return f"SELECT '{said}', count(*) FROM \"{quoted}\""  # noqa: S608


def kind_in(database: Database) -> str:
    return SQLITE if database.file else POSTGRES


async def counted_now(database: Database, real: datetime) -> Contents:
    """Of this one, which is open."""

    async def ask(sql: str) -> list[list[Any]]:
        return [list(row.values()) for row in await query(sql)]

    return await counted(ask, kind_in(database), real)

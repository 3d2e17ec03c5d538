"""Statements of SQL for both databases, the rows that they find, and helpers for what the two say differently.

A statement is written once, in PostgreSQL's words with a ? for each value.
"""

import json
import re
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, TypeVar

from tortoise.backends.base.client import BaseDBAsyncClient
from tortoise.context import require_context
from tortoise.models import Model

M = TypeVar("M", bound=Model)
POSTGRES, SQLITE = "postgres", "sqlite"
MOST_PLACES = 1000  # SQLite takes 32,766 in a statement
LOCKS = re.compile(r"\bFOR (NO KEY UPDATE|UPDATE|SHARE|KEY SHARE)( OF \w+)?( SKIP LOCKED)?")


def connection() -> BaseDBAsyncClient:
    return require_context().connections.get("default")


def dialect() -> str:
    """For what is a list of its own for each, as of triggers. Whatever else differs has a helper here."""
    return connection().capabilities.dialect


def is_postgres() -> bool:
    return dialect() == POSTGRES


async def ask(sql: str, values: Sequence[Any]) -> Sequence[Any]:
    """The rows as the driver has them: their values in order, and their names as `keys`."""
    client: Any = connection()
    if is_postgres():
        return await client.ask(_numbered(sql), values)  # type: ignore[no-any-return]
    bound = [value.astimezone(UTC).isoformat(" ") if isinstance(value, datetime) else value for value in values]
    return (await client.execute_query(_without_locks(sql), bound))[1]  # type: ignore[no-any-return]


@lru_cache(maxsize=512)
def _numbered(sql: str) -> str:
    pieces = sql.split("?")
    return "".join(f"{piece}${n}" for n, piece in enumerate(pieces[:-1], start=1)) + pieces[-1]


@lru_cache(maxsize=512)
def _without_locks(sql: str) -> str:
    """SQLite locks no rows: one transaction runs after the other."""
    return LOCKS.sub("", sql)


async def query(sql: str, values: Sequence[Any] = ()) -> list[dict[str, Any]]:
    """Rows of one hand-written statement for both databases: a ? for each value, RETURNING where it changes rows."""
    rows = await ask(sql, values)
    names = list(rows[0].keys()) if rows else ()  # asked for once: dict(row) would look for each name among all
    return [dict(zip(names, row, strict=True)) for row in rows]


async def update_with(first: str, values: Sequence[Any], then: str, more: Sequence[Any]) -> list[dict[str, Any]]:
    """Both change rows, and the second reads as `changed` what the first returns; so do we. On PostgreSQL they are one
    statement: what the first locks is held for shorter."""
    if is_postgres():
        both = f"WITH changed AS ({first}), followed AS ({then}) SELECT * FROM changed"  # noqa: S608  # ours
        return await query(both, [*values, *more])
    if rows := await query(first, values):
        changed = f"WITH changed ({', '.join(rows[0])}) AS (VALUES {rows_of(len(rows), len(rows[0]))})"
        await query(f"{changed} {then}", [*(value for row in rows for value in row.values()), *more])
    return rows


async def find_row(model: type[M], where: str, values: Sequence[Any]) -> M | None:
    """The row for which this hand-written condition is true. For look-ups that every page of a journey makes.

    Tortoise builds each SELECT anew, which takes longer than the database takes to answer.
    """
    rows = await find_rows(model, f"SELECT * FROM {model._meta.db_table} WHERE {where}", values)  # noqa: S608
    return rows[0] if rows else None


async def find_rows(model: type[M], sql: str, values: Sequence[Any]) -> list[M]:
    """The rows of one hand-written statement that selects all columns of the model."""
    return [model._init_from_db(**row) for row in await query(sql, values)]


async def find_joined(models: Mapping[str, type[Model]], rest: str, values: Sequence[Any]) -> dict[str, Any]:
    """A row of each of these models, by the name that it has in this join: the rest of one hand-written statement.

    None for one that a LEFT JOIN did not find; nothing at all where there is no row.
    """
    columns = [(name, column) for name, model in models.items() for column in model._meta.fields_db_projection_reverse]
    rows = await ask(f"SELECT {', '.join('.'.join(column) for column in columns)} {rest}", values)
    found = dict[str, dict[str, Any]]()
    for (name, column), value in zip(columns, rows[0], strict=True) if rows else ():
        found.setdefault(name, {})[column] = value
    return {name: models[name]._init_from_db(**row) if row["id"] is not None else None for name, row in found.items()}


def moment(value: Any) -> datetime | None:
    """Reads a moment out of such a row: SQLite keeps it as text."""
    return datetime.fromisoformat(value) if isinstance(value, str) else value


def string_agg(column: str) -> str:
    """All values of a group with commas between them. SQLite knows it by another name, before 3.44 by no other."""
    return f"string_agg(CAST({column} AS text), ',')" if is_postgres() else f"group_concat({column})"


def first_unseen(counter: str) -> str:
    """The lowest version that a row may have which this statement does not see, or sees as it was. On PostgreSQL a
    row's version is the number of its transaction (events/migrations/_building.py), so that of the oldest which is
    under way; on SQLite it is the next of this counter."""
    return "pg_snapshot_xmin(pg_current_snapshot())::text::bigint" if is_postgres() else f"{counter} + 1"


@lru_cache(maxsize=1024)
def places(count: int) -> str:
    """?, ?, ? for so many values."""
    return ", ".join("?" * count)


@lru_cache(maxsize=128)  # of a thousand rows it is long
def rows_of(count: int, columns: int) -> str:
    """(?, ?), (?, ?) for so many rows."""
    return ", ".join([f"({places(columns)})"] * count)


def among(column: str, type_: str, values: Collection[Any]) -> tuple[str, list[Any]]:
    """The condition that the column has one of these values, and what to ask with. `type_`: what PostgreSQL calls the
    column's. There they are one array: it plans a statement anew for each number of values, which costs more than the
    answer. On SQLite very many are one text. Where there may be so many, write beside a condition that an index would
    answer a sign, as `+event_id = ?`: it may take that one first, and read a whole event for each value."""
    if is_postgres():
        return f"{column} = ANY(CAST(? AS {type_}[]))", [list(values)]
    if len(values) > MOST_PLACES:
        return f"{column} IN (SELECT value FROM json_each(?))", [json.dumps(list(values))]  # noqa: S608  # ours
    return f"{column} IN ({places(len(values))})", list(values)


def inserted(columns: Mapping[str, str], rows: Sequence[Sequence[Any]]) -> tuple[str, list[Any]]:
    """What an INSERT says of these rows, in their order, and what to ask with: "(a, b) VALUES (?, ?), (?, ?)".
    `columns`: their names, and what PostgreSQL calls their types. There it is an array for each column."""
    if is_postgres():
        return f"({', '.join(columns)}) {_unnested(tuple(columns.values()))}", _by_columns(columns, rows)
    return f"({', '.join(columns)}) VALUES {rows_of(len(rows), len(columns))}", [v for row in rows for v in row]


def given(columns: Mapping[str, str], rows: Sequence[Sequence[Any]]) -> tuple[str, list[Any]]:
    """The beginning of a statement that names these rows `given`, and their values: "WITH given (...) AS (...)".
    `columns` as for `inserted`. SQLite wants a WHERE between it and an ON CONFLICT."""
    names = ", ".join(columns)
    if is_postgres():
        return f"WITH given ({names}) AS ({_unnested(tuple(columns.values()))})", _by_columns(columns, rows)
    return f"WITH given ({names}) AS (VALUES {rows_of(len(rows), len(columns))})", [v for row in rows for v in row]


@lru_cache(maxsize=64)
def _unnested(types: tuple[str, ...]) -> str:
    return f"SELECT * FROM unnest({', '.join(f'CAST(? AS {type_}[])' for type_ in types)})"  # noqa: S608  # ours


def _by_columns(columns: Mapping[str, str], rows: Sequence[Sequence[Any]]) -> list[Any]:
    return [list(column) for column in zip(*rows, strict=True)] or [[] for _ in columns]

"""Hand-written statements, the same for both databases, and the rows that they find: as dictionaries or as models."""

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, TypeVar

from tortoise.backends.base.client import BaseDBAsyncClient
from tortoise.context import require_context
from tortoise.models import Model

M = TypeVar("M", bound=Model)


def connection() -> BaseDBAsyncClient:
    return require_context().connections.get("default")


def is_postgres() -> bool:
    return connection().capabilities.dialect == "postgres"


async def query(sql: str, values: Sequence[Any] = ()) -> list[dict[str, Any]]:
    """Rows of one hand-written statement for both databases: a ? for each value, RETURNING where it changes rows."""
    rows = await ask(sql, values)
    names = list(rows[0].keys()) if rows else ()  # asked for once: dict(row) would look for each name among all
    return [dict(zip(names, row, strict=True)) for row in rows]


async def ask(sql: str, values: Sequence[Any]) -> Sequence[Any]:
    """The rows as the driver has them: their values in order, and their names as `keys`."""
    client: Any = connection()
    if client.capabilities.dialect == "postgres":
        return await client.ask(_numbered(sql), values)  # type: ignore[no-any-return]
    bound = [value.astimezone(UTC).isoformat(" ") if isinstance(value, datetime) else value for value in values]
    return (await client.execute_query(sql, bound))[1]  # type: ignore[no-any-return]


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


@lru_cache(maxsize=1024)
def places(count: int) -> str:
    """?, ?, ? for so many values."""
    return ", ".join("?" * count)


@lru_cache(maxsize=128)  # of a thousand rows it is long
def rows_of(count: int, columns: int) -> str:
    """(?, ?), (?, ?) for so many rows."""
    return ", ".join([f"({places(columns)})"] * count)


SIZES = (1, 2, 3, 5, 9, 17, 33, 65, 129)  # PostgreSQL prepares a statement of each size anew


def _size(count: int) -> int:
    return next((size for size in SIZES if size >= count), count)


def filled(values: Collection[Any]) -> list[Any]:
    """These values for an IN, one of them so often that there are as many as in one of a few sizes."""
    some = list(values)
    return some + some[:1] * (_size(len(some)) - len(some))


def among(column: str, type_: str, values: Collection[Any]) -> tuple[str, list[Any]]:
    """The condition that the column has one of these values, and what to ask with. `type_`: what PostgreSQL calls the
    column's. There they are one array: it plans a statement anew for each number of values, which costs more than the
    answer."""
    if is_postgres():
        return f"{column} = ANY(CAST(? AS {type_}[]))", [list(values)]
    return f"{column} IN ({places(len(values))})", list(values)


def among_many(column: str, numbers: Collection[int]) -> tuple[str, list[Any]]:
    """The condition that the column has one of these numbers, however many, as one value. Beside a condition that an
    index would answer, write that one with a sign, as `+event_id = ?`: SQLite may take it first, and read a whole
    event for each question."""
    if is_postgres():
        return f"{column} = ANY(CAST(? AS bigint[]))", [list(numbers)]
    return f"{column} IN (SELECT value FROM json_each(?))", [str(list(numbers))]  # noqa: S608  # ours


def inserted(columns: Mapping[str, str], rows: Sequence[Sequence[Any]]) -> tuple[str, list[Any]]:
    """What an INSERT says of these rows, in their order, and what to ask with: "(a, b) VALUES (?, ?), (?, ?)".
    `columns`: their names, and what PostgreSQL calls their types. There it is an array for each column."""
    if is_postgres():
        return f"({', '.join(columns)}) {_unnested(tuple(columns.values()))}", _by_columns(columns, rows)
    return f"({', '.join(columns)}) VALUES {rows_of(len(rows), len(columns))}", [v for row in rows for v in row]


def given(columns: Mapping[str, str], rows: Sequence[Sequence[Any]]) -> tuple[str, list[Any]]:
    """The beginning of a statement that names these rows `given`, and their values: "WITH given (...) AS (...)".

    `columns` as for `inserted`. On SQLite the rows are filled up with rows of nulls to one of a few sizes, so leave out
    those in which something is null that never is.
    """
    names = ", ".join(columns)
    if is_postgres():
        return f"WITH given ({names}) AS ({_unnested(tuple(columns.values()))})", _by_columns(columns, rows)
    size = _size(len(rows))
    filling = [None] * (len(columns) * (size - len(rows)))
    values = [*(value for row in rows for value in row), *filling]
    return f"WITH given ({names}) AS (VALUES {rows_of(size, len(columns))})", values


@lru_cache(maxsize=64)
def _unnested(types: tuple[str, ...]) -> str:
    return f"SELECT * FROM unnest({', '.join(f'CAST(? AS {type_}[])' for type_ in types)})"  # noqa: S608  # ours


def _by_columns(columns: Mapping[str, str], rows: Sequence[Sequence[Any]]) -> list[Any]:
    return [list(column) for column in zip(*rows, strict=True)] or [[] for _ in columns]


@lru_cache(maxsize=512)
def _numbered(sql: str) -> str:
    pieces = sql.split("?")
    return "".join(f"{piece}${n}" for n, piece in enumerate(pieces[:-1], start=1)) + pieces[-1]

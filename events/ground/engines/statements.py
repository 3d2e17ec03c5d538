"""Hand-written statements, the same for both databases, and the rows that they find: as dictionaries or as models."""

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from tortoise.models import Model

from ..dialect import ask, is_postgres, rows_of

M = TypeVar("M", bound=Model)


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

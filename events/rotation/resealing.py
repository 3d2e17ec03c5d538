"""Makes anew, under the newest key, what the database keeps sealed or as a keyed hash: row by row, in parts.

A row is written on condition that it stands as it was read: what somebody has changed meanwhile is left to them, and
looked at again. Each part is a transaction, so whoever is interrupted goes on with what is left.
"""

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from tortoise.context import require_context
from tortoise.exceptions import IntegrityError
from tortoise.models import Model

from events.ground.database import is_postgres, places, query, run_tx, within_tx
from events.ground.keyring.made import Keyed, Sealed, made_in
from events.ground.keys import MARK_BYTES, CannotOpen

from .new_key import NewKey

A_PART = 100  # rows of one transaction: others write between two
OTHER_MARK = f"substr({{column}}, 2, {MARK_BYTES}) <> ?"  # the algorithm stands before it
Tell = Callable[[str], object]
Now = Callable[[], datetime]


class Table(NamedTuple):
    """Its columns that this kind of key makes."""

    model: type[Model]
    sealed: Mapping[str, Sealed]
    keyed: Mapping[str, Keyed]

    @property
    def name(self) -> str:
        return self.model._meta.db_table

    @property
    def any(self) -> Sealed | Keyed:
        columns: list[Sealed | Keyed] = [*self.sealed.values(), *self.keyed.values()]
        return columns[0]

    @property
    def after_event(self) -> bool:
        return any(keyed.after_event for keyed in self.keyed.values())


class Renewal(NamedTuple):
    """Of one row: new and old values by column, and how many values cannot be opened."""

    id: int
    values: Mapping[str, tuple[Any, Any]]
    unopened: int


@dataclass
class Tally:
    """How many values were made anew, and how many cannot be, by table: damaged, or of a key that is not here."""

    renewed: int = 0
    left: Counter[str] = field(default_factory=Counter)


def tables_of(key: NewKey) -> list[Table]:
    """Of all models that there are."""
    apps, found = require_context().apps, list[Table]()
    for model in (model for models in apps.apps.values() for model in models.values()) if apps else ():
        columns = {name: how for name, how in made_in(model).items() if isinstance(how, Sealed | Keyed)}
        mine = {name: how for name, how in columns.items() if key.makes(how)}
        sealed = {name: how for name, how in mine.items() if isinstance(how, Sealed)}
        keyed = {name: how for name, how in mine.items() if isinstance(how, Keyed)}
        if mine:
            found.append(Table(model, sealed, keyed))
    return found


async def renew_all(key: NewKey, tell: Tell) -> Tally:
    """Until nothing is left but what cannot be opened."""
    tally = Tally()
    for table in tables_of(key):
        before = tally.renewed
        while await _pass(table, key, tally):
            pass
        if tally.renewed > before:
            tell(f"{table.name}: {tally.renewed - before} values made anew")
    return tally


async def _pass(table: Table, key: NewKey, tally: Tally) -> bool:
    """One way through the table. Whether somebody may have put something there meanwhile that is still to be made
    anew."""
    last, found = 0, False
    tally.left[table.name] = 0
    while renewals := await part(table, key, last):
        written = await _write(table, [renewed for renewed in renewals if renewed.values])
        tally.left[table.name] += sum(renewed.unopened for renewed in renewals) + written.count(None)
        tally.renewed += sum(number or 0 for number in written)
        found = found or any(number is not None for number in written)
        last = renewals[-1].id
    return found


async def part(table: Table, key: NewKey, after: int) -> list[Renewal]:
    """Of the next rows that this key may have to make anew, by their ids."""
    which, values = key.rows(table.any)
    stale = [OTHER_MARK.format(column=name) for name in table.sealed] if not table.keyed else ["1 = 1"]
    marks = [key.mark(how) for how in table.sealed.values()] if not table.keyed else []
    sql = f"""SELECT * FROM {table.name} WHERE {which} AND ({" OR ".join(stale)}) AND id > ?
        ORDER BY id LIMIT {A_PART}"""  # noqa: S608  # ours
    return [_renewal(table, row, key) for row in await query(sql, [*values, *marks, after])]


async def of_rows(table: Table, key: NewKey, ids: Collection[int]) -> list[Renewal]:
    """Of these rows as they stand."""
    sql = f"SELECT * FROM {table.name} WHERE id IN ({places(len(ids))})"  # noqa: S608
    return [_renewal(table, row, key) for row in await query(sql, sorted(ids))] if ids else []


def _renewal(table: Table, columns: Mapping[str, Any], key: NewKey) -> Renewal:
    """A row that says what Muster never writes, like a role that there is not, is left as it is."""
    try:
        return renewal(table, table.model._init_from_db(**columns), key)
    except ValueError:
        return Renewal(columns["id"], {}, 1)


def renewal(table: Table, row: Model, key: NewKey) -> Renewal:
    """What the row has to hold under this key, where that differs from what it holds."""
    values, unopened = dict[str, tuple[Any, Any]](), 0
    for name, sealed in table.sealed.items():
        before = getattr(row, name)
        if before is None or bytes(before[1 : 1 + MARK_BYTES]) == key.mark(sealed):
            continue
        try:
            values[name] = key.sealed(sealed, row, key.opened(sealed, row, bytes(before))), before
        except CannotOpen:
            unopened += 1
    for name, keyed in table.keyed.items():
        before, text = getattr(row, name), keyed.text(row)
        newest, *older = key.hashes(keyed, text) if text is not None else [before]
        if before != newest and before in older:  # one of none of our keys is not ours to make
            values[name] = newest, before
    return Renewal(row.pk, values, unopened)


async def _write(table: Table, renewals: Sequence[Renewal]) -> list[int | None]:
    """How many values of each: all rows together; or each by itself, where one is in the way of another. Then that one
    has None."""
    try:
        return await _put_together(table, renewals)
    except IntegrityError:
        return [await _put_alone(table, renewed) for renewed in renewals]


async def _put_alone(table: Table, renewed: Renewal) -> int | None:
    try:
        return (await _put_together(table, [renewed]))[0]
    except IntegrityError:
        return None


@run_tx
async def _put_together(table: Table, renewals: Sequence[Renewal]) -> list[int | None]:
    await _lock(table, [renewed.id for renewed in renewals])
    written = await put(table, renewals)
    return [len(renewed.values) if renewed.id in written else 0 for renewed in renewals]


async def _lock(table: Table, ids: Sequence[int]) -> None:
    """In the order of the ids, as others lock several of them."""
    if is_postgres() and ids:
        sql = f"SELECT id FROM {table.name} WHERE id IN ({places(len(ids))}) ORDER BY id FOR NO KEY UPDATE"  # noqa: S608
        await query(sql, ids)


@within_tx
async def put(table: Table, renewals: Sequence[Renewal]) -> set[int]:
    """Which of these rows stood as they were read, and are written. They are locked."""
    written, kept = set[int](), await _emptied(table, [renewed.id for renewed in renewals])
    for columns in sorted({tuple(renewed.values) for renewed in renewals if renewed.values}):
        some = [renewed for renewed in renewals if tuple(renewed.values) == columns]
        written |= {row["id"] for row in await query(*_put(table, columns, some))}
    for column, id_, value in kept:
        if id_ in written:
            await query(f"UPDATE {table.name} SET {column} = ? WHERE id = ? RETURNING id", [value, id_])  # noqa: S608
    return written


async def _emptied(table: Table, ids: Sequence[int]) -> list[tuple[str, int, Any]]:
    """What the database empties when the hash of a text changes, although the text does not: column, row and value."""
    found = list[tuple[str, int, Any]]()
    for column in {keyed.emptied for keyed in table.keyed.values()} - {""} if ids else ():
        which = f"{column} <> '' AND id IN ({places(len(ids))})"
        rows = await query(f"SELECT id, {column} AS kept FROM {table.name} WHERE {which}", ids)  # noqa: S608
        found += [(column, row["id"], row["kept"]) for row in rows]
    return found


def _put(table: Table, columns: Sequence[str], renewals: Sequence[Renewal]) -> tuple[str, list[Any]]:
    """One statement with its values: PostgreSQL takes ten times as long for one of each row."""
    kinds = ["BYTEA" if name in table.sealed else "TEXT" for name in columns for _ in "12"] if is_postgres() else []
    cast = [f"CAST(? AS {kind})" for kind in ["INT", *kinds]] if kinds else ["?"] * (1 + 2 * len(columns))
    rows = ", ".join([f"({', '.join(cast)})"] * len(renewals))
    new = ", ".join(f"{name} = v.column{2 + 2 * n}" for n, name in enumerate(columns))
    old = " AND ".join(f"{table.name}.{name} = v.column{3 + 2 * n}" for n, name in enumerate(columns))
    sql = f"""UPDATE {table.name} SET {new} FROM (VALUES {rows}) AS v
        WHERE {table.name}.id = v.column1 AND {old} RETURNING id"""  # noqa: S608  # ours
    values = [[renewed.id, *(value for name in columns for value in renewed.values[name])] for renewed in renewals]
    return sql, [value for row in values for value in row]


async def to_renew(key: NewKey) -> int:
    """How many values are still to be made anew, and can be."""
    found = 0
    for table in tables_of(key):
        last = 0
        while renewals := await part(table, key, last):
            found += sum(len(renewed.values) for renewed in renewals)
            last = renewals[-1].id
    return found

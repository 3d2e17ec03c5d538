"""Makes anew, under the newest key, what the database keeps sealed or as a keyed hash: row by row, in parts.

Each part is a transaction, so whoever is interrupted goes on with what is left.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from tortoise.context import require_context
from tortoise.exceptions import IntegrityError
from tortoise.models import Model

from events.ground.database import given, places, query, run_tx, within_tx
from events.ground.keyring.made import Keyed, Sealed, made_in
from events.ground.keys import MARK_BYTES, CannotOpen

from .new_key import NewKey

A_PART = 100  # rows of one transaction
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


class Renewal(NamedTuple):
    """Of one row: new values by column, and how many are left as they are."""

    id: int
    values: Mapping[str, Any]
    left: int


@dataclass
class Tally:
    """How many values were made anew, and how many cannot be, by table: they are damaged, of a key that is not here, or
    in the way of another row."""

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
    """All but what cannot be opened."""
    tally = Tally()
    for table in tables_of(key):
        last, before = 0, tally.renewed
        while renewals := await _renewed(table, key, last):
            tally.renewed += sum(len(renewed.values) for renewed in renewals)
            tally.left[table.name] += sum(renewed.left for renewed in renewals)
            last = renewals[-1].id
        if tally.renewed > before:
            tell(f"{table.name}: {tally.renewed - before} values made anew")
    return tally


async def _renewed(table: Table, key: NewKey, after: int) -> list[Renewal]:
    """The next rows, in one transaction; or one of them, where one is in the way of another."""
    try:
        return await _renew_part(table, key, after, A_PART)
    except IntegrityError:
        return await _renew_first(table, key, after)


async def _renew_first(table: Table, key: NewKey, after: int) -> list[Renewal]:
    try:
        return await _renew_part(table, key, after, 1)
    except IntegrityError:
        [first] = await _part(table, key, after, 1)
        return [Renewal(first.id, {}, len(first.values) + first.left)]


@run_tx
async def _renew_part(table: Table, key: NewKey, after: int, many: int) -> list[Renewal]:
    """Rows are read and written in one transaction: what a command changes meanwhile is not undone."""
    renewals = await _part(table, key, after, many, "FOR NO KEY UPDATE")
    await _put(table, [renewed for renewed in renewals if renewed.values])
    return renewals


async def _part(table: Table, key: NewKey, after: int, many: int, held: str = "") -> list[Renewal]:
    """Of so many rows, the next by their ids that this key may have to make anew."""
    which, values = key.rows(table.any)
    stale = [OTHER_MARK.format(column=name) for name in table.sealed] if not table.keyed else ["1 = 1"]
    marks = [key.mark(how) for how in table.sealed.values()] if not table.keyed else []
    sql = f"""SELECT * FROM {table.name} WHERE {which} AND ({" OR ".join(stale)}) AND id > ?
        ORDER BY id LIMIT {many} {held}"""  # noqa: S608  # ours
    return [_renewal(table, row, key) for row in await query(sql, [*values, *marks, after])]


def _renewal(table: Table, columns: Mapping[str, Any], key: NewKey) -> Renewal:
    """A row that says what Muster never writes, like a role that there is not, is left as it is."""
    try:
        return renewal(table, table.model._init_from_db(**columns), key)
    except ValueError:
        return Renewal(columns["id"], {}, 1)


def renewal(table: Table, row: Model, key: NewKey) -> Renewal:
    """What the row has to hold under this key, where that differs from what it holds."""
    values, left = dict[str, Any](), 0
    for name, sealed in table.sealed.items():
        before = getattr(row, name)
        if before is None or bytes(before[1 : 1 + MARK_BYTES]) == key.mark(sealed):
            continue
        try:
            values[name] = key.sealed(sealed, row, key.opened(sealed, row, bytes(before)))
        except CannotOpen:
            left += 1
    for name, keyed in table.keyed.items():
        before, text = getattr(row, name), keyed.text(row)
        newest, *older = key.hashes(keyed, text) if text is not None else [before]
        if before != newest and before in older:  # one of none of our keys is not ours to make
            values[name] = newest
    return Renewal(row.pk, values, left)


@within_tx
async def _put(table: Table, renewals: Sequence[Renewal]) -> None:
    kept = await _emptied(table, [renewed.id for renewed in renewals])
    for columns in sorted({tuple(renewed.values) for renewed in renewals}):
        types = {f"new_{name}": "bytea" if name in table.sealed else "text" for name in columns}
        some = [(renewed.id, *renewed.values.values()) for renewed in renewals if tuple(renewed.values) == columns]
        rows, values = given({"of": "int"} | types, some)
        new = ", ".join(f"{name} = new_{name}" for name in columns)
        sql = f"{rows} UPDATE {table.name} SET {new} FROM given WHERE id = given.of RETURNING id"  # noqa: S608  # ours
        await query(sql, values)
    for column, id_, value in kept:
        await query(f"UPDATE {table.name} SET {column} = ? WHERE id = ? RETURNING id", [value, id_])  # noqa: S608


async def _emptied(table: Table, ids: Sequence[int]) -> list[tuple[str, int, Any]]:
    """What the database empties when the hash of a text changes, although the text does not: column, row and value."""
    found = list[tuple[str, int, Any]]()
    for column in {keyed.emptied for keyed in table.keyed.values()} - {""} if ids else ():
        which = f"{column} <> '' AND id IN ({places(len(ids))})"
        rows = await query(f"SELECT id, {column} AS kept FROM {table.name} WHERE {which}", ids)  # noqa: S608
        found += [(column, row["id"], row["kept"]) for row in rows]
    return found


async def to_renew(key: NewKey) -> int:
    """How many values are still to be made anew, and can be."""
    found = 0
    for table in tables_of(key):
        last = 0
        while renewals := await _part(table, key, last, A_PART):
            found += sum(len(renewed.values) for renewed in renewals)
            last = renewals[-1].id
    return found

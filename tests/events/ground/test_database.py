"""The database keeps its promises: migrations, transactions, hooks, and rows that must not be."""

import asyncio
import importlib
import re
from collections.abc import Awaitable, Callable
from datetime import datetime
from itertools import chain
from typing import Any, NamedTuple

import asyncpg
import pytest
from tortoise.context import require_context
from tortoise.exceptions import BaseORMException, IntegrityError
from tortoise.fields import (
    BinaryField,
    BooleanField,
    CharField,
    DateField,
    DatetimeField,
    Field,
    FloatField,
    IntField,
    JSONField,
    TextField,
)
from tortoise.fields.relational import ForeignKeyFieldInstance, RelationalField
from tortoise.migrations.autodetector import MigrationAutodetector
from tortoise.models import Model

from events.audit import audit, triggers
from events.audit.action import Action
from events.audit.audit import AuditEntry
from events.event import Event, take_place
from events.ground.database import (
    Database,
    after_commit,
    connection,
    dialect,
    find_joined,
    find_row,
    find_rows,
    is_postgres,
    query,
    run_tx,
)
from server import ROOT
from tests.people import MONDAY, Person, an_event, requested, someone
from tests.waiting import WITHIN


async def test_the_models_and_the_migrations_say_the_same(database: Database) -> None:
    models = require_context().apps
    assert models is not None
    assert await MigrationAutodetector(models, database.config()["apps"]).changes() == []
    assert await database.pending() == []


@pytest.mark.parametrize("folder", ["events", "registrations"])
def test_migrations_import_nothing_that_goes_on_changing(folder: str) -> None:
    """What a migration did must stay what it did, whatever becomes of our models and enums."""
    files = sorted((ROOT / folder / "migrations").glob("*.py"))
    imported = {name for file in files for name in re.findall(r"^\s*(?:from|import) (\S+)", file.read_text(), re.M)}
    assert imported >= {"tortoise", "._promises"}, "the search itself has to work"
    ours = {name for name in imported if name.startswith(("..", "events", "registrations", "server"))}
    assert ours <= {"events.migrations._building"}


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_what_is_written_outlives_a_loss_of_power_and_what_is_deleted_is_overwritten(
    database: Database,
) -> None:
    pragmas = {"synchronous": 2, "journal_mode": "wal", "secure_delete": 1, "foreign_keys": 1}
    assert {name: (await query(f"PRAGMA {name}", []))[0][name] for name in pragmas} == pragmas


async def test_a_part_of_an_act_is_refused_outside_one(database: Database) -> None:
    with pytest.raises(RuntimeError, match="record is a part of an act: call it in the act's transaction"):
        await audit.record(Action.SEARCHED, by=None, at=MONDAY)
    assert await AuditEntry.all().count() == 0
    await run_tx(audit.record)(Action.SEARCHED, by=None, at=MONDAY)
    assert await AuditEntry.all().count() == 1


async def test_a_rolled_back_act_leaves_no_row_and_calls_nobody(database: Database) -> None:
    called: list[str] = []

    @run_tx
    async def inner(word: str) -> None:
        await audit.record(Action.SEARCHED, by=None, at=MONDAY)
        after_commit(called.append, word)

    @run_tx
    async def outer() -> None:
        await inner("kept")
        with pytest.raises(ZeroDivisionError):
            await failing()
        assert called == []

    @run_tx
    async def failing() -> None:
        await inner("dropped")
        raise ZeroDivisionError

    await outer()
    assert called == ["kept"]
    assert await AuditEntry.all().count() == 1


async def test_a_storm_of_cancelled_callers_leaves_the_database_usable(event: Event) -> None:
    @run_tx
    async def work() -> None:
        await take_place(event.id)
        await asyncio.sleep(0)

    for step in range(60):
        task = asyncio.create_task(_start(work))
        for _ in range(step % 20):
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    async with asyncio.timeout(WITHIN):
        assert 0 <= (await Event.get(id=event.id)).taken <= 60


@pytest.mark.parametrize("database", ["postgres"], indirect=True)  # SQLite's one connection is never given back
async def test_a_connection_comes_back_as_it_is_but_for_what_a_transaction_left(database: Database) -> None:
    pool: Any = connection()

    async def last_asked(*statements: str) -> tuple[str, str]:
        async with pool.acquire_connection() as looking:
            async with pool.acquire_connection() as ours:
                pid = await ours.fetchval("SELECT pg_backend_pid()")
                for statement in statements:
                    await ours.execute(statement)
            seen = await looking.fetchrow("SELECT state, query FROM pg_stat_activity WHERE pid = $1", pid)
        return seen["state"], seen["query"]

    assert await last_asked("SELECT 42") == ("idle", "SELECT 42")
    assert await last_asked("BEGIN", "SELECT 42") == ("idle", "ROLLBACK")


async def _start(work: Callable[[], Awaitable[None]]) -> None:
    await work()


async def test_two_hundred_at_once_take_exactly_fifty_places(database: Database) -> None:
    event = await an_event(capacity=50)
    answers = await asyncio.gather(*(take_place(event.id) for _ in range(200)))
    assert sorted(answers) == [False] * 150 + [True] * 50
    assert (await Event.get(id=event.id)).taken == 50


async def test_one_address_has_one_live_request(event: Event, ada: Person) -> None:
    await requested(ada, event)
    with pytest.raises(IntegrityError):
        await requested(ada, event)
    await requested(someone(), event)


UNIQUE = re.compile(r"CREATE UNIQUE INDEX (\w+) ON (\w+) \((.*?)\)(?: WHERE (\w+) IS NOT NULL)?")


class Promise(NamedTuple):
    table: str
    columns: str  # that a row has to fill, for the promise to be about it


def promised() -> dict[str, Promise]:
    """Every unique index that a migration makes by hand, by its name."""
    found: dict[str, Promise] = {}
    for file in sorted(ROOT.glob("*/migrations/0*.py")):
        made = importlib.import_module(f"{file.parent.parent.name}.migrations.{file.stem}").Migration.operations
        for operation in chain.from_iterable(getattr(step, "operations", [step]) for step in made):
            sql = str(getattr(operation, "sql", ""))
            for name, table, columns, filled in UNIQUE.findall(sql):
                found[name] = Promise(table, f"{columns}, {filled}")
    return found


def tables() -> dict[str, type[Model]]:
    apps = require_context().apps
    assert apps is not None
    return {model._meta.db_table: model for app in apps.values() for model in app.values()}


FILLED: dict[type[Field[Any]], Any] = {
    CharField: "x", TextField: "x", IntField: 1, FloatField: 1.0, BooleanField: False, BinaryField: b"x", JSONField: {},
    DateField: MONDAY.date(), DatetimeField: MONDAY,
}  # fmt: skip


async def values_for(model: type[Model], columns: str = "") -> dict[str, Any]:
    """Of a row of any table, with a row of each table that it needs; what may be empty and is no text is empty, but for
    these columns."""
    values: dict[str, Any] = {}
    for name, field in model._meta.fields_map.items():
        if isinstance(field, ForeignKeyFieldInstance):
            if not field.null or f"{name}_id" in columns.split(", "):
                needed = field.related_model
                values[name] = await needed.first() or await needed.create(**await values_for(needed))
        elif (
            field.pk
            or isinstance(field, RelationalField)
            or (field.null and not isinstance(field, CharField) and name not in columns.split(", "))
        ):
            continue
        elif (choices := getattr(field, "enum_type", None)) is not None:
            values[name] = next(iter(choices))
        elif name not in {f"{field}_id" for field in model._meta.fk_fields}:
            values[name] = next(filled for kind, filled in FILLED.items() if isinstance(field, kind))
    return values


async def triggers_on(table: str) -> list[dict[str, Any]]:
    there = await query(triggers.ALL_TRIGGERS[dialect()])
    return [row for row in there if row["place"] == table]


@pytest.mark.parametrize("name", sorted(promised()))
async def test_each_promise_refuses_the_row_that_must_not_be(database: Database, name: str) -> None:
    """It alone: the table's other promises are taken away first, and without this one the row is let in."""
    table, columns = promised()[name]
    model = tables()[table]
    values = await values_for(model, columns)
    await model.create(**values)
    for other in {index for index, promise in promised().items() if promise.table == table} - {name}:
        await connection().execute_query(f"DROP INDEX {other}")
    for trigger in [row["name"] for row in await triggers_on(table) if "_never_more" in row["name"]]:
        await connection().execute_query(f"DROP TRIGGER {trigger}{f' ON {table}' if is_postgres() else ''}")
    with pytest.raises(IntegrityError):
        await model.create(**values)
    await connection().execute_query(f"DROP INDEX {name}")
    await model.create(**values)
    assert await model.all().count() == 2


@pytest.mark.parametrize("statement", ["UPDATE {table} SET id = id", "DELETE FROM {table}"])
@pytest.mark.parametrize("table", ["audit_entry", "audit_seal", "scan"])
async def test_what_was_written_down_cannot_be_changed(database: Database, table: str, statement: str) -> None:
    model = tables()[table]
    await model.create(**await values_for(model))
    before = await model.all().values()
    with pytest.raises((BaseORMException, asyncpg.PostgresError), match="never changed"):
        await connection().execute_query(statement.format(table=table))
    assert await model.all().values() == before


@pytest.mark.parametrize("filled", [True, False])
async def test_a_row_of_ours_is_the_one_that_tortoise_reads(database: Database, filled: bool) -> None:
    for table, model in tables().items():
        if await model.first() is None:  # or another model needed it
            await model.create(**await values_for(model, ", ".join(model._meta.fields_map) if filled else ""))
        theirs = await model.get()
        [ours] = await find_rows(model, f"SELECT * FROM {table}", [])  # noqa: S608
        joined = await find_joined({"a": model, "b": model}, f"FROM {table} a LEFT JOIN {table} b ON b.id < 0", [])
        assert inside(ours) == inside(theirs) == inside(joined["a"])
        assert joined["b"] is None
        assert repr(await find_row(model, "id = ?", [ours.pk])) == repr(theirs)


def inside(row: Model) -> dict[str, Any]:
    """All that a model holds, with the kind of each; moments are of one zone, however the zone is called."""
    return {name: (value, value.tzname() if isinstance(value, datetime) else type(value))
            for name, value in vars(row).items()}  # fmt: skip

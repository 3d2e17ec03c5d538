"""The database keeps its promises: migrations, transactions, hooks, and rows that must not be."""

import asyncio
from collections.abc import Awaitable, Callable

import asyncpg
import pytest
from tortoise.context import require_context
from tortoise.exceptions import BaseORMException, IntegrityError
from tortoise.migrations.autodetector import MigrationAutodetector

from events import audit
from events.audit import Action, AuditEntry
from events.database import Database, after_commit, connection, run_tx
from events.event import Event, take_place
from tests.people import MONDAY, Person, an_event, requested, someone


async def test_the_models_and_the_migrations_say_the_same(database: Database) -> None:
    models = require_context().apps
    assert models is not None
    assert await MigrationAutodetector(models, database.config()["apps"]).changes() == []
    assert await database.pending() == []


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
    async with asyncio.timeout(2):
        assert 0 <= (await Event.get(id=event.id)).taken <= 60


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


@pytest.mark.parametrize("statement", ["UPDATE audit_entry SET actor = 'x'", "DELETE FROM audit_entry"])
async def test_the_record_cannot_be_changed(database: Database, statement: str) -> None:
    await audit.record(Action.SEARCHED, by=None, at=MONDAY)
    with pytest.raises((BaseORMException, asyncpg.PostgresError), match="never changed"):
        await connection().execute_query(statement)
    assert await AuditEntry.all().count() == 1

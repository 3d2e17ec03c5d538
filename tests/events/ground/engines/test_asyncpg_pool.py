"""Our connections to PostgreSQL: so many at once, each handed on as it is, and none that is dead, old or still busy."""

import asyncio
from typing import Any

import asyncpg
import pytest

from events.ground.database import Database, connection, query
from events.ground.engines import asyncpg_pool
from events.ground.engines.asyncpg_pool import Pool

pytestmark = pytest.mark.parametrize("database", ["postgres"], indirect=True)


async def pid() -> int:
    """Of the process of the database that answers now."""
    return int((await query("SELECT pg_backend_pid() AS pid"))[0]["pid"])


async def pool_of(database: Database) -> Pool:
    await query("SELECT 1")
    pool: Any = connection()
    assert isinstance(pool._pool, Pool)
    return pool._pool


async def test_one_after_the_other_uses_one_connection_and_many_at_once_no_more_than_there_may_be(
    database: Database,
) -> None:
    pool = await pool_of(database)
    assert len({await pid() for _ in range(5)}) == 1
    rows = await asyncio.gather(*(query("SELECT pg_backend_pid() AS pid, pg_sleep(0.02)") for _ in range(40)))
    assert len({row["pid"] for [row] in rows}) == pool._most == 24
    assert pool.out == 0


async def test_one_that_was_idle_for_long_is_not_used_again(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = await pid()
    assert await pid() == first
    monkeypatch.setattr(asyncpg_pool, "IDLE", 0.0)
    assert await pid() != first


async def test_a_question_that_is_given_up_takes_its_connection_along(database: Database) -> None:
    pool, first = await pool_of(database), await pid()
    asked = asyncio.create_task(query("SELECT pg_sleep(30)"))
    while not pool.out:  # noqa: ASYNC110
        await asyncio.sleep(0)
    await asyncio.sleep(0.05)
    asked.cancel()
    assert isinstance((await asyncio.gather(asked, return_exceptions=True))[0], asyncio.CancelledError)
    async with asyncio.timeout(2):
        assert await pid() != first
    assert pool.out == 0


async def test_who_cannot_connect_takes_no_turn_away(database: Database) -> None:
    tries = 0

    async def connect() -> asyncpg.Connection:
        nonlocal tries
        tries += 1
        raise ConnectionRefusedError

    pool = Pool(2, connect)
    ends = await asyncio.gather(*(pool.acquire() for _ in range(6)), return_exceptions=True)
    assert [type(end) for end in ends] == [ConnectionRefusedError] * 6
    assert (tries, pool.out) == (6, 0)


async def test_closing_waits_for_what_is_under_way(database: Database) -> None:
    pool = Pool(2, (await pool_of(database))._connect)
    last = await pool.acquire()
    closing = asyncio.create_task(pool.close())
    await asyncio.sleep(0.02)
    assert (closing.done(), await last.fetchval("SELECT 42")) == (False, 42)
    await pool.release(last)
    async with asyncio.timeout(2):
        await closing
    assert last.is_closed()

"""What one test leaves to the next: an open loop and connections, and nothing of what was done on them."""

import asyncio
from weakref import WeakKeyDictionary

import pytest

from events.ground.database import Database, connection, query
from server import MODELS
from tests.databases import Shelf
from tests.kept import Loop

SESSION = """SELECT pg_backend_pid() AS pid, current_setting('work_mem') AS memory,
    (SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()) AS locks"""


def test_a_loop_that_was_closed_calls_nobody_and_whatever_was_kept_for_it_is_gone() -> None:
    loop, called = Loop(), list[str]()
    kept = WeakKeyDictionary({loop: "of the test before"})
    loop.call_soon(called.append, "at once")
    loop.call_later(0, called.append, "later")
    loop.close()
    loop.call_later(0, called.append, "of the next test")
    loop.run_until_complete(asyncio.sleep(0.01))
    assert (called, len(kept)) == (["of the next test"], 0)
    asyncio.SelectorEventLoop.close(loop)


async def test_the_next_test_gets_the_connection_and_nothing_of_its_session(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shelf, "ready", [])  # a database that no test has had: of others several may be kept
    name, seen = await shelf.take(), []
    for _ in range(2):
        async with Database(shelf.url(name), MODELS).opened():
            seen += await query(SESSION)
            await connection().execute_query("SET work_mem = '1MB'")
            await connection().execute_query("SELECT pg_advisory_lock(1)")
            [here] = await query(SESSION)
            assert (here["memory"], here["locks"]) == ("1MB", 1)
    await shelf.put_back(name)
    assert (seen[0] == seen[1], seen[0]["locks"]) == (True, 0)


async def test_a_connection_that_was_cut_is_given_to_nobody(shelf: Shelf) -> None:
    name = await shelf.take()
    async with Database(shelf.url(name), MODELS).opened():
        [before] = await query(SESSION)
    await shelf.runs(f"SELECT pg_terminate_backend({before['pid']}, 60000)")
    async with Database(shelf.url(name), MODELS).opened():
        [after] = await query(SESSION)
    await shelf.put_back(name)
    assert (before["pid"] != after["pid"], name in shelf.ready) == (True, True)

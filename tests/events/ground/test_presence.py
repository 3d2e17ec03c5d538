"""A process is there while it holds its lock: what a dead one has taken is known as left, a living one's is not."""

import asyncio
import fcntl
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from events.ground import live, presence
from events.ground.database import Database, connection
from tests.waiting import WITHIN, until


@pytest.fixture(autouse=True)
def forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(presence, "_first_try", None)


@asynccontextmanager
async def held(database: Database) -> AsyncIterator[asyncio.Event]:
    """Set at each nudge that the lock is ours, anew."""
    stop, wake = asyncio.Event(), live.hub().wake("outbox")
    turn = asyncio.create_task(presence.hold(database, stop))
    await asyncio.wait_for(wake.wait(), WITHIN)
    wake.clear()
    try:
        yield wake
    finally:
        stop.set()
        await asyncio.wait_for(turn, WITHIN)
        assert presence.mine() == 0


async def test_who_holds_the_lock_is_there_and_all_others_are_gone(database: Database) -> None:
    async with held(database):
        mark = presence.mine()
        assert mark > 0
        assert await presence.gone([mark, mark + 1]) == [mark + 1]


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_while_another_has_the_file_nobody_is_known_to_be_gone(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(presence, "AGAIN_SECONDS", 0.02)
    handle = os.open(f"{database.file}-process", os.O_RDWR | os.O_CREAT, 0o600)
    fcntl.flock(handle, fcntl.LOCK_EX)
    stop, wake = asyncio.Event(), live.hub().wake("outbox")
    turn = asyncio.create_task(presence.hold(database, stop))
    await asyncio.sleep(0)  # lets the turn begin
    await asyncio.wait_for(presence.tried(), WITHIN)
    assert (presence.mine(), await presence.gone([1, 2])) == (0, [])
    os.close(handle)
    await asyncio.wait_for(wake.wait(), WITHIN)
    assert await presence.gone([presence.mine(), 2**31]) == [2**31]
    stop.set()
    await asyncio.wait_for(turn, WITHIN)


@pytest.mark.parametrize("database", ["postgres"], indirect=True)
async def test_a_connection_that_was_cut_is_another_presence(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(presence, "AGAIN_SECONDS", 0.02)
    async with held(database) as again:
        before = presence.mine()
        cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = $1"
        await connection().execute_query(cut, [live.NAME_OF_CONNECTION])
        await asyncio.wait_for(again.wait(), WITHIN)
        assert presence.mine() not in (0, before)
        assert await presence.gone([before, presence.mine()]) == [before]


async def test_it_is_known_whether_any_server_works(database: Database) -> None:
    assert not await presence.is_held(database.file)
    async with held(database):
        assert await presence.is_held(database.file)

    async def let_go() -> bool:  # PostgreSQL hears of it in a process of its own
        return not await presence.is_held(database.file)

    await until(let_go)


async def test_each_time_that_the_lock_is_ours_we_look_whether_we_may_work(database: Database) -> None:
    stop, looked = asyncio.Event(), asyncio.Event()

    async def look() -> None:
        assert await presence.is_held(database.file), "so that either we see whoever replaces a key, or they see us"
        looked.set()

    turn = asyncio.create_task(presence.hold(database, stop, held=look))
    await asyncio.wait_for(looked.wait(), WITHIN)
    stop.set()
    await asyncio.wait_for(turn, WITHIN)

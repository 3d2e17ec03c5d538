"""Who listens hears: turns and streams of this process, and of another on the same PostgreSQL database."""

import asyncio
from typing import Any

import asyncpg
import pytest

from events.ground import live
from events.ground.database import Database, after_commit, connection, run_tx
from events.ground.live import Abroad, Hub
from tests.events.ground.listening import Process
from tests.waiting import WITHIN


async def heard(wake: asyncio.Event) -> bool:
    """Within five seconds on the busiest machine; and it can be nudged anew."""
    await asyncio.wait_for(wake.wait(), WITHIN)
    wake.clear()
    return True


async def test_whoever_listens_to_a_topic_is_woken_by_it_and_by_no_other() -> None:
    hub = live.start_anew()
    outbox, board, again = hub.wake("outbox"), hub.wake("doors:1"), hub.wake("doors:1")
    live.publish("doors:1")
    assert [waker.is_set() for waker in (outbox, board, again)] == [False, True, True]


async def test_who_has_left_is_not_told_any_more() -> None:
    hub = live.start_anew()
    with hub.waking("x") as wake:
        hub.publish("x")
        assert wake.is_set()
    wake.clear()
    hub.publish("x")
    assert not wake.is_set()


async def test_a_slow_listener_finds_one_nudge_for_many_and_holds_up_nobody() -> None:
    hub = live.start_anew()
    slow, quick = hub.wake("x"), hub.wake("x")
    for _ in range(1000):
        live.publish("x")
        assert await heard(quick)
    assert await heard(slow)
    assert not slow.is_set()


async def test_the_end_wakes_everybody() -> None:
    hub = live.start_anew()
    wakes = [hub.wake(topic) for topic in ("outbox", "audit", "doors:1", "doors:1")]
    assert not hub.closed
    hub.close()
    assert [wake.is_set() for wake in wakes] == [True] * 4
    assert hub.closed


async def test_nobody_hears_of_an_act_before_it_is_committed(database: Database) -> None:
    wake = live.start_anew().wake("outbox")

    @run_tx
    async def act() -> bool:
        after_commit(live.publish, "outbox")
        return wake.is_set()

    assert await act() is False
    assert wake.is_set()


async def test_waiting_for_the_first_of_several_ends_with_it_or_with_the_time() -> None:
    never, now = asyncio.Event(), asyncio.Event()
    assert await live.first_of(never, within=0.01) is False
    now.set()
    assert await live.first_of(never, now, within=5) is True


async def pids() -> list[int]:
    """The server's names of the connections that listen."""
    rows = await connection().execute_query_dict(
        "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND application_name = $1",
        [live.NAME_OF_CONNECTION],
    )
    return [row["pid"] for row in rows]


@pytest.mark.parametrize("database", ["postgres"], indirect=True)
async def test_two_processes_on_one_database_hear_each_other_and_each_itself_once(database: Database) -> None:
    async with Process(database) as one, Process(database) as other:
        here, there, quiet = one.hub.wake("doors:1"), other.hub.wake("doors:1"), other.hub.wake("doors:2")
        one.hub.publish("doors:1")
        assert await heard(here)
        assert await heard(there)
        other.hub.publish("doors:1")
        assert await heard(there)
        assert await heard(here)
        assert not quiet.is_set()
        one.hub.publish("doors:2")
        assert await heard(quiet)  # by then what was said of doors:1 has come back, and nudged nobody again
        assert [here.is_set(), there.is_set()] == [False, False]


@pytest.mark.parametrize("database", ["postgres"], indirect=True)
async def test_a_connection_that_is_cut_comes_back_and_everybody_looks_again(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "RECONNECT_SECONDS", 0.01)
    async with Process(database) as one, Process(database) as other:
        there, nobody_spoke = other.hub.wake("doors:1"), other.hub.wake("doors:2")
        before = await pids()
        assert len(before) == 2
        for pid in before:
            await connection().execute_query("SELECT pg_terminate_backend($1)", [pid])
        one.hub.publish("doors:1")  # while both are cut off
        assert await heard(nobody_spoke)
        assert await heard(there)
        one.hub.publish("doors:1")
        assert await heard(there)
        assert set(await pids()) - set(before) != set()


@pytest.mark.parametrize("error", [OSError, asyncpg.InterfaceError, asyncpg.InternalClientError])
@pytest.mark.parametrize("database", ["postgres"], indirect=True)
async def test_whatever_a_cut_line_raises_it_is_joined_again(
    database: Database, monkeypatch: pytest.MonkeyPatch, error: type[Exception]
) -> None:
    """The driver calls it by many names: one of them once ended the turn, and nobody was heard any more."""
    monkeypatch.setattr(live, "RECONNECT_SECONDS", 0.01)
    connect, cut = asyncpg.connect, [error("cut")]

    async def cut_once(*where: Any, **how: Any) -> Any:  # the pool may make a connection too, and has it
        is_ours = (how.get("server_settings") or {}).get("application_name") == live.NAME_OF_CONNECTION
        if is_ours and cut:
            raise cut.pop()
        return await connect(*where, **how)

    monkeypatch.setattr(asyncpg, "connect", cut_once)
    async with Process(database) as one, Process(database) as other:
        there = other.hub.wake("doors:1")
        one.hub.publish("doors:1")
        assert (await heard(there), cut) == (True, [])


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_on_sqlite_there_is_nobody_else_to_hear(database: Database) -> None:
    await asyncio.wait_for(live.listen(database, asyncio.Event()), WITHIN)
    assert live.hub().abroad is None


async def test_what_could_not_be_told_is_kept_once_for_later() -> None:
    hub = Hub()
    hub.abroad = Abroad()
    for topic in ("doors:1", "outbox", "doors:1"):
        hub.publish(topic)
    assert hub.abroad.changed.is_set()
    assert (hub.abroad.take(), hub.abroad.take()) == (["doors:1", "outbox"], [])
    assert not hub.abroad.changed.is_set()

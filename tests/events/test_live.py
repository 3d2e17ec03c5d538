"""Who listens hears: streams, wakes, slow listeners, and two processes on one PostgreSQL database."""

import asyncio
import json
from collections.abc import AsyncIterator

import pytest

from events import live
from events.database import Database, after_commit, connection, run_tx
from events.live import Hub


async def heard(stream: AsyncIterator[str], events: int) -> list[str]:
    """The next so many, each within a second."""
    return [await asyncio.wait_for(anext(stream), 1) for _ in range(events)]


async def opened(hub: Hub, topic: str) -> AsyncIterator[str]:
    stream = hub.stream(topic)
    assert await heard(stream, 1) == ["retry: 3000\n\n"]
    return stream


async def test_a_stream_hears_what_is_published_on_its_topic_and_nothing_else() -> None:
    hub = live.start_anew()
    mine, other = await opened(hub, "event:1"), await opened(hub, "event:2")
    live.publish("event:1", {"waiting": 3})
    live.publish("event:1")
    live.publish("event:2", {"waiting": 9})
    assert await heard(mine, 2) == ['data: {"waiting": 3}\n\n', "data: {}\n\n"]
    assert await heard(other, 1) == ['data: {"waiting": 9}\n\n']


async def test_a_line_break_in_a_fact_does_not_end_the_event() -> None:
    stream = await opened(live.start_anew(), "x")
    live.publish("x", {"words": "one\n\ndata: two"})
    assert await heard(stream, 1) == ['data: {"words": "one\\n\\ndata: two"}\n\n']


async def test_a_quiet_stream_beats_so_that_proxies_keep_it_open(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "BEAT_SECONDS", 0.01)
    stream = await opened(live.start_anew(), "x")
    assert await heard(stream, 2) == [": beat\n\n"] * 2


async def test_closing_ends_every_stream_at_once_after_what_was_said_before() -> None:
    hub = live.start_anew()
    streams = [await opened(hub, f"event:{n}") for n in range(3)]
    live.publish("event:0", {"last": True})
    ends = [asyncio.create_task(_rest(one)) for one in streams]
    await asyncio.sleep(0)
    hub.close()
    assert await asyncio.wait_for(asyncio.gather(*ends), 1) == [['data: {"last": true}\n\n'], [], []]
    assert hub.closed


async def _rest(stream: AsyncIterator[str]) -> list[str]:
    return [one async for one in stream]


async def test_a_slow_listener_loses_the_oldest_and_holds_up_nobody() -> None:
    hub = live.start_anew()
    slow, quick = await opened(hub, "x"), await opened(hub, "x")
    for n in range(1000):
        live.publish("x", {"n": n})
        assert await heard(quick, 1) == [f'data: {{"n": {n}}}\n\n']
    assert await heard(slow, live.BACKLOG) == [f'data: {{"n": {n}}}\n\n' for n in range(900, 1000)]


async def test_the_same_said_many_times_before_it_is_read_is_said_once() -> None:
    hub = live.start_anew()
    stream = await opened(hub, "x")
    for _ in range(50):
        live.publish("x")
    live.publish("x", {"done": True})
    assert await heard(stream, 2) == ["data: {}\n\n", 'data: {"done": true}\n\n']


async def test_who_has_left_is_not_told_any_more() -> None:
    hub = live.start_anew()
    with hub.waking("x") as wake:
        hub.publish("x")
        assert wake.is_set()
    wake.clear()
    hub.publish("x")
    assert not wake.is_set()


async def test_a_turn_that_sleeps_is_woken_by_a_publication_and_by_the_end() -> None:
    hub = live.start_anew()
    outbox, audit = hub.wake("outbox"), hub.wake("audit")
    live.publish("outbox")
    assert (outbox.is_set(), audit.is_set()) == (True, False)
    hub.close()
    assert audit.is_set()


async def test_nobody_hears_of_an_act_before_it_is_committed(database: Database) -> None:
    hub = live.start_anew()
    wake = hub.wake("outbox")

    @run_tx
    async def act() -> bool:
        after_commit(live.publish, "outbox")
        return wake.is_set()

    assert await act() is False
    assert wake.is_set()


class Process:
    """A hub that listens on the database, as a server process has it."""

    def __init__(self, database: Database) -> None:
        self.hub, self.stop = live.start_anew(), asyncio.Event()
        self.joined = self.hub.wake("joined")
        self.turn = asyncio.create_task(live.listen(database, self.stop))

    async def __aenter__(self) -> "Process":
        await asyncio.wait_for(self.joined.wait(), 2)
        return self

    async def __aexit__(self, *error: object) -> None:
        self.stop.set()
        await asyncio.wait_for(self.turn, 2)


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
        here, there = await opened(one.hub, "event:1"), await opened(other.hub, "event:1")
        wake = other.hub.wake("outbox")
        one.hub.publish("event:1", {"waiting": 3})
        one.hub.publish("outbox")
        other.hub.publish("event:1", {"waiting": 2})
        assert await heard(there, 2) == ['data: {"waiting": 2}\n\n', 'data: {"waiting": 3}\n\n']
        assert await heard(here, 2) == ['data: {"waiting": 3}\n\n', 'data: {"waiting": 2}\n\n']
        await asyncio.wait_for(wake.wait(), 1)


@pytest.mark.parametrize("database", ["postgres"], indirect=True)
async def test_a_connection_that_is_cut_comes_back_and_everybody_looks_again(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "RECONNECT_SECONDS", 0.05)
    async with Process(database) as one, Process(database) as other:
        there = await opened(other.hub, "event:1")
        before = await pids()
        assert len(before) == 2
        for pid in before:
            await connection().execute_query("SELECT pg_terminate_backend($1)", [pid])
        one.hub.publish("event:1", {"while": "away"})
        said = {await asyncio.wait_for(anext(there), 1)}
        while 'data: {"while": "away"}\n\n' not in said or "data: {}\n\n" not in said:
            one.hub.publish("event:1", {"while": "away"})
            said.add(await asyncio.wait_for(anext(there), 1))
        assert not set(await pids()) & set(before)


@pytest.mark.parametrize("database", ["postgres"], indirect=True)
async def test_facts_too_long_for_a_notice_become_a_call_to_look_again(database: Database) -> None:
    async with Process(database) as one, Process(database) as other:
        there = await opened(other.hub, "x")
        one.hub.publish("x", {"long": "y" * 9000})
        assert await heard(there, 1) == ["data: {}\n\n"]


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_on_sqlite_there_is_nobody_else_to_hear(database: Database) -> None:
    await asyncio.wait_for(live.listen(database, asyncio.Event()), 1)
    assert live.hub().abroad is None


def test_what_comes_back_of_our_own_is_not_delivered_twice() -> None:
    hub = Hub()
    hub.abroad = live.Backlog()
    wake = hub.wake("x")
    hub.publish("x")
    [said] = hub.abroad.take()
    wake.clear()
    hub.hear(said)
    assert not wake.is_set()
    hub.hear(json.dumps({**json.loads(said), "from": "somebody else"}))
    assert wake.is_set()

"""A turn is taken again and again, whatever it raises, until the server stops."""

import asyncio

from structlog.testing import capture_logs

from events.ground import live
from events.ground.repeating import repeat, repeat_woken
from tests.waiting import WITHIN


async def test_a_turn_that_fails_is_logged_by_its_kind_and_taken_again_until_the_stop() -> None:
    stop, taken = asyncio.Event(), 0

    async def turn() -> None:
        nonlocal taken
        taken += 1
        if taken == 3:
            stop.set()
        if taken < 3:
            raise OSError(28, "No space left for Ada Osei")

    with capture_logs() as logged:
        await asyncio.wait_for(repeat(turn, 0, stop, "turn failed"), WITHIN)
    assert taken == 3
    assert logged == [{"event": "turn failed", "error": "OSError", "log_level": "error"}] * 2


async def test_a_stop_ends_the_wait_for_the_next_turn() -> None:
    stop, taken = asyncio.Event(), asyncio.Event()

    async def turn() -> None:
        taken.set()

    running = asyncio.create_task(repeat(turn, 3600, stop, "turn failed"))
    await asyncio.wait_for(taken.wait(), WITHIN)
    assert not running.done()
    stop.set()
    await asyncio.wait_for(running, WITHIN)


async def test_nothing_is_begun_after_the_stop() -> None:
    stop = asyncio.Event()
    stop.set()

    async def turn() -> None:
        raise AssertionError("a turn was taken")

    with capture_logs() as logged:
        await asyncio.wait_for(repeat(turn, 0, stop, "turn failed"), WITHIN)
    assert logged == []


async def test_whoever_is_woken_takes_the_next_turn_at_once_also_after_one_that_failed() -> None:
    stop, taken, turns = asyncio.Event(), asyncio.Event(), list[int]()

    async def turn() -> None:
        turns.append(1)
        taken.set()
        raise OSError(28, "No space left for Ada Osei")

    with capture_logs() as logged:
        running = asyncio.create_task(repeat_woken(turn, "lists", 3600, stop, "turn failed"))
        await asyncio.wait_for(taken.wait(), WITHIN)
        taken.clear()
        live.publish("other things")
        await asyncio.sleep(0)
        assert len(turns) == 1, "the control"
        live.publish("lists")
        await asyncio.wait_for(taken.wait(), WITHIN)
        stop.set()
        await asyncio.wait_for(running, WITHIN)
    assert logged == [{"event": "turn failed", "error": "OSError", "log_level": "error"}] * 2

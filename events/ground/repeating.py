"""Repeats a turn for as long as the server runs."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

import structlog

from . import live
from .outage import kind_of

log = structlog.get_logger()


async def repeat(turn: Callable[[], Awaitable[object]], seconds: float, stop: asyncio.Event, failure: str) -> None:
    """Takes the turn at once, and again so many seconds after it has ended, until `stop` is set.

    What a turn raises is logged as `failure`, by its kind alone, since its words may hold data. The next turn tries
    again.
    """
    while not stop.is_set():
        await _take(turn, failure)
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), seconds)


async def repeat_woken(
    turn: Callable[[], Awaitable[object]], topic: str, seconds: float, stop: asyncio.Event, failure: str
) -> None:
    """The same, and also whenever something is published about `topic`."""
    with live.hub().waking(topic) as woken:
        while not stop.is_set():
            woken.clear()
            await _take(turn, failure)
            await live.first_of(stop, woken, within=seconds)


async def _take(turn: Callable[[], Awaitable[object]], failure: str) -> None:
    try:
        await turn()
    except Exception as error:
        log.error(failure, error=kind_of(error))

"""Repeats a turn for as long as the server runs."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

import structlog

from .outage import kind_of

log = structlog.get_logger()


async def repeat(turn: Callable[[], Awaitable[object]], seconds: float, stop: asyncio.Event, failure: str) -> None:
    """Takes the turn at once, and again so many seconds after it has ended, until `stop` is set.

    What a turn raises is logged as `failure`, by its kind alone, since its words may hold data. The next turn tries
    again.
    """
    while not stop.is_set():
        try:
            await turn()
        except Exception as error:
            log.error(failure, error=kind_of(error))
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), seconds)

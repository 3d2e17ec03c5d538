"""Reminds the leads of what data protection law gives them a time for."""

import asyncio
from contextlib import suppress
from datetime import datetime

import structlog

from events.ground import clock

from .cases import complaints, incidents

EVERY_SECONDS = 300.0
log = structlog.get_logger()


async def turn(at: datetime) -> None:
    await incidents.remind(at)
    await complaints.remind(at)


async def run(stop: asyncio.Event) -> None:
    """Looks every few minutes until the server stops. The next turn tries a failed one again."""
    while not stop.is_set():
        try:
            await turn(clock.now())
        except Exception as error:
            log.error("reminders failed", error=type(error).__name__)
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), EVERY_SECONDS)

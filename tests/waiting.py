"""How long a test waits for a thing. It is no measure of anything: it only ends a test that would hang."""

import asyncio
from collections.abc import Awaitable, Callable

WITHIN = 60  # seconds: on a busy machine everything takes ten times as long as on an idle one


async def until(true: Callable[[], Awaitable[bool]]) -> None:
    """Returns once it is true. Raises TimeoutError if it never is."""
    async with asyncio.timeout(WITHIN):
        while not await true():  # noqa: ASYNC110  # what it asks has no event for it
            await asyncio.sleep(0.01)

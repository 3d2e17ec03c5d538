"""Waits until every server that runs knows a new key, or seals by it. On this machine each looks by itself."""

import asyncio
from pathlib import Path
from time import monotonic

from events.ground import keys, presence
from events.ground.presence import Said

PATIENCE = 15.0  # seconds, in which each server on this machine has looked many times
LOOKS = 1.5  # times as long as a process may go without looking: some hold no lock, like a command


async def behind(said: Said, file: Path | None) -> int:
    """How many servers do not say this of the key, after a while. `file`: of the database, on SQLite."""
    until = monotonic() + PATIENCE
    await asyncio.sleep(LOOKS * keys.LOOK_SECONDS)
    while (servers := await presence.not_saying(said, file)) and monotonic() < until:  # noqa: ASYNC110  # they are elsewhere
        await asyncio.sleep(keys.LOOK_SECONDS / 4)
    return servers


def are(servers: int) -> str:
    """'2 running servers do', for what they do not."""
    return "1 running server does" if servers == 1 else f"{servers} running servers do"

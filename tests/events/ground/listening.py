"""A process that listens for the news of others on its database."""

import asyncio

from events.ground import live
from events.ground.database import Database
from tests.waiting import WITHIN


class Process:
    """A hub that listens on the database, as a server process has it."""

    def __init__(self, database: Database) -> None:
        self.hub, self.stop = live.start_anew(), asyncio.Event()
        self.joined = self.hub.wake("joined")
        self.turn = asyncio.create_task(live.listen(database, self.stop))

    async def __aenter__(self) -> "Process":
        await asyncio.wait_for(self.joined.wait(), WITHIN)
        return self

    async def __aexit__(self, *error: object) -> None:
        self.stop.set()
        await asyncio.wait_for(self.turn, WITHIN)

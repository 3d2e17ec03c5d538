"""The connections of a process to PostgreSQL. asyncpg's own pool takes a task and another turn of the loop to take each
of them back, which costs as much as a question.
"""

import asyncio
from collections.abc import Awaitable, Callable

import asyncpg

IDLE = 300.0  # seconds: whoever stands between us and the database may have forgotten an older one


class Connection(asyncpg.Connection):
    def get_reset_query(self) -> str:
        """asyncpg would reset settings, locks and channels of the session. A house rule keeps connections free of them.
        An open transaction is rolled back all the same."""
        return ""


class Pool:
    """So many at once at most. One is made when it is needed and none is idle; who waits gets the next in turn."""

    def __init__(self, most: int, connect: Callable[[], Awaitable[asyncpg.Connection]]) -> None:
        self._most, self._connect, self._turns = most, connect, asyncio.Semaphore(most)
        self._idle = list[tuple[asyncpg.Connection, float]]()  # and since when, by the loop's clock
        self._out = set[asyncpg.Connection]()

    async def acquire(self) -> asyncpg.Connection:
        """The one that came back last, so that those that are not needed grow old."""
        await self._turns.acquire()
        try:
            connection = self._next_idle() or await self._connect()
        except BaseException:
            self._turns.release()
            raise
        self._out.add(connection)
        return connection

    def _next_idle(self) -> asyncpg.Connection | None:
        since_then = asyncio.get_running_loop().time() - IDLE
        while self._idle:
            connection, since = self._idle.pop()
            if since > since_then and not connection.is_closed():
                return connection
            connection.terminate()
        return None

    async def release(self, connection: asyncpg.Connection) -> None:
        """Takes it back as it is, but for a transaction that somebody left."""
        try:
            if not connection.is_closed() and connection.is_in_transaction():
                await connection.reset()
        except BaseException:
            connection.terminate()
            raise
        finally:
            self._out.discard(connection)
            if not connection.is_closed():
                self._idle.append((connection, asyncio.get_running_loop().time()))
            self._turns.release()

    async def close(self) -> None:
        """Waits for those that are out."""
        for _ in range(self._most):
            await self._turns.acquire()
        await asyncio.gather(*(connection.close() for connection, _ in self._idle), return_exceptions=True)

    def terminate(self) -> None:
        for connection in [*self._out, *(connection for connection, _ in self._idle)]:
            connection.terminate()

    async def expire_connections(self) -> None:
        """All that are made anew from now on."""
        for connection, _ in self._idle:
            connection.terminate()

    @property
    def out(self) -> int:
        """How many are with somebody now."""
        return len(self._out)

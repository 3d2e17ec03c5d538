"""Tortoise's PostgreSQL engine, whose connections come back as they are: half of all questions were asked only to reset
them, one after each statement or transaction of ours. What died before anything was done on it is replaced, once.
"""

from collections.abc import Awaitable, Callable, Coroutine, Sequence
from contextlib import suppress
from typing import Any

import asyncpg
from tortoise.backends.asyncpg.client import AsyncpgDBClient, TransactionWrapper
from tortoise.backends.base.client import (
    NestedTransactionContext,
    PoolConnectionWrapper,
    TransactionalDBClient,
    TransactionContext,
    TransactionContextPooled,
)
from tortoise.backends.base_postgres.client import translate_exceptions
from tortoise.connection import get_connections
from tortoise.exceptions import DBConnectionError

from ..outage import is_away

TRIES = 30  # each ends one dead connection, and a pool has fewer
UNREACHABLE = (OSError, TimeoutError, asyncpg.PostgresError)


class Connection(asyncpg.Connection):
    def get_reset_query(self) -> str:
        """asyncpg would reset settings, locks and channels of the session. A house rule keeps a pool's connections
        free of them. An open transaction is rolled back all the same."""
        return ""


class Borrowed(PoolConnectionWrapper[Any]):
    async def __aenter__(self) -> Any:
        try:
            return await super().__aenter__()
        except UNREACHABLE as error:
            raise DBConnectionError(type(error).__name__) from error

    async def __aexit__(self, kind: Any, error: Any, traceback: Any) -> None:
        _bury(self.connection, error)
        await super().__aexit__(kind, error, traceback)


class Context(TransactionContextPooled):
    async def __aenter__(self) -> TransactionalDBClient:
        """Nothing of ours has run yet, so a connection that died while it waited is replaced, and nobody loses an
        act."""
        for _ in range(TRIES):
            try:
                return await self._begin()
            except Exception as error:
                if isinstance(error, DBConnectionError) or not is_away(error):
                    raise
        return await self._begin()

    async def _begin(self) -> TransactionalDBClient:
        """Gives the connection back if BEGIN fails. The stock class never does, until the pool has none left."""
        client: Any = self.client
        try:
            await self.ensure_connection()
            client._connection = await client._parent._pool.acquire()
        except UNREACHABLE as error:
            raise DBConnectionError(type(error).__name__) from error
        self.token = get_connections().set(self.connection_name, client)
        try:
            await client.begin()
        except BaseException as error:
            get_connections().reset(self.token)
            _bury(client._connection, error)
            await client._parent._pool.release(client._connection)
            raise
        return self.client

    async def __aexit__(self, kind: Any, error: Any, traceback: Any) -> None:
        _bury(self.client._connection, error)
        await super().__aexit__(kind, error, traceback)


def _bury(connection: Any, error: BaseException | None) -> None:
    """Closes a dead connection for good. It looks alive for a moment, and the pool would give it to the next caller."""
    if error is not None and is_away(error):
        with suppress(asyncpg.InterfaceError):  # the pool has heard of it already
            connection.terminate()


def _once_more(ask: Callable[..., Awaitable[Any]]) -> Callable[..., Coroutine[Any, Any, Any]]:
    """Repeats only statements that change nothing: nobody knows whether another one was done."""

    async def asked(self: AsyncpgDBClient, query: str, values: Sequence[Any] | None = None) -> Any:
        for _ in range(TRIES):
            try:
                return await ask(self, query, values)
            except Exception as error:
                changes = query.lstrip()[:6].upper() != "SELECT"
                if changes or isinstance(error, DBConnectionError) or not is_away(error):
                    raise
        return await ask(self, query, values)

    return asked


@translate_exceptions
async def _ask(self: AsyncpgDBClient, query: str, values: Sequence[Any]) -> Sequence[asyncpg.Record]:
    """The rows as they come, for whoever makes something else of them than dictionaries."""
    async with self.acquire_connection() as connection:
        return await connection.fetch(query, *values)  # type: ignore[no-any-return]


class Wrapper(TransactionWrapper):
    ask = _ask

    def _in_transaction(self) -> TransactionContext:
        return NestedTransactionContext(Wrapper(self))


class Client(AsyncpgDBClient):
    connection_class = Connection  # type: ignore[assignment]

    def acquire_connection(self) -> Any:
        return Borrowed(self, self._pool_init_lock)

    def _in_transaction(self) -> TransactionContext:
        return Context(Wrapper(self), self._pool_init_lock)

    ask = _once_more(_ask)
    execute_query = _once_more(AsyncpgDBClient.execute_query)
    execute_query_dict = _once_more(AsyncpgDBClient.execute_query_dict)


client_class = Client

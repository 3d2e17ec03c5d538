"""Tortoise's PostgreSQL engine, whose connections come back as they are: half of all questions were asked only to reset
them, one after each statement or transaction of ours. What died before anything was done on it is replaced.
"""

from collections.abc import Awaitable, Callable, Coroutine, Iterator, Sequence
from contextlib import contextmanager
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

TRIES = 4  # a busy machine hears of some of the dead only as it replaces the others
UNREACHABLE = (OSError, TimeoutError, asyncpg.PostgresError)


class Connection(asyncpg.Connection):
    def get_reset_query(self) -> str:
        """asyncpg would reset settings, locks and channels of the session. A house rule keeps a pool's connections
        free of them. An open transaction is rolled back all the same."""
        return ""


@contextmanager
def _reaching() -> Iterator[None]:
    try:
        yield
    except UNREACHABLE as error:
        raise DBConnectionError(type(error).__name__) from error


class Borrowed(PoolConnectionWrapper[Any]):
    async def __aenter__(self) -> Any:
        with _reaching():
            return await super().__aenter__()


async def _replaced(client: AsyncpgDBClient, error: Exception) -> None:
    """Where a connection has died, all of the pool are replaced as they are next taken: those of before look alive for
    a moment. Raises any other error."""
    if isinstance(error, DBConnectionError) or not is_away(error):
        raise error
    await client._expire_connections()


class Context(TransactionContextPooled):
    async def __aenter__(self) -> TransactionalDBClient:
        """Nothing of ours has run yet, so nobody loses an act to a connection that died while it waited."""
        client: Any = self.client
        for _ in range(TRIES - 1):
            try:
                return await self._begun(client)
            except Exception as error:
                await _replaced(client._parent, error)
        return await self._begun(client)

    async def _begun(self, client: Any) -> TransactionalDBClient:
        """Gives the connection back if BEGIN fails. The stock class never does, until the pool has none left."""
        with _reaching():
            await self.ensure_connection()
            client._connection = await client._parent._pool.acquire()
        try:
            await client.begin()
        except BaseException:
            await client._parent._pool.release(client._connection)
            raise
        self.token = get_connections().set(self.connection_name, client)
        return self.client


def _once_more(ask: Callable[..., Awaitable[Any]]) -> Callable[..., Coroutine[Any, Any, Any]]:
    """Repeats only statements that change nothing: nobody knows whether another one was done."""

    async def asked(self: AsyncpgDBClient, query: str, values: Sequence[Any] | None = None) -> Any:
        for _ in range(TRIES - 1):
            try:
                return await ask(self, query, values)
            except Exception as error:
                await _replaced(self, error)
                if query.lstrip()[:6].upper() != "SELECT":
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

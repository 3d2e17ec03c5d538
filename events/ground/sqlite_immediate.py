"""Tortoise's SQLite engine with BEGIN IMMEDIATE: a transaction waits for its turn."""

from tortoise.backends.base.client import TransactionalDBClient, TransactionContext
from tortoise.backends.sqlite.client import (
    SqliteClient,
    SqliteTransactionContext,
    SqliteTransactionWrapper,
)
from tortoise.connection import get_connections


class Wrapper(SqliteTransactionWrapper):
    async def begin(self) -> None:
        await self._connection.execute("BEGIN IMMEDIATE")


class Context(SqliteTransactionContext):
    async def __aenter__(self) -> TransactionalDBClient:
        try:
            return await super().__aenter__()
        except BaseException:
            if hasattr(self, "token"):  # the stock class keeps lock and connection when BEGIN fails
                await self.connection._connection.rollback()
                get_connections().reset(self.token)
                self._trxlock.release()
            raise


class Client(SqliteClient):
    def _in_transaction(self) -> TransactionContext:
        return Context(Wrapper(self), self._lock)


client_class = Client

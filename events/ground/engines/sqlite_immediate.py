"""Tortoise's SQLite engine with BEGIN IMMEDIATE: a transaction waits for its turn. A failed one leaves no lock
behind.
"""

import sqlite3
from datetime import datetime
from typing import Any

import aiosqlite
from tortoise.backends.base.client import ConnectionWrapper, TransactionalDBClient, TransactionContext
from tortoise.backends.sqlite.client import (
    SqliteClient,
    SqliteTransactionContext,
    SqliteTransactionWrapper,
)
from tortoise.connection import get_connections
from tortoise.fields import data

from .sqlite_connection import Connection

# SQLite keeps moments as text, which Tortoise reads ten times as slowly.
data.parse_datetime = datetime.fromisoformat  # type: ignore[attr-defined]


class Opened(ConnectionWrapper[aiosqlite.Connection]):
    async def __aenter__(self) -> aiosqlite.Connection:
        await self._lock.acquire()
        try:
            await self.ensure_connection()
        except BaseException:
            self._lock.release()  # the stock class keeps it, and the next query would wait for ever
            raise
        return self.connection


class Wrapper(SqliteTransactionWrapper):
    async def begin(self) -> None:
        await self._connection.execute("BEGIN IMMEDIATE")

    async def commit(self) -> None:
        try:
            await super().commit()
        except BaseException:
            await self._connection.rollback()  # on a full disk: else all that follows would belong to this transaction
            raise


class Context(SqliteTransactionContext):
    async def __aenter__(self) -> TransactionalDBClient:
        """The stock class keeps the lock when there is no connection, and lock and connection when BEGIN fails."""
        await self._trxlock.acquire()
        try:
            await self.ensure_connection()
            await self.connection.begin()
        except BaseException:
            self._trxlock.release()
            raise
        self.token = get_connections().set(self.connection_name, self.connection)
        client: TransactionalDBClient = self.connection
        return client


class Client(SqliteClient):
    async def create_connection(self, with_db: bool) -> None:
        """Opens a connection completely or not at all: one with a failed pragma would pass for a good one next time."""
        if self._connection is not None:
            return
        try:
            self._connection = await Connection(self.filename, self.pragmas["busy_timeout"])
            self._connection._conn.row_factory = sqlite3.Row
            for name, value in self.pragmas.items():
                await (await self._connection.execute(f"PRAGMA {name}={value}")).close()
        except BaseException:
            await self.close()  # ends its thread, which the process would wait for
            raise

    def acquire_connection(self) -> ConnectionWrapper[Any]:
        return Opened(self._lock, self)

    def _in_transaction(self) -> TransactionContext:
        return Context(Wrapper(self), self._lock)


client_class = Client

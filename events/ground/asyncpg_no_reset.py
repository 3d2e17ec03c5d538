"""Tortoise's PostgreSQL engine, whose connections come back as they are: half of all questions were asked only to reset
them, one after each statement or transaction of ours.
"""

import asyncpg
from tortoise.backends.asyncpg.client import AsyncpgDBClient


class Connection(asyncpg.Connection):
    def get_reset_query(self) -> str:
        """asyncpg would let go of settings, locks and channels of the session. A pool's connection has none of these:
        that is a house rule. What is left of a transaction is rolled back all the same.
        """
        return ""


class Client(AsyncpgDBClient):
    connection_class = Connection  # type: ignore[assignment]


client_class = Client

"""Tells a failed database (gone, full, damaged, or closed to writing) from a faulty statement."""

import re
import sqlite3

from tortoise.exceptions import BaseORMException, DBConnectionError

AWAY_IN_SQLITE = {
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_CORRUPT,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_NOTADB,
}
AWAY_IN_POSTGRES = ("08", "53", "57", "58", "25006")  # connection, resources, shutdown, system; a stand-by server
DIED = re.compile("closed|released back to the pool|cannot switch to state")  # asyncpg of a dead connection


def is_away(error: BaseException) -> bool:
    """True when the same act may well succeed once the database is back."""
    if isinstance(error, BaseORMException) and error.args and isinstance(error.args[0], Exception):
        error = error.args[0]
    if isinstance(error, DBConnectionError | BrokenPipeError | ConnectionResetError):  # asyncpg lets a socket's through
        return True
    if isinstance(error, sqlite3.Error):
        return getattr(error, "sqlite_errorcode", 0) & 0xFF in AWAY_IN_SQLITE
    if str(getattr(error, "sqlstate", None) or "").startswith(AWAY_IN_POSTGRES):
        return True
    of_asyncpg = type(error).__name__ in {"InterfaceError", "InternalClientError"}
    return of_asyncpg and DIED.search(str(error)) is not None


def kind_of(error: BaseException) -> str:
    """The class of the error, for a log or a sentence. If no connection came about, the class of the reason."""
    return type((error.__cause__ if isinstance(error, DBConnectionError) else None) or error).__name__

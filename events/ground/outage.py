"""Whether it is the database that failed, and not what was asked of it: gone, full, damaged, or closed to writing."""

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


def is_away(error: BaseException) -> bool:
    """True when the same act may well succeed once the database is back."""
    if isinstance(error, BaseORMException) and error.args and isinstance(error.args[0], Exception):
        error = error.args[0]
    if isinstance(error, DBConnectionError):
        return True
    if isinstance(error, sqlite3.Error):
        return getattr(error, "sqlite_errorcode", 0) & 0xFF in AWAY_IN_SQLITE
    if str(getattr(error, "sqlstate", None) or "").startswith(AWAY_IN_POSTGRES):
        return True
    return type(error).__name__ == "InterfaceError" and "closed" in str(error)  # asyncpg's, of a connection that died

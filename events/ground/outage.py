"""Tells a failed database (gone, full, damaged, closed to writing, or of another Muster) from a faulty statement."""

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
UNKNOWN_IN_SQLITE = re.compile(r"^no such (table|column)|^table \w+ has no column")
UNKNOWN_IN_POSTGRES = ("42P01", "42703")  # a table, a column
OF_ANOTHER_MUSTER = (
    "The database was made by another version of Muster, which no migration leads from ({what}). Use that version, or"
    " one that was released, or begin with an empty database: see MUSTER_DATABASE_URL."
)


def is_away(error: BaseException) -> bool:
    """True when the same act may well succeed once the database is back."""
    error = _of_the_driver(error)
    if isinstance(error, DBConnectionError | BrokenPipeError | ConnectionResetError):  # asyncpg lets a socket's through
        return True
    if isinstance(error, sqlite3.Error):
        return getattr(error, "sqlite_errorcode", 0) & 0xFF in AWAY_IN_SQLITE
    if str(getattr(error, "sqlstate", None) or "").startswith(AWAY_IN_POSTGRES):
        return True
    of_asyncpg = type(error).__name__ in {"InterfaceError", "InternalClientError"}
    return of_asyncpg and DIED.search(str(error)) is not None


def lacks_what_we_ask(error: BaseException) -> bool:
    """True when the database has not the table or the column that we ask for, though it lacks no migration."""
    error = _of_the_driver(error)
    if isinstance(error, sqlite3.Error):
        return UNKNOWN_IN_SQLITE.match(str(error)) is not None
    return getattr(error, "sqlstate", None) in UNKNOWN_IN_POSTGRES


def _of_the_driver(error: BaseException) -> BaseException:
    wraps = isinstance(error, BaseORMException) and error.args and isinstance(error.args[0], Exception)
    return error.args[0] if wraps else error


def sentence_of(error: BaseException) -> str:
    """What a command says of a database that it cannot use; nothing for a fault of ours."""
    if lacks_what_we_ask(error):
        return OF_ANOTHER_MUSTER.format(what=_of_the_driver(error))  # the name of a table or a column, and no value
    return f"The database does not answer ({kind_of(error)}): see ./run doctor" if is_away(error) else ""


def kind_of(error: BaseException) -> str:
    """The class of the error, for a log or a sentence. If no connection came about, the class of the reason."""
    return type((error.__cause__ if isinstance(error, DBConnectionError) else None) or error).__name__

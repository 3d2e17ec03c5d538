"""One connection to SQLite. What it answers at once is asked in the event loop itself: the way to the connection's
thread and back takes several times as long as most answers do.

The thread keeps whatever may have to wait: for the disk (a commit, a write by itself), for a lock of another process,
or for an answer that takes SQLite more than STEPS, or twice that.
"""

import re
import sqlite3
from asyncio import sleep
from collections.abc import Callable, Iterable
from functools import lru_cache, partial
from typing import Any

import aiosqlite

STEPS = 20_000  # of SQLite's own machine: half a millisecond
IN_A_ROW = 32  # then others get their turn of the loop
AT_ONCE = ("SELECT", "WITH", "BEGIN")
WRITES = re.compile(r"\b(INSERT|UPDATE|DELETE|REPLACE)\b", re.IGNORECASE)  # WITH may begin a write too
LATER = (sqlite3.SQLITE_INTERRUPT, sqlite3.SQLITE_BUSY)
KIND = 0xFF  # of an error's code; what stands above says more: busy, since another process recovers the journal
Ask = Callable[[str, Any], Any]


class Connection(aiosqlite.Connection):
    """Whoever uses it holds the lock of its client, so no two statements are under way at once."""

    def __init__(self, file: str, busy_timeout: str) -> None:
        connector = partial(sqlite3.connect, file, isolation_level=None, check_same_thread=False)
        super().__init__(connector, iter_chunk_size=64)
        self.busy_timeout = busy_timeout  # milliseconds, for the thread alone
        self._hurries: bool | None = None  # waits for no lock, and gives up after STEPS
        self._may_give_up, self._looks = False, 0
        self._asked = 0
        self._sent, self._done = 0, 0  # to and by the thread; each is counted on one side only
        self._changed = 0

    async def execute(self, sql: str, parameters: Iterable[Any] | None = None) -> aiosqlite.Cursor:  # type: ignore[override]
        return aiosqlite.Cursor(self, await self._ask(self._conn.execute, sql, parameters))

    async def execute_insert(self, sql: str, parameters: Iterable[Any] | None = None) -> sqlite3.Row | None:  # type: ignore[override]
        return await self._ask(self._execute_insert, sql, parameters)  # type: ignore[no-any-return]

    async def execute_fetchall(self, sql: str, parameters: Iterable[Any] | None = None) -> Iterable[sqlite3.Row]:  # type: ignore[override]
        return await self._ask(self._execute_fetchall, sql, parameters)  # type: ignore[no-any-return]

    @property
    def total_changes(self) -> int:
        """Of rows that statements named. SQLite's own number holds what triggers did as well, which Tortoise would take
        for rows that an UPDATE found."""
        return self._changed

    def _execute_fetchall(self, sql: str, parameters: Any) -> Iterable[sqlite3.Row]:
        cursor = self._conn.execute(sql, parameters)
        rows = cursor.fetchall()
        self._changed += max(0, cursor.rowcount)
        return rows

    async def _ask(self, ask: Ask, sql: str, parameters: Iterable[Any] | None) -> Any:
        if self._sent == self._done and ((began := self.in_transaction) or changes_nothing(sql)):
            self._asked += 1
            if self._asked % IN_A_ROW == 0:
                await sleep(0)
            try:
                return self._in_the_loop(ask, sql, parameters or ())
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode & KIND not in LATER or began is not self.in_transaction:
                    raise  # asked again it would stand by itself, and what came before it would be gone
        return await self._execute(ask, sql, parameters or ())

    def _in_the_loop(self, ask: Ask, sql: str, parameters: Iterable[Any]) -> Any:
        self._hurry(True)
        self._looks = 0
        self._may_give_up = changes_nothing(sql)  # of a write that is given up, the whole transaction is undone
        return ask(sql, parameters)

    async def _execute(self, fn: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """In the thread, where there is time."""
        self._sent += 1
        return await super()._execute(self._patiently, fn, *args, **kwargs)  # type: ignore[no-untyped-call]

    def _patiently(self, fn: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        try:
            self._hurry(False)
            return fn(*args, **kwargs)
        finally:
            self._done += 1  # also for a caller who was cancelled, and waits no more

    def _hurry(self, hurries: bool) -> None:
        if self._hurries is not hurries:
            self._hurries = hurries
            self._conn.execute(f"PRAGMA busy_timeout={0 if hurries else self.busy_timeout}")
            self._conn.set_progress_handler(self._gives_up if hurries else None, STEPS)

    def _gives_up(self) -> bool:
        """SQLite counts the steps of a statement on from its last run, so the first look tells nothing yet."""
        self._looks += 1
        return self._may_give_up and self._looks > 1


@lru_cache(2048)
def changes_nothing(sql: str) -> bool:
    """Whether it may be given up half-way and asked again. Of one that only speaks of a write it says no, too."""
    return sql.startswith(AT_ONCE) and not WRITES.search(sql)

"""One loop for all tests of a process, and on it the connections to PostgreSQL that one test leaves to the next.

A connection made anew has first to learn of all tables that it meets, and of each statement: half of what PostgreSQL
did for a test was that. A connection belongs to the loop on which it was made, so the loop stays open as well.
"""

import asyncio
import weakref
from collections import defaultdict
from typing import Any

import asyncpg
from tortoise.backends.asyncpg.client import AsyncpgDBClient

from events.ground.engines.asyncpg_no_reset import Client

STOCK = "RESET ALL; SELECT pg_advisory_unlock_all(); CLOSE ALL; UNLISTEN *"
_idle: dict[str, list[tuple[str, Any]]] = defaultdict(list)  # by database: how it was made, and the connection
_shared: set[str] = set()  # databases of which connections are kept


class Loop(asyncio.SelectorEventLoop):
    """Closed by each test, and as new for the next one."""

    def close(self) -> None:
        for handle in [*self._ready, *self._scheduled]:  # type: ignore[attr-defined]
            handle.cancel()  # a closed loop calls nobody either
        for number in list(getattr(self, "_signal_handlers", ())):
            self.remove_signal_handler(number)
        self._default_executor = None  # asyncio has ended its threads
        self._asyncgens_shutdown_called = self._executor_shutdown_called = False
        self.set_exception_handler(None)
        self.set_task_factory(None)
        for reference in weakref.getweakrefs(self):  # what the product keeps for each loop goes with it
            if reference.__callback__ is not None:
                reference.__callback__(reference)


_loop = Loop()


def the_loop() -> asyncio.AbstractEventLoop:
    return _loop


def keep(database: str) -> None:
    """From now on the connections to this one are kept, until `let_go`."""
    _shared.add(database)


async def let_go(database: str) -> None:
    _shared.discard(database)
    for _, connection in _idle.pop(database, []):
        await connection.close()


def let_all_go() -> None:
    for database in list(_shared):
        _loop.run_until_complete(let_go(database))


def end() -> None:
    """With the last test."""
    asyncio.SelectorEventLoop.close(_loop)


def kept(database: str) -> list[int]:
    """The processes of the server at the other ends of what is kept."""
    return [connection.get_server_pid() for _, connection in _idle[database] if not connection.is_closed()]


def keep_connections() -> None:
    """From now on what a test's pool leaves idle goes to the next test's."""
    Client.create_pool = _create_pool  # type: ignore[method-assign]
    Client._close = _close  # type: ignore[method-assign]


async def _create_pool(self: AsyncpgDBClient, **how: Any) -> asyncpg.Pool:
    is_ours = how["database"] in _shared and asyncio.get_running_loop() is _loop
    return await asyncpg.create_pool(None, connect=_connect if is_ours else None, **how)


async def _connect(*args: Any, **how: Any) -> Any:
    """One that was made in the same way; a test may have cut it."""
    waiting = _idle[how["database"]]
    for n, (made, connection) in enumerate(waiting):
        if made == _made(how):
            del waiting[n]
            return await _connect(*args, **how) if connection.is_closed() else connection
    return await asyncpg.connect(*args, **how)


def _made(how: dict[str, Any]) -> str:
    return repr(sorted((name, value) for name, value in how.items() if name != "loop"))


async def _close(self: AsyncpgDBClient) -> None:
    pool: Any = self._pool
    if pool and pool._connect is _connect and self.database in _shared:
        classes = {"connection_class": pool._connection_class, "record_class": pool._record_class}
        how = _made(pool._connect_kwargs | classes)
        for holder in pool._holders:
            if _is_idle(holder) and await _is_as_new(holder._con) and _is_idle(holder):
                _idle[self.database].append((how, _taken_out_of(holder)))
    await AsyncpgDBClient._close(self)


def _is_idle(holder: Any) -> bool:
    """Whoever still runs may have taken it while it was looked at."""
    return bool(holder.is_connected() and holder.is_idle() and holder._con._proxy is None)


async def _is_as_new(connection: Any) -> bool:
    try:
        await connection.execute(STOCK)
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
        return False
    return True


def _taken_out_of(holder: Any) -> Any:
    holder._maybe_cancel_inactive_callback()
    connection, holder._con = holder._con, None
    connection._pool_holder = None
    return connection

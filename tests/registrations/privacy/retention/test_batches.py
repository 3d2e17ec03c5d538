"""What one batch of a deletion costs is the same among few rows and among many, and nothing once all has gone.

Rules: DP-07.
"""

from datetime import date

import pytest

from events.event import Event
from events.ground import clock
from events.ground.database import Database, connection, query
from events.ground.engines.sqlite_connection import Connection
from registrations.privacy.retention import deleting, requests, rows
from registrations.privacy.retention.classes import BY_CODE
from tests.at_the_door import a_phone_at
from tests.bench.grown import grow
from tests.bench.house import issue
from tests.people import a_door, an_event
from tests.registrations.desk.test_growth import Steps

LONG_AFTER = clock.at_venue(date(2019, 7, 14), 0, 0)
GROWN = ("names", "emails", "admissions", "scans", "tickets")
MORE = 1_000  # steps: where in its trees SQLite stands differs a little
NOTHING = 1_000  # steps to see that nothing is left

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)  # it counts its own steps


@pytest.fixture
async def steps(database: Database, monkeypatch: pytest.MonkeyPatch) -> Steps:
    monkeypatch.setattr(Connection, "_hurry", lambda *_: None)  # which would put a handler of its own in its place
    steps = Steps()
    await query("SELECT 1 AS number")  # which opens the connection
    await connection()._connection.set_progress_handler(steps, 10)
    return steps


async def an_event_of(people: int) -> Event:
    event = await an_event(capacity=people)
    await issue(event, 1)
    await a_phone_at(await a_door(event))
    await grow(event, people, 10)
    return event


async def a_batch(code: str, steps: Steps) -> tuple[int, int]:
    """How many rows went, and what that cost."""
    before = steps.tens
    gone = await deleting._batch(BY_CODE[code], LONG_AFTER, clock.real())
    return gone, (steps.tens - before) * 10


async def last_of(number: int, code: str, steps: Steps) -> int:
    """What the last of so many batches costs, each of which finds rows."""
    batches = [await a_batch(code, steps) for _ in range(number)]
    assert all(gone for gone, _ in batches), code
    return batches[-1][1]


async def test_a_batch_costs_the_same_among_few_rows_and_many_and_after_many_batches(
    steps: Steps, monkeypatch: pytest.MonkeyPatch
) -> None:
    for room, name in ((rows, "BATCH"), (requests, "TOGETHER")):
        monkeypatch.setattr(room, name, 10)  # so that few rows are many batches
    await an_event_of(100)
    few = {code: await last_of(3, code, steps) for code in GROWN}
    await an_event_of(1_000)
    many = {code: await last_of(60, code, steps) for code in GROWN}
    assert min(few.values()) > 100, "something is counted"
    assert {code: (few[code], many[code]) for code in GROWN if many[code] > few[code] + MORE} == {}


async def test_what_has_gone_costs_later_turns_nothing(steps: Steps) -> None:
    """There is one every five minutes, and rows of emptied requests stay for ever. Its control is the last line."""
    await an_event_of(600)
    assert await deleting.turn(LONG_AFTER, clock.real()) > 3 * 600
    after = {code: await a_batch(code, steps) for code in BY_CODE}
    assert {code: found for code, found in after.items() if found[0] or found[1] > NOTHING} == {}
    await connection().execute_script("DROP INDEX registration_named")
    assert (await a_batch("names", steps))[1] > 2 * NOTHING

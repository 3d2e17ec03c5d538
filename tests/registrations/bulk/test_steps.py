"""What a bulk act costs the database for each of its people is the same in a large event: no part reads all of it."""

from collections.abc import Awaitable

import pytest

from events.accounts.staff import Staff
from events.event import Event
from events.ground import clock
from events.ground.database import connection, run_tx
from events.ground.engines.sqlite_connection import Connection
from registrations.bulk import fixing, reminding
from registrations.bulk.bulk_act import BulkKind
from registrations.people.registration import Registration
from tests.bench.grown import _a_guest
from tests.people import MONDAY
from tests.registrations.desk.test_growth import Steps

SQLITE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)  # it counts its own steps
OF_ONE = 300  # steps: four indexes, three rows that are looked for, and its place in the order


@pytest.fixture
async def steps(monkeypatch: pytest.MonkeyPatch, event: Event) -> Steps:
    """Of a database in which the event has many people."""
    await Registration.bulk_create([_a_guest(event, number) for number in range(3_000)], batch_size=500)
    counted = Steps()
    monkeypatch.setattr(Connection, "_hurry", lambda *_: None)  # which would put a handler of its own in its place
    await connection()._connection.set_progress_handler(counted, 10)
    return counted


async def taken(steps: Steps, work: Awaitable[object]) -> int:
    before = steps.tens
    await work
    return (steps.tens - before) * 10


@SQLITE
async def test_who_is_noted_in_many_parts_costs_no_more_than_in_one(
    event: Event, omar: Staff, steps: Steps, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = [person.id for person in await Registration.filter(event_id=event.id).limit(600)]
    of = (event, BulkKind.WRITE, None, ids, "Everybody", omar, MONDAY, clock.real())
    at_once = await taken(steps, fixing.fix(*of))
    monkeypatch.setattr(fixing, "TOGETHER", 50)
    in_parts = await taken(steps, fixing.fix(*of))
    assert 600 * 20 < at_once < 600 * OF_ONE, "something is counted"
    assert in_parts < at_once * 1.5


@SQLITE
async def test_who_is_reminded_costs_the_same_among_many(event: Event, omar: Staff, steps: Steps) -> None:
    ids = [person.id for person in await Registration.filter(event_id=event.id).limit(10)]
    asked = run_tx(reminding.remind)(event, ids, "remind 1", omar, MONDAY, MONDAY)
    assert await taken(steps, asked) < 10 * OF_ONE

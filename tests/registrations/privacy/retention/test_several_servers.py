"""Several servers delete at the same time: nothing stays, each row is counted once, and none fails for another."""

import asyncio

import pytest

from events.ground import clock
from events.ground.database import Database, query
from registrations.privacy.retention import deleting
from tests.registrations.privacy.retention.test_batches import LONG_AFTER, an_event_of

SERVERS = 3


async def gone_in(turns: int) -> tuple[int, int]:
    """Of an event that is long over: how many rows these turns say have gone, and how many the report says."""
    event, real = await an_event_of(300), clock.real()
    gone = await asyncio.gather(*(deleting.turn(LONG_AFTER, real) for _ in range(turns)))
    [row] = await query("SELECT sum(number) AS number FROM deletion WHERE event_id = ?", [event.id])
    return sum(gone), int(row["number"])


@pytest.mark.parametrize("database", ["postgres"], indirect=True)
async def test_three_that_delete_at_once_delete_as_much_as_one(database: Database) -> None:
    alone = await gone_in(1)
    assert alone[0] > 3 * 300
    assert await gone_in(SERVERS) == alone
    assert await deleting.turn(LONG_AFTER, clock.real()) == 0

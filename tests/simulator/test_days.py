"""Days at the door on which half of the phones run the product's own page, each with a mix of faults from its seed."""

import pytest

from events.ground.database import Database
from tests.simulator.day import PAGE_ACTS, simulate

SEEDS = [1, 2]
BY_TICKETS = [  # and nothing else: each of them has shown a fault
    210,  # who leaves without a ticket is no conflict
    233,  # an entry is on its way for longer than it takes until somebody leaves
    277,  # a phone whose clocks stood cannot tell whether they came in before the approval was withdrawn
    298,  # a phone that is revoked has let somebody in by itself, and the server knows only that it asked
]  # fmt: skip
pytestmark = pytest.mark.timeout(180)
on_sqlite = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
on_postgres = pytest.mark.parametrize("database", ["postgres"], indirect=True)


@on_sqlite
@pytest.mark.parametrize("seed", SEEDS)
async def test_nothing_that_a_page_has_done_is_lost_or_doubled(database: Database, seed: int) -> None:
    day = await simulate(database, seed)
    assert (len(day.deeds) > 20, len(day.walks) > 5) == (True, True)


@on_sqlite
@pytest.mark.parametrize("seed", BY_TICKETS)
async def test_nor_is_what_once_was(database: Database, seed: int) -> None:
    day = await simulate(database, seed, acts=PAGE_ACTS)
    assert (len(day.deeds) > 20, len(day.walks) > 5) == (True, True)


@on_postgres
async def test_nor_on_postgresql(database: Database) -> None:
    assert len((await simulate(database, 3)).walks) > 5

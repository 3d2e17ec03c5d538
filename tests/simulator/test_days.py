"""Days at the door on which half of the phones run the product's own page, each with a mix of faults from its seed. On
some there are rooms, paper, cards and walk-ins beside, as in `test_house_days`."""

import asyncio
import shutil
from pathlib import Path

import pytest

from events.ground import live
from events.ground.database import Database
from server import MODELS
from tests.simulator.day import PAGE_ACTS, PageDay, simulate

SEEDS = [5, 6]
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
    day = await simulate(database, seed, in_the_house=True)
    assert (len(day.deeds) > 20, len(day.walks) > 5) == (True, True)


@on_sqlite
@pytest.mark.parametrize("seed", BY_TICKETS)
async def test_nor_is_what_once_was(database: Database, seed: int) -> None:
    day = await simulate(database, seed, acts=PAGE_ACTS)
    assert (len(day.deeds) > 20, len(day.walks) > 5) == (True, True)


@on_sqlite
@pytest.mark.parametrize("seed", SEEDS)
async def test_with_a_disk_that_its_browser_empties_goes_only_what_a_closed_page_had_left_there(
    database: Database, seed: int
) -> None:
    day = PageDay(database, seed, guests=6, steps=30)
    day.letters, day.page_mix = "B", {"scan": 60, "undo": 5, "disk_emptied": 30, "offline": 10, "reload": 8, "lossy": 8}
    await day.run()
    assert (len(day.left_to_the_disk) > 0, len(day.walks) > 5) == (True, True)


@on_postgres
async def test_nor_on_postgresql(database: Database) -> None:
    assert len((await simulate(database, 3, in_the_house=True)).walks) > 5


def test_a_seed_tells_the_same_story_twice(sqlite_template: Path, tmp_path: Path) -> None:
    first, second = [asyncio.run(_story(shutil.copy(sqlite_template, tmp_path / f"{name}.db"))) for name in "12"]
    assert (any(" up: found" in words for _, _, words in first), second) == (True, first)


async def _story(file: Path | str) -> list[tuple[float, int, str]]:
    live.start_anew()  # as another process
    async with (database := Database(f"sqlite://{file}", MODELS)).opened():
        day = PageDay(database, 4, guests=4, steps=12)
        day.letters, day.page_mix = "B", {"scan": 40, "reference": 40, "lossy": 20}
        await day.run()
    return day.story

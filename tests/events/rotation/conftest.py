"""A place with all that is made with keys."""

from pathlib import Path

import pytest

from events.ground.database import Database
from tests.callers_world import World, a_world
from tests.events.rotation.rotating import Place, a_place
from tests.hostile.sealed_rows import two_of_each


@pytest.fixture
def place(database: Database, tmp_path: Path) -> Place:
    return a_place(tmp_path, database)


@pytest.fixture
async def world(place: Place, database: Database) -> World:
    made = await a_world(database)
    await two_of_each(made)
    return made

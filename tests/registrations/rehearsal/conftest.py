"""A rehearsal that has been lived through. It always runs on SQLite, so these tests do."""

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from events.ground.database import Database
from registrations.rehearsal import rehearsing
from server import MODELS
from tests.people import MONDAY


@pytest.fixture(scope="session")
def filled() -> list[bytes]:
    """The database of a rehearsal that begins on Monday, once somebody has asked for it."""
    return []


@pytest.fixture
async def rehearsed(sqlite_template: Path, filled: list[bytes], tmp_path: Path) -> AsyncIterator[Database]:
    """Lived through by the first test that asks, and copied for the others."""
    file = tmp_path / "muster.db"
    if not filled:
        shutil.copyfile(sqlite_template, file)
        async with Database(f"sqlite://{file}", MODELS).opened():
            await rehearsing.fill(MONDAY)
        filled.append(file.read_bytes())
    file.write_bytes(filled[0])
    async with (opened := Database(f"sqlite://{file}", MODELS)).opened():
        yield opened

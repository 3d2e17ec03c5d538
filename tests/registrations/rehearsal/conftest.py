"""A rehearsal that has been lived through. It always runs on SQLite, so these tests do."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import pytest

from events.ground.database import Database
from registrations.rehearsal import rehearsing
from server import MODELS
from tests.made_once import made_once
from tests.people import MONDAY


@pytest.fixture
async def rehearsed(sqlite_template: Path, tmp_path: Path) -> AsyncIterator[Database]:
    """Lived through by the first test of the run that asks, and copied for each."""
    lived = made_once("rehearsed.db", partial(live_through, sqlite_template))
    file = shutil.copyfile(lived, tmp_path / "muster.db")
    async with (opened := Database(f"sqlite://{file}", MODELS)).opened():
        yield opened


def live_through(empty: Path, file: Path) -> None:
    """In a thread of its own, since a loop runs in this one."""
    shutil.copyfile(empty, file)

    async def live() -> None:
        async with Database(f"sqlite://{file}", MODELS).opened():
            await rehearsing.fill(MONDAY)

    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, live()).result()

"""Browsers that ask for the pages of staff, and what is logged meanwhile."""

import json
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
import structlog

from events.accounts.staff import Staff
from events.ground import logs
from events.ground.database import Database
from tests.browser import browsing
from tests.events.accounts.signing_in import Client


@pytest.fixture
async def browser(database: Database) -> AsyncIterator[Client]:
    """Nobody is signed in."""
    async with browsing(database) as client:
        yield client


@pytest.fixture
async def desk(database: Database, lena: Staff) -> AsyncIterator[Client]:
    """Lena is signed in, and has just proved that it is her."""
    async with browsing(database, lena) as client:
        yield client


@pytest.fixture
def lines(capsys: pytest.CaptureFixture[str]) -> Iterator[Any]:
    """What is logged in live mode, as it is read out."""
    logs.set_up(live=True)
    yield lambda: [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    structlog.reset_defaults()

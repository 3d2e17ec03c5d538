"""Browsers that ask for the pages of staff."""

from collections.abc import AsyncIterator

import pytest

from events.accounts.staff import Staff
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

"""Somebody who has begun to type up a sheet, and what is on a release list."""

import pytest

from events.accounts.staff import Staff
from events.event import Event
from registrations.paper.sheet import Sheet, SheetKind
from registrations.phones.door import Door
from tests.registrations.paper.releases import a_list
from tests.registrations.paper.typing import Begin


@pytest.fixture
async def begun(event: Event, door: Door, omar: Staff) -> Begin:
    return Begin(event, door, omar)


@pytest.fixture
async def numbers(event: Event, omar: Staff) -> list[str]:
    return await a_list(event, omar)


@pytest.fixture
async def sheet(begun: Begin) -> Sheet:
    return await begun.sheet(ticks=2, kind=SheetKind.WALK_IN)

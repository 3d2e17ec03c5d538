"""Somebody who has begun to type up a sheet."""

import pytest

from events.accounts.staff import Staff
from events.event import Event
from registrations.phones.door import Door
from tests.registrations.paper.typing import Begin


@pytest.fixture
async def begun(event: Event, door: Door, omar: Staff) -> Begin:
    return Begin(event, door, omar)

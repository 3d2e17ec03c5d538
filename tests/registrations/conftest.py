"""Who is at the door: a door of the event, two stewards' phones there, and the lead's."""

import pytest

from events.event import Event
from events.ground import clock
from registrations.phones.door import Device, Door, PassRole
from tests.at_the_door import a_phone_at, with_the_override_of
from tests.people import THE_DAY, a_door


@pytest.fixture
def the_day(composed: None) -> None:
    """It is nine o'clock on the day itself."""
    clock.move_to(THE_DAY)


@pytest.fixture
async def door(event: Event) -> Door:
    return await a_door(event)


@pytest.fixture
async def sid(door: Door) -> Device:
    return await a_phone_at(door)


@pytest.fixture
async def kim(door: Door) -> Device:
    """Another steward at the same door."""
    return await a_phone_at(door, "Main door 2")


@pytest.fixture
async def lee(door: Door) -> Device:
    """The door lead's phone."""
    return with_the_override_of(await a_phone_at(door, "Lead", PassRole.DOOR_LEAD))

"""A phone is paired in the moment in which the door is closed (DR-41)."""

import asyncio
from datetime import timedelta

import pytest

from events.accounts.staff import Staff
from events.event import Event
from events.ground import clock
from events.ground.database import Database
from events.ground.refusal import Refused
from registrations.checkin import closing
from registrations.phones import pairing
from registrations.phones.door import Door, DoorPass, PassRole
from tests.people import THE_DAY

pytestmark = pytest.mark.usefixtures("the_day")
LATER = THE_DAY + timedelta(hours=8)


async def test_a_phone_that_pairs_while_the_door_is_closed_is_waited_for_or_finds_no_code(
    database: Database, event: Event, door: Door, omar: Staff
) -> None:
    made = await pairing.make_pass(door, "Main door 1", PassRole.STEWARD, omar, THE_DAY, clock.real())

    async def pairs() -> bool:
        try:
            return bool(await pairing.pair(made.secret, "198.51.100.7", THE_DAY, clock.real()))
        except Refused:
            return False

    async def closes() -> bool:
        await closing.begin(event, omar, LATER, clock.real())
        return await closing.close(event, omar, LATER)

    is_paired, is_closed = await asyncio.gather(pairs(), closes())
    assert is_paired is not is_closed
    assert await DoorPass.filter(paired_at__not_isnull=True, revoked_at=None).count() == is_paired
    assert (await Event.get(id=event.id)).doors_closed_at == (LATER if is_closed else None)

"""What a phone at a door hears while the building is being left. Rules: SG-15."""

from datetime import timedelta
from typing import Any

import httpx2
import pytest

from events.accounts.staff import Staff
from events.event import Event
from events.ground.database import Database
from registrations.phones.door import Door, PassRole, epoch
from registrations.roll_call import calling
from registrations.roll_call.calling import Pressed
from registrations.roll_call.roll_call import LASTS, RollCall, RollKind
from tests.at_the_door import a_ticket
from tests.door_phone import row_of
from tests.people import THE_DAY, a_door, an_event
from tests.registrations.door.requests import a_phone, send
from tests.registrations.roll_call.marshals import ADA, an_id

pytestmark = pytest.mark.usefixtures("the_day")


async def begins(event: Event, by: Staff, kind: RollKind = RollKind.REAL, before: timedelta = timedelta(0)) -> RollCall:
    return await calling.start(event, Pressed(an_id(), kind, THE_DAY - before), by, THE_DAY)


async def hears(phone: httpx2.AsyncClient, *scans: Any) -> dict[str, Any]:
    answer = await send(phone, *scans)
    assert answer.status_code == 200
    body: dict[str, Any] = answer.json()
    return body


@pytest.mark.parametrize("kind", RollKind)
@pytest.mark.parametrize("role", [PassRole.STEWARD, PassRole.DOOR_LEAD])
async def test_a_phone_at_a_door_hears_of_a_roll_call_until_it_ends(
    role: PassRole, kind: RollKind, database: Database, event: Event, door: Door, omar: Staff
) -> None:
    async with a_phone(database, door, omar, role) as phone:
        assert "roll_call" not in await hears(phone)
        roll_call = await begins(event, omar, kind)
        assert (await hears(phone))["roll_call"] == {"kind": kind.value, "since": epoch(THE_DAY)}
        assert await calling.end(roll_call, omar, THE_DAY)
        assert "roll_call" not in await hears(phone)


async def test_a_scan_is_taken_all_the_same(database: Database, event: Event, door: Door, omar: Staff) -> None:
    ticket = await a_ticket(ADA, event)
    await begins(event, omar)
    async with a_phone(database, door, omar) as phone:
        heard = await hears(phone, await row_of(ticket))
    assert [answer["verdict"] for answer in heard["answers"]] == ["ok"]
    assert heard["roll_call"]["kind"] == "real"


async def test_one_that_is_over_by_itself_is_on_no_phone(
    database: Database, event: Event, door: Door, omar: Staff
) -> None:
    roll_call = await begins(event, omar, before=LASTS - timedelta(seconds=1))
    async with a_phone(database, door, omar) as phone:
        assert "roll_call" in await hears(phone)
        await RollCall.filter(id=roll_call.id).update(started_at=THE_DAY - LASTS)
        assert "roll_call" not in await hears(phone)


async def test_a_phone_of_another_event_hears_nothing(
    database: Database, event: Event, door: Door, omar: Staff
) -> None:
    other_door = await a_door(await an_event(slug="another-event"))
    await begins(event, omar)
    async with a_phone(database, other_door, omar) as elsewhere, a_phone(database, door, omar) as here:
        assert "roll_call" not in await hears(elsewhere)
        assert "roll_call" in await hears(here)

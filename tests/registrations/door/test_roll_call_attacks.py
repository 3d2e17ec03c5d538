"""What no marshal's page sends to the roll call, and what meets in one: nothing of it is a failure of ours.

Rules: SG-15, SE-09.
"""

import json

import pytest

from events.accounts.staff import Staff
from events.event import Event
from events.ground.database import Database
from registrations.phones.door import Door
from registrations.roll_call.roll_call import RollCall, RollTick
from tests.people import a_door, an_event
from tests.registrations.roll_call.marshals import ADA, a_marshal, a_tick, an_id, came_in, row_of

pytestmark = pytest.mark.usefixtures("the_day")


@pytest.mark.parametrize("roll", ["\u0000", "\ud800", "A\u0000", {"a": 1}, ["x"], None, 7, "A" * 5000])
async def test_a_roll_call_that_none_is_is_unknown_whatever_it_is_called(
    database: Database, event: Event, door: Door, omar: Staff, roll: object
) -> None:
    [ada] = await came_in(event, door, ADA)
    async with a_marshal(database, door, omar) as mara:
        tick = a_tick(await row_of(ada))
        body = json.dumps({"roll": roll, "ticks": [tick]})  # in ASCII, half a sign too
        answer = await mara.phone.client.post("/door/api/roll/ticks", content=body)
        assert (answer.status_code, answer.json()["refused"]) == (200, [tick["id"]])
    assert await RollTick.all().count() == 0


async def test_a_start_by_the_id_of_a_print_is_no_failure_of_ours(
    database: Database, event: Event, door: Door, omar: Staff
) -> None:
    async with a_marshal(database, door, omar) as mara:
        id_ = an_id()
        await mara.sends("", printed=[{"id": id_, "age": 0.0}])
        answer = await mara.phone.client.post("/door/api/roll/start", json={"id": id_, "kind": "drill", "age": 0})
        assert (answer.status_code, answer.json()["error"]) == (422, "malformed")
    assert await RollCall.all().count() == 0


async def test_a_start_by_the_id_of_a_start_at_another_event_is_none(
    database: Database, event: Event, door: Door, omar: Staff
) -> None:
    foreign = await an_event(slug="another-event")
    theirs = await a_door(foreign)
    async with a_marshal(database, door, omar) as mara, a_marshal(database, theirs, omar, "Marshal 9") as mo:
        id_ = (await mara.starts())["joined"]
        answer = await mo.phone.client.post("/door/api/roll/start", json={"id": id_, "kind": "real", "age": 0})
        assert answer.status_code == 422
        assert (await mo.state())["running"] is None
        assert (await mo.starts())["running"]["id"] != id_, "the control: by an id of their own"

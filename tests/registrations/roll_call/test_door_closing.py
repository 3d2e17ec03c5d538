"""Nobody closes the door while a roll call runs; a later one keeps the list on marshals' phones (SG-15, EV-12)."""

from asyncio import gather

import pytest

from events.accounts.staff import Staff
from events.audit.action import Action
from events.audit.audit import AuditEntry
from events.event import Event
from events.ground import clock
from events.ground.database import Database
from events.ground.refusal import Refused
from registrations.door.door_pages import pass_of
from registrations.phones import finding
from registrations.phones.door import Door, DoorPass
from registrations.roll_call import calling, door_closing
from registrations.roll_call.calling import Pressed
from registrations.roll_call.door_closing import ROLL_CALL_RUNS, DrillRuns
from registrations.roll_call.roll_call import RollCall, RollKind
from tests.at_the_door import a_phone_at
from tests.people import THE_DAY, a_door, an_event
from tests.registrations.roll_call import marshals, ticks

pytestmark = pytest.mark.usefixtures("the_day")
ABOUT = [Action.DOOR_CLOSING, Action.ROLL_CALL_STARTED, Action.ROLL_CALL_ENDED]


async def begin(event: Event, by: Staff, *, ends_drill: bool = False) -> None:
    await door_closing.begin_closing(event, by, clock.now(), clock.real(), ends_drill=ends_drill)


async def start(event: Event, by: Staff, kind: RollKind = RollKind.REAL) -> RollCall:
    return await calling.start(event, Pressed(marshals.an_id(), kind, clock.now()), by, clock.now())


async def is_closing(event: Event) -> bool:
    return (await Event.get(id=event.id)).doors_closing_at is not None


async def acts_on(event: Event) -> list[str]:
    entries = await AuditEntry.filter(event_id=event.id, action__in=ABOUT).order_by("id")
    return [entry.action.name for entry in entries]


async def test_closing_is_refused_while_a_real_roll_call_runs_and_begins_once_it_is_over(
    event: Event, door: Door, omar: Staff
) -> None:
    running = await start(event, omar)
    for ends_drill in (False, True):
        with pytest.raises(Refused, match=ROLL_CALL_RUNS):
            await begin(event, omar, ends_drill=ends_drill)
    assert not await is_closing(event)
    assert (await RollCall.get()).ended_at is None
    other = await an_event()
    await begin(other, omar)
    assert await is_closing(other), "only of its own event"
    assert await calling.end(running, omar, clock.now())
    await begin(event, omar)
    assert await is_closing(event)


async def test_a_drill_is_asked_about_and_then_ends_by_it(event: Event, door: Door, omar: Staff) -> None:
    drill = await start(event, omar, RollKind.DRILL)
    with pytest.raises(DrillRuns):
        await begin(event, omar)
    assert (await is_closing(event), await calling.running(event.id, clock.now())) == (False, drill)
    await begin(event, omar, ends_drill=True)
    assert (await is_closing(event), await calling.running(event.id, clock.now())) == (True, None)
    assert await acts_on(event) == ["ROLL_CALL_STARTED", "ROLL_CALL_ENDED", "DOOR_CLOSING"]


async def test_of_a_roll_call_and_a_closing_at_once_the_first_decides(event: Event, door: Door, omar: Staff) -> None:
    """Either closing is refused, or the roll call began once the door was closing already."""
    seen = set()
    for _ in range(6):
        each = await an_event()
        await a_door(each)
        _, refused = await gather(start(each, omar), begin(each, omar), return_exceptions=True)
        acts = await acts_on(each)
        seen.add(tuple(acts))
        assert acts == (["ROLL_CALL_STARTED"] if refused else ["DOOR_CLOSING", "ROLL_CALL_STARTED"])
        assert refused is None or isinstance(refused, Refused)
    assert seen


async def test_begun_twice_it_is_not_refused_for_a_roll_call_that_came_after(
    event: Event, door: Door, omar: Staff
) -> None:
    await begin(event, omar)
    await start(event, omar)
    await begin(event, omar)
    assert await acts_on(event) == ["DOOR_CLOSING", "ROLL_CALL_STARTED"]


async def test_a_marshals_phone_is_told_to_close_only_once_a_real_roll_call_is_over(
    database: Database, event: Event, door: Door, omar: Staff
) -> None:
    async with marshals.a_marshal(database, door, omar) as mara:
        await begin(event, omar)
        assert (await mara.state())["closing"]
        drill = await mara.starts("drill")
        assert drill["closing"], "a drill keeps nothing open"
        real = await mara.starts()
        assert (real["running"]["kind"], "closing" in real) == ("real", False), "also in the answer to its start"
        assert "closing" not in await mara.state()
        assert "closing" not in (await mara.phone.client.get("/door/api/pass")).json()["pass"]
        await calling.end(await RollCall.get(ended_at=None), omar, clock.now())
        assert (await mara.state())["closing"]
        assert (await mara.phone.client.get("/door/api/pass")).json()["pass"]["closing"]


async def test_every_other_phone_closes_also_while_a_roll_call_runs(event: Event, door: Door, omar: Staff) -> None:
    steward, marshal = await a_phone_at(door), await ticks.a_marshal(door)
    await begin(event, omar)
    await start(event, omar)
    told = []
    for phone in (steward, marshal):
        device = await finding.device_of(await DoorPass.get(id=phone.id), clock.real())
        told.append("closing" in await pass_of(device, THE_DAY))
    assert told == [True, False]

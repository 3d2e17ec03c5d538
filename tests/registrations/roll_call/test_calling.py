"""Roll calls begin and end: one runs at an event, phones that began apart come together, and none runs for ever.

Rules: SG-15.
"""

from asyncio import gather
from datetime import datetime, timedelta
from typing import Any

import pytest
from tortoise.exceptions import IntegrityError

from events.accounts.staff import Staff
from events.audit.action import Action
from events.audit.audit import Actor, AuditEntry
from events.event import Event
from events.ground.database import query
from registrations.phones.door import Device, Door
from registrations.roll_call import calling, rows, ticking, totals
from registrations.roll_call.calling import Pressed
from registrations.roll_call.roll_call import RollCall, RollKind, RollPress, RollTick
from tests.at_the_door import a_ticket
from tests.people import an_event, someone
from tests.registrations.roll_call.marshals import an_id
from tests.registrations.roll_call.ticks import ALARM, a_marshal, a_tick

pytestmark = pytest.mark.usefixtures("the_day")
REAL, DRILL = RollKind.REAL, RollKind.DRILL


def after(minutes: float) -> datetime:
    return ALARM + timedelta(minutes=minutes)


async def press(event: Event, by: Device | Staff, kind: RollKind, at: float, arrived: float | None = None) -> RollCall:
    """Minutes after the alarm: when it was pressed, and when the server heard of it."""
    heard = after(at if arrived is None else arrived)
    return await calling.start(event, Pressed(an_id(), kind, after(at)), by, heard)


async def test_of_many_who_start_at_once_one_begins_and_all_are_of_it(event: Event, door: Door, omar: Staff) -> None:
    marshals = [await a_marshal(door, f"Marshal {n}") for n in range(4)]
    presses = [Pressed(an_id(), REAL, ALARM) for _ in range(8)]
    starters: list[Actor] = [*marshals, omar]
    starts = [calling.start(event, pressed, starters[n % 5], ALARM) for n, pressed in enumerate(presses)]
    called = await gather(*starts, *(calling.start(event, pressed, marshals[0], ALARM) for pressed in presses))
    assert len({roll_call.id for roll_call in called}) == 1
    assert (await RollCall.all().count(), await RollPress.all().count()) == (1, 8)
    assert await AuditEntry.filter(action=Action.ROLL_CALL_STARTED).count() == 1


async def test_the_database_refuses_a_second_that_runs_whichever_code_writes_it(
    event: Event, door: Door, omar: Staff
) -> None:
    first = await press(event, omar, REAL, 0)
    more: dict[str, Any] = {"kind": REAL, "started_at": ALARM, "started_by": omar.actor, "people": 0}
    with pytest.raises(IntegrityError):
        await RollCall.create(event_id=event.id, public_id=an_id(), **more)
    other = await an_event()
    await RollCall.create(event_id=other.id, public_id=an_id(), **more)
    await query("DROP INDEX one_roll_call")
    await RollCall.create(event_id=event.id, public_id=an_id(), **more)
    assert await RollCall.filter(event_id=first.event_id, ended_at=None).count() == 2, "the index alone refuses it"


async def test_two_phones_that_started_offline_come_together_also_once_it_is_over(
    event: Event, door: Door, omar: Staff
) -> None:
    mara, mo = await a_marshal(door), await a_marshal(door, "Marshal 2")
    first = await press(event, mara, REAL, 5)
    assert (await press(event, mo, REAL, 2, arrived=9)).id == first.id, "pressed before, heard later"
    await calling.end(first, omar, after(30))
    assert (await press(event, mo, REAL, 20, arrived=40)).id == first.id, "it ran when this was pressed"
    assert await calling.running(event.id, after(41)) is None
    again = await press(event, mo, REAL, 45)
    assert (again.id != first.id, await RollCall.all().count()) == (True, 2), "a new alarm"


async def test_what_was_pressed_long_before_is_another_and_is_over_when_the_next_began(
    event: Event, door: Door, omar: Staff
) -> None:
    mara, mo = await a_marshal(door), await a_marshal(door, "Marshal 2")
    afternoon = await press(event, mara, REAL, 180)
    morning = await press(event, mo, REAL, 0, arrived=200)
    assert (morning.id != afternoon.id, morning.ended_at) == (True, afternoon.started_at)
    running = await calling.running(event.id, after(201))
    assert running is not None
    assert running.id == afternoon.id


async def test_a_real_alarm_ends_a_drill_and_a_drill_during_a_real_one_is_of_it(
    event: Event, door: Door, omar: Staff
) -> None:
    mara = await a_marshal(door)
    drill = await press(event, omar, DRILL, 0)
    assert (await press(event, mara, DRILL, 1)).id == drill.id
    real = await press(event, mara, REAL, 5)
    assert (real.kind, real.id != drill.id) == (REAL, True)
    ended = await RollCall.get(id=drill.id)
    assert (ended.ended_at, ended.ended_by) == (after(5), mara.actor)
    assert (await press(event, omar, DRILL, 6)).id == real.id


async def test_it_is_over_by_itself_after_twelve_hours_and_the_next_begins(
    event: Event, door: Door, omar: Staff
) -> None:
    first = await press(event, omar, REAL, 0)
    assert await calling.running(event.id, after(12 * 60 - 1)) is not None
    assert await calling.running(event.id, after(12 * 60)) is None
    assert await calling.end(first, omar, after(12 * 60)) is False
    second = await press(event, omar, REAL, 12 * 60 + 1)
    over = await RollCall.get(id=first.id)
    assert (second.id != first.id, over.ended_at, over.ended_by) == (True, after(12 * 60), "")
    assert [entry.action for entry in await AuditEntry.filter(action=Action.ROLL_CALL_ENDED)] == []


async def test_it_ends_once_while_ticks_arrive_and_none_of_them_is_lost(
    event: Event, door: Door, omar: Staff, lena: Staff
) -> None:
    mara = await a_marshal(door)
    tickets = [await a_ticket(someone(), event) for _ in range(8)]
    held = await Event.get(id=event.id)
    called = await press(event, omar, REAL, 0)
    ticks = [a_tick(rows.row_of(held, ticket.n)) for ticket in tickets]
    sends = [ticking.take(called, [tick], [], mara, after(3)) for tick in ticks]
    ends = [calling.end(called, by, after(3)) for by in (omar, lena)]
    done = await gather(*sends[:4], *ends, *sends[4:])
    assert sorted(answer for answer in done if isinstance(answer, bool)) == [False, True]
    assert await RollTick.all().count() == 8
    assert (await totals.of(called)).safe == 8
    late = a_tick(rows.row_of(held, tickets[0].n))
    assert (await ticking.take(called, [late], [], mara, after(9))).kept == [late.id], "of one that is over, too"

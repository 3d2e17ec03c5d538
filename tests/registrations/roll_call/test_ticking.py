"""Ticks of several marshals: all are kept, once, the latest counts, and what differs is told.

Rules: SG-15.
"""

from asyncio import gather
from collections import Counter
from datetime import timedelta
from random import Random

import pytest

from events.event import Event
from events.ground.database import query
from registrations.checkin.scan import Admission
from registrations.phones.door import Door
from registrations.roll_call import rows, ticking, totals
from registrations.roll_call.roll_call import Mark, RollTick
from registrations.roll_call.ticking import SentTick
from registrations.roll_call.totals import Totals
from tests.at_the_door import a_ticket
from tests.people import THE_DAY, someone
from tests.registrations.roll_call.marshals import an_id
from tests.registrations.roll_call.ticks import LATER, a_marshal, a_roll_call, a_tick

pytestmark = pytest.mark.usefixtures("the_day")


async def inside(event: Event, door: Door, people: int) -> list[str]:
    """So many come in: the rows by which phones know them. Written at once, since nobody asks how they came in."""
    tickets = [await a_ticket(someone(), event) for _ in range(people)]
    await Admission.bulk_create(
        Admission(ticket=ticket, door=door, presence=0, client_id=an_id(), admitted_at=THE_DAY) for ticket in tickets
    )
    held = await Event.get(id=event.id)
    return [rows.row_of(held, ticket.n) for ticket in tickets]


async def test_dr39_two_hundred_people_and_two_marshals_offline_whose_ticks_come_interleaved_and_twice(
    event: Event, door: Door
) -> None:
    await Event.filter(id=event.id).update(capacity=300)
    known = await inside(event, door, 200)
    mara, mo = await a_marshal(door), await a_marshal(door, "Marshal 2")
    roll_call, draw = await a_roll_call(event, mara), Random(8415)  # noqa: S311
    ticked = {
        device: [a_tick(row, draw.choice(list(Mark)), draw.uniform(1, 1000)) for row in draw.sample(known, 150)]
        for device in (mara, mo)
    }
    sent = [(device, ticks[n : n + 20]) for device, ticks in ticked.items() for n in range(0, 150, 20)]
    draw.shuffle(sent)
    for device, ticks in [*sent, *draw.sample(sent, len(sent))]:
        taken = await ticking.take(roll_call, ticks, [], device, LATER)
        assert (sorted(taken.kept), taken.refused) == (sorted(tick.id for tick in ticks), [])
    assert await RollTick.all().count() == 300, "all are kept, each once"
    ticks_of: dict[str, list[SentTick]] = {}
    for tick in ticked[mara] + ticked[mo]:
        ticks_of.setdefault(tick.row, []).append(tick)
    latest = {row: min(ticks, key=lambda tick: tick.age).mark for row, ticks in ticks_of.items()}
    disagreed = {row for row, ticks in ticks_of.items() if len({tick.mark for tick in ticks}) > 1}
    by_mark = Counter(latest.values())
    assert await totals.of(roll_call) == Totals(
        by_mark[Mark.SAFE], by_mark[Mark.NOT_SEEN], by_mark[Mark.LEFT], 200 - len(latest), len(disagreed), 0
    )
    told = await ticking.changed(roll_call, 0)
    assert {said["row"]: said["mark"] for said in told.ticks} == latest
    assert {said["row"] for said in told.ticks if said["others"]} == disagreed
    assert min(len(disagreed), 200 - len(latest)) > 0, "there is something to tell"


async def test_dr39_both_marshals_send_at_the_same_moment_and_a_cursor_misses_nobody(event: Event, door: Door) -> None:
    known = await inside(event, door, 24)
    mara, mo = await a_marshal(door), await a_marshal(door, "Marshal 2")
    roll_call = await a_roll_call(event, mara)
    heard, cursor = dict[str, str](), 0

    async def listens() -> None:
        nonlocal cursor
        changed = await ticking.changed(roll_call, cursor)
        cursor = changed.cursor
        heard.update({tick["row"]: tick["mark"] for tick in changed.ticks})

    ticks = {row: a_tick(row, mark) for row, mark in zip(known, list(Mark) * 8, strict=True)}
    sends = [ticking.take(roll_call, [tick], [], (mara, mo)[n % 2], LATER) for n, tick in enumerate(ticks.values())]
    again = [ticking.take(roll_call, [tick], [], mara, LATER) for tick in list(ticks.values())[::2]]
    taken = await gather(*(act for pair in zip(sends, (listens() for _ in sends), strict=True) for act in pair), *again)
    await listens()
    assert all(answer is None or not answer.refused for answer in taken)
    assert heard == {row: tick.mark for row, tick in ticks.items()}
    assert await RollTick.all().count() == 24


async def test_a_tick_of_another_event_or_of_no_roll_call_is_refused_and_nothing_is_kept(
    event: Event, door: Door
) -> None:
    [row] = await inside(event, door, 1)
    mara = await a_marshal(door)
    roll_call = await a_roll_call(event, mara)
    strange, known = a_tick("ab" * 16), a_tick(row)
    assert (await ticking.take(None, [known], [], mara, LATER)).refused == [known.id]
    assert (await ticking.take(roll_call, [strange], [], mara, LATER)).refused == [strange.id]
    assert await RollTick.all().count() == 0
    assert (await ticking.take(roll_call, [known], [], mara, LATER)).kept == [known.id]


async def test_no_tick_is_changed_or_deleted_by_whichever_code(event: Event, door: Door) -> None:
    [row] = await inside(event, door, 1)
    mara = await a_marshal(door)
    await ticking.take(await a_roll_call(event, mara), [a_tick(row)], [], mara, LATER)
    for act in ("UPDATE roll_tick SET mark = 'left'", "DELETE FROM roll_tick"):
        with pytest.raises(Exception, match="never changed"):
            await query(act)
    assert (await RollTick.get()).mark is Mark.SAFE


async def test_a_phone_that_says_an_impossible_age_is_held_to_its_last_contact(event: Event, door: Door) -> None:
    [row] = await inside(event, door, 1)
    mara = await a_marshal(door)
    await ticking.take(await a_roll_call(event, mara), [a_tick(row, age=1e7)], [], mara, LATER)
    assert (await RollTick.get()).happened_at == LATER - timedelta(seconds=mara.longest_age)

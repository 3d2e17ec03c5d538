"""Phones without a network, at the entrance and at a room that asks for it: whatever comes first, the same stands.

Rules: EV-01.
"""

import random
from collections import Counter
from itertools import permutations
from typing import Any

import pytest

from events.accounts.staff import Staff
from events.event import Event
from registrations.checkin.conflict import Conflict
from registrations.checkin.scan import BOTH, Admission, ScanKind
from registrations.people.registration import Registration
from registrations.phones import room_changes
from registrations.phones.door import Device
from registrations.tickets import ticketing
from registrations.tickets.ticket import Ticket
from tests.at_the_door import a_phone_at, a_ticket, rows_of, scan_of
from tests.people import Person, a_room, someone
from tests.registrations.checkin.entrance_house import House, a_house, alone, stays
from tests.registrations.checkin.limiting import holds, tickets_for
from tests.registrations.checkin.settling import says
from tests.registrations.offline import MINUTE, NINE, conflicts


@pytest.fixture
async def house(event: Event, omar: Staff) -> House:
    return await a_house(event, omar)


@pytest.fixture
async def ticket(event: Event, ada: Person) -> Ticket:
    return await a_ticket(ada, event)


@pytest.mark.parametrize(("shown", "tap"), [("not_counted", BOTH), ("check_id", "id_seen"), ("old_list", "lead")])
async def test_whom_a_phone_alone_let_in_is_counted_at_both(house: House, ticket: Ticket, shown: str, tap: str) -> None:
    at, sent = NINE, NINE + 20 * MINUTE
    scan = alone(await scan_of(ticket, age=(sent - at).total_seconds()), tap, shown)
    assert (await says(scan, await house.rita(), sent))["verdict"] == "ok"
    assert await stays() == {house.entrance.id: (NINE, None), house.room.id: (NINE, None)}
    assert await conflicts() == []


async def test_of_who_was_counted_before_nothing_is_inferred(house: House, ticket: Ticket) -> None:
    await house.at_entrance(ticket)
    await says(alone(await scan_of(ticket, age=600.0)), await house.rita(), NINE + 12 * MINUTE)
    assert await rows_of("door_id", "inferred") == [[house.entrance.id, False], [house.room.id, False]]


async def test_whom_a_phone_alone_sent_to_the_entrance_is_nowhere(house: House, ticket: Ticket) -> None:
    await house.at_entrance(ticket, NINE + 2 * MINUTE)
    scan = alone(await scan_of(ticket, age=1200.0), "no", "not_counted")
    assert (await says(scan, await house.rita(), NINE + 20 * MINUTE))["verdict"] == "turned_away"
    assert await stays() == {house.entrance.id: (NINE + 2 * MINUTE, None)}


async def test_a_limit_stops_nobody_whom_a_phone_alone_let_in(house: House) -> None:
    await holds(house.entrance, 1)
    for ticket in await tickets_for(house.event, 2):
        scan = alone(await scan_of(ticket, age=600.0), BOTH, "not_counted")
        assert (await says(scan, await house.rita(), NINE + 10 * MINUTE))["verdict"] == "ok"
    assert Counter(row.presence for row in await Admission.all()) == {0: 2, house.room.id: 2}


async def test_who_came_with_a_withdrawn_ticket_is_counted_at_both_and_loud(house: House, ticket: Ticket) -> None:
    await ticketing.revoke(await Registration.get(id=ticket.registration_id), NINE - MINUTE)
    scan = alone(await scan_of(ticket, age=600.0), "lead", "old_list")
    await says(scan, await house.rita(), NINE + 10 * MINUTE)
    assert len(await stays()) == 2
    assert [kind for kind, *_ in await conflicts()] == ["not valid"]


SENT = NINE + 60 * MINUTE
Came = tuple[str, int]  # where, and the minute


async def settled(
    house: House, ticket: Ticket, came: list[Came], order: tuple[int, ...], other: Device | None = None
) -> list[Any]:
    """Who is in where since when, and how many conflicts are open, once all has come in this order."""
    sent = {}
    for n, (where, minute) in enumerate(came):
        at = NINE + minute * MINUTE
        scan = await scan_of(ticket, age=(SENT - at).total_seconds())
        sent[n] = alone(scan._replace(kind=ScanKind.OUT), "", "out") if where == "out" else alone(scan)
    for n in order:
        rita, sid = await house.rita(), await house.sid()
        by = {"room": rita, "other": other or rita}.get(came[n][0], sid)
        await says(sent[n], by, SENT)
    held = await Admission.filter(ticket_id=ticket.id)
    stand = [(row.presence > 0, row.admitted_at, row.left_at) for row in sorted(held, key=lambda row: row.presence)]
    unsettled = await Conflict.filter(ticket_id=ticket.id, settled_at=None, door_id=house.entrance.id)
    return [stand, [conflict.kind for conflict in unsettled]]


IN_ALL_ORDERS: dict[str, tuple[list[Came], list[Any]]] = {
    "counted at the entrance before": (
        [("entrance", 5), ("room", 10)],
        [[(False, NINE + 5 * MINUTE, None), (True, NINE + 10 * MINUTE, None)], []],
    ),
    "first in the room, then at the entrance: two people, perhaps": (
        [("room", 10), ("entrance", 20)],
        [[(False, NINE + 10 * MINUTE, None), (True, NINE + 10 * MINUTE, None)], ["twice"]],
    ),
    "left by the entrance, and seen in the room later": (
        [("entrance", 5), ("out", 8), ("room", 10)],
        [[(False, NINE + 5 * MINUTE, None), (True, NINE + 10 * MINUTE, None)], []],
    ),
    "in the room, and then out at the entrance": (
        [("room", 10), ("out", 30)],
        [[(False, NINE + 10 * MINUTE, NINE + 30 * MINUTE), (True, NINE + 10 * MINUTE, None)], []],
    ),
    "all of it": (
        [("entrance", 5), ("room", 10), ("out", 30), ("entrance", 40)],
        [[(False, NINE + 5 * MINUTE, None), (True, NINE + 10 * MINUTE, None)], []],
    ),
}


@pytest.mark.parametrize(("came", "stands"), IN_ALL_ORDERS.values(), ids=IN_ALL_ORDERS.keys())
async def test_in_whatever_order_phones_alone_tell_of_it_the_same_stands(
    house: House, came: list[Came], stands: list[Any]
) -> None:
    for order in permutations(range(len(came))):
        ticket = await a_ticket(someone(), house.event)
        assert await settled(house, ticket, came, order) == stands, order


@pytest.mark.parametrize("seed", range(8))
async def test_any_day_stands_the_same_in_whatever_order_it_is_told(house: House, omar: Staff, seed: int) -> None:
    other = await a_room(house.event, "Workshop B")
    await room_changes.set_needs_entrance(other, needs=True, by=omar, at=NINE)
    rose = await a_phone_at(other, "Workshop B 1")
    chance = random.Random(seed)  # noqa: S311  # a test's own
    minutes = chance.sample(range(1, 50), 6)
    came = [(chance.choice(["entrance", "out", "room", "other"]), minute) for minute in minutes]
    told = []
    for _ in range(4):
        ticket = await a_ticket(someone(), house.event)
        order = chance.sample(range(6), 6)
        who_is_in, _ = await settled(house, ticket, came, tuple(order), rose)
        told.append((who_is_in, order))
    assert all(stands == told[0][0] for stands, _ in told), (came, told)

"""Whoever was at a room's door is on every list of who is inside, whatever is undone, late, or done at once.

Rules: EV-01, SG-15.
"""

from asyncio import gather
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import pytest

from events.accounts.staff import Staff
from events.event import Event
from events.ground import clock
from events.ground.database import run_tx
from events.ground.refusal import Refused
from registrations.checkin import checkin
from registrations.checkin.conflict import Conflict
from registrations.checkin.received_scan import ReceivedScan, entrance_id
from registrations.checkin.scan import ScanKind, Sent
from registrations.people.registration import Registration
from registrations.phones import door_changes
from registrations.phones.door import Device, Door, DoorKind
from registrations.tickets import ticketing
from registrations.tickets.ticket import Ticket
from tests.at_the_door import a_phone_at, a_ticket, scan_of, undo_of, with_the_override_of
from tests.people import a_door, a_room, someone
from tests.registrations.checkin.settling import says
from tests.registrations.offline import NINE
from tests.registrations.test_who_is_inside import INSIDE

pytestmark = pytest.mark.engines
SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)
WRONG: Mapping[str, Any] = {"code": "wrong_person"}


class House(NamedTuple):
    """A phone at the entrance, and at each of two rooms that do not ask."""

    event: Event
    sid: Device
    rita: Device
    rob: Device


@pytest.fixture
async def house(event: Event) -> House:
    doors = await a_door(event), await a_room(event), await a_room(event, "Workshop B")
    sid, rita, rob = [await a_phone_at(door, f"Phone {door.id}") for door in doors]
    return House(event, sid, rita, rob)


async def inside(event: Event) -> set[int]:
    """Whom every list has."""
    lists = {name: await asked(event) for name, asked in INSIDE.items()}
    assert len(set(lists.values())) == 1, lists
    return set(lists["the roll call"])


async def alone(sent: ReceivedScan) -> None:
    """As another process would settle it at the same moment."""
    await run_tx(checkin._settle)([sent])


async def way_out(ticket: Ticket) -> Sent:
    return (await scan_of(ticket))._replace(kind=ScanKind.OUT)


@pytest.mark.parametrize("undone", [False, True], ids=["who leaves", "whose entry is undone"])
async def test_somebody_at_once_at_a_room_is_inside(house: House, undone: bool) -> None:
    """Whichever of the two is first: the room's scan is the later one."""
    tickets = [await a_ticket(someone(), house.event) for _ in range(8)]
    entries = [await scan_of(ticket) for ticket in tickets]
    for entry in entries:
        await says(entry, house.sid, NINE)
    by = with_the_override_of(house.sid) if undone else house.sid
    sent = []
    for ticket, entry in zip(tickets, entries, strict=True):
        back = undo_of(entry)._replace(**WRONG) if undone else await way_out(ticket)
        sent += [
            ReceivedScan(back, by, NINE + MINUTE),
            ReceivedScan(await scan_of(ticket), house.rita, NINE + MINUTE + SECOND),
        ]
    await gather(*map(alone, sent))
    assert await inside(house.event) == {ticket.registration_id for ticket in tickets}


async def test_what_is_undone_at_both_leaves_nobody(house: House) -> None:
    ticket = await a_ticket(someone(), house.event)
    room, entrance = await scan_of(ticket), await scan_of(ticket)
    await says(room, house.rita, NINE)
    await says(entrance._replace(offline=True, shown="ok", unsure=1.0), house.sid, NINE + SECOND)
    assert await inside(house.event) == {ticket.registration_id}
    assert (await says(undo_of(room), house.rita, NINE + 20 * SECOND))["verdict"] == "undone"
    assert (await says(undo_of(entrance), house.sid, NINE + 30 * SECOND))["verdict"] == "undone"
    assert await inside(house.event) == set()


async def test_with_one_room_undone_the_other_still_tells(house: House) -> None:
    ticket = await a_ticket(someone(), house.event)
    room, at = await scan_of(ticket), NINE + 10 * MINUTE
    await says(room, house.rita, at)
    await says(await scan_of(ticket, age=45.0), house.rob, at + 5 * SECOND)
    assert (await says(undo_of(room), house.rita, at + 10 * SECOND))["verdict"] == "undone"
    assert await inside(house.event) == {ticket.registration_id}


async def test_what_follows_from_a_room_is_undone_with_that_alone(house: House) -> None:
    ticket, lead = await a_ticket(someone(), house.event), with_the_override_of(house.sid)
    room = await scan_of(ticket)
    await says(room, house.rita, NINE)
    followed = undo_of(room)._replace(undoes=entrance_id(room.id), **WRONG)
    assert (await says(followed, lead, NINE + MINUTE))["verdict"] == "nothing_to_undo"
    assert await inside(house.event) == {ticket.registration_id}
    assert (await says(undo_of(room)._replace(**WRONG), lead, NINE + MINUTE))["verdict"] == "undone"
    assert await inside(house.event) == set()


async def test_a_newer_ticket_in_a_room_tells_by_itself(house: House) -> None:
    """In by the older one at the entrance, where that entry was somebody else's."""
    first = await a_ticket(someone(), house.event)
    entry = await scan_of(first)
    await says(entry, house.sid, NINE)
    await Ticket.filter(id=first.id).update(revoked_at=NINE)
    second = await ticketing.issue(await Registration.get(id=first.registration_id), NINE)
    assert (await says(await scan_of(second), house.rita, NINE + MINUTE))["verdict"] == "ok"
    await says(undo_of(entry)._replace(**WRONG), with_the_override_of(house.sid), NINE + 2 * MINUTE)
    assert await inside(house.event) == {first.registration_id}


async def test_where_an_entry_is_counted_anew_its_conflicts_are_those_that_stand(house: House) -> None:
    ticket = await a_ticket(someone(), house.event)
    first, others = await scan_of(ticket), [await scan_of(ticket) for _ in range(2)]
    await says(first, house.sid, NINE)
    await says(await scan_of(ticket), house.rita, NINE + MINUTE)
    for number, other in enumerate(others, 2):
        await says(other._replace(offline=True, shown="ok"), house.sid, NINE + number * MINUTE)
    await says(undo_of(first)._replace(**WRONG), with_the_override_of(house.sid), NINE + 5 * MINUTE)
    still = await Conflict.filter(settled_at=None).values_list("first_scan", "second_scan")
    room = next(scan for pair in still for scan in pair if scan not in {other.id for other in others})
    assert sorted(still) == sorted((min(room, other.id), max(room, other.id)) for other in others)


async def test_an_entrance_at_which_somebody_in_a_room_was_counted_stays_one(event: Event, omar: Staff) -> None:
    entrance, room = await a_door(event), await a_phone_at(await a_room(event), "Workshop 1")
    await a_door(event, "Side door")
    at: datetime = clock.real()
    await door_changes.set_kind(entrance, DoorKind.ROOM, omar, NINE, at)
    await door_changes.set_kind(entrance, DoorKind.ENTRANCE, omar, NINE, at)
    ticket = await a_ticket(someone(), event)
    await says(await scan_of(ticket), room, NINE)
    with pytest.raises(Refused, match="people were counted there"):
        await door_changes.set_kind(await Door.get(id=entrance.id), DoorKind.ROOM, omar, NINE, at)
    assert await inside(event) == {ticket.registration_id}

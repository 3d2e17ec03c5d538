"""A room whose door asks for the entrance: what is taken back, what phones hold, and what organisers say and read.

Rules: EV-01.
"""

from typing import Any

import pytest

from events.accounts.staff import Staff
from events.audit.action import Action
from events.event import Event
from events.ground import clock
from registrations.checkin import headcount
from registrations.checkin.scan import BOTH, ScanKind
from registrations.codes.room import Entrance
from registrations.codes.sealing import ROW
from registrations.desk.on_the_day import scan_history
from registrations.people.registration import Registration
from registrations.phones import door_changes, guest_list, room_changes
from registrations.phones.door import Door
from registrations.tickets import ticketing
from registrations.tickets.ticket import Ticket
from tests.at_the_door import a_phone_at, a_ticket, rows_of, scan_of, undo_of
from tests.people import MONDAY, Person, a_room
from tests.registrations.checkin.entrance_house import House, a_house, stays
from tests.registrations.checkin.overriding import on_record
from tests.registrations.checkin.settling import says
from tests.registrations.offline import MINUTE, NINE, SECOND, let_in
from tests.registrations.phones.list_reading import of_number, read_blob


@pytest.fixture
async def house(event: Event, omar: Staff) -> House:
    return await a_house(event, omar)


@pytest.fixture
async def ticket(event: Event, ada: Person) -> Ticket:
    return await a_ticket(ada, event)


# Taken back


async def test_with_the_entry_into_the_room_goes_the_one_at_the_entrance_and_all_rows_stay(
    house: House, ticket: Ticket
) -> None:
    both = (await scan_of(ticket))._replace(code=BOTH)
    rita = await house.rita()
    await says(both, rita, NINE)
    assert (await says(undo_of(both), rita, NINE + 30 * SECOND))["verdict"] == "undone"
    assert await stays() == {}
    assert await rows_of("kind", "door_id", "verdict", "inferred") == [
        ["in", house.entrance.id, "ok", True], ["in", house.room.id, "ok", False],
        ["undo", house.entrance.id, "undone", True], ["undo", house.room.id, "undone", False],
    ]  # fmt: skip
    assert (await house.at_room(ticket, NINE + MINUTE))["verdict"] == "not_counted", "as before"
    counts = await headcount.counts(house.event.id, NINE, clock.real())
    assert counts.people == 0
    assert (await house.at_room(ticket, NINE + MINUTE, code=BOTH))["verdict"] == "ok"
    assert len(await stays()) == 2


async def test_the_entrance_stays_where_they_were_seen_since(house: House, event: Event, ticket: Ticket) -> None:
    other = await a_phone_at(await a_room(event, "Workshop B"), "Workshop B 1")
    both = (await scan_of(ticket))._replace(code=BOTH)
    rita = await house.rita()
    await says(both, rita, NINE)
    seen = await scan_of(ticket)
    await says(seen, other, NINE + 10 * SECOND)
    await says(undo_of(both), rita, NINE + 30 * SECOND)
    assert await stays() == {house.entrance.id: (NINE, None), other.door_id: (NINE + 10 * SECOND, None)}
    await says(undo_of(seen), other, NINE + 40 * SECOND)
    assert await stays() == {}, "now nobody has seen them anywhere"


async def test_an_entry_that_was_scanned_at_the_entrance_stays_when_the_room_is_taken_back(
    house: House, ticket: Ticket
) -> None:
    rita = await house.rita()
    both = (await scan_of(ticket))._replace(code=BOTH)
    await says(both, rita, NINE)
    late = await let_in(ticket, sent=NINE + 20 * SECOND, at=NINE - MINUTE)
    await says(late, await house.sid(), NINE + 20 * SECOND)
    await says(undo_of(both), rita, NINE + 30 * SECOND)
    assert await stays() == {house.entrance.id: (NINE - MINUTE, None)}


# What organisers say of a room


async def test_all_doors_of_a_room_ask_and_an_entrance_never_does(house: House, omar: Staff) -> None:
    beside_it = await door_changes.make_door(house.event, "Back door", omar, NINE, beside=house.room)
    assert (await Door.get(id=beside_it.id)).needs_entrance is True
    await room_changes.set_needs_entrance(beside_it, needs=False, by=omar, at=NINE)
    assert {door.needs_entrance for door in await Door.all()} == {False}
    assert (await house.rita()).entrance == Entrance(house.entrance.id, asks=False)
    assert (await house.sid()).entrance is None


async def test_the_switch_needs_an_entrance_and_is_on_record(house: House, omar: Staff) -> None:
    details = [details for _, _, details in await on_record(Action.DOOR_CHANGED)]
    assert details == [{"needs_entrance": True}]
    assert (await house.rita()).entrance is not None
    assert (await house.sid()).entrance is None


# What phones hold, and what organisers read


async def row_at(door: Door, house: House, ticket: Ticket, since: int = 0) -> tuple[dict[str, Any] | None, int]:
    """What the list of a phone there says of the ticket, and its version."""
    blob = read_blob(await guest_list.since(await house.phone(door), since, NINE))
    assert {len(row) for row in blob.rows.values()} == {ROW}
    row = await of_number(house.event, ticket.n, blob)
    return row and {key: row[key] for key in ("s", "u", "i") if key in row}, blob.version


async def test_the_list_of_such_a_room_says_who_is_not_counted_and_no_other_list_does(
    house: House, ticket: Ticket
) -> None:
    other = await a_room(house.event, "Workshop B")
    await a_phone_at(other, "Workshop B 1")
    assert [(await row_at(door, house, ticket))[0] for door in (house.entrance, other)] == [{"s": "ok"}] * 2
    row, version = await row_at(house.room, house, ticket)
    assert row == {"s": "ok", "u": 1}
    await house.at_entrance(ticket)
    news, then = await row_at(house.room, house, ticket, version)
    assert news == {"s": "ok"}, "in the news of a list that is known"
    await house.at_entrance(ticket, NINE + MINUTE, kind=ScanKind.OUT)
    assert (await row_at(house.room, house, ticket, then))[0] == {"s": "ok", "u": 1}
    await house.at_room(ticket, NINE + 2 * MINUTE, code=BOTH)
    inside = (await row_at(house.room, house, ticket))[0]
    assert inside is not None
    assert inside.keys() == {"s", "i"}
    await house.at_entrance(ticket, NINE + 3 * MINUTE, kind=ScanKind.OUT)
    still = (await row_at(house.room, house, ticket))[0]
    assert still == inside, "who is in the room is asked nothing"


async def test_who_has_a_newer_ticket_is_counted_on_the_list_too(house: House, ticket: Ticket) -> None:
    await house.at_entrance(ticket)
    registration = await Registration.get(id=ticket.registration_id)
    await ticketing.revoke(registration, NINE)
    newer = await ticketing.issue(registration, MONDAY)
    assert (await row_at(house.room, house, newer))[0] == {"s": "ok"}


async def test_the_history_tells_the_two_rows_apart(house: House, ticket: Ticket) -> None:
    await house.at_room(ticket)
    await house.at_room(ticket, NINE + MINUTE, code=BOTH)
    await house.at_entrance(ticket, NINE + 2 * MINUTE, kind=ScanKind.OUT)
    told = sorted(await scan_history.of_person(ticket.registration_id), key=lambda act: act.at)
    assert sorted(act.what for act in told) == [
        "In at Main door: COME IN. Inferred from an entry into a room",
        "In at Workshop A: COME IN. The steward had them counted at the entrance too. Online",
        "In at Workshop A: ONE QUESTION. Online",
        "Out at Main door: OUT. Online",
    ]
    assert {act.phone for act in told if "Inferred" in act.what} == {"Workshop A 1"}, "by whose phone"

"""DR-34: of the rooms that are marked so, a person is in one at a time. Nobody scans the exit that follows."""

import random
from asyncio import gather
from datetime import datetime
from typing import Any

import pytest

from events.accounts.staff import Staff
from events.event import Event
from events.ground import clock
from events.ground.refusal import Refused
from registrations.checkin import checkin, headcount, moving_on
from registrations.checkin.attendance_ledger import is_in
from registrations.checkin.reconciling import passages
from registrations.checkin.scan import Admission, ScanKind
from registrations.phones import door_changes
from registrations.phones.door import Device, Door, DoorKind
from registrations.tickets.ticket import Ticket
from tests.at_the_door import a_phone_at, a_ticket, rows_of, scan_of, undo_of
from tests.people import Person, a_door, a_room, someone
from tests.registrations.checkin.settling import says
from tests.registrations.offline import MINUTE, NINE, SECOND, conflicts, let_in, said_of, way_out


async def a_phone_in(event: Event, name: str) -> Device:
    room = await a_room(event, name)
    await Door.filter(id=room.id).update(one_place=True)
    return await a_phone_at(room, f"{name} 1")


@pytest.fixture
async def rooms(event: Event) -> list[Device]:
    return [await a_phone_in(event, f"Workshop {letter}") for letter in "ABC"]


@pytest.fixture
async def ticket(event: Event, ada: Person) -> Ticket:
    return await a_ticket(ada, event)


async def stays() -> dict[int, Any]:
    """By door: until when, or None for who is in there now."""
    return {admission.door_id: admission.left_at for admission in await Admission.all()}


async def test_dr34_who_comes_into_another_room_has_left_the_one_before_and_counts_once(
    event: Event, ticket: Ticket, rooms: list[Device]
) -> None:
    a, b, _ = rooms
    sid = await a_phone_at(await a_door(event))
    for n, by in enumerate((sid, a, b)):
        assert (await says(await scan_of(ticket), by, NINE + n * MINUTE))["verdict"] == "ok"
    assert await stays() == {sid.door_id: None, a.door_id: NINE + 2 * MINUTE, b.door_id: None}
    assert await rows_of("kind", "door_id", "verdict", "inferred") == [
        ["in", sid.door_id, "ok", False], ["in", a.door_id, "ok", False],
        ["out", a.door_id, "out", True], ["in", b.door_id, "ok", False],
    ]  # fmt: skip
    counts = await headcount.counts(event.id, NINE, clock.real())
    assert (counts.people, counts.inside) == (1, 1)
    assert [(door.arrived, door.inside) for door in counts.doors if door.room] == [(1, 0), (1, 1), (0, 0)]
    assert await said_of(await way_out(ticket), a, NINE + 3 * MINUTE) == {"verdict": "already_out", "at": "09:02"}
    assert (await says(await scan_of(ticket), b, NINE + 3 * MINUTE))["verdict"] == "already_in"
    assert (await says(await scan_of(ticket), a, NINE + 4 * MINUTE))["verdict"] == "ok"
    assert await stays() == {sid.door_id: None, a.door_id: None, b.door_id: NINE + 4 * MINUTE}


async def test_dr34_a_room_that_is_not_marked_is_left_by_nobody_who_goes_to_another(
    event: Event, ticket: Ticket, rooms: list[Device]
) -> None:
    plain = await a_phone_at(await a_room(event, "Quiet room"), "Quiet room 1")
    for by in (plain, rooms[0], plain):
        await says(await scan_of(ticket), by, NINE)
    assert await stays() == {plain.door_id: None, rooms[0].door_id: None}


async def test_dr34_another_guest_stays_where_they_are(event: Event, ticket: Ticket, rooms: list[Device]) -> None:
    other = await a_ticket(someone(), event)
    for scan, by in ((await scan_of(other), rooms[0]), (await scan_of(ticket), rooms[1])):
        await says(scan, by, NINE)
    assert await stays() == {rooms[0].door_id: None, rooms[1].door_id: None}


async def test_dr34_two_guests_who_go_together_each_leave_the_room_where_they_were(
    event: Event, ticket: Ticket, rooms: list[Device]
) -> None:
    other = await a_ticket(someone(), event)
    for n, by in enumerate(rooms[:2]):
        await checkin.settle([await scan_of(ticket), await scan_of(other)], by, NINE + n * MINUTE)
    left = NINE + MINUTE
    held = [[row.ticket_id, row.door_id, row.left_at] for row in await Admission.all().order_by("door_id", "ticket_id")]
    assert held == [[guest.id, by.door_id, at] for by, at in zip(rooms, (left, None), strict=False)
                    for guest in (ticket, other)]  # fmt: skip


async def test_dr34_who_comes_into_several_rooms_at_once_is_in_one_of_them(ticket: Ticket, rooms: list[Device]) -> None:
    scans = [await scan_of(ticket) for _ in rooms]
    await gather(*(says(scan, by, NINE) for scan, by in zip(scans, rooms, strict=True)))
    assert sorted((await stays()).values(), key=str) == [NINE, NINE, None]


async def test_dr34_an_undone_entry_takes_its_exit_back_and_they_are_where_they_were(
    ticket: Ticket, rooms: list[Device]
) -> None:
    a, b, c = rooms
    await says(await scan_of(ticket), a, NINE)
    entry = await scan_of(ticket)
    await says(entry, b, NINE + MINUTE)
    assert (await says(undo_of(entry), b, NINE + MINUTE))["verdict"] == "undone"
    assert await stays() == {a.door_id: None}
    again = await scan_of(ticket)
    await says(again, b, NINE + 2 * MINUTE)
    await says(await scan_of(ticket), c, NINE + 3 * MINUTE)
    lead = b._replace(lead=b.id)
    assert (await says(undo_of(again)._replace(code="test"), lead, NINE + 4 * MINUTE))["verdict"] == "undone"
    assert await stays() == {a.door_id: NINE + 3 * MINUTE, c.door_id: None}, "and they left for the next one"


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0), (2, 0, 1)])
async def test_dr34_what_phones_in_rooms_did_offline_comes_to_the_same_in_any_order(
    ticket: Ticket, rooms: list[Device], order: tuple[int, ...]
) -> None:
    sent = NINE + 20 * MINUTE
    scans = [await let_in(ticket, sent=sent, at=NINE + n * MINUTE) for n in range(3)]
    for n in order:
        assert (await says(scans[n], rooms[n], sent))["verdict"] == "ok"
    a, b, c = (device.door_id for device in rooms)
    assert await stays() == {a: NINE + MINUTE, b: NINE + 2 * MINUTE, c: None}


@pytest.mark.parametrize("seed", range(6))
async def test_dr34_whoever_walks_about_is_in_the_room_that_they_entered_last_and_in_no_other(
    ticket: Ticket, rooms: list[Device], seed: int
) -> None:
    """A walk from a seed, whose scans arrive in any order; some are of exits."""
    chance, sent = random.Random(seed), NINE + 60 * MINUTE  # noqa: S311
    walk = [(chance.randrange(3), chance.random() < 0.25, NINE + n * MINUTE) for n in range(12)]
    scans = []
    for room, is_out, at in walk:
        scan = await let_in(ticket, sent=sent, at=at)
        scan = scan._replace(kind=ScanKind.OUT, shown="out") if is_out else scan
        scans.append((scan, rooms[room]))
    chance.shuffle(scans)
    for scan, by in scans:
        await says(scan, by, sent)
    for moment in [*[at for _, _, at in walk], sent]:
        assert await inside_at(ticket, moment) == in_truth(walk, rooms, moment), moment
    now = {door for door, left_at in (await stays()).items() if left_at is None}
    assert now == in_truth(walk, rooms, sent)


def in_truth(walk: list[tuple[int, bool, datetime]], rooms: list[Device], moment: datetime) -> set[int]:
    where: set[int] = set()
    for room, is_out, at in walk:
        if at <= moment:
            door = rooms[room].door_id
            where = where - {door} if is_out else {door}
    return where


async def inside_at(ticket: Ticket, moment: datetime) -> set[int]:
    past = await passages([ticket.id])
    return {room for (_, room), there in past.items() if is_in(there, moment)}


async def test_dr34_of_entries_at_the_same_moment_one_stays(ticket: Ticket, rooms: list[Device]) -> None:
    sent = NINE + 9 * MINUTE
    for by in rooms:
        await says(await let_in(ticket, sent=sent, at=NINE), by, sent)
    assert list((await stays()).values()).count(None) == 1
    past = await passages([ticket.id])
    assert moving_on.owed(past) == []


async def test_dr34_an_entry_elsewhere_that_comes_late_explains_two_entries_into_one_room(
    ticket: Ticket, rooms: list[Device]
) -> None:
    a, b, c = rooms
    sent = NINE + 30 * MINUTE
    first, again, other = [await let_in(ticket, sent=sent, at=NINE + n * MINUTE) for n in (0, 10, 5)]
    for scan in (first, again):
        await says(scan, a, sent)
    assert await conflicts() == [["twice", {first.id, again.id}, False, None]]
    unrelated = await let_in(ticket, sent=sent, at=NINE + 20 * MINUTE)
    await says(unrelated, c, sent)
    assert [conflict[-1] for conflict in await conflicts()] == [None], "they went to another room after both"
    await says(other, b, sent)
    assert [conflict[-1] for conflict in await conflicts()] == ["an exit arrived later"]


async def test_dr34_two_entries_are_a_conflict_once_the_one_elsewhere_between_them_is_undone(
    ticket: Ticket, rooms: list[Device]
) -> None:
    a, b, _ = rooms
    sent = NINE + 30 * MINUTE
    first, other, again = [await let_in(ticket, sent=sent, at=NINE + n * MINUTE) for n in (0, 5, 10)]
    for scan, by in ((first, a), (other, b), (again, a)):
        await says(scan, by, sent)
    assert await conflicts() == []
    undo = undo_of(other)._replace(code="wrong_person")
    assert (await says(undo, b._replace(lead=b.id), sent))["verdict"] == "undone"
    assert await conflicts() == [["twice", {first.id, again.id}, False, None]]


async def test_dr34_an_exit_that_nobody_scanned_is_not_what_a_phone_did_last(
    ticket: Ticket, rooms: list[Device]
) -> None:
    a, b, _ = rooms
    await says(await scan_of(ticket), b, NINE + 20 * SECOND)
    late = await let_in(ticket, sent=NINE + 30 * SECOND, at=NINE)
    await says(late, a, NINE + 30 * SECOND)
    assert (await stays())[a.door_id] == NINE + 20 * SECOND
    assert (await says(undo_of(late), a, NINE + 40 * SECOND))["verdict"] == "undone"
    assert await stays() == {b.door_id: None}


async def test_dr34_but_an_exit_that_a_phone_was_asked_about_is(ticket: Ticket, rooms: list[Device]) -> None:
    a, other = rooms[0], await scan_of(ticket)
    await says(other, a, NINE)
    again = await way_out(ticket, code="came_in_elsewhere")
    await says(await way_out(ticket), a, NINE + 10 * SECOND)
    await says(again, a, NINE + 20 * SECOND)
    assert (await says(undo_of(other), a, NINE + 40 * SECOND))["verdict"] == "undo_needs_lead"


async def test_only_a_room_is_marked_and_an_entrance_that_was_one_no_more(event: Event, omar: Staff) -> None:
    door = await a_door(event)
    with pytest.raises(Refused, match="Only rooms"):
        await door_changes.set_one_place(door, one_place=True, by=omar, at=NINE)
    room = await a_room(event)
    for one_place in (True, False, True):
        await door_changes.set_one_place(room, one_place=one_place, by=omar, at=NINE)
        assert (await Door.get(id=room.id)).one_place is one_place
    await door_changes.set_kind(room, DoorKind.ENTRANCE, omar, NINE, clock.real())
    assert (await Door.get(id=room.id)).one_place is False


async def test_an_exit_that_was_undone_too_often_follows_no_more_and_nothing_fails(
    ticket: Ticket, rooms: list[Device], monkeypatch: pytest.MonkeyPatch
) -> None:
    a, b, _ = rooms
    entry = await scan_of(ticket)
    monkeypatch.setattr(moving_on, "exit_ids", lambda *_: [entry.id])
    for n, (scan, by) in enumerate([(entry, a), (await scan_of(ticket), b)]):
        assert (await says(scan, by, NINE + n * MINUTE))["verdict"] == "ok"
    assert await stays() == {a.door_id: None, b.door_id: None}, "in two rooms, until somebody scans them again"

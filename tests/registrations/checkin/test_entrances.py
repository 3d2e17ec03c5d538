"""All entrances of an event are one: a ticket that is in by one is in at the others, and leaves by any of them."""

from asyncio import gather
from datetime import timedelta
from typing import Any

import pytest

from events.accounts.staff import Staff
from events.audit.action import Action
from events.audit.audit import AuditEntry
from events.event import Event
from events.ground import clock
from events.ground.refusal import Refused
from registrations.checkin import conflicts, quarantine
from registrations.checkin.conflict import ConflictKind, Outcome
from registrations.checkin.scan import Admission, Scan, ScanKind
from registrations.phones import door_changes, finding, guest_list, pairing
from registrations.phones.door import Device, Door, DoorKind, DoorPass, PassRole, Policy
from registrations.tickets.ticket import Ticket
from tests.at_the_door import a_phone_at, a_ticket, rows_of, scan_of, undo_of, with_the_override_of
from tests.people import THE_DAY, Person, a_door, a_room, an_event
from tests.registrations.checkin.settling import says
from tests.registrations.offline import MINUTE, NINE, let_in, said_of, way_out
from tests.registrations.phones.list_reading import of_number, read_blob


@pytest.fixture
async def sue(event: Event, sid: Device) -> Device:
    """A steward at the other entrance."""
    return await a_phone_at(await a_door(event, "Side door"), "Side door 1")


@pytest.fixture
async def ticket(event: Event, ada: Person) -> Ticket:
    return await a_ticket(ada, event)


async def held() -> list[Any]:
    return [
        [admission.client_id, admission.door_id, admission.admitted_at, admission.left_at]
        for admission in await Admission.all().order_by("id")
    ]


async def test_dr04_who_came_in_at_one_entrance_is_already_in_at_another_with_time_and_door_of_the_first(
    ticket: Ticket, sid: Device, sue: Device
) -> None:
    entry, again = await scan_of(ticket), await scan_of(ticket)
    assert (await says(entry, sid, NINE))["verdict"] == "ok"
    answer = await says(again, sue, NINE + 5 * MINUTE)
    assert [answer[name] for name in ("verdict", "at", "door")] == ["already_in", "09:00", "Main door"]
    assert await says(again, sue, NINE + 5 * MINUTE) == answer, "and it is told the same again"
    assert await held() == [[entry.id, sid.door_id, NINE, None]]
    assert await rows_of("client_id", "door_id", "verdict") == [
        [entry.id, sid.door_id, "ok"], [again.id, sue.door_id, "already_in"],
    ]  # fmt: skip


async def test_a_kept_answer_has_the_number_of_the_door_and_never_its_name(
    ticket: Ticket, sid: Device, sue: Device
) -> None:
    await says(await scan_of(ticket), sid, NINE)
    again = await scan_of(ticket)
    assert (await says(again, sue, NINE))["door"] == "Main door"
    assert (await Scan.get(client_id=again.id)).answer == {"at": "09:00", "door": sid.door_id}


async def test_dr01_a_room_and_another_event_count_for_themselves(ticket: Ticket, event: Event, sid: Device) -> None:
    room = await a_phone_at(await a_room(event), "Workshop 1")
    other = await an_event()
    foreign = await a_ticket(Person("Bo", "bo@guests.example.org", "Guests", "charity", "Clerk"), other)
    scans = [
        (await scan_of(ticket), sid), (await scan_of(ticket), room), (await scan_of(ticket), room),
        (await scan_of(foreign), await a_phone_at(await a_door(other), "Theirs")),
    ]  # fmt: skip
    assert [(await says(scan, by, NINE))["verdict"] for scan, by in scans] == ["ok", "ok", "already_in", "ok"]
    assert sorted(admission.presence for admission in await Admission.all()) == [0, 0, room.door_id]


async def test_dr04_of_two_entrances_at_the_same_moment_one_lets_in(
    ticket: Ticket, event: Event, sid: Device, sue: Device
) -> None:
    doors = [await a_door(event, f"Door {n}") for n in range(8)]
    phones = [sid, sue, *[await a_phone_at(door, f"{door.id}") for door in doors]]
    scans = [await scan_of(ticket) for _ in phones]
    answers = await gather(*(says(scan, by, NINE) for scan, by in zip(scans, phones, strict=True)))
    assert sorted(answer["verdict"] for answer in answers) == ["already_in"] * 9 + ["ok"]
    [(won, by)] = [(s, by) for s, by, said in zip(scans, phones, answers, strict=True) if said["verdict"] == "ok"]
    assert await held() == [[won.id, by.door_id, NINE, None]]
    assert {answer["door"] for answer in answers if answer["verdict"] == "already_in"} == {by.door_name}


async def test_dr31_who_leaves_by_another_entrance_is_out_and_may_come_in_again(
    ticket: Ticket, sid: Device, sue: Device
) -> None:
    entry = await scan_of(ticket)
    await says(entry, sid, NINE)
    left = await way_out(ticket)
    assert await said_of(left, sue, NINE + MINUTE) == {"verdict": "out", "at": "09:01"}
    assert await held() == [[entry.id, sid.door_id, NINE, NINE + MINUTE]]
    assert await rows_of("kind", "door_id", "inferred") == [["in", sid.door_id, False], ["out", sue.door_id, False]]
    assert await said_of(await way_out(ticket), sid, NINE + 2 * MINUTE) == {"verdict": "already_out", "at": "09:01"}
    assert await said_of(await scan_of(ticket), sue, NINE + 3 * MINUTE) == {"verdict": "ok"}
    assert await held() == [[entry.id, sid.door_id, NINE, None]]
    assert await conflicts.still_open(sid.event_id) == []


async def test_dr31_who_was_seen_nowhere_is_asked_and_who_was_seen_in_a_room_is_not(
    ticket: Ticket, event: Event, sue: Device
) -> None:
    assert await said_of(await way_out(ticket), sue, NINE) == {"verdict": "came_in_elsewhere"}
    room = await a_phone_at(await a_room(event), "Workshop 1")
    await says(await scan_of(ticket), room, NINE)
    assert (await said_of(await way_out(ticket), sue, NINE + MINUTE))["verdict"] == "out"


async def test_dr32_an_entrance_that_lets_in_once_bars_who_left_by_another_and_the_other_does_not(
    ticket: Ticket, omar: Staff, sid: Device, sue: Device
) -> None:
    await door_changes.set_policy(await Door.get(id=sue.door_id), Policy.ONCE, omar, NINE)
    sue = await finding.device_of(await DoorPass.get(id=sue.id), clock.real())
    await says(await scan_of(ticket), sid, NINE)
    await says(await way_out(ticket), sid, NINE + MINUTE)
    again = await says(await scan_of(ticket), sue, NINE + 2 * MINUTE)
    assert (again["verdict"], again["door"]) == ("already_in", "Main door")
    assert (await says(await scan_of(ticket), sid, NINE + 2 * MINUTE))["verdict"] == "ok"


async def test_dr30_an_undo_takes_the_entry_at_its_own_door_back_and_the_other_keeps_the_admission(
    ticket: Ticket, sid: Device, sue: Device
) -> None:
    first, second = [await let_in(ticket, sent=NINE + 9 * MINUTE, at=NINE + n * MINUTE, unsure=0.1) for n in (0, 5)]
    await says(first, sid, NINE + 9 * MINUTE)
    await says(second, sue, NINE + 9 * MINUTE)
    lead = with_the_override_of(sid)
    undone = undo_of(first)._replace(code="wrong_person")
    assert (await says(undone, lead, NINE + 10 * MINUTE))["verdict"] == "undone"
    assert await held() == [[second.id, sue.door_id, NINE + 5 * MINUTE, None]]
    assert [conflict.outcome for conflict in await conflicts.settled(sid.event_id)] == [Outcome.UNDONE]


async def test_dr30_an_exit_is_not_undone_once_they_came_in_at_another_entrance(
    ticket: Ticket, sid: Device, sue: Device
) -> None:
    await says(await scan_of(ticket), sid, NINE)
    left = await way_out(ticket)
    await says(left, sid, NINE + MINUTE)
    await says(await scan_of(ticket), sue, NINE + MINUTE * 1.1)
    assert (await says(undo_of(left), sid, NINE + MINUTE * 1.2))["verdict"] == "nothing_to_undo"


@pytest.mark.parametrize("late_first", [False, True])
async def test_dr16_two_entrances_offline_the_earliest_keeps_the_admission_and_the_other_is_a_conflict(
    ticket: Ticket, sid: Device, sue: Device, late_first: bool
) -> None:
    sent = NINE + 20 * MINUTE
    early, late = [
        (await let_in(ticket, sent=sent, at=NINE + n * MINUTE, unsure=0.5), by) for n, by in ((0, sid), (3, sue))
    ]
    for scan, by in [late, early] if late_first else [early, late]:
        await says(scan, by, sent)
    assert await held() == [[early[0].id, sid.door_id, NINE, None]]
    [conflict] = await conflicts.still_open(sid.event_id)
    assert (conflict.kind, conflict.uncertain) == (ConflictKind.TWICE, False)
    assert [(entry.door, entry.device, entry.keeps) for entry in conflict.entries] == [
        ("Main door", "Main door 1", True), ("Side door", "Side door 1", False),
    ]  # fmt: skip
    moved = [entry.details["door"] for entry in await AuditEntry.filter(action=Action.ADMISSION_MOVED)]
    assert moved == ([sid.door_id] if late_first else [])


async def test_dr16_an_exit_by_another_entrance_that_is_sent_late_explains_the_two_entries(
    ticket: Ticket, sid: Device, sue: Device
) -> None:
    sent = NINE + 20 * MINUTE
    for n, by in ((0, sid), (8, sue)):
        await says(await let_in(ticket, sent=sent, at=NINE + n * MINUTE), by, sent)
    assert len(await conflicts.still_open(sid.event_id)) == 1
    left = (await let_in(ticket, sent=sent, at=NINE + 4 * MINUTE))._replace(kind=ScanKind.OUT, shown="out")
    await says(left, sue, sent)
    assert [conflict.outcome for conflict in await conflicts.settled(sid.event_id)] == [Outcome.EXIT_BETWEEN]


async def test_dr48_the_list_of_a_phone_at_another_entrance_says_who_is_in_and_by_which_door(
    ticket: Ticket, event: Event, sid: Device, sue: Device
) -> None:
    async def record(by: Device) -> dict[str, Any]:
        return await of_number(event, ticket.n, read_blob(await guest_list.since(by, 0, NINE))) or {}

    room = await a_phone_at(await a_room(event), "Workshop 1")
    await says(await scan_of(ticket), sid, NINE)
    since = int(NINE.timestamp())
    here = [since, "Main door"]
    assert [(await record(by)).get("i") for by in (sue, sid, room)] == [here, here, None]
    await says(await way_out(ticket), sue, NINE + MINUTE)
    assert [(await record(by)).get("l") for by in (sue, sid)] == [[since, "Main door", since + 60]] * 2


async def test_dr48_news_of_another_entrance_comes_with_the_changes_of_a_list(
    ticket: Ticket, event: Event, sid: Device, sue: Device
) -> None:
    before = read_blob(await guest_list.since(sue, 0, NINE))
    await says(await scan_of(ticket), sid, NINE)
    delta = read_blob(await guest_list.since(sue, before.version, NINE))
    assert (await of_number(event, ticket.n, delta) or {})["i"] == [int(NINE.timestamp()), "Main door"]


async def test_dr23_a_quarantined_entry_at_another_entrance_counts_once_it_is_accepted(
    ticket: Ticket, event: Event, omar: Staff, sid: Device, sue: Device
) -> None:
    sent = NINE + 10 * MINUTE
    await says(await scan_of(ticket), sid, NINE + 5 * MINUTE)
    early = await let_in(ticket, sent=sent, at=NINE, unsure=0.5)
    assert (await says(early, sue._replace(live=False), sent))["verdict"] == "device_revoked"
    assert [row[1] for row in await held()] == [sid.door_id]
    [waiting] = await quarantine.waiting(event.id)
    await quarantine.accept(event, waiting.id, waiting.newest, omar, sent, clock.real())
    assert await held() == [[quarantine.accepted_id(early.id), sue.door_id, NINE, None]]
    assert len(await conflicts.still_open(event.id)) == 1


async def test_a_lead_lets_somebody_in_again_at_another_entrance(ticket: Ticket, sid: Device, sue: Device) -> None:
    entry = await scan_of(ticket)
    await says(entry, sid, NINE)
    lead = with_the_override_of(sue)
    for code in ("left_without_scan", "wrong_person_before"):
        anew = (await scan_of(ticket))._replace(code=code)
        assert (await says(anew, lead, NINE + 20 * MINUTE))["verdict"] == "ok"
    assert [row[:2] for row in await held()] == [[entry.id, sid.door_id]]


async def test_a_door_stays_what_it_is_once_a_code_for_a_phone_was_made(event: Event, omar: Staff) -> None:
    real = clock.real()
    await a_door(event, "Side door")
    door = await door_changes.make_door(event, "Hall", omar, THE_DAY, kind=DoorKind.ROOM)
    assert (door.kind, door.presence) == ("room", door.id)
    await door_changes.set_kind(door, DoorKind.ENTRANCE, omar, THE_DAY, real)
    door = await Door.get(id=door.id)
    assert (door.kind, door.presence) == ("entrance", 0)
    made = await pairing.make_pass(door, "Hall 1", PassRole.STEWARD, omar, THE_DAY, real)
    with pytest.raises(Refused, match="it stays what it is"):
        await door_changes.set_kind(door, DoorKind.ROOM, omar, THE_DAY, real)
    lapsed = real + timedelta(minutes=11)
    await door_changes.set_kind(door, DoorKind.ROOM, omar, THE_DAY, lapsed)
    await DoorPass.filter(id=made.door_pass.id).update(paired_at=real, revoked_at=real)
    with pytest.raises(Refused, match="it stays what it is"):
        await door_changes.set_kind(door, DoorKind.ENTRANCE, omar, THE_DAY, lapsed)
    assert (await Door.get(id=door.id)).kind == "room"


async def test_no_event_has_rooms_and_no_entrance(event: Event, omar: Staff) -> None:
    """Whoever is in a room is counted at an entrance too."""
    with pytest.raises(Refused, match="There is no entrance yet"):
        await door_changes.make_door(event, "Hall", omar, THE_DAY, kind=DoorKind.ROOM)
    entrance = await door_changes.make_door(event, "Main door", omar, THE_DAY)
    await door_changes.make_door(event, "Hall", omar, THE_DAY, kind=DoorKind.ROOM)
    with pytest.raises(Refused, match="This is the only entrance"):
        await door_changes.set_kind(entrance, DoorKind.ROOM, omar, THE_DAY, clock.real())
    await door_changes.make_door(event, "Side door", omar, THE_DAY)
    await door_changes.set_kind(entrance, DoorKind.ROOM, omar, THE_DAY, clock.real())

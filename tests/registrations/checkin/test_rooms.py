"""DR-33: a room that is full: so many get in, and no more, by however many doors and phones."""

from asyncio import gather
from collections import Counter

import pytest

from events.accounts.staff import Staff
from events.audit.action import Action
from events.audit.audit import AuditEntry
from events.event import Event
from events.ground import clock
from events.ground.database import is_postgres, run_tx
from registrations.checkin import checkin
from registrations.checkin.received_scan import ReceivedScan
from registrations.checkin.scan import Admission, Scan
from registrations.people.registration import Registration, State
from registrations.phones import finding, guest_list, room_changes
from registrations.phones.door import Device, Door, DoorPass
from registrations.tickets.ticket import Ticket
from tests.at_the_door import a_phone_at, a_ticket, rows_of, scan_of, undo_of, with_the_override_of
from tests.hostile.test_enumeration import statements
from tests.people import Person, a_door, a_room, someone
from tests.professional import with_ticket
from tests.registrations.checkin.limiting import another_door_of, holds, tickets_for
from tests.registrations.checkin.settling import says
from tests.registrations.coming import comes_along
from tests.registrations.offline import MINUTE, NINE, let_in, said_of, way_out
from tests.registrations.phones.list_reading import read_blob


async def anew(device: Device) -> Device:
    return await finding.device_of(await DoorPass.get(id=device.id), clock.real())


@pytest.fixture
async def room(event: Event) -> Door:
    """For two people."""
    room = await holds(await a_room(event), 2)
    return await Door.get(id=room.id)


@pytest.fixture
async def rita(room: Door) -> Device:
    """A steward at the room's door."""
    return await a_phone_at(room, "Workshop A 1")


FULL = {"cause": "capacity", "limit": 2}


async def test_dr33_of_fifty_phones_at_two_doors_of_one_room_exactly_as_many_get_in_as_it_holds(
    event: Event, room: Door
) -> None:
    room = await Door.get(id=(await holds(room, 7)).id)
    doors = [room, await another_door_of(room)]
    phones = [await a_phone_at(doors[n % 2], f"Phone {n}") for n in range(50)]
    scans = [await scan_of(ticket) for ticket in await tickets_for(event, 50)]
    answers = await gather(*(says(scan, by) for scan, by in zip(scans, phones, strict=True)))
    assert Counter(answer["verdict"] for answer in answers) == {"ok": 7, "speak_to_lead": 43}
    assert await Admission.filter(presence=room.presence).count() == 7
    assert Counter(await rows_of("verdict")) == {"ok": 7, "speak_to_lead": 43}


by_itself = run_tx(checkin._settle)  # in a transaction of its own, as another process would settle it


@pytest.mark.parametrize("where", ["room", "entrances"])
async def test_dr33_of_fifty_who_are_settled_each_by_another_process_exactly_as_many_get_in_as_there_are_places(
    event: Event, where: str
) -> None:
    first = await holds(await a_room(event) if where == "room" else await a_door(event), 7)
    first = await Door.get(id=first.id)
    doors = [first, await another_door_of(first)]
    phones = [await a_phone_at(door, f"Phone {door.id}") for door in doors]
    scans = [await scan_of(ticket) for ticket in await tickets_for(event, 50)]
    answers = await gather(*(by_itself([ReceivedScan(scan, phones[n % 2], NINE)]) for n, scan in enumerate(scans)))
    assert Counter(answer["verdict"] for [answer] in answers) == {"ok": 7, "speak_to_lead": 43}
    assert await Admission.filter(presence=first.presence).count() == 7


async def test_dr33_one_place_and_two_doors_let_one_in_and_the_other_is_told_why(event: Event, room: Door) -> None:
    await holds(room, 1)
    room = await Door.get(id=room.id)
    by = [await a_phone_at(room), await a_phone_at(await another_door_of(room), "Back door 1")]
    scans = [await scan_of(ticket) for ticket in await tickets_for(event, 2)]
    answers = await gather(*(says(scan, at) for scan, at in zip(scans, by, strict=True)))
    assert sorted(answer["verdict"] for answer in answers) == ["ok", "speak_to_lead"]
    [refused] = [answer for answer in answers if answer["verdict"] != "ok"]
    assert {name: refused[name] for name in ("cause", "limit")} == {"cause": "capacity", "limit": 1}


async def test_dr33_a_ticket_held_up_fifty_times_takes_one_place(event: Event, rita: Device) -> None:
    once, other = await tickets_for(event, 2)
    scans = [await scan_of(once) for _ in range(50)]
    answers = await gather(*(says(scan, rita) for scan in scans))
    assert Counter(answer["verdict"] for answer in answers) == {"ok": 1, "already_in": 49}
    assert (await says(await scan_of(other), rita))["verdict"] == "ok"


async def fill(event: Event, rita: Device) -> list[Ticket]:
    inside = await tickets_for(event, 2)
    for ticket in inside:
        assert (await says(await scan_of(ticket), rita))["verdict"] == "ok"
    return inside


async def test_dr33_one_scan_after_the_other_the_third_is_sent_to_the_lead_with_name_and_cause(
    event: Event, rita: Device, ada: Person
) -> None:
    await fill(event, rita)
    scan = await scan_of(await a_ticket(ada, event))
    answer = await says(scan, rita)
    assert {name: answer[name] for name in answer if name != "id"} == {
        "verdict": "speak_to_lead", "name": ada.name, "organisation": ada.organisation} | FULL  # fmt: skip
    assert await says(scan, rita) == answer, "and the same again for the same scan"
    row = await Scan.get(client_id=scan.id)
    assert (row.verdict, row.answer, row.passed) == ("speak_to_lead", FULL, False)


async def test_dr33_whoever_is_in_is_already_in_though_the_room_is_full(event: Event, rita: Device) -> None:
    inside = await fill(event, rita)
    assert (await says(await scan_of(inside[0]), rita))["verdict"] == "already_in"


@pytest.mark.parametrize("way", ["left", "undone"])
async def test_dr33_a_place_that_is_given_back_is_taken_by_the_next(event: Event, rita: Device, way: str) -> None:
    inside, waits = await fill(event, rita), (await tickets_for(event, 1))[0]
    third = await scan_of(waits)
    assert (await says(third, rita))["verdict"] == "speak_to_lead"
    if way == "left":
        await says(await way_out(inside[0]), rita, NINE + MINUTE)
    else:
        entry = await Scan.filter(ticket_id=inside[0].id).first()
        assert entry is not None
        undo = undo_of(third)._replace(undoes=entry.client_id)
        await says(undo._replace(code="test"), with_the_override_of(rita), NINE + MINUTE)
    assert (await says(await scan_of(waits), rita, NINE + 2 * MINUTE))["verdict"] == "ok"
    assert (await says(await scan_of(inside[0]), rita, NINE + 3 * MINUTE))["verdict"] == "speak_to_lead"


async def test_dr33_who_went_out_finds_no_place_again_once_it_is_taken_and_comes_in_where_there_is_one(
    event: Event, room: Door, rita: Device
) -> None:
    inside, other = await fill(event, rita), (await tickets_for(event, 1))[0]
    for ticket in inside:
        await says(await way_out(ticket), rita, NINE + MINUTE)
    assert (await says(await scan_of(other), rita, NINE + 2 * MINUTE))["verdict"] == "ok"
    scans = [await scan_of(ticket) for ticket in inside]
    answers = await gather(*(says(scan, rita, NINE + 3 * MINUTE) for scan in scans))
    assert sorted(answer["verdict"] for answer in answers) == ["ok", "speak_to_lead"]
    assert await Admission.filter(presence=room.presence, left_at=None).count() == 2


@pytest.mark.parametrize("code", ["left_unseen", "must_be_there", "has_room"])
async def test_dr33_a_lead_lets_somebody_into_a_full_room_with_a_reason_and_no_other_reason_does(
    event: Event, rita: Device, code: str
) -> None:
    await fill(event, rita)
    [ticket] = await tickets_for(event, 1)
    lead = with_the_override_of(rita)
    early = (await scan_of(ticket))._replace(code="early")
    assert (await says(early, lead))["verdict"] == "speak_to_lead"
    steward = (await scan_of(ticket))._replace(code=code)
    assert (await says(steward, rita))["verdict"] == "speak_to_lead", "without the lead's override"
    assert (await says((await scan_of(ticket))._replace(code=code), lead))["verdict"] == "ok"
    [entry] = await AuditEntry.filter(action=Action.LEAD_DECIDED)
    assert (entry.details["code"], entry.details["lead"]) == (code, rita.id)
    assert await Admission.all().count() == 3


async def test_dr33_whom_phones_let_in_by_themselves_all_stand_and_the_room_is_closed_to_more(
    event: Event, room: Door, rita: Device
) -> None:
    other = await a_phone_at(await another_door_of(room), "Back door 1")
    for by in (rita, other):
        scans = [await let_in(ticket, sent=NINE + 20 * MINUTE, at=NINE) for ticket in await tickets_for(event, 2)]
        answers = await checkin.settle(scans, by, NINE + 20 * MINUTE)
        assert [answer["verdict"] for answer in answers] == ["ok", "ok"]
    assert await Admission.filter(presence=room.presence, left_at=None).count() == 4
    [ticket] = await tickets_for(event, 1)
    assert (await says(await scan_of(ticket), rita, NINE + 21 * MINUTE))["verdict"] == "speak_to_lead"


async def test_dr33_whom_a_steward_alone_did_not_let_in_takes_no_place(event: Event, rita: Device) -> None:
    refused, *others = await tickets_for(event, 3)
    scan = await let_in(refused, sent=NINE + MINUTE, at=NINE, shown="check_id", tap="no")
    assert await said_of(scan, rita, NINE + MINUTE) == {"verdict": "turned_away"}
    for ticket in others:
        assert (await says(await scan_of(ticket), rita, NINE + MINUTE))["verdict"] == "ok"


async def test_dr33_a_scan_that_was_sent_late_and_let_nobody_in_finds_no_place_either(
    event: Event, rita: Device
) -> None:
    await fill(event, rita)
    [ticket] = await tickets_for(event, 1)
    assert (await says(await scan_of(ticket, age=120.0), rita, NINE + 5 * MINUTE))["verdict"] == "speak_to_lead"


async def test_dr33_a_ticket_that_is_no_good_and_a_closed_door_come_before_a_full_room(
    event: Event, room: Door, rita: Device
) -> None:
    await fill(event, rita)
    [ticket] = await tickets_for(event, 1)
    closed = rita._replace(closes_at=NINE)
    assert (await says(await scan_of(ticket), closed, NINE + MINUTE))["verdict"] == "too_late"
    await Registration.filter(id=ticket.registration_id).update(state=State.CANCELLED)
    assert (await says(await scan_of(ticket), rita))["verdict"] == "ask_lead"


async def test_dr33_a_companion_counts_in_a_room_as_everybody_does(event: Event, rita: Device) -> None:
    guest, ticket = await with_ticket(someone(), event)
    companion = await comes_along(guest, State.APPROVED)
    theirs = await Ticket.get(registration_id=companion.id)
    for who in (ticket, theirs):
        assert (await says(await scan_of(who), rita))["verdict"] == "ok"
    [third] = await tickets_for(event, 1)
    assert (await says(await scan_of(third), rita))["verdict"] == "speak_to_lead"


async def test_dr33_in_rooms_where_one_is_in_one_at_a_time_who_finds_no_place_stays_where_they_are(
    event: Event, rita: Device
) -> None:
    other = await a_phone_at(await a_room(event, "Workshop B"), "Workshop B 1")
    await Door.all().update(one_place=True)
    rita, other = await anew(rita), await anew(other)
    first, second, third = await tickets_for(event, 3)
    assert (await says(await scan_of(third), other))["verdict"] == "ok"
    for n, ticket in enumerate((first, second)):
        assert (await says(await scan_of(ticket), rita, NINE + n * MINUTE))["verdict"] == "ok"
    assert (await says(await scan_of(third), rita, NINE + 3 * MINUTE))["verdict"] == "speak_to_lead"
    assert (await Admission.get(ticket_id=third.id)).left_at is None
    assert (await says(await scan_of(first), other, NINE + 4 * MINUTE))["verdict"] == "ok"
    assert (await says(await scan_of(third), rita, NINE + 5 * MINUTE))["verdict"] == "ok", "the first gave theirs back"


async def test_dr33_the_list_says_how_many_are_in_of_how_many_and_of_other_doors_nothing(
    event: Event, room: Door, rita: Device, omar: Staff
) -> None:
    sid, back = await a_phone_at(await a_door(event)), await a_phone_at(await another_door_of(room), "Back door 1")
    tickets, had = await tickets_for(event, 2), read_blob(await guest_list.since(rita, 0, NINE))
    assert had.places == (0, 2, 0)
    for by, ticket in zip((rita, back), tickets, strict=True):
        await says(await scan_of(ticket), by)
        await says(await scan_of(ticket), sid)
    news = read_blob(await guest_list.since(rita, had.version, NINE + MINUTE))
    assert (news.places, read_blob(await guest_list.since(back, 0, NINE + MINUTE)).places) == ((2, 2, 0), (2, 2, 0))
    assert read_blob(await guest_list.since(sid, 0, NINE + MINUTE)).places == (0, 0, 0), "without a limit"
    await says(await way_out(tickets[0]), back, NINE + 2 * MINUTE)
    await room_changes.set_limit(room, 30, omar, NINE)
    later = read_blob(await guest_list.since(rita, news.version, NINE + 3 * MINUTE))
    assert (later.places, later.version > news.version) == ((1, 30, 0), True)


async def test_dr33_where_there_is_no_limit_no_further_statement_is_asked(event: Event, rita: Device) -> None:
    """A door without one pays nothing for it."""
    sid = await a_phone_at(await a_door(event))
    tickets = await tickets_for(event, 2)
    asked = []
    for by, ticket in zip((sid, rita), tickets, strict=True):
        scan = await scan_of(ticket)
        with statements() as kept:
            assert (await says(scan, by))["verdict"] == "ok"
        asked.append([sql for sql in kept if "INTO admission" in sql or "advisory" in sql])
    assert [len(sqls) for sqls in asked] == [1, 2 if is_postgres() else 1]
    assert "capacity" not in asked[0][0], "and the rooms' own statement takes the place of the plain one"

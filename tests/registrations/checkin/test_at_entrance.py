"""A room whose door asks whether somebody was counted at the entrance: one tap counts them at both.

Rules: EV-01.
"""

from asyncio import gather
from collections import Counter

import pytest

from events.accounts.staff import Staff
from events.audit.action import Action
from events.event import Event
from events.ground import clock
from events.ground.database import run_tx
from registrations.booking import own_needs
from registrations.checkin import checkin, headcount
from registrations.checkin.received_scan import ReceivedScan, entrance_id
from registrations.checkin.scan import BOTH, WITH_ROOM, Admission, ScanKind
from registrations.people.choices import Switch
from registrations.people.registration import Registration, State
from registrations.phones import finding
from registrations.phones.door import ENTRANCES, Door, DoorPass, Policy
from registrations.tickets import ticketing
from registrations.tickets.ticket import Ticket
from tests.at_the_door import a_phone_at, a_ticket, rows_of, scan_of, undo_of, with_the_override_of
from tests.people import MONDAY, Person, a_room, someone
from tests.registrations.checkin.entrance_house import House, a_house, stays
from tests.registrations.checkin.limiting import holds, tickets_for
from tests.registrations.checkin.overriding import on_record
from tests.registrations.checkin.settling import says
from tests.registrations.checkin.test_admitting_both import beside
from tests.registrations.coming import a_guest, comes_along
from tests.registrations.offline import MINUTE, NINE, SECOND, conflicts


@pytest.fixture
async def house(event: Event, omar: Staff) -> House:
    return await a_house(event, omar)


@pytest.fixture
async def ticket(event: Event, ada: Person) -> Ticket:
    return await a_ticket(ada, event)


async def test_who_is_not_counted_at_the_entrance_is_a_question_and_nobody_is_in_yet(
    house: House, ticket: Ticket, ada: Person
) -> None:
    answer = await house.at_room(ticket)
    assert {name: answer[name] for name in answer if name != "id"} == {
        "verdict": "not_counted", "name": ada.name, "organisation": ada.organisation}  # fmt: skip
    assert await stays() == {}
    assert await rows_of("verdict", "passed", "answer") == [["not_counted", False, {}]]


async def test_who_was_counted_at_the_entrance_comes_in_and_who_left_there_is_asked_about_again(
    house: House, ticket: Ticket
) -> None:
    assert (await house.at_entrance(ticket))["verdict"] == "ok"
    assert (await house.at_room(ticket))["verdict"] == "ok"
    assert len(await stays()) == 2
    other = await a_ticket(someone(), house.event)
    await house.at_entrance(other), await house.at_entrance(other, NINE + MINUTE, kind=ScanKind.OUT)
    assert (await house.at_room(other, NINE + 2 * MINUTE))["verdict"] == "not_counted"


async def test_whoever_has_left_since_a_scan_that_came_late_was_counted_at_its_time(
    house: House, ticket: Ticket
) -> None:
    """The entrance is asked as it was then, not as it is now."""
    await house.at_entrance(ticket)
    await house.at_entrance(ticket, NINE + 2 * MINUTE, kind=ScanKind.OUT)
    assert (await house.at_room(ticket, NINE + 3 * MINUTE, age=120.0))["verdict"] == "ok"
    other = await a_ticket(someone(), house.event)
    assert (await house.at_room(other, NINE + 3 * MINUTE, age=120.0))["verdict"] == "not_counted", "the control"


async def test_one_tap_counts_them_at_the_entrance_and_in_the_room_once_however_often_it_is_sent(
    house: House, ticket: Ticket
) -> None:
    await house.at_room(ticket)
    both, rita = (await scan_of(ticket))._replace(code=BOTH, initials="RB"), await house.rita()
    answers = await gather(*(says(both, rita, NINE + MINUTE) for _ in range(10)))
    assert {answer["verdict"] for answer in answers} == {"ok"}
    assert all(answer == answers[0] for answer in answers)
    at = NINE + MINUTE
    assert await stays() == {house.entrance.id: (at, None), house.room.id: (at, None)}
    kept = await rows_of("client_id", "door_id", "door_pass_id", "initials", "verdict", "code", "inferred", "passed")
    assert kept[1:] == [
        [entrance_id(both.id), house.entrance.id, rita.id, "RB", "ok", WITH_ROOM, True, True],
        [both.id, house.room.id, rita.id, "RB", "ok", BOTH, False, True],
    ]
    assert (await house.at_room(ticket, at))["verdict"] == "already_in"
    assert (await house.at_entrance(ticket, at))["verdict"] == "already_in"
    counts = await headcount.counts(house.event.id, at, clock.real())
    assert (counts.people, counts.inside, [door.arrived for door in counts.doors]) == (1, 1, [1, 1])


async def test_ten_phones_at_once_count_somebody_once_at_both(house: House, ticket: Ticket) -> None:
    phones = [await a_phone_at(house.room, f"Phone {n}") for n in range(10)]
    scans = [(await scan_of(ticket))._replace(code=BOTH) for _ in phones]
    settled = await gather(
        *(run_tx(checkin._settle)([ReceivedScan(scan, by, NINE)]) for scan, by in zip(scans, phones, strict=True))
    )
    assert Counter(answer["verdict"] for [answer] in settled) == {"ok": 1, "already_in": 9}
    assert len(await stays()) == await Admission.all().count() == 2
    assert await conflicts() == []


@pytest.mark.parametrize("code", ["", BOTH])
async def test_a_door_that_does_not_ask_counts_at_both_in_silence(
    house: House, event: Event, ticket: Ticket, code: str
) -> None:
    """Whoever is in a room is in the building, and on the list for an evacuation."""
    other = await a_phone_at(await a_room(event, "Workshop B"), "Workshop B 1")
    assert (await says((await scan_of(ticket))._replace(code=code), other, NINE))["verdict"] == "ok"
    assert await stays() == {house.entrance.id: (NINE, None), other.door_id: (NINE, None)}
    assert (await house.at_entrance(ticket, NINE + MINUTE))["verdict"] == "already_in"


@pytest.mark.parametrize("standing", [State.CANCELLED, State.CONFIRMED, State.WAITING])
async def test_a_wrong_ticket_has_its_own_verdict_first_also_with_the_answer(
    house: House, ticket: Ticket, standing: State
) -> None:
    await Registration.filter(id=ticket.registration_id).update(state=standing)
    told = [await house.at_room(ticket), await house.at_room(ticket, code=BOTH)]
    assert [answer["verdict"] for answer in told] == ["ask_lead"] * 2
    assert all("name" not in answer for answer in told)
    assert await stays() == {}


async def test_hours_a_second_entry_whom_the_lead_meets_and_a_full_room_come_before_the_question(
    house: House, ticket: Ticket
) -> None:
    await Door.filter(id=house.room.id).update(opens_at=NINE + 60 * MINUTE)
    assert (await house.at_room(ticket))["verdict"] == "too_early"
    await Door.filter(id=house.room.id).update(opens_at=None)
    await house.at_room(ticket, code=BOTH)
    await house.at_entrance(ticket, NINE + MINUTE, kind=ScanKind.OUT)
    assert (await house.at_room(ticket, NINE + 2 * MINUTE))["verdict"] == "already_in"
    await holds(house.room, 1)
    full = await house.at_room(await a_ticket(someone(), house.event), NINE + 2 * MINUTE)
    assert (full["verdict"], full["cause"]) == ("speak_to_lead", "capacity")
    met = await a_ticket(someone(), house.event)
    registration = await Registration.get(id=met.registration_id)
    await own_needs.switch(registration, [Switch.OTHER_ENTRANCE], NINE, clock.real())
    assert (await house.at_room(met, NINE + 2 * MINUTE))["verdict"] == "ask_lead"


@pytest.mark.parametrize("one_place", [False, True])
async def test_neither_limit_is_passed_and_nobody_is_in_at_one_of_the_two_alone(house: House, one_place: bool) -> None:
    await Door.filter(id=house.room.id).update(one_place=one_place)
    await holds(house.room, 2)
    await holds(house.entrance, 3)
    tickets = await tickets_for(house.event, 5)
    scans = [(await scan_of(ticket))._replace(code=BOTH) for ticket in tickets]
    phones = [await finding.device_of(await DoorPass.get(id=by.id), clock.real()) for by in
              [await a_phone_at(await Door.get(id=house.room.id), f"Phone {n}") for n in range(5)]]  # fmt: skip
    settled = await gather(
        *(run_tx(checkin._settle)([ReceivedScan(scan, by, NINE)]) for scan, by in zip(scans, phones, strict=True))
    )
    assert Counter((answer["verdict"], answer.get("cause")) for [answer] in settled) == {
        ("ok", None): 2, ("speak_to_lead", "capacity"): 3}  # fmt: skip
    assert Counter(row.presence for row in await Admission.all()) == {0: 2, house.room.id: 2}
    await holds(house.room, 9)
    told = [await house.at_room(ticket, NINE + MINUTE, code=BOTH) for ticket in await tickets_for(house.event, 2)]
    assert [(answer["verdict"], answer.get("cause")) for answer in told] == [("ok", None), ("speak_to_lead", "venue")]
    assert Counter(row.presence for row in await Admission.all()) == {0: 3, house.room.id: 3}
    asked = await house.at_room((await tickets_for(house.event, 1))[0], NINE + MINUTE)
    assert (asked["verdict"], asked["cause"]) == ("speak_to_lead", "venue"), "no answer would help them"


async def test_fifty_who_are_counted_by_one_tap_each_while_others_come_to_the_entrance_pass_no_limit(
    house: House,
) -> None:
    await holds(house.entrance, 20)
    rita, sid = await house.rita(), await house.sid()
    tickets = await tickets_for(house.event, 40)
    asks = [(scan._replace(code=BOTH), rita) if n % 2 else (scan, sid) for n, scan in
            enumerate([await scan_of(ticket) for ticket in tickets])]  # fmt: skip
    settled = await gather(*(run_tx(checkin._settle)([ReceivedScan(scan, by, NINE)]) for scan, by in asks))
    assert Counter(answer["verdict"] for [answer] in settled) == {"ok": 20, "speak_to_lead": 20}
    held = Counter(row.presence for row in await Admission.all())
    assert held[0] == 20
    rooms = set(await Admission.filter(presence=house.room.id).values_list("ticket_id", flat=True))
    entrances = set(await Admission.filter(presence=0).values_list("ticket_id", flat=True))
    assert rooms <= entrances, "nobody is in the room alone"


async def test_who_left_an_entrance_where_people_come_in_once_is_not_counted_again_by_a_steward(
    house: House, ticket: Ticket
) -> None:
    await Door.filter(id=house.entrance.id).update(policy=Policy.ONCE)
    await house.at_entrance(ticket), await house.at_entrance(ticket, NINE + MINUTE, kind=ScanKind.OUT)
    answer = await house.at_room(ticket, NINE + 2 * MINUTE, code=BOTH)
    assert (answer["verdict"], answer["door"]) == ("already_in", "Main door")
    assert len(await stays()) == 1
    by_lead = with_the_override_of(house.lead, await house.rita())
    scan = (await scan_of(ticket))._replace(code="left_without_scan", tap="lead")
    assert (await says(scan, by_lead, NINE + 3 * MINUTE))["verdict"] == "ok"
    assert (await stays())[house.entrance.id] == (NINE, None)


async def test_a_lead_lets_in_with_a_reason_which_a_steward_cannot_and_they_count_at_both(
    house: House, ticket: Ticket
) -> None:
    assert (await house.at_room(ticket, code="counted_there"))["verdict"] == "not_counted", "no lead's override"
    by_lead = with_the_override_of(house.lead, await house.rita())
    for code in ("counted_there", "works_here"):
        skipped = await a_ticket(someone(), house.event)
        scan = (await scan_of(skipped))._replace(code=code, tap="lead")
        assert (await says(scan, by_lead, NINE))["verdict"] == "ok"
    assert Counter(row.presence for row in await Admission.all()) == {house.room.id: 2, ENTRANCES: 2}
    decided = [details["code"] for _, _, details in await on_record(Action.LEAD_DECIDED)]
    assert decided == ["counted_there", "works_here"]


async def test_another_reason_of_a_lead_counts_at_the_entrance_too(house: House, ticket: Ticket) -> None:
    await Door.filter(id=house.room.id).update(opens_at=NINE + 60 * MINUTE)
    by_lead = with_the_override_of(house.lead, await house.rita())
    scan = (await scan_of(ticket))._replace(code="early", tap="lead")
    assert (await says(scan, by_lead, NINE))["verdict"] == "ok"
    assert len(await stays()) == 2
    assert len(await on_record(Action.LEAD_DECIDED)) == 1


async def test_in_by_an_older_ticket_is_asked_nothing_and_counts_once(house: House, ticket: Ticket) -> None:
    await house.at_entrance(ticket)
    registration = await Registration.get(id=ticket.registration_id)
    await ticketing.revoke(registration, NINE)
    newer = await ticketing.issue(registration, MONDAY)
    assert (await house.at_room(newer, NINE + MINUTE))["verdict"] == "ok"
    assert Counter(row.presence for row in await Admission.all()) == {0: 2, house.room.id: 1}
    board = await headcount.counts(house.event.id, NINE + MINUTE, clock.real())
    assert (board.people, board.inside) == (1, 1)


async def test_who_is_let_in_beside_somebody_is_counted_at_the_entrance_with_them(house: House) -> None:
    guest = await a_guest(house.event)
    companion = await comes_along(guest, State.APPROVED)
    first, second = [await Ticket.get(registration_id=person.id) for person in (guest, companion)]
    scan, rita = (await scan_of(first))._replace(code=BOTH), await house.rita()
    assert (await says(scan, rita, NINE))["verdict"] == "ok"
    both = beside(scan, second)._replace(code="")
    assert (await says(both, rita, NINE + SECOND))["verdict"] == "ok"
    assert Counter(row.presence for row in await Admission.all()) == {0: 2, house.room.id: 2}
    for undo in (undo_of(scan), undo_of(both)):
        assert (await says(undo, rita, NINE + 20 * SECOND))["verdict"] == "undone"
    assert await stays() == {}

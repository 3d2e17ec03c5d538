"""Letting people in: one ticket, one entry; the same id, the same answer; and nobody's name but the guest's."""

import json
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest

from events.audit.action import Action
from events.audit.audit import AuditEntry
from events.event import Event
from events.ground import clock, live
from events.ground.engines.asyncpg_no_reset import Wrapper
from registrations.checkin import checkin
from registrations.checkin.scan import Admission, Scan, read_sent
from registrations.people.registration import Registration, State
from registrations.phones import door_changes, finding, scan_answer
from registrations.phones.door import Device, Door, DoorPass
from registrations.phones.scan_answer import Answer
from registrations.tickets import ticketing
from registrations.tickets.ticket import Ticket
from tests.at_the_door import (
    a_phone_at,
    a_scan,
    a_ticket,
    rows_of,
    scan_id,
    scan_of,
    who_is_in,
)
from tests.people import THE_DAY, Person, a_room, an_event, someone, tell_anew
from tests.registrations.checkin.settling import LATER, says


def without_id(answer: Answer) -> Answer:
    return {name: value for name, value in answer.items() if name != "id"}


async def test_dr01_ada_comes_in_and_her_name_is_shown(event: Event, sid: Device, ada: Person) -> None:
    ticket = await a_ticket(ada, event)
    scan = await scan_of(ticket)
    assert await says(scan, sid) == {
        "id": scan.id,
        "verdict": "ok",
        "name": "Ada Ashdown",
        "badge_name": "Ada Ashdown",
        "organisation": "Wardens of Westmoor",
        "badge": "Delegate",
        "tray": "A",
        "photos": False,
        "undo_seconds": 60,
    }
    assert await who_is_in() == [(ticket.id, scan.id)]
    assert await rows_of("client_id", "verdict", "ticket_id", "door_id", "door_pass_id", "answer") == [
        [scan.id, "ok", ticket.id, sid.door_id, sid.id, {}]
    ]


async def test_dr02_the_same_scan_sent_again_gets_the_same_bytes_and_no_new_row(
    event: Event, sid: Device, ada: Person
) -> None:
    scan = await scan_of(await a_ticket(ada, event))
    said = [json.dumps(await checkin.settle([scan], sid, THE_DAY + timedelta(seconds=7 * n))) for n in range(5)]
    assert len(set(said)) == 1
    assert len(await rows_of("id")) == len(await who_is_in()) == 1


@pytest.mark.parametrize("database", ["postgres"], indirect=True)
async def test_scans_of_an_event_wait_for_one_statement_of_each_other(
    event: Event, sid: Device, ada: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever changes the event's row holds it until the commit, so nothing but the commit follows."""
    scan, ask, asked = await scan_of(await a_ticket(ada, event)), Wrapper.ask, list[str]()

    async def noted(client: Any, sql: str, values: Sequence[Any]) -> Any:
        asked.append(sql)
        return await ask(client, sql, values)

    monkeypatch.setattr(Wrapper, "ask", noted)
    before = (await Event.get(id=event.id)).list_version
    await checkin.settle([scan], sid, THE_DAY)
    assert [sql for sql in asked if "UPDATE event" in sql] == asked[-1:]
    assert before < (await Event.get(id=event.id)).list_version == (await Ticket.get()).list_version


async def test_dr03_an_id_is_answered_before_any_rule_even_when_the_ticket_was_withdrawn_since(
    event: Event, sid: Device, lee: Device, ada: Person
) -> None:
    ticket = await a_ticket(ada, event)
    scan = await scan_of(ticket)
    first = await says(scan, sid)
    registration = await Registration.get(id=ticket.registration_id)
    assert await registration.become(State.CONFIRMED)
    await ticketing.revoke(registration, LATER)
    assert await says(scan, sid, LATER) == scan_answer.nameless(first)
    assert without_id(await says(await scan_of(ticket), lee, LATER)) == {
        "verdict": "ask_lead", "reference": ticket.reference, "code": "revoked",
    }  # fmt: skip


NAMED = {"name": "Ada Ashdown", "badge_name": "Ada Ashdown", "organisation": "Wardens of Westmoor",
         "badge": "Delegate", "tray": "A", "photos": False}  # fmt: skip


@pytest.mark.parametrize(
    ("changed", "minutes"), [({"offline": True, "shown": "ok"}, 0), ({"age": 31.0}, 0), ({}, 1), ({"age": 600.0}, 10)]
)
async def test_who_is_named_is_still_at_the_door(
    event: Event, sid: Device, ada: Person, changed: dict[str, Any], minutes: int
) -> None:
    """A scan that a phone made alone, an aged one, and one that is sent once more later: verdict, and no name."""
    asked = await scan_of(await a_ticket(ada, event))
    if not minutes:
        late = await says(asked._replace(**changed), sid, LATER)
        assert (late["verdict"], NAMED.keys() & late.keys()) == ("ok", set())
        return
    first = await says(asked, sid)
    assert first.items() >= NAMED.items(), "the control"
    later = await says(asked._replace(**changed), sid, THE_DAY + timedelta(minutes=minutes))
    assert later == {name: value for name, value in first.items() if name not in NAMED}


async def test_the_same_answer_is_given_again_with_the_name_as_it_is_now(
    event: Event, sid: Device, ada: Person
) -> None:
    """The row keeps nobody's name."""
    ticket = await a_ticket(ada, event)
    scan = await scan_of(ticket)
    await says(scan, sid)
    await tell_anew(await Registration.get(id=ticket.registration_id), full_name="Ada Ashdown-Okafor")
    assert (await says(scan, sid))["name"] == "Ada Ashdown-Okafor"


async def test_a_second_scan_says_when_and_where_and_goes_on_saying_so(event: Event, sid: Device, ada: Person) -> None:
    ticket = await a_ticket(ada, event)
    await says(await scan_of(ticket), sid, LATER)
    second = await scan_of(ticket)
    other = await a_phone_at(await Door.get(id=sid.door_id), "Main door 2")
    answer = await says(second, other, LATER + timedelta(minutes=5))
    assert without_id(answer) == {
        "verdict": "already_in", "name": "Ada Ashdown", "organisation": "Wardens of Westmoor",
        "at": "09:12", "door": "Main door",
    }  # fmt: skip
    await Admission.all().delete()
    assert await says(second, other, LATER + timedelta(minutes=9)) == scan_answer.nameless(answer)


async def test_a_room_counts_for_itself(event: Event, sid: Device, ada: Person) -> None:
    ticket = await a_ticket(ada, event)
    workshop = await a_phone_at(await a_room(event, "Workshop A"))
    answers = [await says(await scan_of(ticket), device) for device in (sid, workshop, workshop)]
    assert [answer["verdict"] for answer in answers] == ["ok", "ok", "already_in"]
    assert answers[2]["door"] == "Workshop A"


STATES = [
    (State.CANCELLED, "cancelled"),
    (State.WAITING, "waitlisted"),
    (State.OFFERED, "waitlisted"),
    (State.RECHECKING, "not_approved"),
    (State.NOT_OFFERED, "not_approved"),
    (State.CONFIRMED, "revoked"),
    (State.APPROVED, "revoked"),  # approved again: this is the older ticket
    (State.EXPIRED, "cancelled"),
]


@pytest.mark.parametrize(("state", "code"), STATES)
async def test_dr05_nothing_but_an_approved_ticket_opens_a_door_and_the_steward_learns_no_reason(
    event: Event, sid: Device, lee: Device, ada: Person, state: State, code: str
) -> None:
    ticket = await a_ticket(ada, event)
    await Registration.filter(id=ticket.registration_id).update(state=state)
    await Ticket.filter(id=ticket.id).update(revoked_at=THE_DAY)
    seen = await says(await scan_of(ticket), sid)
    assert without_id(seen) == {"verdict": "ask_lead", "reference": ticket.reference}
    assert without_id(await says(await scan_of(ticket), lee)) == {
        "verdict": "ask_lead", "reference": ticket.reference, "code": code,
    }  # fmt: skip
    assert await who_is_in() == []
    assert await rows_of("verdict") == [code, code]


@pytest.mark.parametrize("state", [State.REQUESTED, State.CONFIRMED])
async def test_dr05_a_live_ticket_of_somebody_who_is_vetted_again_is_not_approved(
    event: Event, lee: Device, ada: Person, state: State
) -> None:
    ticket = await a_ticket(ada, event)
    await Registration.filter(id=ticket.registration_id).update(state=state)
    assert (await says(await scan_of(ticket), lee))["code"] == "not_approved"


async def test_the_doors_own_hours_come_before_the_events(event: Event, door: Door, lena: Any, ada: Person) -> None:
    ticket = await a_ticket(ada, event)
    before, opens, closes = (THE_DAY + timedelta(minutes=m) for m in (-1, 0, 60))
    device = await a_phone_at(door)
    assert without_id(await says(await scan_of(ticket), device, before)) == {
        "verdict": "too_early",
        "opens": "09:00",
    }
    a_week_before = await says(await scan_of(ticket), device, before - timedelta(days=7))
    assert a_week_before["opens"] == "09:00 on Monday 15 April 2019"
    await door_changes.change_door(door, opens + timedelta(minutes=30), closes, by=lena, at=THE_DAY, real=clock.real())
    device = await finding.device_of(await DoorPass.get(id=device.id), clock.real())
    assert without_id(await says(await scan_of(ticket), device, opens)) == {"verdict": "too_early", "opens": "09:30"}
    assert without_id(await says(await scan_of(ticket), device, closes)) == {
        "verdict": "too_late",
        "closes": "10:00",
    }
    assert (await says(await scan_of(ticket), device, closes - timedelta(seconds=1)))["verdict"] == "ok"


async def test_dr09_a_ticket_of_another_event_is_as_unknown_as_an_invented_one(event: Event, sid: Device) -> None:
    elsewhere = await a_ticket(someone(), await an_event())
    foreign, invented = await scan_of(elsewhere), a_scan(b"0123456789abcdef")
    assert [without_id(answer) for answer in await checkin.settle([foreign, invented], sid, THE_DAY)] == [
        {"verdict": "unknown"}, {"verdict": "unknown"},
    ]  # fmt: skip
    kept = await rows_of("ticket_id", "verdict")
    assert kept == [[None, "unknown"], [None, "unknown"]]
    marks = await rows_of("proof_mark")
    assert len(set(marks)) == 2
    assert all(len(mark) == 32 for mark in marks)


async def test_dr10_of_an_invalid_code_only_its_length_is_kept(sid: Device) -> None:
    scan = read_sent({"id": scan_id(), "kind": "invalid", "age": 0, "length": 4096, "text": "https://evil.example"})
    assert await says(scan, sid) == {"id": scan.id, "verdict": "invalid"}
    assert await rows_of("verdict", "length", "proof_mark", "answer") == [["invalid", 4096, "", {}]]


async def test_the_third_unknown_code_in_ten_minutes_is_an_alarm_and_the_fourth_is_not_another(
    event: Event, sid: Device
) -> None:
    async def alarms() -> list[Any]:
        return await AuditEntry.filter(action=Action.DOOR_ALERT).values_list("actor", "event_id", "details")

    for minute in (0, 11, 12):
        await says(a_scan(b"%16d" % minute), sid, THE_DAY + timedelta(minutes=minute))
    assert await alarms() == []
    for minute in (13, 14):
        await says(a_scan(b"%16d" % minute), sid, THE_DAY + timedelta(minutes=minute))
    assert await alarms() == [(f"pass:{sid.id}", event.id, {"door": sid.door_id, "kind": "unknown codes"})]


async def test_an_id_that_another_phone_has_used_is_refused_and_tells_nothing(
    event: Event, door: Door, sid: Device, ada: Person
) -> None:
    scan = await scan_of(await a_ticket(ada, event))
    await says(scan, sid)
    other = await a_phone_at(door, "Main door 2")
    assert await says(scan, other) == {"id": scan.id, "verdict": "error", "fault": "id"}
    assert await rows_of("door_pass_id") == [sid.id]


async def test_one_bad_row_stops_nothing_and_stays_refused(event: Event, sid: Device) -> None:
    good = [await scan_of(await a_ticket(someone(), event)) for _ in range(18)]
    sent = [*good[:9], read_sent({"id": scan_id(), "kind": "in", "proof": "nonsense"}), *good[9:],
            read_sent({"id": scan_id(), "kind": "cartwheel"})]  # fmt: skip
    first = await checkin.settle(sent, sid, THE_DAY)
    assert [await checkin.settle(sent, sid, THE_DAY) for _ in range(10)] == [first] * 10
    assert [answer["verdict"] for answer in first] == ["ok"] * 9 + ["error"] + ["ok"] * 9 + ["error"]
    assert [answer.get("fault") for answer in first if answer["verdict"] == "error"] == ["proof", "kind"]
    assert await Scan.filter(verdict="error").count() == 2


async def test_fifty_in_one_call_are_settled_oldest_first(event: Event, sid: Device) -> None:
    tickets = [await a_ticket(someone(), event) for _ in range(24)]
    early = [await scan_of(ticket, age=600 + n) for n, ticket in enumerate(tickets)]
    again = [await scan_of(ticket, age=300) for ticket in tickets]
    answers = await checkin.settle([*again, *early], sid, LATER)
    assert [answer["verdict"] for answer in answers] == ["already_in"] * 24 + ["ok"] * 24
    assert sorted(await who_is_in()) == sorted((t.id, s.id) for t, s in zip(tickets, early, strict=True))


async def test_the_same_id_twice_in_one_call_is_one_scan(event: Event, sid: Device, ada: Person) -> None:
    scan = await scan_of(await a_ticket(ada, event))
    first, second = await checkin.settle([scan, scan], sid, THE_DAY)
    assert first == second
    assert await rows_of("client_id") == [scan.id]


async def test_the_board_is_nudged_after_each_scan_and_not_after_a_repeat(
    event: Event, sid: Device, ada: Person
) -> None:
    nudge = live.hub().wake(f"doors:{event.id}")
    scan = await scan_of(await a_ticket(ada, event))
    await says(scan, sid)
    assert nudge.is_set()
    nudge.clear()
    await says(scan, sid)
    assert not nudge.is_set()

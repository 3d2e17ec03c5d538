"""What a phone says of itself: that it is there, that help is needed, and that two browsers have its pass."""

from datetime import timedelta
from typing import Any

import pytest

from events.accounts.staff import Staff
from events.audit.action import Action
from events.audit.audit import AuditEntry
from events.event import Event
from events.ground import clock
from events.ground.database import Database
from registrations.phones import alarm, finding, heartbeat
from registrations.phones.alarm import Kind
from registrations.phones.door import Device, Door, DoorPass
from registrations.phones.heartbeat import Report, read_report
from tests.at_the_door import a_phone_at, a_ticket
from tests.browser import browsing, words
from tests.people import THE_DAY, Person
from tests.registrations.checkin.revoking import LATER, let_in


@pytest.fixture(autouse=True)
def half_past_nine() -> None:
    clock.move_to(LATER)


async def spoke(device: Device, page: str) -> None:
    now = await finding.device_of(await DoorPass.get(id=device.id), clock.real())
    await heartbeat.note(now, Report(page=page), LATER, clock.real())


async def test_dr24_one_pass_in_two_browsers_is_a_notice_and_a_page_loaded_anew_is_none(
    event: Event, sid: Device
) -> None:
    for page in ("aaaaaaaa", "aaaaaaaa", "bbbbbbbb", "bbbbbbbb", "cccccccc"):
        await spoke(sid, page)
    assert await alarm.recent(event.id, THE_DAY) == []
    for page in ("bbbbbbbb", "cccccccc", "bbbbbbbb"):
        await spoke(sid, page)
    calls = [(call.kind, call.door_id) for call in await alarm.recent(event.id, THE_DAY)]
    assert calls == [(Kind.TWO_PAGES, sid.door_id)]


async def test_a_call_for_help_tells_the_board_phone_door_and_time_and_nothing_else(
    database: Database, event: Event, sid: Device, vic: Staff
) -> None:
    await heartbeat.call_for_help(sid, LATER)
    await heartbeat.call_for_help(sid, LATER + timedelta(seconds=30))
    await heartbeat.call_for_help(sid, LATER + timedelta(minutes=2))
    entry, again = await AuditEntry.filter(action=Action.DOOR_ALERT).order_by("id")
    assert again.at == LATER + timedelta(minutes=2)
    assert (entry.actor, entry.subject, entry.details) == (f"pass:{sid.id}", "", {"door": sid.door_id, "kind": "help"})
    async with browsing(database, vic) as desk:
        text = words((await desk.get(f"/desk/{event.slug}/board")).text)
    assert "09:30 Main door, phone Main door 1 : a steward asks for help." in text


async def test_the_board_shows_a_call_whose_pass_is_gone(
    database: Database, event: Event, sid: Device, vic: Staff
) -> None:
    await heartbeat.call_for_help(sid, LATER)
    await DoorPass.filter(id=sid.id).delete()
    async with browsing(database, vic) as desk:
        text = words((await desk.get(f"/desk/{event.slug}/board")).text)
    assert "09:30 Main door : a steward asks for help." in text


async def test_a_call_for_help_can_be_taken_back_and_the_next_one_is_not_taken_for_a_repetition(
    database: Database, event: Event, sid: Device, vic: Staff
) -> None:
    seconds = [LATER + timedelta(seconds=after) for after in range(5)]
    await heartbeat.call_for_help(sid, seconds[0])
    for moment in seconds[1:3]:
        await heartbeat.call_for_help(sid, moment, taken_back=True)
    for moment in seconds[3:]:
        await heartbeat.call_for_help(sid, moment)
    kinds = [(call.kind, call.at) for call in await alarm.recent(event.id, THE_DAY)]
    assert kinds == [(Kind.HELP, seconds[3]), (Kind.HELP_TAKEN_BACK, seconds[1]), (Kind.HELP, seconds[0])]
    async with browsing(database, vic) as desk:
        text = words((await desk.get(f"/desk/{event.slug}/board")).text)
    assert "09:30 Main door, phone Main door 1 : the call for help was taken back, as pressed by mistake." in text


async def test_one_phones_call_for_help_is_neither_swallowed_nor_taken_back_by_another_at_its_door(
    database: Database, event: Event, door: Door, sid: Device, vic: Staff
) -> None:
    other = await a_phone_at(door, "Main door 2")
    seconds = [LATER + timedelta(seconds=after) for after in range(4)]
    await heartbeat.call_for_help(sid, seconds[0])
    await heartbeat.call_for_help(other, seconds[1])
    await heartbeat.call_for_help(other, seconds[2], taken_back=True)
    await heartbeat.call_for_help(sid, seconds[3])
    entries = await AuditEntry.filter(action=Action.DOOR_ALERT).order_by("id")
    calls = [(entry.actor, entry.details["kind"]) for entry in entries]
    assert calls == [(sid.actor, Kind.HELP), (other.actor, Kind.HELP), (other.actor, Kind.HELP_TAKEN_BACK)]
    async with browsing(database, vic) as desk:
        text = words((await desk.get(f"/desk/{event.slug}/board")).text)
    assert "09:30 Main door, phone Main door 1 : a steward asks for help." in text
    assert "09:30 Main door, phone Main door 2 : the call for help was taken back" in text


async def test_a_call_for_help_from_a_phone_without_network_says_how_old_it_is(
    database: Database, event: Event, sid: Device, vic: Staff
) -> None:
    await heartbeat.call_for_help(sid, LATER, 59.0)
    await heartbeat.call_for_help(sid, LATER + timedelta(minutes=2), 8 * 60.0)
    async with browsing(database, vic) as desk:
        text = words((await desk.get(f"/desk/{event.slug}/board")).text)
    assert "09:32 Main door, phone Main door 1 : a steward asks for help. Go there" in text
    assert "call the door. The call is 8 min old: that" in text
    assert text.count("min old: that phone had no network") == 1


@pytest.mark.parametrize(
    ("told", "age"),
    [({}, 0), ({"age": 12.5}, 12.5), ({"age": -3}, 0), ({"age": "x"}, 0), ({"age": 1e99}, heartbeat.LONGEST)],
)
def test_any_age_of_a_call_is_read_as_one_that_can_be(told: dict[str, Any], age: float) -> None:
    assert heartbeat.read_age(told) == age


async def test_the_board_says_how_each_phone_is_and_that_there_are_conflicts(
    database: Database, event: Event, sid: Device, ada: Person, vic: Staff
) -> None:
    ticket = await a_ticket(ada, event)
    for minutes in (20, 5):
        await let_in(ticket, sid, minutes)
    body = {"to_send": 7, "list_version": 1, "list_age": 420, "battery": 0.18, "clock_off": 250.0, "page": "abcdef01"}
    await heartbeat.note(await finding.device_of(await DoorPass.get(id=sid.id), clock.real()), read_report(body), LATER,
                       clock.real())  # fmt: skip
    async with browsing(database, vic) as desk:
        told = words((await desk.get(f"/desk/{event.slug}/board")).text)
    assert "1 open conflict" in told
    assert "Main door 1 Main door 0 s ago 7 7 min old, there is a newer one 18 % 4 min fast" in told


@pytest.mark.parametrize(
    "body",
    [{}, {"to_send": "7", "list_version": None, "list_age": "x", "battery": [], "clock_off": {}, "page": 7},
     {"to_send": True, "list_age": float("nan"), "battery": False, "page": "ABCDEF01"}],
)  # fmt: skip
def test_what_a_phone_says_of_itself_is_read_without_a_failure(body: dict[str, Any]) -> None:
    assert read_report(body) == Report()


def test_and_is_held_to_what_is_possible() -> None:
    body = {"to_send": -4, "list_version": 10**30, "list_age": -5, "battery": 7, "clock_off": float("-inf")}
    assert read_report(body) == Report(0, 2**31 - 1, 0.0, 1.0, -366 * 24 * 3600.0)

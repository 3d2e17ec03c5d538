"""A call for help that is taken back: on record as two acts, on the board as one; and not for ever."""

from datetime import timedelta

import pytest

from events.accounts.staff import Staff
from events.audit.action import Action
from events.audit.audit import AuditEntry
from events.event import Event
from events.ground.database import Database
from registrations.phones import alarm, heartbeat
from registrations.phones.alarm import Alarm, Kind
from registrations.phones.door import Device
from tests.browser import browsing, words
from tests.people import THE_DAY

LATER = THE_DAY + timedelta(minutes=30)
pytestmark = pytest.mark.usefixtures("the_day")


def after(seconds: float) -> timedelta:
    return timedelta(seconds=seconds)


async def told(event: Event) -> list[Alarm]:
    return alarm.told_as_one(await alarm.recent(event.id, THE_DAY))


async def on_record() -> list[str]:
    entries = await AuditEntry.filter(action=Action.DOOR_ALERT).order_by("id")
    return [entry.details["kind"] for entry in entries]


async def test_what_is_taken_back_stays_on_record_and_is_one_thing_to_acknowledge(
    database: Database, event: Event, sid: Device, omar: Staff
) -> None:
    await heartbeat.call_for_help(sid, LATER)
    await heartbeat.call_for_help(sid, LATER + after(65), 58.0, taken_back=True)
    assert await on_record() == [Kind.HELP, Kind.HELP_TAKEN_BACK]
    [call] = await told(event)
    assert (call.kind, call.at, call.taken_back_at) == (Kind.HELP_TAKEN_BACK, LATER, LATER + after(65))
    async with browsing(database, omar) as desk:
        board = words((await desk.get(f"/desk/{event.slug}/board")).text)
        assert board.count("Acknowledge the alarm of") == 1
        assert "was taken back, as pressed by mistake. Call the door if you doubt it. Taken back 09:31." in board
        await desk.post(f"/desk/{event.slug}/board/alarms/{call.id}")
        after_that = words((await desk.get(f"/desk/{event.slug}/board")).text)
    assert "Alarms of the last hour" not in after_that
    assert "Taken back 09:31. Acknowledged by Omar Organiser, 09:" in after_that


async def test_whoever_has_acknowledged_the_call_has_no_second_thing_to_acknowledge(
    event: Event, sid: Device, omar: Staff
) -> None:
    await heartbeat.call_for_help(sid, LATER)
    [call] = await told(event)
    assert await alarm.acknowledge(event.id, call.id, omar, LATER + after(3))
    await heartbeat.call_for_help(sid, LATER + after(5), taken_back=True)
    [one] = await told(event)
    assert (one.seen_by, one.seen_at, one.taken_back_at) == (omar.actor, LATER + after(3), LATER + after(5))


async def test_after_that_moment_the_call_stands_whatever_a_phone_says(event: Event, sid: Device) -> None:
    await heartbeat.call_for_help(sid, LATER)
    await heartbeat.call_for_help(sid, LATER + after(61), taken_back=True)
    await heartbeat.call_for_help(sid, LATER + timedelta(hours=2), taken_back=True)
    assert await on_record() == [Kind.HELP]
    [call] = await told(event)
    assert (call.kind, call.taken_back_at) == (Kind.HELP, None)
    await heartbeat.call_for_help(sid, LATER + timedelta(hours=2), 2 * 3600.0 - 8.0, taken_back=True)
    assert await on_record() == [Kind.HELP, Kind.HELP_TAKEN_BACK], "said in time, and heard once there was a network"


async def test_another_phones_taking_back_and_one_of_another_call_leave_this_call_alone(
    event: Event, sid: Device, kim: Device
) -> None:
    await heartbeat.call_for_help(kim, LATER)
    await heartbeat.call_for_help(sid, LATER + after(2))
    await heartbeat.call_for_help(kim, LATER + after(4), taken_back=True)
    await heartbeat.call_for_help(kim, LATER + after(6))
    assert [(call.phone, call.kind) for call in await told(event)] == [
        (kim.actor, Kind.HELP), (sid.actor, Kind.HELP), (kim.actor, Kind.HELP_TAKEN_BACK),
    ]  # fmt: skip


async def test_what_is_taken_back_later_without_its_call_is_not_taken_for_the_first_one(
    event: Event, sid: Device
) -> None:
    await heartbeat.call_for_help(sid, LATER)
    await heartbeat.call_for_help(sid, LATER + after(5), taken_back=True)
    await heartbeat.call_for_help(sid, LATER + timedelta(minutes=9), 120.0, taken_back=True)
    later, first = await told(event)
    assert (first.taken_back_at, later.taken_back_at, later.late) == (LATER + after(5), None, 2)


async def test_what_was_called_and_taken_back_without_a_network_is_told_by_itself(event: Event, sid: Device) -> None:
    await heartbeat.call_for_help(sid, LATER, 300.0, taken_back=True)
    [alone] = await told(event)
    assert (alone.kind, alone.taken_back_at, alone.late) == (Kind.HELP_TAKEN_BACK, None, 5)

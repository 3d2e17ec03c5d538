"""The board of the door: its numbers and alarms, and the stream that keeps it up to date."""

import asyncio
import json
import re
from collections.abc import AsyncGenerator
from datetime import timedelta
from typing import Any

import pytest

from events.accounts.staff import IDLE_FOR, Role, Session, Staff
from events.audit import audit
from events.audit.action import Action
from events.audit.audit import AuditEntry
from events.event import Event
from events.ground import clock, live
from events.ground.database import Database
from registrations.checkin import checkin
from registrations.checkin.scan import ScanKind
from registrations.desk import board_pages, desk_pages
from registrations.desk.live_part import Watcher, changes
from registrations.phones import alarm, heartbeat
from registrations.phones.door import Door
from tests.at_the_door import a_phone_at, a_scan, a_ticket, scan_id, scan_of
from tests.browser import browsing, heading, words
from tests.people import THE_DAY, Person, a_door, a_room, an_event, someone
from tests.waiting import WITHIN

pytestmark = pytest.mark.usefixtures("the_day")


async def test_the_board_shows_numbers_and_alarms_and_nobodys_name(
    database: Database, event: Event, door: Door, vic: Staff, ada: Person
) -> None:
    sid = await a_phone_at(door)
    await checkin.settle([await scan_of(await a_ticket(ada, event))], sid, clock.now())
    await checkin.settle([a_scan(b"%16d" % n) for n in range(3)], sid, THE_DAY + timedelta(minutes=2))
    async with browsing(database, vic) as desk:
        page = await desk.get(f"/desk/{event.slug}/board")
    said = words(page.text)
    assert heading(page) == "Board"
    assert "Arrived 1 of 1 expected" in said
    assert "Main door 1 1 0 of 1 0" in said
    assert "09:02 Main door : three codes or more in ten minutes were no tickets of this event" in said
    assert "Ashdown" not in page.text
    assert "As at 09:0" in said


async def test_the_tiles_say_who_arrived_is_inside_and_has_left_and_a_room_how_many_are_in_it(
    database: Database, event: Event, door: Door, vic: Staff
) -> None:
    sid, sue = await a_phone_at(door), await a_phone_at(await a_door(event, "Side door"), "Side door 1")
    room = await a_phone_at(await a_room(event), "Workshop 1")
    came = [await scan_of(await a_ticket(someone(), event)) for _ in range(3)]
    left = [scan._replace(id=scan_id(), kind=ScanKind.OUT) for scan in came]
    again = [scan._replace(id=scan_id()) for scan in came]
    async with browsing(database, vic) as desk:
        await checkin.settle(came, sid, clock.now())
        before = words((await desk.get(f"/desk/{event.slug}/board")).text)
        assert ("Arrived 3 of 3 expected Last five" in before, "Inside now" in before) == (True, False)
        await checkin.settle([left[0], left[1], again[1]], sue, clock.now())
        await checkin.settle([again[2], again[1]._replace(id=scan_id())], room, clock.now())
        await checkin.settle([left[1]._replace(id=scan_id())], room, clock.now())
        said = words((await desk.get(f"/desk/{event.slug}/board")).text)
    assert "Arrived 3 of 3 expected Inside now 2 Left 1 Last five minutes 3 Phones" in said
    assert re.findall(r"(Main door|Side door|Workshop A Room) (\d+(?: \d+ inside)?) \d+ \d+ of 1 ", said) == [
        ("Main door", "3"), ("Side door", "0"), ("Workshop A Room", "2 1 inside"),
    ]  # fmt: skip
    assert "Inside now are those who arrived and did not leave since" in said


async def signed_in(staff: Staff) -> tuple[int, Role]:
    session = await Session.filter(staff=staff).order_by("-id").first()
    assert session is not None
    return session.id, await Role.get(staff=staff)


def watching(event: Event, session_id: int, role: Role) -> AsyncGenerator[str, None]:
    return changes(board_pages.part(event, role), Watcher(session_id, role.id))


async def test_the_stream_tells_each_change_and_ends_when_the_watcher_signs_out(
    database: Database, event: Event, door: Door, vic: Staff, ada: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(board_pages, "AT_MOST_EVERY", 0.01)
    monkeypatch.setattr(board_pages, "AT_LEAST_EVERY", 10.0 * WITHIN)
    sid = await a_phone_at(door)
    async with browsing(database, vic):
        stream = watching(event, *await signed_in(vic))
        assert await anext(stream) == "retry: 3000\n\n"

        async def people() -> str:
            sent = await asyncio.wait_for(anext(stream), WITHIN)
            html = json.loads(sent.removeprefix("data: "))["html"]
            [shown] = re.findall(r"<dt>Arrived</dt><dd>(\d+)", html)
            return str(shown)

        assert await people() == "0"
        waiting = asyncio.create_task(people())
        await checkin.settle([await scan_of(await a_ticket(ada, event))], sid, clock.now())
        assert await waiting == "1"
        await Session.filter(staff=vic).delete()
        live.publish(f"doors:{event.id}")
        with pytest.raises(StopAsyncIteration):
            await asyncio.wait_for(anext(stream), WITHIN)


async def test_the_stream_ends_with_the_role(database: Database, event: Event, vic: Staff) -> None:
    async with browsing(database, vic):
        stream = watching(event, *await signed_in(vic))
        await Role.filter(staff=vic).delete()
        assert [line async for line in stream] == ["retry: 3000\n\n"]


async def test_the_stream_ends_when_the_session_has_idled_out_and_keeps_nobody_signed_in(
    database: Database, event: Event, vic: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(board_pages, "AT_MOST_EVERY", 0.0)
    monkeypatch.setattr(board_pages, "AT_LEAST_EVERY", 0.0)
    real = clock.real()
    async with browsing(database, vic) as desk:
        session_id, role = await signed_in(vic)
        used = real - timedelta(minutes=20)
        await Session.filter(id=session_id).update(last_used_at=used)
        stream = watching(event, session_id, role)
        told = [await anext(stream) for _ in range(3)]
        live.hub().close()
        for path in ("board/live", "live"):
            assert (await desk.get(f"/desk/{event.slug}/{path}")).status_code == 200
        assert (told[0], (await Session.get(id=session_id)).last_used_at) == ("retry: 3000\n\n", used)
        live.start_anew()
        await Session.filter(id=session_id).update(last_used_at=real - IDLE_FOR)
        assert [line async for line in watching(event, session_id, role)] == ["retry: 3000\n\n"]
        assert [line async for line in changes(desk_pages.part(event), Watcher(session_id, role.id))] == [
            "retry: 3000\n\n"
        ]
        away = await desk.get(f"/desk/{event.slug}/board/live")
    assert (away.status_code, away.headers["location"].partition("?")[0]) == (303, "/staff/sign-in")


async def test_dr46_a_board_whose_stream_broke_is_sent_all_numbers_and_their_time_when_it_asks_again(
    database: Database, event: Event, door: Door, ada: Person, vic: Staff
) -> None:
    """Whatever happened meanwhile. That the page then says as at is for its script, which a browser walks."""
    ticket, phone = await a_ticket(ada, event), await a_phone_at(door)
    told = []
    async with browsing(database, vic):
        watcher = await signed_in(vic)
        for _ in range(2):
            stream = watching(event, *watcher)
            assert await anext(stream) == "retry: 3000\n\n"
            html = json.loads((await asyncio.wait_for(anext(stream), WITHIN)).removeprefix("data: "))["html"]
            told.append(re.findall(r"<dt>Arrived</dt><dd>(\d+)|id=\"board-as-at\">(09):0", html))
            await stream.aclose()
            await checkin.settle([await scan_of(ticket)], phone, clock.now())
    assert told == [[("", "09"), ("0", "")], [("", "09"), ("1", "")]]


async def test_dr47_three_unknown_codes_in_ten_minutes_are_loud_and_show_no_code(
    database: Database, event: Event, door: Door, vic: Staff
) -> None:
    phone = await a_phone_at(door)
    codes = [a_scan(b"unknown code %3d" % n) for n in range(3)]
    await checkin.settle(codes, phone, THE_DAY)
    async with browsing(database, vic) as desk:
        told = (await desk.get(f"/desk/{event.slug}/board")).text
    assert "09:00 Main door : three codes or more in ten minutes were no tickets of this event." in words(told)
    assert "unknown code" not in told


@pytest.mark.parametrize(
    ("next_n", "says"), [(90, ""), (91, "will know 10 more new tickets"), (101, "will know 0 more")]
)
async def test_the_board_says_when_phones_run_out_of_rows_for_new_tickets(
    database: Database, event: Event, omar: Staff, next_n: int, says: str
) -> None:
    """Fifty places and fifty rows beyond them: at a fifth of these there is time to make more."""
    await Event.filter(id=event.id).update(capacity=50, allowance=0, next_n=next_n)
    async with browsing(database, omar) as desk:
        text = words((await desk.get(f"/desk/{event.slug}/board")).text)
    assert ("Phones without network" in text, says in text) == (bool(says), True)


async def test_an_alarm_is_acknowledged_once_and_the_board_says_by_whom(
    database: Database, event: Event, door: Door, omar: Staff, lena: Staff, vic: Staff
) -> None:
    sid = await a_phone_at(door)
    await heartbeat.call_for_help(sid, THE_DAY)
    alert = await AuditEntry.get(action=Action.DOOR_ALERT)
    here = f"/desk/{event.slug}/board"
    async with browsing(database, vic) as watcher:
        assert "Acknowledge" not in (await watcher.get(here)).text
        assert (await watcher.post(f"{here}/alarms/{alert.id}")).status_code == 403
    async with browsing(database, omar) as desk:
        assert "Acknowledge the alarm of 09:00 Main door, phone Main door 1" in words((await desk.get(here)).text)
        assert (await desk.post(f"{here}/alarms/{alert.id}")).headers["location"] == here
        page = words((await desk.get(here)).text)
    assert "Alarms of the last hour" not in page
    assert "a steward asks for help. Go there, or call the door. Acknowledged by Omar Organiser, 09:0" in page
    assert not await alarm.acknowledge(event.id, alert.id, lena, THE_DAY)
    entries = await AuditEntry.filter(action=Action.ALERT_SEEN)
    assert [(entry.actor, entry.event_id, entry.details) for entry in entries] == [
        (omar.actor, event.id, {"alert": alert.id})
    ]


async def test_an_alarm_of_another_event_is_not_acknowledged(event: Event, omar: Staff) -> None:
    elsewhere = await a_phone_at(await a_door(await an_event()))
    await heartbeat.call_for_help(elsewhere, THE_DAY)
    alert = await AuditEntry.get(action=Action.DOOR_ALERT)
    assert not await alarm.acknowledge(event.id, alert.id, omar, THE_DAY)
    assert await alarm.acknowledge(elsewhere.event_id, alert.id, omar, THE_DAY)


async def test_two_who_acknowledge_at_once_leave_one_entry(
    event: Event, door: Door, omar: Staff, lena: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where each has looked before the other has written."""
    record = audit.record

    async def slowly(*args: Any, **kwargs: Any) -> None:
        await asyncio.sleep(0.05)
        await record(*args, **kwargs)

    await heartbeat.call_for_help(await a_phone_at(door), THE_DAY)
    alert = await AuditEntry.get(action=Action.DOOR_ALERT)
    monkeypatch.setattr(audit, "record", slowly)
    answers = await asyncio.gather(*(alarm.acknowledge(event.id, alert.id, by, THE_DAY) for by in (omar, lena) * 4))
    assert sorted(answers) == [False] * 7 + [True]
    assert await AuditEntry.filter(action=Action.ALERT_SEEN).count() == 1

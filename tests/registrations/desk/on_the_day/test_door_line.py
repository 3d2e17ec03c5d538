"""What the doors ask reaches every page of whoever runs them, as numbers; and nobody else's page."""

import asyncio
import json
import re
from collections.abc import AsyncGenerator
from datetime import timedelta

import pytest
from httpx2 import AsyncClient

from events.accounts import sign_in
from events.accounts.staff import Role, Session, Staff
from events.audit.action import Action
from events.audit.audit import AuditEntry
from events.event import Event
from events.ground import clock, live
from events.ground.database import Database
from events.web.rendering import event_stream
from registrations.checkin import checkin
from registrations.desk import desk_pages
from registrations.desk.live_part import Watcher, changes, shown
from registrations.desk.on_the_day import door_line
from registrations.phones import alarm, heartbeat
from registrations.phones.door import Device, Door
from tests.at_the_desk import desk
from tests.at_the_door import a_phone_at, a_ticket, scan_of
from tests.browser import browsing, words
from tests.people import THE_DAY, Person, a_door, an_event
from tests.waiting import WITHIN

SQLITE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)  # pages say the same to both
PATHS = ["overview", "requests", "people", "conflicts", "doors", "emails", "event", "programme", "organisations",
         "data-protection"]  # fmt: skip
pytestmark = pytest.mark.usefixtures("the_day")


async def watching(event: Event, staff: Staff, monkeypatch: pytest.MonkeyPatch) -> AsyncGenerator[str, None]:
    monkeypatch.setattr(door_line, "AT_MOST_EVERY", 0.01)
    monkeypatch.setattr(door_line, "AT_LEAST_EVERY", 10.0 * WITHIN)
    await sign_in.begin_full_session(staff, clock.real())
    session = await Session.filter(staff=staff).order_by("-id").first()
    assert session is not None
    return door_line.as_doors(changes(door_line.part(event), Watcher(session.id, (await Role.get(staff=staff)).id)))


async def heard(stream: AsyncGenerator[str, None]) -> str:
    return words(json.loads((await asyncio.wait_for(anext(stream), WITHIN)).removeprefix("data: "))["doors"])


async def test_the_line_follows_alarms_conflicts_and_who_waits_and_names_nobody(
    event: Event, door: Door, sid: Device, kim: Device, ada: Person, omar: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    stream = await watching(event, omar, monkeypatch)
    assert await heard(stream) == ""
    await heartbeat.call_for_help(sid, THE_DAY)
    assert await heard(stream) == "At the doors : 1 alarm (09:00, Main door)"
    ticket = await a_ticket(ada, event)
    await checkin.settle([await scan_of(ticket)], sid, THE_DAY)
    await checkin.settle([(await scan_of(ticket))._replace(offline=True, shown="ok")], kim, clock.now())
    assert await heard(stream) == "At the doors : 1 alarm (09:00, Main door), 1 open conflict"
    await checkin.settle([await scan_of(ticket)], await a_phone_at(door, "Main door 3"), clock.now())
    assert (
        await heard(stream)
        == "At the doors : 1 alarm (09:00, Main door), 1 open conflict, 1 sent to the lead, not decided yet"
    )
    alert = await AuditEntry.get(action=Action.DOOR_ALERT)
    await alarm.acknowledge(event.id, alert.id, omar, THE_DAY)
    assert await heard(stream) == "At the doors : 1 open conflict, 1 sent to the lead, not decided yet"
    await stream.aclose()


async def test_of_two_alarms_the_line_has_time_and_door_of_the_newest(event: Event, sid: Device, omar: Staff) -> None:
    side = await a_phone_at(await a_door(event, "Side door"), "Side door 1")
    await heartbeat.call_for_help(sid, THE_DAY)
    await heartbeat.call_for_help(side, THE_DAY + timedelta(minutes=4))
    line = words(await door_line.part(event).draw())
    assert line == "At the doors : 2 alarms (newest 09:04, Side door)"


async def test_a_scan_that_asks_nothing_sends_nothing(
    event: Event, sid: Device, ada: Person, omar: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next line that comes is that of the alarm."""
    stream = await watching(event, omar, monkeypatch)
    assert await heard(stream) == ""
    drawn = asyncio.ensure_future(heard(stream))
    await checkin.settle([await scan_of(await a_ticket(ada, event))], sid, THE_DAY)
    elsewhere = await an_event()
    live.publish(f"doors:{elsewhere.id}")
    await heartbeat.call_for_help(sid, THE_DAY)
    assert await drawn == "At the doors : 1 alarm (09:00, Main door)"
    await stream.aclose()


async def first_lines(database: Database, event: Event, staff: Staff, monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """The kinds of news in the first lines of the stream that a page of this person listens to."""
    monkeypatch.setattr(desk_pages, "AT_LEAST_EVERY", 0.0)
    monkeypatch.setattr(desk_pages, "AT_MOST_EVERY", 0.01)
    monkeypatch.setattr(door_line, "AT_MOST_EVERY", 0.01)
    kinds = set[str]()

    def noting(sent: AsyncGenerator[str, None]) -> object:
        streams.append(sent)
        return event_stream(iterated())

    async def iterated() -> AsyncGenerator[str, None]:
        yield ""

    streams: list[AsyncGenerator[str, None]] = []
    monkeypatch.setattr(desk_pages, "event_stream", noting)
    async with browsing(database, staff) as client:
        await client.get(desk(event, "live"))
        for _ in range(8):
            said = await asyncio.wait_for(anext(streams[0]), WITHIN)
            kinds |= set(json.loads(said.removeprefix("data: "))) if said.startswith("data:") else set()
        await streams[0].aclose()
    return kinds


@SQLITE
async def test_organisers_hear_the_doors_in_the_stream_of_the_counts_and_viewers_do_not(
    database: Database, event: Event, omar: Staff, vic: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert await first_lines(database, event, omar, monkeypatch) == {"html", "doors"}
    assert await first_lines(database, event, vic, monkeypatch) == {"html"}


@SQLITE
async def test_every_page_of_an_organisers_desk_has_the_line_and_listens_once(
    database: Database, event: Event, sid: Device, omar: Staff, vic: Staff
) -> None:
    paths = [*PATHS, f"doors/{sid.door_id}", "doors/how-many"]
    async with browsing(database, omar) as client:
        lines = {}
        for path in paths:
            page = (await client.get(desk(event, path))).text
            lines[path] = (page.count('id="door-line"'), "/static/desk/counts.js" in page)
        board = (await client.get(desk(event, "board"))).text
    assert lines == dict.fromkeys(paths, (1, True))
    assert 'id="door-line"' not in board, "which says more itself"
    async with browsing(database, vic) as client:
        assert 'id="door-line"' not in (await client.get(desk(event, "people"))).text


LINE = re.compile(r'<p class="door-line[^>]*>(.*?)</p>')


async def line_of(client: AsyncClient, event: Event, path: str) -> list[str]:
    return [words(line) for line in LINE.findall((await client.get(desk(event, path))).text)]


@SQLITE
async def test_without_a_script_a_page_begins_with_what_the_doors_ask(
    database: Database, event: Event, sid: Device, omar: Staff, vic: Staff
) -> None:
    await heartbeat.call_for_help(sid, THE_DAY)
    async with browsing(database, omar) as client:
        lines = {path: await line_of(client, event, path) for path in PATHS}
        refused = await client.post(desk(event, "doors"), data={"name": ""})
        await alarm.acknowledge(event.id, (await AuditEntry.get(action=Action.DOOR_ALERT)).id, omar, THE_DAY)
        after = await line_of(client, event, "people")
    asked = ["At the doors : 1 alarm (09:00, Main door)"]
    assert lines == dict.fromkeys(PATHS, asked)
    assert (refused.status_code, [words(line) for line in LINE.findall(refused.text)]) == (422, asked)
    assert after == [""]
    await heartbeat.call_for_help(sid, THE_DAY + 2 * alarm.WITHIN)
    async with browsing(database, vic) as client:
        assert await line_of(client, event, "people") == []


async def test_a_page_begins_with_what_others_watch_unless_there_is_news(
    event: Event, sid: Device, omar: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    stream = await watching(event, omar, monkeypatch)
    assert await heard(stream) == ""
    part = door_line.part(event)

    async def anew() -> str:
        return "drawn anew"

    assert await shown(part._replace(draw=anew)) == "", "the stream has drawn it"
    assert await shown(part._replace(key="watched by nobody", draw=anew)) == "drawn anew"
    await heartbeat.call_for_help(sid, THE_DAY)
    assert await shown(part._replace(draw=anew)) == "drawn anew", "there is news"
    assert words(await heard(stream)) == "At the doors : 1 alarm (09:00, Main door)"
    await stream.aclose()


@SQLITE
async def test_every_page_says_what_is_left_until_the_door_is_closed(
    database: Database, event: Event, kim: Device, omar: Staff
) -> None:
    close, page = desk(event, "doors", "close"), desk(event, "people")
    left = "The door is not closed yet"
    async with browsing(database, omar) as client:
        before = words((await client.get(page)).text)
        await client.post(close)
        begun = words((await client.get(page)).text)
        await client.post(desk(event, "phones", kim.id, "write-off"), data={"why": "left"})
        ready = words((await client.get(page)).text)
        await client.post(f"{close}/finish")
        closed = words((await client.get(page)).text)
    assert [left in shown for shown in (before, closed)] == [False, False]
    assert f"{left} : 1 phone has not ended" in begun
    assert f"{left} : one press is left" in ready

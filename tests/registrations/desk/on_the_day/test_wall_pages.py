"""The board on a wall: numbers in large type, for whoever may look; nothing to read of anybody, nothing to press."""

import asyncio
import json
import re

import pytest

from events.accounts import sign_in
from events.accounts.staff import Role, Session, Staff
from events.event import Event
from events.ground import clock
from events.ground.database import Database
from registrations.checkin import checkin
from registrations.checkin.scan import ScanKind
from registrations.desk.live_part import Watcher, changes
from registrations.desk.on_the_day import wall_pages
from registrations.phones import heartbeat
from registrations.phones.door import Device
from registrations.roll_call import calling
from registrations.roll_call.calling import Pressed
from registrations.roll_call.roll_call import RollKind
from tests.at_the_desk import desk
from tests.at_the_door import a_ticket, scan_of
from tests.browser import browsing, heading, words
from tests.people import THE_DAY, Person, someone
from tests.registrations.roll_call.marshals import an_id
from tests.waiting import WITHIN

SQLITE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)  # its numbers are tried on both
pytestmark = pytest.mark.usefixtures("the_day")


@SQLITE
async def test_the_wall_has_numbers_and_neither_rows_nor_links_nor_names(
    database: Database, event: Event, sid: Device, kim: Device, ada: Person, vic: Staff
) -> None:
    ticket = await a_ticket(ada, event)
    await checkin.settle([await scan_of(ticket)], sid, clock.now())
    await checkin.settle([(await scan_of(ticket))._replace(offline=True, shown="ok")], kim, clock.now())
    await heartbeat.call_for_help(sid, clock.now())
    async with browsing(database, vic) as client:
        page = await client.get(desk(event, "board", "wall"))
    assert heading(page) == "At the door"
    assert "Arrived 1 of 1 Last five minutes 1" in words(page.text)
    assert "Open conflicts 1 Alarms 1 As at 09:0" in words(page.text)
    assert not re.search(r"<(a|button|form|table|tr|ul|details|input)\b", page.text)
    for name in ("Ashdown", "Main door", "Vic", event.title, ticket.reference, "help"):
        assert name not in page.text


@SQLITE
async def test_whoever_has_left_is_said_to_have_arrived_and_not_to_be_inside(
    database: Database, event: Event, sid: Device, ada: Person, vic: Staff
) -> None:
    ticket, stays = await a_ticket(ada, event), await a_ticket(someone(), event)
    scans = [await scan_of(ticket), await scan_of(stays), (await scan_of(ticket))._replace(kind=ScanKind.OUT)]
    for scan in scans:
        await checkin.settle([scan], sid, clock.now())
    async with browsing(database, vic) as client:
        page = await client.get(desk(event, "board", "wall"))
    assert "Arrived 2 of 2 Inside now 1 Left 1 Last five minutes 2" in words(page.text)


async def test_its_numbers_change_by_themselves_and_end_with_the_session(
    event: Event, sid: Device, ada: Person, vic: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wall_pages, "AT_MOST_EVERY", 0.01)
    await sign_in.begin_full_session(vic, clock.real())
    watcher = Watcher((await Session.get(staff=vic)).id, (await Role.get(staff=vic)).id)
    stream = changes(wall_pages.part(event), watcher)

    async def people() -> list[str]:
        html = json.loads((await asyncio.wait_for(anext(stream), WITHIN)).removeprefix("data: "))["html"]
        return re.findall(r"<dt>Arrived</dt><dd>(\d+)", html)

    assert await anext(stream) == "retry: 3000\n\n"
    assert await people() == ["0"]
    await checkin.settle([await scan_of(await a_ticket(ada, event))], sid, THE_DAY)
    assert await people() == ["1"]
    await Session.filter(staff=vic).delete()
    await heartbeat.call_for_help(sid, THE_DAY)
    assert [drawn async for drawn in stream] == []


@SQLITE
@pytest.mark.parametrize(("kind", "says"), [(RollKind.REAL, "Roll call since"), (RollKind.DRILL, "Drill since")])
async def test_a_roll_call_that_runs_stands_above_the_numbers(
    database: Database, event: Event, omar: Staff, vic: Staff, kind: RollKind, says: str
) -> None:
    async with browsing(database, vic) as client:
        assert "since" not in words((await client.get(desk(event, "board", "wall"))).text)
        running = await calling.start(event, Pressed(an_id(), kind, clock.now()), omar, clock.now())
        shown = words((await client.get(desk(event, "board", "wall"))).text)
        assert f"At the door {says} {clock.time_words(clock.now())} Arrived" in shown
        assert await calling.end(running, omar, clock.now())
        assert "since" not in words((await client.get(desk(event, "board", "wall"))).text)

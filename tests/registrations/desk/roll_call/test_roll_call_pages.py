"""The roll call at the desk: started and ended on a page that asks first, told on every page, as numbers alone.

Rules: SG-15.
"""

import re
from datetime import timedelta

import pytest

from events.accounts.staff import Staff
from events.audit.action import Action
from events.audit.audit import AuditEntry
from events.event import Event
from events.ground import clock
from events.ground.database import Database
from registrations.checkin import checkin, headcount
from registrations.desk.on_the_day import door_line, scan_history
from registrations.paper.sheet import ROLL_CALL_HEADER
from registrations.phones.door import Door, DoorPass
from registrations.roll_call import calling, ticking
from registrations.roll_call.calling import Pressed
from registrations.roll_call.roll_call import Mark, RollCall, RollKind
from registrations.roll_call.ticking import SentPrint
from tests.at_the_door import a_phone_at, a_ticket, scan_of
from tests.browser import browsing, heading, words
from tests.people import THE_DAY
from tests.registrations.cases import on_the_board
from tests.registrations.roll_call.marshals import ADA, BO, CLEO, an_id, came_in, row_of
from tests.registrations.roll_call.ticks import a_marshal, a_tick

pytestmark = pytest.mark.usefixtures("the_day")
SQLITE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)  # pages say the same to both


async def test_omar_starts_one_after_a_question_and_every_page_says_so_until_he_ends_it(
    database: Database, event: Event, door: Door, omar: Staff
) -> None:
    ada, bo, _ = await came_in(event, door, ADA, BO, CLEO)
    here = f"/desk/{event.slug}/roll-call"
    async with browsing(database, omar) as desk:
        before = await desk.get(here)
        assert heading(before) == "Roll call"
        assert "No roll call is running. No marshal" in words(before.text)
        asked = await desk.get(f"{here}/start")
        assert "checked" not in re.sub(r"[Cc]hecked in", "", asked.text), "nothing is chosen"
        assert (await desk.post(f"{here}/start")).status_code == 422
        assert await RollCall.all().count() == 0
        started = await desk.post(f"{here}/start", data={"kind": "real"})
        page = words((await desk.get(started.headers["location"])).text)
        assert "The roll call is running." in page
        assert "Roll call since 09:00, started by Omar Organiser. 3 people were checked in then." in page
        assert ROLL_CALL_HEADER in page
        mara, mo = await a_marshal(door), await a_marshal(door, "Marshal 2")
        [called] = await RollCall.all()
        rows = [await row_of(ada), await row_of(bo)]
        await ticking.take(called, [a_tick(rows[0]), a_tick(rows[1])], [], mara, clock.now())
        await ticking.take(called, [a_tick(rows[1], Mark.LEFT)], [], mo, clock.now())
        page = words((await desk.get(here)).text)
        assert "Safe 1 Not seen 0 Left earlier 1 Not ticked yet 1" in page
        assert "Phones say different things about 1 person." in page
        assert [name for name in ("Ada", "Brandt", "Cleo") if name in page] == [], "numbers, nobody's name"
        assert words(await door_line.part(event).draw()) == "EVACUATION since 09:00", "on every page"
        await desk.post(f"{here}/end")
        page = words((await desk.get(f"{here}?said=ended")).text)
        assert "The roll call is over." in page
        assert "Roll call, by Omar Organiser 09:00 by Omar Organiser 3 1 0 1 1 0" in page
        again = await desk.post(f"{here}/end")
        assert "This roll call is over already." in again.text
    acts = [entry.action for entry in await AuditEntry.filter(subject=f"roll_call:{called.id}").order_by("id")]
    assert acts == [Action.ROLL_CALL_STARTED, Action.ROLL_CALL_ENDED]


async def test_the_board_of_a_viewer_has_the_numbers_and_no_way_to_end_it(
    database: Database, event: Event, door: Door, vic: Staff
) -> None:
    await came_in(event, door, ADA)
    assert "Drill since" not in await on_the_board(database, event, vic)
    mara = await a_marshal(door)
    await calling.start(event, Pressed(an_id(), RollKind.DRILL, clock.now()), mara, clock.now())
    said = await on_the_board(database, event, vic)
    assert "Drill since 09:00, started by Marshal 1. 1 person was checked in then." in said
    assert "Not ticked yet 1" in said
    assert (await door_line.asked(event.id, clock.now())).roll_call is not None
    assert (await door_line.asked(event.id, THE_DAY + timedelta(hours=13))).roll_call is None


@SQLITE
async def test_a_scan_during_a_real_roll_call_is_marked_and_one_during_a_drill_is_not(
    event: Event, door: Door, omar: Staff
) -> None:
    phone, said = await a_phone_at(door), dict[str, str]()
    for kind, minutes, person in ((RollKind.DRILL, 10, ADA), (RollKind.REAL, 70, BO), (None, 130, CLEO)):
        at = THE_DAY + timedelta(minutes=minutes)
        called = await calling.start(event, Pressed(an_id(), kind, at), omar, at) if kind else None
        ticket = await a_ticket(person, event)
        await checkin.settle([await scan_of(ticket)], phone, at + timedelta(minutes=1))
        if called is not None:
            await calling.end(called, omar, at + timedelta(minutes=2))
        [scan] = await scan_history.of_person(ticket.registration_id)
        said[person.name] = scan.what
    assert said == {
        "Ada Lovelace-Example": "In at Main door: COME IN. Online",
        "Bo Brandt": "In at Main door: COME IN. Online. After the alarm",
        "Cleo Adams": "In at Main door: COME IN. Online",
    }


@SQLITE
async def test_what_was_printed_on_a_phone_stands_there_until_when_it_is_destroyed(
    database: Database, event: Event, door: Door, omar: Staff
) -> None:
    async with browsing(database, omar) as desk:
        assert "to be destroyed" not in (await desk.get(f"/desk/{event.slug}/roll-call")).text
        await ticking.take(None, [], [SentPrint(an_id(), 600.0)], await a_marshal(door), THE_DAY)
        page = words((await desk.get(f"/desk/{event.slug}/roll-call")).text)
    assert "to be destroyed by 16 April 2019: Marshal 1, Monday 15 April 2019, 08:50" in page


@SQLITE
async def test_of_a_marshals_phone_the_desk_speaks_of_ticks_and_knows_no_version_of_its_list(
    database: Database, event: Event, door: Door, omar: Staff
) -> None:
    mara, steward = await a_marshal(door), await a_phone_at(door)
    await came_in(event, door, ADA)
    await DoorPass.filter(id=mara.id).update(to_send=2)
    assert [phone.is_behind for phone in await headcount.phones(event.id, clock.real())] == [False, True, True]
    async with browsing(database, omar) as desk:
        told = words((await desk.get(f"/desk/{event.slug}/phones/{mara.id}/revoke")).text)
        of_steward = words((await desk.get(f"/desk/{event.slug}/phones/{steward.id}/revoke")).text)
    assert ("2 ticks to send" in told, "stops scanning" in told, "stops scanning" in of_steward) == (True, False, True)


@SQLITE
async def test_the_page_says_where_the_lists_on_paper_are(
    database: Database, event: Event, omar: Staff, lena: Staff
) -> None:
    async with browsing(database, omar) as desk:
        page = (await desk.get(f"/desk/{event.slug}/roll-call")).text
        assert f'href="/desk/{event.slug}/doors/paper"' in page
        assert "The access lead prints it" in words(page)
        assert f'href="/desk/{event.slug}/roll-call"' in (await desk.get(f"/desk/{event.slug}/doors")).text
        assert f'href="/desk/{event.slug}/roll-call"' in (await desk.get(f"/desk/{event.slug}/board")).text

"""The desk's page on which the door is closed: what it says of each phone, what is missing, who may do what.

Rules: EV-12."""

import re
from datetime import timedelta

import pytest

from events.accounts.staff import Session, Staff
from events.audit.action import Action
from events.audit.audit import AuditEntry
from events.event import Event
from events.ground import clock, wording
from events.ground.database import Database
from registrations.checkin import checkin
from registrations.checkin.conflict import Conflict
from registrations.checkin.walking_in import deciding_walk_ins
from registrations.desk.closing import closing_pages
from registrations.phones import pairing
from registrations.phones.door import Door, DoorPass, PassRole, WrittenOff
from registrations.privacy.cases.incident import Incident
from registrations.roll_call import calling
from registrations.roll_call.calling import Pressed
from registrations.roll_call.door_closing import ROLL_CALL_RUNS
from registrations.roll_call.roll_call import RollKind
from tests.at_the_door import a_phone_at, a_scan, a_ticket, scan_of
from tests.browser import browsing, heading, words
from tests.people import THE_DAY, requested, someone
from tests.registrations.cases import on_the_board
from tests.registrations.checkin.revoking import revoked
from tests.registrations.checkin.walking_in.made import a_walk_in
from tests.registrations.roll_call.marshals import ADA, BO, an_id, came_in

pytestmark = pytest.mark.usefixtures("the_day")


async def test_dr41_omar_closes_the_door_and_the_page_says_what_is_missing_until_then(
    database: Database, event: Event, door: Door, omar: Staff
) -> None:
    phones = [await a_phone_at(door, f"Main door {n}") for n in range(1, 5)]
    seen = clock.real() - timedelta(minutes=50)
    await DoorPass.filter(id=phones[1].id).update(last_seen_at=seen, to_send=2)
    await DoorPass.filter(id=phones[2].id).update(last_seen_at=clock.real(), to_send=3)
    await pairing.sign_out(phones[3], clock.now(), clock.real())
    await pairing.note_wiped(phones[3], clock.real())
    stranger = a_scan(b"0123456789abcdef")._replace(offline=True, tap="lead", code="left_without_scan")
    await checkin.settle([stranger], phones[0], clock.now())
    here = f"/desk/{event.slug}/doors/close"
    async with browsing(database, omar) as desk:
        before = await desk.get(here)
        assert heading(before) == "Close the door"
        assert f'href="{here}"' in (await desk.get(f"/desk/{event.slug}/doors")).text
        assert "Write off" not in words(before.text)
        begun = await desk.post(here)
        page = words((await desk.get(begun.headers["location"])).text)
        assert "The phones are being closed. The door is not closed yet: below stands what is left." in page
        assert "What is missing 3 phones have not ended" in page
        assert "1 open conflict : say what each was" in page
        assert "Main door 2 Not seen since 08:10, 2 to send then Write off Main door 2" in page
        assert re.search(r"Main door 3 Last contact \d+ s ago, 3 to send then Write off", page)
        assert "Main door 4 Closed" in page
        assert "Every phone has ended" not in page
        early = await desk.post(f"{here}/finish")
        refused = words((await desk.get(early.headers["location"])).text)
        assert closing_pages.NOT_YET in refused
        for phone in phones[:3]:
            await desk.post(f"/desk/{event.slug}/phones/{phone.id}/write-off", data={"why": "left"})
        await Conflict.all().update(settled_at=clock.now())
        ready = words((await desk.get(here)).text)
        assert "Every phone has ended, and no conflict is open." in ready
        assert "Main door 1 Written off: left the building" in ready
        closed = await desk.post(f"{here}/finish")
        page = words((await desk.get(closed.headers["location"])).text)
    assert "The door was closed at 09:00 on Monday 15 April 2019 by Omar Organiser." in page


async def test_the_pages_around_it_lead_there_and_say_how_far_it_is(
    database: Database, event: Event, door: Door, omar: Staff
) -> None:
    phone, at = await a_phone_at(door), f"/desk/{event.slug}"
    offered = ("Pair a phone or change the hours", "Pair two phones at least")
    async with browsing(database, omar) as desk:
        doors = words((await desk.get(f"{at}/doors")).text)
        assert "At the end of the day Close the door : each phone" in doors
        assert all(offer in doors for offer in offered)
        assert "pair two at least" in words((await desk.get(f"{at}/roll-call")).text)
        await desk.post(f"{at}/doors/close")
        assert "No phone can be paired, since the door is being" in words((await desk.get(f"{at}/roll-call")).text)
        doors = words((await desk.get(f"{at}/doors")).text)
        assert ("Change the hours" in doors, [offer for offer in offered if offer in doors]) == (True, [])
        assert "The door is being closed No phone can be paired. How far the closing is" in doors
        one = await desk.get(f"{at}/phones/{phone.id}/write-off")
        assert set(re.findall(r'aria-current="page">([^<]+)', one.text)) == {"Doors and phones"}
        await desk.post(f"{at}/phones/{phone.id}/write-off", data={"why": "left"})
        await desk.post(f"{at}/doors/close/finish")
        doors = words((await desk.get(f"{at}/doors")).text)
        assert "The door is closed No phone can be paired. How each phone ended" in doors


async def test_the_board_says_since_when_and_by_whom_the_door_is_closed_until_it_is_open_again(
    database: Database, event: Event, omar: Staff, vic: Staff
) -> None:
    here = f"/desk/{event.slug}/doors/close"
    assert "closed" not in await on_the_board(database, event, vic)
    async with browsing(database, omar) as desk:
        await desk.post(here)
        assert "The door has been closing since 09:00." in await on_the_board(database, event, vic)
        await desk.post(f"{here}/finish")
        said = await on_the_board(database, event, vic)
        assert "The door was closed at 09:00 on Monday 15 April 2019 by Omar Organiser." in said
        again = await desk.post(f"{here}/reopen")
        assert "The door is open again." in words((await desk.get(again.headers["location"])).text)
        stale = await desk.post(f"{here}/finish")
        assert closing_pages.OPEN_AGAIN in words((await desk.get(stale.headers["location"])).text)
    assert "closed" not in await on_the_board(database, event, vic)


@pytest.mark.parametrize("why", list(WrittenOff))
async def test_a_phone_is_written_off_with_a_reason_and_a_lost_one_opens_an_incident(
    database: Database, event: Event, door: Door, omar: Staff, why: WrittenOff
) -> None:
    device = await a_phone_at(door)
    await DoorPass.filter(id=device.id).update(to_send=1)
    here = f"/desk/{event.slug}/phones/{device.id}/write-off"
    async with browsing(database, omar) as desk:
        asked = await desk.get(here)
        assert heading(asked) == "Write off Main door 1?"
        assert "it has 1 scan to send" in words(asked.text)
        assert "checked" not in asked.text
        for data in ({}, {"why": "mislaid"}):
            missed = await desk.post(here, data=data)
            assert (missed.status_code, "Select why nobody waits for it" in missed.text) == (422, True)
        assert (await DoorPass.get()).revoked_at is None
        done = await desk.post(here, data={"why": why.value})
        assert (done.status_code, done.headers["location"]) == (303, f"/desk/{event.slug}/doors/close")
        again = await desk.post(here, data={"why": why.value})
        assert again.status_code == 409
    assert (await DoorPass.get()).written_off == why.value
    assert await Incident.all().count() == (why is WrittenOff.LOST)
    assert await AuditEntry.filter(action=Action.PASS_WRITTEN_OFF).count() == 1


async def test_while_it_is_closed_the_doors_page_makes_no_code(
    database: Database, event: Event, door: Door, omar: Staff
) -> None:
    path = f"/desk/{event.slug}/doors/{door.id}"
    async with browsing(database, omar) as desk:
        assert "Make the code" in (await desk.get(path)).text
        await desk.post(f"/desk/{event.slug}/doors/close")
        page = await desk.get(path)
        assert (wording.DOOR_CLOSED in words(page.text), "Make the code" in page.text) == (True, False)
        made = await desk.post(f"{path}/phones", data={"phone_name": "Main door 1", "role": "steward"})
        assert (made.status_code, wording.DOOR_CLOSED in words(made.text)) == (409, True)


async def test_scans_that_wait_for_a_decision_are_named_and_keep_nothing_open(
    database: Database, event: Event, door: Door, omar: Staff
) -> None:
    gone = await revoked(await a_phone_at(door))
    await checkin.settle([await scan_of(await a_ticket(someone(), event))], gone, clock.now())
    here = f"/desk/{event.slug}/doors/close"
    async with browsing(database, omar) as desk:
        await desk.post(here)
        assert "Scans of 1 ended phone wait until you accept or discard them" in words((await desk.get(here)).text)
        await desk.post(f"{here}/finish")
    assert (await Event.get(id=event.id)).doors_closed_at is not None


async def test_a_walk_in_that_waits_is_named_with_what_to_do_and_keeps_nothing_open(
    database: Database, event: Event, door: Door, omar: Staff
) -> None:
    """The lead's phone erases itself once closing begins, and would never show the reference."""
    here, at = f"/desk/{event.slug}/doors/close", f"/desk/{event.slug}"
    async with browsing(database, omar) as desk:
        assert "walk-in" not in words((await desk.get(here)).text)
        walk_in = await a_walk_in(await requested(someone(), event), await a_phone_at(door, role=PassRole.DOOR_LEAD))
        before = await desk.get(here)
        assert f'href="{at}/walk-ins"' in before.text.partition("<h1")[2]
        assert "1 walk-in waits for an organiser. Decide first: once you start" in words(before.text)
        await desk.post(here)
        assert "no reference any more. Whom you let in has one on their page: read it to the lead" in words(
            (await desk.get(here)).text
        )
        await DoorPass.all().update(revoked_at=clock.real())
        await desk.post(f"{here}/finish")
        assert "Nobody is at the door any more: decline it." in words((await desk.get(here)).text)
        assert await deciding_walk_ins.decline(walk_in, omar, clock.now())
        assert "walk-in" not in words((await desk.get(here)).text)
    assert (await Event.get(id=event.id)).doors_closed_at is not None


async def test_while_a_roll_call_runs_closing_is_refused_and_the_page_leads_to_its_end(
    database: Database, event: Event, door: Door, omar: Staff
) -> None:
    here, to_end = f"/desk/{event.slug}/doors/close", f'href="/desk/{event.slug}/roll-call/end"'
    async with browsing(database, omar) as desk:
        before = await desk.get(here)
        assert ("Roll call since" in words(before.text), 'id="begin"' in before.text) == (False, True)
        running = await calling.start(event, Pressed(an_id(), RollKind.REAL, clock.now()), omar, clock.now())
        page = await desk.get(here)
        assert "Roll call since 09:00. No phone can be closed while it runs" in words(page.text)
        assert (to_end in page.text, 'id="begin"' in page.text) == (True, False)
        stale = await desk.post(here)
        assert (stale.status_code, ROLL_CALL_RUNS in words(stale.text), to_end in stale.text) == (409, True, True)
        assert (await Event.get(id=event.id)).doors_closing_at is None
        assert await calling.end(running, omar, clock.now())
        assert (await desk.post(here)).status_code == 303
    assert (await Event.get(id=event.id)).doors_closing_at is not None


async def test_during_a_drill_it_asks_first_and_the_drill_ends_by_it(
    database: Database, event: Event, door: Door, omar: Staff
) -> None:
    here = f"/desk/{event.slug}/doors/close"
    async with browsing(database, omar) as desk:
        await calling.start(event, Pressed(an_id(), RollKind.DRILL, clock.now()), omar, clock.now())
        assert "Drill since 09:00. Closing the phones ends it: you are" in words((await desk.get(here)).text)
        asked = await desk.post(here)
        assert (asked.status_code, heading(asked)) == (409, "A drill is running: close the phones all the same?")
        assert (await Event.get(id=event.id)).doors_closing_at is None
        begun = await desk.post(here, data={"drill": "ends"})
        page = words((await desk.get(begun.headers["location"])).text)
        assert ("The phones are being closed." in page, "Drill" in page) == (True, False)
    assert await calling.running(event.id, clock.now()) is None


async def test_a_roll_call_that_starts_after_it_is_named_with_who_still_has_the_list(
    database: Database, event: Event, door: Door, omar: Staff
) -> None:
    here = f"/desk/{event.slug}/doors/close"
    async with browsing(database, omar) as desk:
        await desk.post(here)
        running = await calling.start(event, Pressed(an_id(), RollKind.REAL, clock.now()), omar, clock.now())
        page = words((await desk.get(here)).text)
        assert "have closed show its list no more. All others keep it until the roll call ends" in page
        await DoorPass.all().update(revoked_at=clock.real())
        await desk.post(f"{here}/finish")
        assert "No phone shows its list any more: it is on paper alone." in words((await desk.get(here)).text)
        assert await calling.end(running, omar, clock.now())
        assert "Roll call since" not in words((await desk.get(here)).text)


async def test_how_many_are_counted_as_inside_stands_before_the_button(
    database: Database, event: Event, door: Door, omar: Staff
) -> None:
    here = f"/desk/{event.slug}/doors/close"
    async with browsing(database, omar) as desk:
        assert "Nobody is counted as inside now. Start closing the phones" in words((await desk.get(here)).text)
        await came_in(event, door, ADA)
        assert "1 person is counted as inside now. This person came in" in words((await desk.get(here)).text)
        await came_in(event, door, BO)
        page = words((await desk.get(here)).text)
        assert "2 people are counted as inside now. They came in, and no phone has scanned them out since." in page
        asked = await desk.post(here)
        assert (asked.status_code, heading(asked)) == (
            409, "2 people are still counted as inside: close the phones all the same?"
        )  # fmt: skip
        assert (await Event.get(id=event.id)).doors_closing_at is None
        await desk.post(here, data={"inside": "stays"})
        assert "counted as inside" not in words((await desk.get(here)).text)


async def test_with_people_inside_and_a_drill_it_asks_about_both(
    database: Database, event: Event, door: Door, omar: Staff
) -> None:
    here = f"/desk/{event.slug}/doors/close"
    await came_in(event, door, ADA)
    async with browsing(database, omar) as desk:
        await calling.start(event, Pressed(an_id(), RollKind.DRILL, clock.now()), omar, clock.now())
        assert heading(await desk.post(here, data={"drill": "ends"})).startswith("1 person is still counted as inside")
        drill = await desk.post(here, data={"inside": "stays"})
        assert (drill.status_code, 'name="inside" value="stays"' in drill.text) == (409, True)
        assert (await desk.post(here, data={"inside": "stays", "drill": "ends"})).status_code == 303


async def test_once_the_day_is_over_the_page_offers_no_opening(database: Database, event: Event, omar: Staff) -> None:
    here = f"/desk/{event.slug}/doors/close"
    async with browsing(database, omar) as desk:
        await desk.post(here)
        await desk.post(f"{here}/finish")
        assert "Open the door again" in (await desk.get(here)).text
        clock.move_to(THE_DAY + timedelta(days=1))
        await Session.all().update(stepped_up_at=clock.real())
        later = (await desk.get(here)).text
        assert "Open the door again" not in later
        assert "The day of the event is over" in words(later)
        assert (await desk.post(f"{here}/reopen")).status_code == 409


async def test_what_is_drawn_anew_is_what_the_page_says(
    database: Database, event: Event, door: Door, omar: Staff
) -> None:
    await a_phone_at(door)
    async with browsing(database, omar) as desk:
        await desk.post(f"/desk/{event.slug}/doors/close")
        page = words((await desk.get(f"/desk/{event.slug}/doors/close")).text)
    drawn = words(await closing_pages.part(event).draw()).partition("Since")[2]
    assert drawn in page
    assert "Main door 1" in drawn

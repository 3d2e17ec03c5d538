"""What the desk says after the event: what of its closing is done, the report for the hosts, and the calendar.

Rules: EV-12, EV-13, DP-07.
"""

import asyncio
from datetime import timedelta

import pytest
from icalendar import Calendar

from events.accounts.staff import Staff
from events.audit.action import Action
from events.audit.audit import AuditEntry
from events.event import Event
from events.ground import clock
from events.ground.database import Database
from registrations.certificates.writing import write
from registrations.paper.sheet import Sheet, SheetKind
from registrations.people.registration import State
from registrations.phones.door import Door
from registrations.privacy.retention import deleting
from registrations.privacy.retention.report import HIDDEN
from registrations.reporting.closing_report import ClosingReport
from registrations.reporting.closing_tick import ClosingTick
from registrations.reporting.lesson import Lesson
from tests import pdf_reading
from tests.browser import browsing, words
from tests.people import MONDAY, THE_DAY
from tests.registrations.certificates.giving import HOURS, WORDS, o_clock
from tests.registrations.reporting.hosted import THE_NEXT_DAY, close_door, come_in, in_state, tickets

pytestmark = pytest.mark.usefixtures("the_day")
SQLITE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)  # pages say the same to both


async def a_sheet(event: Event) -> Sheet:
    return await Sheet.create(
        event=event, number=1, kind=SheetKind.DOOR_LIST, lines=3, printed_at=THE_DAY, printed_by="staff:1",
        destroy_by=event.day,
    )  # fmt: skip


@SQLITE
async def test_certificates_wait_for_the_end_of_what_counts_where_the_door_closes_before_it(
    database: Database, event: Event, omar: Staff
) -> None:
    await write(event, WORDS, HOURS, 0, omar, MONDAY)
    await close_door(event)
    said = []
    for hour in (15, 17):  # they count until 16:00
        clock.move_to(o_clock(hour))
        async with browsing(database, omar) as desk:
            said.append(words((await desk.get(f"/desk/{event.slug}/after")).text))
    released = "Certificates of attendance are released"
    assert f"{released} Later Once the door is closed and what counts has ended, or the day is over." in said[0]
    assert f"{released} To do Guests who came have theirs once you say so." in said[1]


@SQLITE
async def test_ev12_each_item_is_read_from_what_happened(
    database: Database, event: Event, door: Door, omar: Staff
) -> None:
    await come_in(door, await tickets(event, 2))
    sheet, here = await a_sheet(event), f"/desk/{event.slug}/after"
    async with browsing(database, omar) as desk:
        before = words((await desk.get(here)).text)
        assert "The door is closed To do 1 phone has not ended." in before
        assert "typed up and destroyed To do 1 printed, 0 typed up, 0 destroyed." in before
        assert "Conflicts at the doors are settled Done" in before
        assert "The report for the hosts is made Later Once the day is over and the door is closed." in before
        assert "Certificates of attendance are released Later" in before
        assert "Guests are asked how it was Later By the email that thanks them: 16 April 2019, 10:00." in before
        await close_door(event)
        await Sheet.filter(id=sheet.id).update(destroyed_at=THE_DAY)
        clock.move_to(THE_NEXT_DAY)
        after = words((await desk.get(here)).text)
    assert "The door is closed Done" in after
    assert "typed up and destroyed Done 1 printed, 0 typed up, 1 destroyed." in after
    assert "The report for the hosts is made To do" in after
    assert "Certificates of attendance are released To do Guests who came have theirs once you say so." in after
    assert "Deletion has started to run Done It runs by itself: names are deleted on 14 July 2019." in after
    assert "Copies of the data key are destroyed Later" in after


async def test_ev12_of_two_who_tick_at_once_one_is_noted_and_it_can_be_taken_back(
    database: Database, event: Event, omar: Staff, lena: Staff
) -> None:
    here, tick = f"/desk/{event.slug}/after", f"/desk/{event.slug}/after/ticks/counts"
    async with browsing(database, omar) as one, browsing(database, lena) as other:
        answers = await asyncio.gather(one.post(tick), other.post(tick))
        assert {answer.headers["location"] for answer in answers} == {f"{here}?said=ticked", f"{here}?said=already"}
        by = await ClosingTick.get()
        ticked = {omar.actor: "Omar Organiser", lena.actor: "Lena Lead"}[by.ticked_by]
        assert f"Ticked by {ticked}, " in words((await one.get(here)).text)
        assert "Take the tick back : The counts are checked" in words((await one.get(here)).text)
        assert (await one.post(f"{tick}/back")).headers["location"] == f"{here}?said=back"
        assert (await one.post(f"{tick}/back")).headers["location"] == f"{here}?said=gone"
        assert "Ticked by" not in words((await one.get(here)).text)
        assert (await one.post(f"{here}/ticks/door")).status_code == 404  # what the system knows nobody ticks
    acts = [Action.CLOSING_TICKED, Action.CLOSING_TICK_TAKEN_BACK]
    assert [entry.action for entry in await AuditEntry.filter(action__in=acts).order_by("id")] == acts


@SQLITE
async def test_before_the_day_nothing_is_ticked(database: Database, event: Event, omar: Staff) -> None:
    clock.move_to(THE_DAY - timedelta(days=1))
    here = f"/desk/{event.slug}/after"
    async with browsing(database, omar) as desk:
        assert "This list is for after Monday 15 April 2019." in words((await desk.get(here)).text)
        assert (await desk.post(f"{here}/ticks/counts")).status_code == 409
        assert await ClosingTick.all().count() == 0
        clock.move_to(THE_DAY)
        assert (await desk.post(f"{here}/ticks/counts")).status_code == 303


async def test_a_note_for_next_time_is_sealed_shown_and_taken_out(
    database: Database, event: Event, omar: Staff
) -> None:
    here, said = f"/desk/{event.slug}/after/lessons", "More signs to the quiet room"
    async with browsing(database, omar) as desk:
        assert "Enter what you would do better" in words((await desk.post(here, data={"words": " "})).text)
        await desk.post(here, data={"words": f"{said}\nand a longer break"})
        note = await Lesson.get()
        assert said.encode() not in bytes(note.words_sealed)
        page = words((await desk.get(here)).text)
        assert f"{said} and a longer break Omar Organiser" in page
        assert "next time is noted Done 1 note." in words((await desk.get(f"/desk/{event.slug}/after")).text)
        await desk.post(f"{here}/{note.id}/out")
        assert said not in words((await desk.get(here)).text)
        assert (await desk.post(f"{here}/{note.id}/out")).status_code == 409
    assert await Lesson.all().count() == 0


@SQLITE
async def test_ev13_the_report_names_both_hosts_and_no_guest_on_the_page_and_in_the_pdf(
    database: Database, event: Event, door: Door, omar: Staff
) -> None:
    guests = await tickets(event, 12)
    await come_in(door, guests[:7])
    await in_state(event, State.NOT_OFFERED, 6)
    here = f"/desk/{event.slug}/after/report"
    async with browsing(database, omar) as desk:
        assert "The day of the event is not over yet." in words((await desk.get(here)).text)
        assert (await desk.post(here)).status_code == 409
        clock.move_to(THE_NEXT_DAY)
        assert "The door is not closed yet." in words((await desk.get(here)).text)
        assert (await desk.get(f"{here}/pdf")).headers["location"] == here
        await close_door(event)
        await desk.post(here)
        page = (await desk.get(here)).text
        pdf = (await desk.get(f"{here}/pdf")).content
    assert pdf_reading.title_and_language(pdf) == ("Closing report", "en-GB")
    assert {"H1", "H2", "Table", "TH", "TD"} <= {tag.kind for tag in pdf_reading.tags(pdf)}
    for text in (words(page), pdf_reading.words(pdf)):
        assert "Safer Places and Three Rivers District Council" in text
        assert "Asked for a place 18" in text
        assert "No-show rate 42 %" in text
        assert HIDDEN in text
        assert "Guest Number" not in text
    assert await ClosingReport.all().count() == 1


@SQLITE
async def test_dp07_the_calendar_says_what_goes_when_what_is_gone_and_what_waits(
    database: Database, event: Event, door: Door, omar: Staff
) -> None:
    await come_in(door, await tickets(event, 3))
    here = f"/desk/{event.slug}/after/deletion"
    async with browsing(database, omar) as desk:
        before = words((await desk.get(here)).text)
        assert "22 April 2019 Adjustments and diet none now" in before
        assert "People who have or had a place 3 now" in before
        assert "What has gone Nothing yet." in before
        file = Calendar.from_ical((await desk.get(f"{here}/calendar")).content)
        entries = [(entry.decoded("dtstart"), str(entry["summary"])) for entry in file.walk("VEVENT")]
        assert entries == [(event.day + timedelta(days=days), "Deletion day") for days in (7, 30, 31, 90, 365)]
        over = THE_DAY + timedelta(days=95)
        await deleting.turn(over, clock.real())
        clock.move_to(over)
        await desk.get("/desk")
    async with browsing(database, omar) as desk:
        after = words((await desk.get(here)).text)
    assert "People who have or had a place not shown 19 July 2019 19 July 2019" in after
    assert "The data key was destroyed on the server on" in after


@SQLITE
@pytest.mark.parametrize("path", ["", "/report", "/report/pdf", "/deletion", "/deletion/calendar", "/lessons"])
async def test_it_is_for_organisers_alone(database: Database, event: Event, vic: Staff, path: str) -> None:
    async with browsing(database, vic) as desk:
        assert (await desk.get(f"/desk/{event.slug}/after{path}")).status_code == 403
        assert "After the event" not in (await desk.get(f"/desk/{event.slug}/overview")).text


@SQLITE
async def test_nothing_of_the_day_is_called_done_before_it(database: Database, event: Event, omar: Staff) -> None:
    said = []
    for at in (MONDAY, THE_DAY):
        clock.move_to(at)
        async with browsing(database, omar) as desk:
            said.append(words((await desk.get(f"/desk/{event.slug}/after")).text))
    assert [text.count("Conflicts at the doors are settled Later None is open.") for text in said] == [1, 0]
    assert [text.count("Conflicts at the doors are settled Done None is open.") for text in said] == [0, 1]
    assert [text.count("typed up and destroyed Later None was printed.") for text in said] == [1, 0]

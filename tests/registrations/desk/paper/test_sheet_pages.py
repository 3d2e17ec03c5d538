"""A sheet is made by a post and by nothing else, is shown once, and says how long it may be kept and who printed it.

Rules: EV-06, SG-15, SE-09.
"""

import asyncio
import re
from datetime import timedelta

import pytest

from events.accounts.staff import Session, Staff
from events.event import Event
from events.ground import clock
from events.ground.database import Database
from events.web import rendering
from registrations.checkin import checkin
from registrations.desk.paper import on_paper, sheet_pages
from registrations.desk.paper.on_paper import COLUMNS, ROOM, ROW, paged
from registrations.paper import printing
from registrations.paper.sheet import OF_ORGANISERS, OF_WORKSHOP, ROLL_CALL_HEADER, Sheet, SheetKind
from registrations.phones.door import Device
from tests import pdf_reading
from tests.at_the_door import a_ticket, scan_of
from tests.browser import browsing, heading, words
from tests.people import THE_DAY, VENUE_CANARY, Person, someone
from tests.professional import with_ticket
from tests.registrations.desk.paper.walk_in_lines import path

pytestmark = pytest.mark.usefixtures("the_day")
SQLITE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


async def proves(*staff: Staff) -> None:
    await Session.filter(staff_id__in=[member.id for member in staff]).update(stepped_up_at=clock.real())


async def test_a_sheet_is_made_by_a_post_after_proving_it_again(
    database: Database, event: Event, omar: Staff, ada: Person
) -> None:
    _, ticket = await with_ticket(ada, event)
    async with browsing(database, omar) as client:
        await Session.all().update(stepped_up_at=None)
        assert heading(await client.get(path(event))) == "Lists with names"
        again = await client.post(path(event), data={"kind": "door list", "as": "page"})
        assert (again.status_code, again.headers["location"][:14]) == (303, "/staff/step-up")
        assert await Sheet.all().count() == 0
        await proves(omar)
        sheet = await client.post(path(event), data={"kind": "door list", "as": "page"})
        listed = await client.get(path(event))
    assert (sheet.status_code, heading(sheet)) == (200, "Door list, sheet 1")
    said = words(sheet.text)
    assert f"1 Ashdown Ada Wardens of Westmoor {ticket.reference}" in said
    assert "Page 1 of 1" in said
    assert "Printed 15 April 2019, 09:00 BST, by Omar Organiser. Destroy by 22 April 2019." in said
    assert '<p class="paper__mark" aria-hidden="true" data-mark="Omar Organiser, 15 April 2019, 09:00">' in sheet.text
    assert (event.title in said, VENUE_CANARY in sheet.text, "no-store" in sheet.headers["cache-control"]) == (
        True, False, True,
    )  # fmt: skip
    assert "Ashdown" not in listed.text
    assert "1 Door list 15 April 2019, 09:00 Omar Organiser 1 22 April 2019" in words(listed.text)


async def test_each_pdf_says_what_the_page_says(
    database: Database, event: Event, omar: Staff, sid: Device, ada: Person, cleo: Person
) -> None:
    ticket = await a_ticket(ada, event)
    await a_ticket(cleo, event)
    await checkin.settle([await scan_of(ticket)], sid, THE_DAY + timedelta(minutes=12))
    found = {}
    async with browsing(database, omar) as client:
        await proves(omar)
        for kind in [kind for kind in OF_ORGANISERS if kind not in OF_WORKSHOP]:
            answer = await client.post(path(event), data={"kind": kind.value, "as": "pdf"})
            assert answer.headers["content-type"] == "application/pdf"
            assert re.fullmatch(r'attachment; filename="[a-z-]+-\d\.pdf"', answer.headers["content-disposition"])
            found[kind] = pdf_reading.words(answer.content)
            assert pdf_reading.title_and_language(answer.content)[1] == "en-GB"
            assert VENUE_CANARY not in pdf_reading.everything(answer.content)
    for n, said in enumerate(found.values(), 1):
        assert f"sheet {n}" in said
        assert re.search(r"Page 1 of [12]\b", said)
        assert "Printed 15 April 2019, 09:00 BST, by Omar Organiser. Destroy by" in said
    assert f"1 Ashdown Ada Wardens of Westmoor {ticket.reference} 2 Nguyễn Cleo" in found[SheetKind.DOOR_LIST]
    assert ROLL_CALL_HEADER in found[SheetKind.ROLL_CALL]
    assert "1 Ashdown Ada Ashdown 09:12" in found[SheetKind.ROLL_CALL]
    for unseen in ("Nguyễn", "Wardens", ticket.reference):
        assert unseen not in found[SheetKind.ROLL_CALL]
    assert "Ashdown" not in found[SheetKind.WALK_IN]


async def test_a_name_that_no_font_has_is_marked_in_the_pdf_and_whole_on_the_page(
    database: Database, event: Event, omar: Staff
) -> None:
    who = someone()
    await with_ticket(Person("山田 太郎", who.email, who.organisation, "charity", "Advocate"), event)
    async with browsing(database, omar) as client:
        await proves(omar)
        answers = [await client.post(path(event), data={"kind": "door list", "as": kind}) for kind in ("page", "pdf")]
    assert "山田 太郎" in words(answers[0].text)
    assert "1 […] […]" in pdf_reading.words(answers[1].content)
    assert on_paper.HAS_GAPS in pdf_reading.words(answers[1].content)


@SQLITE
async def test_what_is_no_kind_and_no_sheet_is_refused(database: Database, event: Event, omar: Staff) -> None:
    async with browsing(database, omar) as client:
        await proves(omar)
        assert (await client.post(path(event), data={"kind": "everything"})).status_code == 422
        assert (await client.post(path(event, 1, "destroyed"))).status_code == 404


@SQLITE
async def test_the_desk_shows_what_is_out_and_whether_its_day_is_over(
    database: Database, event: Event, omar: Staff
) -> None:
    await printing.make(event, SheetKind.ROLL_CALL, omar, THE_DAY, clock.real())
    async with browsing(database, omar) as client:
        assert "This day is over" not in (await client.get(path(event))).text
        clock.move_to(THE_DAY + timedelta(days=2))
        late = await client.get(path(event))
        assert "This day is over" in late.text
        assert "Make a PDF" not in late.text
        done = await client.get((await client.post(path(event, 1, "destroyed"))).headers["location"])
    assert "This day is over" not in done.text
    assert "Destroyed 17 April 2019, 09:00, Omar Organiser" in words(done.text)


def test_each_printed_page_has_room_for_its_rows_however_long_they_are() -> None:
    columns = COLUMNS[SheetKind.DOOR_LIST]
    short = [(str(n), "", "Ashdown", "Ada", "Wardens", "HK7-4QD") for n in range(100)]
    long = [(*row[:4], "Wardens of Westmoor and of all its neighbours " * 2, row[5]) for row in short]
    of_short, of_long = (list(paged(rows, columns, SheetKind.DOOR_LIST)) for rows in (short, long))
    assert [row for page in of_long for row in page] == long
    assert len(of_short[0]) == int(ROOM / ROW)
    assert len(of_long[0]) < len(of_short[0]) / 2
    assert list(paged([], columns, SheetKind.DOOR_LIST)) == [[]]


@SQLITE
async def test_others_are_answered_while_a_long_list_is_set(
    database: Database, event: Event, omar: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The loop gets its turn while a thread works: what waits in the thread here waits for the loop."""
    await with_ticket(someone(), event)
    loop, reached, draw = asyncio.get_running_loop(), asyncio.Event(), rendering.render

    async def somebody_else() -> None:
        reached.set()

    def slow(*given: object, **facts: object) -> object:
        asyncio.run_coroutine_threadsafe(somebody_else(), loop).result(60)
        return draw(*given, **facts)  # type: ignore[arg-type]

    monkeypatch.setattr(sheet_pages, "render", slow)
    async with browsing(database, omar) as client:
        await proves(omar)
        answer = await client.post(path(event), data={"kind": "door list", "as": "page"})
    assert (answer.status_code, reached.is_set()) == (200, True)


@SQLITE
async def test_a_list_too_long_for_a_pdf_is_made_as_a_page(
    database: Database, event: Event, omar: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(on_paper, "MOST_IN_PDF", 2)
    for _ in range(3):
        await with_ticket(someone(), event)
    async with browsing(database, omar) as client:
        await proves(omar)
        refused = await client.post(path(event), data={"kind": "door list", "as": "pdf"})
        assert (refused.status_code, "A PDF has room for 2 lines" in refused.text) == (409, True)
        assert await Sheet.all().count() == 0, "it has no number"
        made = await client.post(path(event), data={"kind": "door list", "as": "page"})
    assert (made.status_code, (await Sheet.get()).lines) == (200, 3)


def test_a_long_word_may_break_where_letters_stand_apart_and_nowhere_else() -> None:
    for whole in ("Ashdown-Okafor", "প্রিয়া_দাসপ্রিয়া_দাস", "محمدعليمحمدعليمحمدعلي"):
        assert on_paper._breakable(whole) == whole
    broken = on_paper._breakable("Wolfeschlegelsteinhausenbergerdorff")
    assert (broken.count("\u200b"), broken.replace("\u200b", "")) == (3, "Wolfeschlegelsteinhausenbergerdorff")

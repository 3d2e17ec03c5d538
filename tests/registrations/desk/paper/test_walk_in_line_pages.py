"""A release list is printed, and a sheet of walk-ins typed up, on the desk's pages. Rules: EV-06, SG-06, SE-09."""

import re
from datetime import timedelta

import pytest

from events.accounts.staff import Session, Staff
from events.event import Event
from events.ground import clock
from events.ground.database import Database
from registrations.checkin.walking_in import deciding_walk_ins
from registrations.checkin.walking_in.walk_in import WalkIn
from registrations.paper.sheet import Sheet, SheetKind, Tick
from registrations.people.registration import Registration
from registrations.tickets.ticket import Ticket
from tests.at_the_desk import desk
from tests.at_the_door import a_ticket
from tests.browser import browsing, heading, words
from tests.people import THE_DAY, Person
from tests.registrations.cases import on_the_board
from tests.registrations.desk.paper.walk_in_lines import EVENING, WREN, followed, path, typed
from tests.registrations.paper.sheets import a_sheet

SQLITE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
NUMBER = re.compile(r"\b\d{4} \d{4}\b")


pytestmark = pytest.mark.usefixtures("in_the_evening")


async def test_a_list_is_printed_once_with_room_to_write_and_its_numbers_stand_nowhere_else(
    database: Database, event: Event, omar: Staff
) -> None:
    clock.move_to(THE_DAY)
    async with browsing(database, omar) as client:
        offered = await client.get(path(event))
        assert "Numbers for you, away from the doors" in words(offered.text)
        made = await client.post(path(event), data={"kind": "release list", "as": "page"})
        again = await client.get(path(event))
        pdf = await client.post(path(event), data={"kind": "release list", "as": "pdf"})
    page, numbers = words(made.text), NUMBER.findall(words(made.text))
    assert (len(numbers), len(set(numbers))) == (24, 24)
    assert "Release list, sheet 1 Page 1 of 2" in page
    assert "Destroy by 22 April 2019." in page
    assert "Line Read out Release number Time To which door Initials" in page
    assert "Keep this with you, away from the doors." in page
    assert not NUMBER.search(words(again.text))
    assert "Release list" in words(again.text)
    assert "0 used" in words(again.text)
    assert (pdf.headers["content-type"], pdf.content[:4]) == ("application/pdf", b"%PDF")


async def test_line_after_line_with_its_number(
    database: Database, event: Event, omar: Staff, begun: Sheet, numbers: list[str]
) -> None:
    here = path(event, begun.number, "walk-ins")
    async with browsing(database, omar) as client:
        first = await client.get(path(event, begun.number))
        page = await client.get(first.headers["location"])
        assert heading(page) == "Type up walk-in sheet 1"
        assert 'name="line" type="text" value="1"' in page.text
        assert "0 of 24 release numbers used" in words(page.text)
        assert ("checked" in page.text.partition("<form")[2], page.text.count("autofocus")) == (False, 1)
        said = await followed(client, await client.post(here, data=typed(numbers, block="09:30-10:00")))
        assert "Line 1, " in said
        assert "Wren Walker: came in." in said
        assert "1 of 2 ticks typed. 1 of 24 release numbers used." in said
        assert re.search(r"Line 1, [-A-Z0-9]+ Wren Walker 09:30 to 10:00 15 April 2019, 18:00", said), said
        after = await client.get(here + "?block=09:30-10:00")
        assert 'name="line" type="text" value="2"' in after.text, "the next that nobody has typed"
        assert 'value="09:30-10:00"' in after.text
        twice = await followed(client, await client.post(here, data=typed(numbers)))
        assert "typed already, 15 April 2019, 18:00, by Omar Organiser. Nothing is counted again." in twice
        listed = words((await client.get(path(event))).text)
        assert "1 used" in listed
        of_walk_ins = words((await client.get(desk(event, "walk-ins"))).text)
        assert "1 of 24 release numbers are used." in of_walk_ins
        assert "Press. Let in by Omar Organiser" in of_walk_ins
    assert "1 of 24 release numbers used." in await on_the_board(database, event, omar)
    assert (await WalkIn.get()).is_to_be_vetted


async def test_a_number_that_does_not_count_says_why_and_keeps_what_was_typed(
    database: Database, event: Event, omar: Staff, begun: Sheet, numbers: list[str]
) -> None:
    here, said = path(event, begun.number, "walk-ins"), {}
    async with browsing(database, omar) as client:
        await client.post(here, data=typed(numbers))
        for release in ("", "12 34", "0000 0000", numbers[0]):
            answer = await client.post(here, data=typed(numbers, 1, release=release, email="w2@weekly.example.org"))
            assert answer.status_code == 422, release
            for kept in (*WREN.values(), "w2@weekly.example.org")[:2]:
                assert f'value="{kept}"' in answer.text
            assert 'value="press" checked' in answer.text
            said[release] = words(answer.text)
        await client.post(path(event, 2, "ended"))
        ended = words((await client.post(here, data=typed(numbers, 1))).text)
    assert "Enter the release number on this line, or say that there is none" in said[""]
    assert "A release number has eight digits, like 4827 1935." in said["12 34"]
    assert "No release list has this number." in said["0000 0000"]
    assert "This number was used already, for line 1 of sheet 1." in said[numbers[0]]
    assert "The release list with this number has ended." in ended
    assert await Tick.all().count() == 1


async def test_without_a_release_the_board_is_loud_and_the_conflict_asks_what_happened(
    database: Database, event: Event, omar: Staff, begun: Sheet, numbers: list[str]
) -> None:
    here = path(event, begun.number, "walk-ins")
    async with browsing(database, omar) as client:
        said = await followed(client, await client.post(here, data=typed(numbers, release="9999 9999", without="yes")))
        assert "came in, and something does not fit." in said
        conflicts = await client.get(desk(event, "conflicts"))
        page = words(conflicts.text)
        assert "yes counts for them: Main door" in page
        assert ("An organiser said yes No organiser said yes Cannot tell" in page, "A clock was wrong" in page) == (
            True,
            False,
        )
        of_walk_in = words((await client.get(desk(event, "walk-ins"))).text)
        assert "Let in on paper without a place, typed up by Omar Organiser" in of_walk_in
        assert "1 open conflict" in await on_the_board(database, event, omar)
        found = re.search(rf"{desk(event, 'conflicts')}/\d+", conflicts.text)
        assert found
        settled = await client.post(found[0], data={"outcome": "an organiser said yes"})
        assert "An organiser said yes, 18:00." in await followed(client, settled)


async def test_a_surplus_is_said_on_the_page_and_the_board(
    database: Database, event: Event, omar: Staff, begun: Sheet, numbers: list[str]
) -> None:
    await Event.filter(id=event.id).update(capacity=0, allowance=0)
    async with browsing(database, omar) as client:
        said = await followed(client, await client.post(path(event, begun.number, "walk-ins"), data=typed(numbers)))
        assert "1 more guest has a place now than there are places." in said
        assert "1 more guest has a place than there are places." in words(
            (await client.get(desk(event, "walk-ins"))).text
        )
    assert "1 more guest has a place than there are places" in await on_the_board(database, event, omar)


async def test_who_proved_it_too_long_ago_keeps_what_was_typed_and_enters_nobody(
    database: Database, event: Event, omar: Staff, begun: Sheet, numbers: list[str]
) -> None:
    here = path(event, begun.number, "walk-ins")
    async with browsing(database, omar) as client:
        await Session.all().update(stepped_up_at=None)
        assert (await client.get(here)).headers["location"].startswith("/staff/step-up")
        answer = await client.post(here, data=typed(numbers))
        assert (answer.status_code, "Nothing was entered yet." in words(answer.text)) == (403, True)
        assert f'value="{numbers[0]}"' in answer.text
        assert await Registration.all().count() == 0
        await Session.all().update(stepped_up_at=clock.real())
        assert (await client.post(here, data=typed(numbers))).status_code == 303
    assert await Registration.all().count() == 1


async def test_faults_of_a_line_are_named_at_their_fields(
    database: Database, event: Event, omar: Staff, begun: Sheet, numbers: list[str]
) -> None:
    here = path(event, begun.number, "walk-ins")
    async with browsing(database, omar) as client:
        empty = words((await client.post(here, data={})).text)
        wrong = words((await client.post(here, data=typed(numbers, line="25", block="18:30-19:00"))).text)
    for sentence in ("Enter the number of the line", "Enter their full name", "Enter their organisation",
                     "Enter their work email address", "Select why they had no ticket"):  # fmt: skip
        assert sentence in empty
    assert "This sheet has no line 25" in wrong
    assert "A block of time must begin before now" in wrong


async def test_a_line_is_taken_back_and_a_reference_typed_on_the_same_page(
    database: Database, event: Event, omar: Staff, begun: Sheet, numbers: list[str], ada: Person
) -> None:
    here, ticket = path(event, begun.number, "walk-ins"), await a_ticket(ada, event)
    async with browsing(database, omar) as client:
        await client.post(here, data=typed(numbers))
        tick = await Tick.get()
        back = await client.post(path(event, begun.number, "lines", tick.id, "back"))
        assert ": taken back." in await followed(client, back)
        assert "0 of 24 release numbers used" in words((await client.get(here)).text)
        by_reference = await client.post(path(event, begun.number), data={"typed": ticket.reference})
        assert "Ada Ashdown: came in." in await followed(client, by_reference)


@SQLITE
async def test_the_page_is_of_sheets_of_walk_ins_that_somebody_has_begun(
    database: Database, event: Event, omar: Staff, vic: Staff
) -> None:
    await a_sheet(event, omar)
    await a_sheet(event, omar, SheetKind.WALK_IN)
    async with browsing(database, omar) as client:
        for number in (1, 2):
            answers = [await client.get(path(event, number, "walk-ins")),
                       await client.post(path(event, number, "walk-ins"), data=WREN)]  # fmt: skip
            assert [answer.headers["location"] for answer in answers] == [path(event, number)] * 2
    async with browsing(database, vic) as client:
        assert (await client.post(path(event, 2, "walk-ins"), data=WREN)).status_code == 403
        assert (await client.post(path(event, 1, "ended"))).status_code == 403
    assert await Registration.all().count() == 0


async def test_a_line_that_is_taken_back_says_what_is_left_of_it(
    database: Database, event: Event, omar: Staff, lena: Staff, begun: Sheet, numbers: list[str]
) -> None:
    here = path(event, begun.number)
    async with browsing(database, omar) as client:
        for n in (0, 1):
            assert (
                await client.post(f"{here}/walk-ins", data=typed(numbers, n, email=f"w{n}@x.org"))
            ).status_code == 303
        first, second = await Tick.all().order_by("id")
        said = await followed(client, await client.post(f"{here}/lines/{first.id}/back"))
        assert "taken back." in said
        assert "Somebody has decided" not in said
        clock.move_to(EVENING + timedelta(minutes=1))
        theirs = await WalkIn.get(registration_id=(await Ticket.get(id=second.ticket_id)).registration_id)
        assert await deciding_walk_ins.mark_vetted(theirs, lena, clock.now())
        answer = await client.post(f"{here}/lines/{second.id}/back")
        page = await client.get(answer.headers["location"])
        assert "Somebody has decided on them since, and that was not undone. Look at their page" in words(page.text)
        person = (await Ticket.get(id=second.ticket_id)).registration_id
        assert f'href="{desk(event, "people", str(person))}">Look at their page' in page.text
        of_walk_ins = words((await client.get(desk(event, "walk-ins"))).text)
    assert "Taken back on paper: it was typed by Omar Organiser" in of_walk_ins
    assert "Declined by" not in of_walk_ins

"""A sheet is typed up on one page with one field, without a script. Rules: EV-06, SE-09."""

import pytest

from events.accounts.staff import Staff
from events.event import Event
from events.ground.database import Database
from registrations.checkin.scan import Admission, Scan
from registrations.desk.paper.typing_forms import LineForm
from registrations.paper.sheet import Sheet, SheetKind, Tick
from registrations.phones.door import Door
from tests.at_the_desk import desk
from tests.at_the_door import a_ticket
from tests.browser import browsing, heading, words
from tests.people import THE_DAY, Person, a_door, an_event, someone
from tests.registrations.paper.sheets import a_sheet

pytestmark = pytest.mark.usefixtures("in_the_evening")
SQLITE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


def path(event: Event, *parts: object) -> str:
    return desk(event, "doors", "paper", 1, *parts)


async def test_total_first_then_line_after_line(
    database: Database, event: Event, door: Door, omar: Staff, ada: Person, bo: Person
) -> None:
    await a_ticket(ada, event)
    other = await a_ticket(bo, event)
    await a_sheet(event, omar)
    async with browsing(database, omar) as client:
        asks = await client.get(path(event))
        assert heading(asks) == "Type up door list, sheet 1"
        assert "Ticks on the paper" in asks.text
        missing = await client.post(path(event, "begin"), data={"ticks": "two"})
        assert (missing.status_code, "Select the door" in missing.text, 'value="two"' in missing.text) == (
            422, True, True,
        )  # fmt: skip
        assert (await Sheet.get()).begun_at is None
        begun = await client.post(path(event, "begin"), data={"ticks": "2", "door": str(door.id)})
        field = await client.get(begun.headers["location"])
        assert "0 of 2 ticks typed" in words(field.text)
        assert 'name="typed" type="text" spellcheck="false" value="" aria-describedby="typed-hint"' in field.text
        assert "autofocus" in field.text
        first = await client.post(path(event), data={"typed": "1", "block": "09:30-10:00"})
        said = await client.get(first.headers["location"])
        assert "Ada Ashdown: came in." in words(said.text)
        assert 'value="09:30-10:00"' in said.text, "the block counts for the next line too"
        again = await client.get((await client.post(path(event), data={"typed": "1"})).headers["location"])
        assert "typed already, 15 April 2019, 18:00, by Omar Organiser. Nothing is counted again." in words(again.text)
        await client.post(path(event), data={"typed": other.reference})
        done = await client.get(path(event, "compared"))
    assert "On the paper: 2 . Typed: 2 . They agree." in words(done.text)
    assert "Ada Ashdown" not in done.text
    assert [(scan.source, scan.unsure) for scan in await Scan.all().order_by("id")] == [
        ("paper", 900.0), ("paper", 3.5 * 3600),
    ]  # fmt: skip


async def test_what_cannot_be_a_line_says_why_and_keeps_what_was_typed(
    database: Database, event: Event, door: Door, omar: Staff, ada: Person
) -> None:
    await a_ticket(ada, event)
    await a_sheet(event, omar)
    said = {}
    async with browsing(database, omar) as client:
        await client.post(path(event, "begin"), data={"ticks": "1", "door": str(door.id)})
        for typed, block in (
            ("2", ""), ("HK7-4Q0", ""), ("", "09:00-09:30"), ("1", "9"), ("1", "10:00-09:00"), ("1", "18:30-19:00"),
        ):  # fmt: skip
            answer = await client.post(path(event), data={"typed": typed, "block": block})
            assert answer.status_code == 422, typed
            assert f'name="block" type="text" value="{block}"' in answer.text
            said[typed, block] = words(answer.text)
    assert "This sheet has no line 2" in said["2", ""]
    assert "0 is never used in a reference" in said["HK7-4Q0", ""]
    assert "Type the number of a line, or a reference" in said["", "09:00-09:30"]
    assert "Enter a block of time like 09:00-09:30" in said["1", "9"]
    assert "Enter a block of time like 09:00-09:30" in said["1", "10:00-09:00"]
    assert "A block of time must begin before now" in said["1", "18:30-19:00"]
    assert await Tick.all().count() == 0


async def test_a_line_is_taken_back_on_the_page(
    database: Database, event: Event, door: Door, omar: Staff, ada: Person
) -> None:
    await a_ticket(ada, event)
    await a_sheet(event, omar)
    async with browsing(database, omar) as client:
        await client.post(path(event, "begin"), data={"ticks": "1", "door": str(door.id)})
        await client.post(path(event), data={"typed": "1"})
        tick = await Tick.get()
        assert "Take back Line 1" in words((await client.get(path(event))).text)
        back = await client.post(path(event, "lines", tick.id, "back"))
        page = await client.get(back.headers["location"])
        assert (await client.post(path(event, "lines", tick.id, "back"))).status_code == 409
    assert "Taken back." in words(page.text)
    assert await Admission.all().count() == 0


async def test_differences_are_listed_and_the_count_can_be_put_right(
    database: Database, event: Event, door: Door, omar: Staff
) -> None:
    for _ in range(3):
        await a_ticket(someone(), event)
    await a_sheet(event, omar)
    late = await a_ticket(someone(), event)
    async with browsing(database, omar) as client:
        await client.post(path(event, "begin"), data={"ticks": "5", "door": str(door.id)})
        for typed in ("1", "2", late.reference):
            await client.post(path(event), data={"typed": typed})
        less = words((await client.get(path(event, "compared"))).text)
        for ticks in ("2", "none"):
            await client.post(path(event, "ticks"), data={"ticks": ticks})
        more = words((await client.get(path(event, "compared"))).text)
        finished = await client.get((await client.post(path(event, "compared"))).headers["location"])
        listed = words((await client.get(desk(event, "doors", "paper"))).text)
    assert "On the paper: 5 . Typed: 3 . 2 are missing: look for ticks that nobody has typed" in less
    assert "On no line Their reference was typed, and they do not stand on this sheet" in less
    assert f"typed wrongly. {late.reference}, on no line" in less
    assert "1 too many: look for a line typed wrongly" in more
    assert "Noted 15 April 2019, 18:00. Destroy the paper" in words(finished.text)
    assert "Typed up" in listed


@SQLITE
async def test_a_door_of_another_event_and_a_sheet_of_another_event_are_not_found(
    database: Database, event: Event, omar: Staff
) -> None:
    foreign = await a_door(await an_event())
    await a_sheet(event, omar)
    async with browsing(database, omar) as client:
        answer = await client.post(path(event, "begin"), data={"ticks": "1", "door": str(foreign.id)})
        assert (answer.status_code, "Select the door" in answer.text) == (422, True)
        assert (await client.get(desk(event, "doors", "paper", 2))).status_code == 404


@SQLITE
async def test_a_roll_call_is_not_typed_up(database: Database, event: Event, omar: Staff) -> None:
    await a_sheet(event, omar, SheetKind.ROLL_CALL)
    async with browsing(database, omar) as client:
        assert "Nothing of this sheet is typed up" in (await client.get(path(event))).text
        assert "Type it up" not in (await client.get(desk(event, "doors", "paper"))).text


@pytest.mark.parametrize("typed", ["09:00-09:30", "9:00 - 9:30", "0900-0930", "09.00\u201309.30", "9:00 to 9:30"])
def test_a_block_of_time_can_be_typed_in_several_ways(typed: str) -> None:
    block = LineForm(data={"block": typed}).block.on(THE_DAY.date())
    assert block is not None
    assert (block.begins, block.half) == (THE_DAY, 900.0)

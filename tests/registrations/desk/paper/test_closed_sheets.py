"""A sheet that was noted as all typed, or as destroyed, takes no more lines until it is opened again. Rules: EV-06."""

import asyncio

import pytest

from events.accounts.staff import Staff
from events.audit.action import Action
from events.audit.audit import AuditEntry
from events.event import Event
from events.ground.database import Database
from events.ground.refusal import Refused
from registrations.checkin.scan import Admission
from registrations.paper import opening, printing, typing_up
from registrations.paper.opening import Closed
from registrations.paper.sheet import Sheet, SheetKind
from registrations.paper.typing_up import Typed
from registrations.phones.door import Door
from tests.at_the_desk import desk
from tests.at_the_door import a_ticket
from tests.browser import browsing, words
from tests.people import Person
from tests.registrations.desk.paper.walk_in_lines import EVENING, WREN, path, typed
from tests.registrations.paper.sheets import a_sheet
from tests.registrations.paper.typing import Begin

pytestmark = pytest.mark.usefixtures("in_the_evening")


@pytest.mark.parametrize("closed", ["compared", "destroyed"])
async def test_it_says_so_keeps_what_was_typed_and_is_opened_with_one_press(
    database: Database, event: Event, omar: Staff, begun: Sheet, numbers: list[str], closed: str
) -> None:
    here = path(event, begun.number)
    async with browsing(database, omar) as client:
        await client.post(f"{here}/{closed}")
        page = await client.get(f"{here}/walk-ins")
        noted = {"compared": "all typed", "destroyed": "destroyed"}[closed]
        assert f"This sheet was noted as {noted}, 15 April 2019, 18:00: it takes no more lines" in words(page.text)
        assert f'action="{here}/walk-ins"' not in page.text
        refused = await client.post(f"{here}/walk-ins", data=typed(numbers))
        assert (refused.status_code, "Nothing was entered." in words(refused.text)) == (409, True)
        assert f'value="{WREN["email"]}"' in refused.text
        assert await Admission.all().count() == 0
        opened = await client.post(f"{here}/open")
        back = await client.get((await client.get(opened.headers["location"])).headers["location"])
        assert "Open again: lines can be typed." in words(back.text)
        assert (await client.post(f"{here}/walk-ins", data=typed(numbers))).status_code == 303
        assert (await client.post(f"{here}/open")).status_code == 409
    assert await Admission.all().count() == 1
    assert await AuditEntry.filter(action=Action.SHEET_OPENED, subject=f"paper_sheet:{begun.id}").count() == 1


async def test_a_door_list_too(database: Database, event: Event, door: Door, omar: Staff, ada: Person) -> None:
    await a_ticket(ada, event)
    begun = Begin(event, door, omar)
    sheet = await begun.sheet()
    async with browsing(database, omar) as client:
        await client.post(path(event, sheet.number, "compared"))
        refused = await client.post(path(event, sheet.number), data={"typed": "1"})
        assert (refused.status_code, 'value="1"' in refused.text) == (409, True)
        assert "Open it again" in words((await client.get(path(event, sheet.number, "compared"))).text)
        await client.post(path(event, sheet.number, "destroyed"))
        assert f'action="{path(event, sheet.number, "open")}"' in (await client.get(desk(event, "doors", "paper"))).text
    with pytest.raises(Closed):
        await begun.types(sheet, "1")
    await opening.open_again(sheet, omar, EVENING)
    assert not (await begun.types(sheet, "1")).before


async def test_a_line_and_the_end_at_the_same_moment_agree(
    event: Event, door: Door, omar: Staff, lena: Staff, ada: Person
) -> None:
    await a_ticket(ada, event)
    begun = Begin(event, door, omar)
    sheet = await begun.sheet()
    line, _ = await asyncio.gather(
        begun.types(sheet, "1"), printing.destroy(sheet, lena, EVENING), return_exceptions=True
    )
    assert isinstance(line, Typed | Closed), line
    assert await Admission.all().count() == isinstance(line, Typed)
    with pytest.raises(Closed):
        await begun.types(sheet, "1")


@pytest.mark.parametrize("kind", [SheetKind.RELEASE, SheetKind.ROLL_CALL])
async def test_of_which_nothing_is_typed_is_not_opened_again(event: Event, omar: Staff, kind: SheetKind) -> None:
    """An ended list of numbers stays ended."""
    sheet = await a_sheet(event, omar, kind)
    await printing.destroy(sheet, omar, EVENING)
    with pytest.raises(Refused):
        await opening.open_again(sheet, omar, EVENING)
    assert (await Sheet.get(id=sheet.id)).destroyed_at is not None


async def test_one_that_is_destroyed_is_not_begun(event: Event, door: Door, omar: Staff) -> None:
    sheet = await a_sheet(event, omar)
    await printing.destroy(sheet, omar, EVENING)
    with pytest.raises(Closed):
        await typing_up.begin(await Sheet.get(id=sheet.id), door, 1, omar, EVENING, EVENING)

"""A walk-in sheet that somebody has begun to type up in the evening, and what is on a release list."""

import pytest

from events.accounts.staff import Staff
from events.event import Event
from events.ground import clock
from registrations.paper import printing, typing_up
from registrations.paper.sheet import Sheet, SheetKind
from registrations.phones.door import Door
from tests.people import THE_DAY
from tests.registrations.desk.paper.walk_in_lines import EVENING
from tests.registrations.paper.sheets import a_sheet


@pytest.fixture
def in_the_evening(composed: None) -> None:
    clock.move_to(EVENING)


@pytest.fixture
async def begun(event: Event, door: Door, omar: Staff) -> Sheet:
    """A sheet of walk-ins with two ticks."""
    sheet = await a_sheet(event, omar, SheetKind.WALK_IN)
    await typing_up.begin(sheet, door, 2, omar, EVENING, clock.real())
    return await Sheet.get(id=sheet.id)


@pytest.fixture
async def numbers(begun: Sheet, event: Event, omar: Staff) -> list[str]:
    made = await printing.make(event, SheetKind.RELEASE, omar, THE_DAY, clock.real())
    return [line.reference for line in made.lines]

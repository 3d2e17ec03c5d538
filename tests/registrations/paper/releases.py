"""Release lists, and lines of a sheet of walk-ins, for tests."""

from events.accounts.staff import Staff
from events.event import Event
from events.ground import clock
from registrations.checkin.walking_in.starting import Asked
from registrations.checkin.walking_in.walk_in import Reason
from registrations.paper import printing, release, walk_in_lines
from registrations.paper.sheet import Sheet, SheetKind
from registrations.paper.typing_up import Typed
from registrations.paper.walk_in_lines import Written
from registrations.people.registration import of_address
from tests.people import THE_DAY
from tests.registrations.paper.typing import EVENING, HALF_HOUR

WREN = Asked("Wren Walker", "Westmoor Weekly", "wren@weekly.example.org", Reason.PRESS)


async def a_list(event: Event, by: Staff) -> list[str]:
    """The numbers on a new release list."""
    made = await printing.make(event, SheetKind.RELEASE, by, THE_DAY, clock.real())
    return [line.reference for line in made.lines]


async def enters(sheet: Sheet, by: Staff, number: str = "", line: int = 1, asked: Asked = WREN) -> Typed:
    """As the page does it: looks for the number, then enters the line. Whoever has the address is the same person."""
    event = await Event.get(id=sheet.event_id)
    known = await of_address(event, asked.email) if asked.email else None
    found = await walk_in_lines.find_release(event, sheet, line, number) if number else None
    assert not isinstance(found, str), found
    written = Written(line, asked, found, known.id if known else 0)
    return await walk_in_lines.enter(sheet, event, written, HALF_HOUR, by, EVENING, clock.real())


async def why_not(sheet: Sheet, number: str, line: int = 1) -> str:
    said = await walk_in_lines.find_release(await Event.get(id=sheet.event_id), sheet, line, number)
    assert isinstance(said, str)
    return said


async def used(event: Event) -> tuple[int, int]:
    counted = await release.counted(event.id)
    return counted.made, counted.used

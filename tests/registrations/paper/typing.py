"""Printing a door list and typing it up, for tests."""

from datetime import datetime, timedelta

from events.accounts.staff import Staff
from events.event import Event
from events.ground import clock
from registrations.checkin import headcount
from registrations.checkin.conflict import Conflict, ConflictKind
from registrations.paper import typing_up
from registrations.paper.sheet import Sheet, SheetKind
from registrations.paper.typing_up import Block, Found
from registrations.phones.door import Door
from tests.people import THE_DAY
from tests.registrations.paper.sheets import a_sheet

EVENING = THE_DAY + timedelta(hours=9)  # 18:00, when it is typed up
HALF_HOUR = Block(THE_DAY + timedelta(minutes=30), THE_DAY + timedelta(minutes=60))  # 09:30-10:00
IN_IT = THE_DAY + timedelta(minutes=40)


class Begin:
    """Prints a door list of all who have a ticket, and begins to type it up in the evening."""

    def __init__(self, event: Event, door: Door, by: Staff) -> None:
        self.event, self.door, self.by = event, door, by

    async def sheet(self, ticks: int = 1, kind: SheetKind = SheetKind.DOOR_LIST, door: Door | None = None) -> Sheet:
        sheet = await a_sheet(self.event, self.by, kind)
        await typing_up.begin(sheet, door or self.door, ticks, self.by, EVENING, clock.real())
        return await Sheet.get(id=sheet.id)

    async def types(
        self, sheet: Sheet, typed: str, block: Block | None = HALF_HOUR, by: Staff | None = None, at: datetime = EVENING
    ) -> typing_up.Typed:
        event = await Event.get(id=self.event.id)
        found = await typing_up.find(sheet, event, typed)
        assert isinstance(found, Found), found
        block = block or await typing_up.time_of_door(sheet, event, at)
        return await typing_up.tick(sheet, event, found, block, by or self.by, at, clock.real())

    async def takes_back(self, sheet: Sheet, typed: typing_up.Typed) -> None:
        await typing_up.take_back(sheet, typed.tick.id, self.by, EVENING, clock.real())


async def people_in(event: Event) -> int:
    return (await headcount.counts(event.id, EVENING, clock.real())).people


async def open_conflicts() -> list[ConflictKind]:
    return [conflict.kind for conflict in await Conflict.filter(settled_at=None).order_by("id")]

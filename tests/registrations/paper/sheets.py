"""Sheets of paper for tests."""

from typing import Any

from events.accounts.staff import Staff
from events.event import Event
from events.ground import clock
from registrations.paper import printing
from registrations.paper.sheet import Sheet, SheetKind, Tick
from registrations.tickets.ticket import Ticket
from tests.at_the_door import a_phone_at
from tests.people import MONDAY, THE_DAY, someone
from tests.professional import with_ticket


async def of_sheets(world: Any, caller: str, path: str) -> dict[str, str]:
    """What stands in the braces of a path about a sheet."""
    kind = SheetKind.ACCESS if "/access/" in path else SheetKind.WALK_IN
    made = await printing.make(world.event, kind, world.staff["lead"], MONDAY, clock.real())
    if "{id" not in path:
        return {"sheet": str(made.sheet.number)}
    _, ticket = await with_ticket(someone(), world.event)
    phone = await a_phone_at(world.door)
    await Sheet.filter(id=made.sheet.id).update(door_id=phone.door_id, door_pass_id=phone.id)
    tick = await Tick.create(sheet=made.sheet, ticket=ticket, client_id="e" * 32, typed_at=MONDAY, typed_by="staff:1")
    return {"sheet": str(made.sheet.number), "id": str(tick.id)}


async def a_sheet(event: Event, by: Staff, kind: SheetKind = SheetKind.DOOR_LIST) -> Sheet:
    """Printed on the day, with all who have a ticket by then."""
    return (await printing.make(event, kind, by, THE_DAY, clock.real())).sheet


async def was_ticked(ticket: Ticket, event: Event, by: Staff, scan: str) -> Tick:
    """On a sheet, as if it had been typed up as this scan."""
    return await Tick.create(
        sheet=await a_sheet(event, by), line=1, ticket=ticket, client_id=scan, typed_at=THE_DAY, typed_by=by.actor
    )

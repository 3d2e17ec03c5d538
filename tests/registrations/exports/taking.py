"""Files that somebody takes away, for tests."""

from datetime import datetime
from typing import Any

from events.accounts.staff import Staff
from events.event import Event
from events.ground import clock
from registrations.exports import exporting, making
from registrations.exports.columns import REPORTS
from registrations.exports.export import Export, ExportKind, Format
from registrations.exports.exporting import Wanted

PURPOSE = "To telephone whoever is late"


async def asked_for(
    event: Event, by: Staff, kind: ExportKind = ExportKind.CONTACTS, *columns: str, file: Format = Format.CSV
) -> Export:
    """It waits to be made. All columns, unless some are named."""
    codes = columns or [column.code for column in REPORTS[kind].columns]
    return await exporting.ask(event, Wanted(kind, file, codes, PURPOSE), by, clock.now(), clock.real())


async def a_file(
    event: Event, by: Staff, real: datetime | None = None, kind: ExportKind = ExportKind.CONTACTS
) -> Export:
    """It was made, and waits to be fetched."""
    export = await asked_for(event, by, kind)
    await making.turn(clock.now(), real or clock.real(), export.id)
    return await Export.get(id=export.id)


async def of_exports(world: Any, caller: str, path: str) -> dict[str, str]:
    """What stands in the braces of a path: of the kind that the caller's role may take, if it may take any."""
    by = world.staff.get(caller, world.staff["lead"])
    kind = {"access": ExportKind.ACCESS, "caterer": ExportKind.CATERING}.get(caller, ExportKind.CONTACTS)
    return {"kind": kind.value, "public_id": (await a_file(world.event, by, kind=kind)).public_id}

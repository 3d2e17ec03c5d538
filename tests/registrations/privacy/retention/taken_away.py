"""What the script has of files that somebody took away."""

from datetime import datetime

from tortoise.models import Model

from events.accounts.staff import Staff
from events.event import Event
from registrations.exports.export import Export, ExportPart
from tests.registrations.exports.taking import a_file

TAKEN_AWAY: dict[str, type[Model]] = {"exports": Export, "export_files": ExportPart}


async def traces_taken_away(event: Event, by: Staff, real: datetime) -> dict[str, bytes]:
    """By the code of their class, a value that stands nowhere else."""
    export = await a_file(event, by, real)
    part = await ExportPart.get()
    return {
        "exports": bytes(export.purpose_sealed),
        "export_files": bytes(part.content_sealed),
    }

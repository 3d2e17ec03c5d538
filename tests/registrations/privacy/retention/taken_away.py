"""What the script has of files that somebody took away or brought along."""

from datetime import datetime

from tortoise.models import Model

from events.accounts.staff import Staff
from events.event import Event
from registrations.exports.export import Export, ExportPart
from registrations.importing.people_import import PeopleImport
from tests.registrations.exports.taking import a_file
from tests.registrations.importing.lists import a_list

TAKEN_AWAY: dict[str, type[Model]] = {"exports": Export, "export_files": ExportPart, "imports": PeopleImport}


async def traces_taken_away(event: Event, by: Staff, real: datetime) -> dict[str, bytes]:
    """By the code of their class, a value that stands nowhere else."""
    export, listed = await a_file(event, by, real), await a_list(event, by, real)
    part = await ExportPart.get()
    return {
        "exports": bytes(export.purpose_sealed),
        "export_files": bytes(part.content_sealed),
        "imports": bytes(listed.list_sealed or b""),
    }

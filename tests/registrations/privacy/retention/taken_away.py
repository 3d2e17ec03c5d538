"""What the script has of files that somebody took away or brought along."""

from datetime import datetime

from tortoise.models import Model

from events.accounts.staff import Staff
from events.event import Event
from registrations.exports.export import Export, ExportPart
from registrations.importing import importing
from registrations.importing.kind_words import KindWords
from registrations.importing.people_import import PeopleImport
from registrations.reporting import learning
from registrations.reporting.lesson import Lesson
from tests.people import MONDAY
from tests.registrations.exports.taking import a_file
from tests.registrations.importing.lists import a_list

TAKEN_AWAY: dict[str, type[Model]] = {
    "lessons": Lesson,
    "exports": Export,
    "export_files": ExportPart,
    "imports": PeopleImport,
    "kind_words": KindWords,
}


async def traces_taken_away(event: Event, by: Staff, real: datetime) -> dict[str, bytes]:
    """By the code of their class, a value that stands nowhere else."""
    export, listed = await a_file(event, by, real), await a_list(event, by, real)
    part = await ExportPart.get()
    await importing.say_kinds(event, listed, {"peelers": "police"}, ["peelers"])
    note = await learning.write(event, "More signs to the door", by, MONDAY)
    return {
        "lessons": bytes(note.words_sealed),
        "exports": bytes(export.purpose_sealed),
        "export_files": bytes(part.content_sealed),
        "imports": bytes(listed.list_sealed or b""),
        "kind_words": bytes((await KindWords.get()).words_sealed),
    }

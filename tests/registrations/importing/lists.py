"""Lists of people, for tests."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from events.accounts.staff import Staff
from events.event import Event
from events.ground import clock
from registrations.importing import importing
from registrations.importing.columns import suggested
from registrations.importing.files import Table
from registrations.importing.people_import import PeopleImport
from tests.people import Person, someone
from tests.registrations.exports.taking import of_exports

HEADINGS = ["Name", "Email", "Organisation", "Kind", "Job title", "Mobile"]


def row_of(person: Person) -> list[str]:
    return [person.name, person.email, person.organisation, person.kind, person.role, person.phone]


async def a_list(
    event: Event, by: Staff, real: datetime | None = None, people: Sequence[Person] | None = None
) -> PeopleImport:
    """Uploaded, with its columns chosen as they are suggested."""
    rows = [row_of(person) for person in (people if people is not None else [someone()])]
    begun = await importing.begin(event, Table(HEADINGS, rows, 2), by, clock.now(), real or clock.real())
    await importing.choose(event, begun, suggested(HEADINGS), "Wardens of Westmoor")
    return await PeopleImport.get(id=begun.id)


async def of_files(world: Any, caller: str, path: str) -> dict[str, str]:
    """What stands in the braces of a path about a list that is imported, or a file that is taken away."""
    if "/exports/" in path:
        return await of_exports(world, caller, path)
    people = [replace(someone(), kind="Drop-in centre")] if path.endswith("/kinds") else None
    begun = await a_list(world.event, world.staff.get(caller, world.staff["lead"]), people=people)
    return {"public_id": begun.public_id}

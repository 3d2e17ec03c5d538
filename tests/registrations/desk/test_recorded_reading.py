"""Whoever reads of people at the desk leaves an entry: no page shows a person whose id is not in one."""

from html import unescape

import pytest

from events.audit.action import Action
from events.audit.audit import AuditEntry
from events.ground import live
from events.ground.database import Database
from registrations.people.registration import Registration
from tests import callers
from tests.browser import browsing
from tests.callers_world import CANARIES, a_world, filling

SQLITE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)  # pages say the same to both
NAMES = [CANARIES["name of a person"], CANARIES["email of a person"], CANARIES["telephone of a person"]]


async def entries_after(number: int) -> list[AuditEntry]:
    return await AuditEntry.filter(id__gt=number, action__in=[Action.LISTED, Action.SEARCHED, Action.VIEWED])


def names_them(entry: AuditEntry, people: list[int]) -> bool:
    """Whether these people are in it."""
    return entry.subject in {f"registration:{n}" for n in people} or bool(set(people) & set(entry.details["ids"]))


@SQLITE
@pytest.mark.parametrize("role", ["lead", "viewer"])
async def test_every_page_that_shows_a_person_leaves_an_entry_with_their_id(database: Database, role: str) -> None:
    live.hub().close()
    world = await a_world(database)
    await callers.details_seen_by(world, "nobody")  # makes the people
    people = [person.id for person in await Registration.all() if person.full_name == NAMES[0]]
    showed, silent = set(), set()
    async with browsing(database, world.staff[role]) as client:
        for path in [path for method, path in callers.called() if method == "GET" and path.startswith("/desk/")]:
            fill = await filling(world, role, "") | {"id": str(people[-1]), "act": "cancel", "part": "hours"}
            before = (await AuditEntry.all().order_by("-id").limit(1))[0].id
            page = await client.get(callers.PARAMETER.sub(lambda match, fill=fill: fill.get(match[1], "none"), path))  # type: ignore[misc]
            if any(name in unescape(page.text) for name in NAMES):
                showed.add(path.removeprefix("/desk/{event}/"))
                if not any(names_them(entry, people) for entry in await entries_after(before)):
                    silent.add(path)
    assert silent == set()
    for_all = {"requests", "people", "people/{id:int}", "emails"}
    acts = {f"people/{{id:int}}/{act}" for act in ("details", "address", "along", "alias", "badge-type", "{act}")}
    acts.add("after/certificates/people/{id:int}")
    assert showed == for_all | (acts if role == "lead" else set())


@SQLITE
async def test_no_entry_of_reading_holds_a_name(database: Database) -> None:
    live.hub().close()
    world = await a_world(database)
    await callers.details_seen_by(world, "lead")
    entries = await AuditEntry.filter(action__in=[Action.LISTED, Action.VIEWED])
    assert len(entries) > 4
    assert [entry for entry in entries if any(name in str(entry.details) for name in NAMES)] == []

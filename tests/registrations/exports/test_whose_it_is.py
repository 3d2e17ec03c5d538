"""A file is of whoever asked for it, and is made by whoever holds its lease: the database says so, whoever asks it.

Rules: SE-13.
"""

import pytest
from tortoise.expressions import F

from events.accounts.staff import Staff
from events.event import Event
from events.ground import clock
from events.ground.refusal import Refused
from registrations.exports import exporting, making, rows
from registrations.exports.export import Export, ExportKind
from tests.people import MONDAY, Person
from tests.professional import with_ticket

from .taking import a_file, asked_for


async def test_another_organiser_fetches_nothing_and_leaves_it_there(
    event: Event, omar: Staff, lena: Staff, ada: Person
) -> None:
    await with_ticket(ada, event)
    export = await a_file(event, omar)
    with pytest.raises(Refused):
        await exporting.fetch(export, lena, MONDAY, clock.real())
    assert ada.name.encode() in await exporting.fetch(export, omar, MONDAY, clock.real())


async def test_whoever_was_overtaken_says_nothing_more_of_how_far_it_is(
    event: Event, omar: Staff, ada: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    await with_ticket(ada, event)
    export = await asked_for(event, omar, ExportKind.CONTACTS, "name")

    async def overtaken(event: Event, kind: ExportKind, progress: rows.Progress) -> list[rows.Line]:
        await progress(1)
        await Export.filter(id=export.id).update(tries=F("tries") + 1, done=0)  # its lease was over: another begins
        await progress(1)
        return []

    monkeypatch.setattr(rows, "of_event", overtaken)
    assert await making.turn(MONDAY, clock.real()) == 0
    now = await Export.get(id=export.id)
    assert (now.done, now.made_at) == (0, None)

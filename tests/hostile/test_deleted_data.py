"""What is deleted is gone from the disk: a thief of file, journal and free pages finds nothing of it, whatever keys."""

import sqlite3

import pytest

from events import doctor
from events.event import Event
from events.ground import clock
from events.ground.database import Database, forget_traces, query
from registrations.people.link_answers import LINK_LASTS
from registrations.people.registration import Registration
from registrations.privacy.retention import deleting
from tests.people import MONDAY, requested, someone


async def sealed_values() -> list[bytes]:
    """What the rows hold of people. Names stand nowhere: whoever has the key can open these."""
    return [bytes(row.person_sealed or b"") for row in await Registration.exclude(person_sealed=None)]


def on_disk(database: Database, values: list[bytes]) -> dict[str, int]:
    """How many of these stand in each file of the database that has any, whatever SQLite says is still there."""
    assert database.file is not None
    files = {path.name: path.read_bytes() for path in database.file.parent.iterdir()}
    found = {name: sum(value in content for value in values) for name, content in files.items()}
    return {name: number for name, number in found.items() if number}


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_a_request_that_expired_is_nowhere_on_the_disk(database: Database, event: Event) -> None:
    for _ in range(40):
        await requested(someone(), event)
    before = await sealed_values()
    assert sum(on_disk(database, before).values()) >= 40, "the search finds them while they are there"
    await deleting.turn(MONDAY + LINK_LASTS, clock.real())
    assert await sealed_values() == []
    assert on_disk(database, before) == {}


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_the_search_finds_what_another_sqlite_would_leave(database: Database, event: Event) -> None:
    """The control: without overwriting a deleted row stays in a free page, without the checkpoint in the journal."""
    await requested(someone(), event)
    before = await sealed_values()
    assert await query("PRAGMA secure_delete") == [{"secure_delete": 1}]
    await query("PRAGMA secure_delete = OFF")
    await Registration.all().delete()
    assert "muster.db-wal" in on_disk(database, before)
    assert await forget_traces()
    assert "muster.db" in on_disk(database, before)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_a_journal_that_another_process_reads_is_told_and_emptied_later(
    database: Database, event: Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    await query("PRAGMA busy_timeout = 10")
    other = sqlite3.connect(str(database.file))
    other.execute("BEGIN")
    other.execute("SELECT count(*) FROM event").fetchall()
    await Event.filter(id=event.id).update(access_facts="a pen")
    assert not await forget_traces()
    monkeypatch.setattr(doctor, "LARGEST_JOURNAL", 0)
    assert (await doctor._deletion_line(database)).fine is False
    other.close()
    assert await forget_traces()
    assert await doctor._deletion_line(database) == doctor.Line("deleted data", True, "is overwritten")


@pytest.mark.parametrize("database", ["postgres"], indirect=True)
async def test_of_postgresql_the_doctor_says_what_to_read(database: Database) -> None:
    assert await forget_traces()
    assert (await doctor._deletion_line(database)).fine is None


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_each_connection_overwrites_and_waits_for_the_disk(database: Database) -> None:
    """Whatever SQLite was compiled with: 2 is FULL, so that what was answered outlives a loss of power."""
    assert database.config()["connections"]["default"]["credentials"]["secure_delete"] == "ON"
    assert await query("PRAGMA secure_delete") == [{"secure_delete": 1}]
    assert await query("PRAGMA synchronous") == [{"synchronous": 2}]

"""What is deleted is gone from the disk: a thief of file, journal and free pages finds no name in any of them."""

import sqlite3

import pytest

from events import doctor
from events.event import Event
from events.ground import clock
from events.ground.database import Database, forget_traces, query
from registrations.people.link_answers import LINK_LASTS
from registrations.people.registration import Registration
from registrations.privacy import retention
from tests.people import MONDAY, Person, requested

CANARY = "Zuleika Quetzalcoatl"


def on_disk(database: Database, words: str) -> dict[str, int]:
    """How often these stand in each file of the database that has them, whatever SQLite says is still there."""
    assert database.file is not None
    found = {path.name: path.read_bytes().count(words.encode()) for path in database.file.parent.iterdir()}
    return {name: number for name, number in found.items() if number}


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_a_request_that_expired_is_nowhere_on_the_disk(database: Database, event: Event) -> None:
    for number in range(40):
        name = f"{CANARY} {number}"
        await requested(Person(name, f"canary{number}@wardens.example.org", "Wardens", "charity", "Advocate"), event)
    assert on_disk(database, CANARY), "the search finds them while they are there"
    await retention.turn(MONDAY + LINK_LASTS, clock.real())
    assert await Registration.exclude(full_name="").count() == 0
    assert on_disk(database, CANARY) == {}


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_the_search_finds_what_another_sqlite_would_leave(database: Database, event: Event) -> None:
    """The control: without overwriting a deleted row stays in a free page, without the checkpoint in the journal."""
    await requested(Person(CANARY, "canary@wardens.example.org", "Wardens", "charity", "Advocate"), event)
    assert await query("PRAGMA secure_delete") == [{"secure_delete": 1}]
    await query("PRAGMA secure_delete = OFF")
    await Registration.all().delete()
    assert "muster.db-wal" in on_disk(database, CANARY)
    assert await forget_traces()
    assert "muster.db" in on_disk(database, CANARY)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_a_journal_that_another_process_reads_is_told_and_emptied_later(
    database: Database, event: Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    await query("PRAGMA busy_timeout = 10")
    other = sqlite3.connect(str(database.file))
    other.execute("BEGIN")
    other.execute("SELECT count(*) FROM event").fetchall()
    await Event.filter(id=event.id).update(bring="a pen")
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

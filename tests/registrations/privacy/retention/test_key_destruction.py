"""The data key of an event goes with its last name, and with it all that copies of the database hold of its people.

Rules: DP-07.
"""

import os
from datetime import timedelta
from pathlib import Path

import pytest

from events import event_file, readiness
from events.accounts.staff import Staff
from events.audit.action import Action
from events.event import Event
from events.ground import clock, data_keys
from events.ground.data_keys import DataKeys
from events.ground.database import Database
from registrations.asking import drafting
from registrations.asking.draft import Draft
from registrations.deciding import vetting
from registrations.people.person import opened
from registrations.privacy.retention import deleting, past_events, requests
from tests.people import THE_DAY, Person, an_event, audit_of, confirmed

LAUNCH = Path(event_file.__file__).with_name("launch.toml")
LONG_AFTER = THE_DAY + timedelta(days=90)


@pytest.fixture
async def sealed_event(database: Database, tmp_path: Path) -> Event:
    """With a key in a file of its own."""
    data_keys.install(DataKeys(tmp_path))
    return await an_event(slug="launch")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "launch.key"


def put_off(folder: Path) -> Path:
    """The launch's file, with another day."""
    file = folder / "put-off.toml"
    file.write_text(LAUNCH.read_text().replace("2019-04-15", "2020-04-20"))
    return file


def is_there(file: Path) -> bool:
    return file.exists()


def bytes_of(file: Path) -> bytes:
    return file.read_bytes()


async def test_it_goes_with_the_last_name_and_opens_no_copy(
    sealed_event: Event, ada: Person, omar: Staff, file: Path, tmp_path: Path
) -> None:
    asked = await confirmed(ada, sealed_event)
    await vetting.approve(asked, omar, THE_DAY)
    copy = bytes(asked.person_sealed or b""), asked.id, sealed_event.id, asked.public_id
    os.link(file, tmp_path / "the same bytes on the disk")
    before = bytes_of(file)
    await deleting.turn(LONG_AFTER - timedelta(days=1), clock.real())
    assert (bytes_of(file), opened(*copy).full_name) == (before, ada.name), "the control: a day before"
    await deleting.turn(LONG_AFTER, clock.real())
    assert (is_there(file), (await Event.get(id=sealed_event.id)).data_key) == (False, "")
    overwritten = bytes_of(tmp_path / "the same bytes on the disk")
    assert (len(overwritten), overwritten == before, before[:20] in overwritten) == (len(before), False, False)
    assert opened(*copy).full_name == "Name cannot be read"
    assert await audit_of(sealed_event) == [
        (Action.EVENT_OVER, "system", LONG_AFTER - timedelta(days=1)),
        (Action.DATA_KEY_DESTROYED, "system", LONG_AFTER),
    ]
    assert await readiness.unknown_keys() == []


async def test_it_stays_while_there_is_something_that_it_opens(sealed_event: Event, ada: Person, file: Path) -> None:
    await confirmed(ada, sealed_event)
    assert (await past_events.destroy_keys(LONG_AFTER), is_there(file)) == (0, True)
    await requests.forget_named(LONG_AFTER)
    await drafting.keep(sealed_event, None, "", {"full_name": ada.name}, clock.real())
    assert (await past_events.destroy_keys(LONG_AFTER), is_there(file)) == (0, True)
    await Draft.all().delete()
    assert [await past_events.destroy_keys(LONG_AFTER) for _ in range(2)] == [1, 0]
    assert not is_there(file)


async def test_a_rehearsal_keeps_it_and_another_events_stays(sealed_event: Event, file: Path) -> None:
    later = await an_event(slug="later")
    await Event.filter(id=later.id).update(day=later.day + timedelta(days=1))
    await Event.filter(id=sealed_event.id).update(rehearsal=True)
    assert (await past_events.destroy_keys(LONG_AFTER), is_there(file)) == (0, True)
    await Event.filter(id=sealed_event.id).update(rehearsal=False)
    assert (await past_events.destroy_keys(LONG_AFTER), is_there(file)) == (1, False)
    assert is_there(file.parent / "later.key")


async def test_another_machine_destroys_its_own_file_at_its_next_turn(sealed_event: Event, file: Path) -> None:
    await Event.filter(id=sealed_event.id).update(data_key="")
    assert is_there(file)
    assert (await past_events.destroy_keys(LONG_AFTER), is_there(file)) == (0, False)


async def test_an_event_that_is_put_off_afterwards_gets_a_new_key(
    database: Database, tmp_path: Path, ada: Person
) -> None:
    data_keys.install(DataKeys(tmp_path / "keys"))
    event = (await event_file.load(LAUNCH, THE_DAY, clock.real())).event
    await past_events.destroy_keys(LONG_AFTER)
    assert not is_there(tmp_path / "keys" / "launch.key")
    loaded = (await event_file.load(put_off(tmp_path), LONG_AFTER, clock.real())).event
    assert (loaded.data_key not in {"", event.data_key}, data_keys.kept().has(loaded.data_key)) == (True, True)
    await confirmed(ada, loaded)

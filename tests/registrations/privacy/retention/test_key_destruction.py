"""The data key of an event goes with its last name, and with it all that copies of the database hold of its people.

Rules: DP-07.
"""

import asyncio
import os
from contextvars import Context
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from events import event_changes, event_file, readiness
from events.accounts.staff import RoleName, Staff
from events.audit import audit
from events.audit.action import Action
from events.event import Event
from events.ground import clock, data_keys
from events.ground.data_keys import DataKeys
from events.ground.database import Database, query
from events.ground.refusal import Refused
from events.programme.programme import ShownTo
from registrations.asking import drafting
from registrations.asking.draft import Draft
from registrations.deciding import vetting
from registrations.people.person import opened
from registrations.privacy.retention import deleting
from tests.browser import browsing
from tests.events.programme.programmes import a_programme
from tests.people import THE_DAY, Person, a_member_of_staff, an_event, audit_of, confirmed
from tests.registrations.privacy.retention.going import keys_went, went

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
    assert (await keys_went(LONG_AFTER), is_there(file)) == (0, True)
    await went("not_offered", LONG_AFTER)
    await drafting.keep(sealed_event, None, "", {"full_name": ada.name}, clock.real())
    assert (await keys_went(LONG_AFTER), is_there(file)) == (0, True)
    await Draft.all().delete()
    assert [await keys_went(LONG_AFTER) for _ in range(2)] == [1, 0]
    assert not is_there(file)


async def test_a_rehearsal_keeps_it_and_another_events_stays(sealed_event: Event, file: Path) -> None:
    later = await an_event(slug="later")
    await Event.filter(id=later.id).update(day=later.day + timedelta(days=1))
    await Event.filter(id=sealed_event.id).update(rehearsal=True)
    assert (await keys_went(LONG_AFTER), is_there(file)) == (0, True)
    await Event.filter(id=sealed_event.id).update(rehearsal=False)
    assert (await keys_went(LONG_AFTER), is_there(file)) == (1, False)
    assert is_there(file.parent / "later.key")


async def test_another_machine_destroys_its_own_file_at_its_next_turn(sealed_event: Event, file: Path) -> None:
    await Event.filter(id=sealed_event.id).update(data_key="")
    assert is_there(file)
    assert (await keys_went(LONG_AFTER), is_there(file)) == (0, False)


async def test_an_event_that_is_put_off_afterwards_gets_a_new_key(
    database: Database, tmp_path: Path, ada: Person
) -> None:
    data_keys.install(DataKeys(tmp_path / "keys"))
    event = (await event_file.load(LAUNCH, THE_DAY, clock.real())).event
    await keys_went(LONG_AFTER)
    assert not is_there(tmp_path / "keys" / "launch.key")
    loaded = (await event_file.load(put_off(tmp_path), LONG_AFTER, clock.real())).event
    assert (loaded.data_key not in {"", event.data_key}, data_keys.kept().has(loaded.data_key)) == (True, True)
    await confirmed(ada, loaded)


async def test_with_it_goes_where_the_event_was_and_no_page_stumbles(database: Database, sealed_event: Event) -> None:
    lena = await a_member_of_staff("Lena Lead", "lena@hosts.example.org", sealed_event, RoleName.LEAD)
    told = sealed_event.venue, sealed_event.lead_phone
    copy = bytes(sealed_event.venue_sealed or b"")
    assert "" not in told, "the control"
    await Event.filter(id=sealed_event.id).update(venue_released_at=THE_DAY)
    assert await keys_went(LONG_AFTER) == 1
    after = await Event.get(id=sealed_event.id)
    assert (after.venue, after.lead_phone, after.venue_for_guests, after.venue_sealed) == ("", "", "", None)
    assert (after.bring, after.bring_sealed) == ("", None)
    assert data_keys.opened_in("a copy", "event.venue", sealed_event.slug, copy) is None
    async with browsing(database, lena) as desk:
        page = await desk.get("/desk/launch/event")
        shown = await desk.post("/desk/launch/event/venue/show")
    assert (page.status_code, "The lead on the day: not set" in page.text, "held back" in page.text) == (
        200,
        True,
        True,
    )
    assert (shown.status_code, "No venue is set." in shown.text) == (200, True)


async def test_with_it_goes_what_the_programme_says_and_nobody_is_shown_the_rest(
    database: Database, sealed_event: Event
) -> None:
    lena = await a_member_of_staff("Lena Lead", "lena@hosts.example.org", sealed_event, RoleName.LEAD)
    await a_programme(sealed_event, lena, ShownTo.EVERYBODY)
    assert await keys_went(LONG_AFTER) == 1
    clock.move_to(LONG_AFTER)
    async with browsing(database) as client:
        page = await client.get("/e/launch")
    assert (page.status_code, "Cannot be read" in page.text, "Programme" in page.text) == (200, False, False)


async def test_nothing_that_says_where_is_kept_without_a_key(sealed_event: Event, omar: Staff) -> None:
    await keys_went(LONG_AFTER)
    after = await Event.get(id=sealed_event.id)
    for details in ({"venue": "Another House"}, {"lead_phone": "07700 900999"}, {"bring": "A pen"}):
        with pytest.raises(Refused, match="The data key of this event is destroyed"):
            await event_changes.change(after, details, by=omar, at=LONG_AFTER, real=clock.real())
    steps = {"access_facts": "No steps"}
    assert await event_changes.change(after, steps, by=omar, at=LONG_AFTER, real=clock.real()) == ["access_facts"]


@pytest.mark.parametrize("database", ["postgres"], indirect=True)  # on SQLite the turn waits for the whole act
async def test_a_turn_does_not_take_the_new_key_of_an_event_that_is_put_off_at_that_moment(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data_keys.install(DataKeys(tmp_path / "keys"))
    await event_file.load(LAUNCH, THE_DAY, clock.real())
    await keys_went(LONG_AFTER)
    recorded, turns = audit.record, list[asyncio.Task[int]]()

    async def while_a_turn_looks(*args: Any, **kwargs: Any) -> Any:
        turn = asyncio.create_task(keys_went(LONG_AFTER), context=Context())
        turns.append(turn)
        while not turn.done() and not await query("SELECT 1 FROM pg_locks WHERE NOT granted"):  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        return await recorded(*args, **kwargs)

    monkeypatch.setattr(audit, "record", while_a_turn_looks)
    loaded = (await event_file.load(put_off(tmp_path), LONG_AFTER, clock.real())).event
    assert await turns[0] == 0
    assert is_there(tmp_path / "keys" / "launch.key")
    assert data_keys.kept().has(loaded.data_key)

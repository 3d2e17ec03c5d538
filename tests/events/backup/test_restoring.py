"""A backup comes back whole, into an empty place, or not at all; and what was due to be deleted since is deleted.

Rules: SE-16, DP-07.
"""

from datetime import timedelta

import pytest

from events.accounts.staff import Session, Staff
from events.audit.action import Action
from events.audit.audit import AuditEntry
from events.backup import backing_up, restoring
from events.backup.backing_up import Made
from events.backup.contents import counted_now
from events.backup.restoring import Restored
from events.event import Event
from events.ground import data_keys
from events.ground.database import Database, query
from events.ground.settings import Settings
from registrations.people.link_answers import LINK_LASTS
from registrations.people.registration import Registration, State
from tests.browser import browsing, heading
from tests.events.accounts.signing_in import whole
from tests.events.backup.restores import REAL, Restores
from tests.people import MONDAY, recorded


async def test_all_of_it_comes_back_and_the_audit_log_is_whole(restore: Restores, made: Made) -> None:
    restored = await restore(made.file)
    assert restored == Restored(made.contents, [], [], 0)
    async with restore.place.opened():
        now = await counted_now(restore.place, REAL)
        assert now.rows == made.contents.rows | {"session": 0, "audit_entry": 2, "audit_seal": 2}
        asked = await Registration.get()
        assert (asked.state, (await Event.get()).slug) == (State.REQUESTED, "launch")
        entry = await AuditEntry.all().order_by("-id").first()
        assert entry is not None
        assert (entry.action, entry.details["head"]) == (Action.RESTORED, made.contents.head)
        assert entry.written_after == made.contents.head


async def test_people_open_the_pages_and_sign_in_there(restore: Restores, made: Made) -> None:
    """The control: it works as a database, not only as rows."""
    await restore(made.file)
    async with restore.place.opened(), browsing(restore.place) as client:
        assert heading(await client.get("/e/launch")) == "Conference for professionals"
        assert await Session.all().count() == 0
        await whole(client, await Staff.get())
        assert heading(await client.get("/staff/account")) == "Your account"


async def test_what_is_due_by_now_is_deleted_at_once(restore: Restores, made: Made) -> None:
    restored = await restore(made.file, late=LINK_LASTS)
    assert restored.deleted == 1
    async with restore.place.opened():
        asked = await Registration.get()
        assert (asked.state, asked.email, asked.full_name) == (State.EXPIRED, "", "")


async def test_a_data_key_that_is_not_here_is_named(restore: Restores, made: Made) -> None:
    data_keys.install(data_keys.DataKeys())
    [missing] = (await restore(made.file)).missing
    assert missing.startswith("data key: the people of launch are sealed by ")


@pytest.mark.parametrize("house", ["postgres"], indirect=True)
async def test_rows_get_the_numbers_of_the_server_that_they_came_to(
    restore: Restores, house: Database, made: Made, chosen: Settings
) -> None:
    """By them each process knows whom it has read; those of another server may be far ahead."""
    async with house.opened():
        await query("ALTER TABLE registration DISABLE TRIGGER registration_numbered")
        await query("UPDATE registration SET version = 1000000000000")
        await query("ALTER TABLE registration ENABLE TRIGGER registration_numbered")
        ahead = await backing_up.back_up(house, chosen, REAL + timedelta(hours=1))
    await restore(ahead.file)
    async with restore.place.opened():
        [row] = await query("SELECT version < pg_current_xact_id()::text::bigint AS known FROM registration")
    assert row["known"] is True


async def test_a_deletion_that_takes_so_many_at_once_goes_on_to_the_end(
    restore: Restores, made: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    left = [1, 2, 3]

    async def deletes_one(*_: object) -> int:
        if not left:
            return 0
        left.pop()
        await recorded(Action.EXPIRED, None, by=None, at=MONDAY)
        return 1

    monkeypatch.setattr(restoring, "DELETIONS", [deletes_one])
    assert ((await restore(made.file)).deleted, left) == (3, [])

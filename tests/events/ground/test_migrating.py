"""A server has its database migrated by another process, and does it itself where that one does not."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from events.ground import database as database_room
from events.ground import migrating
from events.ground.database import Database
from server import MODELS
from tests.databases import seldom_collecting


def refuse(*given: object, **named: object) -> None:
    raise AssertionError("this process was not to do it")


async def test_another_process_does_it_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    new = Database(f"sqlite://{tmp_path / 'muster.db'}", MODELS)
    monkeypatch.setattr(database_room, "_apply", refuse)
    await migrating.migrate(new)
    async with new.opened():
        assert await new.pending() == []
    monkeypatch.setattr(migrating, "_in_another_process", refuse)
    await migrating.migrate(new)


async def test_where_that_process_ends_before_it_is_done_this_one_does_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    new = Database(f"sqlite://{tmp_path / 'muster.db'}", MODELS)
    monkeypatch.setattr(sys, "executable", shutil.which("false"))
    with seldom_collecting():
        await migrating.migrate(new)
    async with new.opened():
        assert await new.pending() == []


async def test_that_process_hears_who_signed_the_certificate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[bytes] = []
    monkeypatch.setattr(subprocess, "run", lambda _command, **named: told.append(named["input"]))
    authority = tmp_path / "authority.pem"
    monkeypatch.setattr(database_room, "_apply", refuse)
    for ca in (authority, None):
        with pytest.raises(AssertionError, match="not to do it"):
            await migrating.migrate(Database(f"sqlite://{tmp_path / f'{ca is None}.db'}", MODELS, ca))
    assert [json.loads(words)[2] for words in told] == [str(authority), None]


async def test_a_database_that_lacks_the_newest_migration_is_migrated(tmp_path: Path) -> None:
    new = Database(f"sqlite://{tmp_path / 'muster.db'}", MODELS)
    assert await new.lacks_migrations()
    with seldom_collecting():
        await new.migrate()
    assert not await new.lacks_migrations()
    async with new.opened():
        await database_room.query("DELETE FROM tortoise_migrations WHERE app = 'registrations'")
    assert await new.lacks_migrations()

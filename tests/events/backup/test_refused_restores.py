"""What cannot be restored whole leaves the place as it was, and a sentence says why.

Rules: SE-16.
"""

import shutil
import sqlite3
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any, NamedTuple

import pyrage
import pytest

from events.backup import backing_up, backup_folder, postgres_dump, sealed_file, sqlite_place
from events.backup.backing_up import Made
from events.backup.contents import counted_now
from events.backup.sealed_file import Looked
from events.ground.database import Database, query
from events.ground.refusal import Refused
from events.ground.settings import Settings
from tests.events.backup.conftest import SAFE
from tests.events.backup.restores import REAL, Restores

UNTRIGGERED = {
    "SQLite": "DROP TRIGGER audit_entry_no_update",
    "PostgreSQL": "DROP TRIGGER audit_entry_no_update ON audit_entry",
}


def looks_as_if(patch: pytest.MonkeyPatch, **other: Any) -> None:
    """As if the file said something else of what is in it."""
    look, read = sealed_file.check, sealed_file.read

    def last_look(file: Path, identity: Path) -> Looked:
        found = look(file, identity)
        return found._replace(contents=replace(found.contents, **other))

    patch.setattr(sealed_file, "check", last_look)
    patch.setattr(sealed_file, "read", lambda file, own, sink, known=None: read(file, own, sink))


def cut(data: bytes) -> bytes:
    return data[: len(data) // 2]


def changed(data: bytes) -> bytes:
    return data[:-5000] + bytes([data[-5000] ^ 1]) + data[-4999:]


@pytest.mark.parametrize("how", [cut, changed])
async def test_a_file_that_was_cut_or_changed_changes_nothing(
    restore: Restores, made: Made, how: Callable[[bytes], bytes], tmp_path: Path
) -> None:
    (tmp_path / "other.age").write_bytes(how(made.file.read_bytes()))
    assert await restore.why_not(tmp_path / "other.age") == sealed_file.DAMAGED


@pytest.mark.parametrize("how", [cut, changed])
async def test_nor_does_one_that_changes_between_the_look_and_the_restore(
    restore: Restores, made: Made, how: Callable[[bytes], bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The look is what usually says so; here the file is whole only while it is looked at."""
    look = sealed_file.check

    def last_look(file: Path, identity: Path) -> Looked:
        found = look(file, identity)
        file.write_bytes(how(file.read_bytes()))
        return found

    monkeypatch.setattr(sealed_file, "check", last_look)
    assert await restore.why_not(made.file) == sealed_file.DAMAGED


def sealed_anew(plain: bytes) -> bytes:
    """By somebody who knows the public key alone."""
    return pyrage.encrypt(plain, [SAFE.to_public()])


def swapped_line(plain: bytes) -> bytes:
    line, _, copy = plain.partition(b"\n")
    return line.replace(b'"event": 1', b'"event": 2') + b"\n" + copy


def swapped_copy(plain: bytes) -> bytes:
    line, _, copy = plain.partition(b"\n")
    return line + b"\n" + copy[:3000] + bytes([copy[3000] ^ 1]) + copy[3001:]


@pytest.mark.parametrize("how", [swapped_line, swapped_copy])
async def test_nothing_reaches_the_database_of_a_file_that_was_put_in_its_place_meanwhile(
    restore: Restores, made: Made, how: Callable[[bytes], bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    """PostgreSQL carries out what stands in it, before the mark at the end is seen to be none of ours."""
    look, read, handed = sealed_file.check, sealed_file.read, list[bytes]()

    def last_look(file: Path, identity: Path) -> Looked:
        found = look(file, identity)
        file.write_bytes(sealed_anew(how(pyrage.decrypt(file.read_bytes(), [SAFE]))))
        return found

    class Noted(NamedTuple):
        sink: sealed_file.Sink

        def write(self, piece: bytes) -> object:
            handed.append(piece)
            return self.sink.write(piece)

    monkeypatch.setattr(sealed_file, "check", last_look)
    monkeypatch.setattr(
        sealed_file, "read", lambda file, own, sink, known=None: read(file, own, Noted(sink) if known else sink, known)
    )
    assert await restore.why_not(made.file) == sealed_file.DAMAGED
    assert handed == []


async def test_a_stranger_restores_nothing(restore: Restores, made: Made, strangers: Path) -> None:
    restore.identity = strangers
    assert await restore.why_not(made.file) == sealed_file.WRONG_IDENTITY.format(strangers)


async def test_a_place_where_something_is_stays_as_it_is(restore: Restores, made: Made, house: Database) -> None:
    restore.place = house
    async with house.opened():
        before = await counted_now(house, REAL)
    with pytest.raises(Refused, match=r"is restored into an empty place only|There is a database at"):
        await restore(made.file)
    async with house.opened():
        assert await counted_now(house, REAL) == before


@pytest.mark.parametrize("end", ["-wal", "-shm", "-journal"])
@pytest.mark.parametrize("house", ["sqlite"], indirect=True)
async def test_a_journal_that_was_left_behind_is_no_empty_place(restore: Restores, made: Made, end: str) -> None:
    assert restore.place.file is not None
    restore.place.file.parent.mkdir()
    restore.place.file.with_name(f"muster.db{end}").write_bytes(b"of another database")
    with pytest.raises(Refused, match="There is a database at"):
        await restore(made.file)
    assert not restore.place.file.exists()


@pytest.mark.parametrize("house", ["sqlite"], indirect=True)
async def test_a_restore_that_was_killed_is_cleared_up_by_the_next(restore: Restores, made: Made) -> None:
    assert restore.place.file is not None
    place = sqlite_place.SqlitePlace(restore.place, restore.place.file)
    place.file.parent.mkdir()
    place.unfinished.write_bytes(b"half")
    place.unfinished.with_name(f"{place.unfinished.name}-wal").write_bytes(b"half")
    await restore(made.file)
    assert {path.name for path in place.file.parent.iterdir()} == {"muster.db", "muster.db-process"}
    assert place.file.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("house", ["sqlite"], indirect=True)
async def test_its_name_is_on_the_disk_before_anybody_is_told(
    restore: Restores, made: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A loss of power after that would leave an empty place."""
    sync, synced, place = backup_folder.sync, list[tuple[str, bool]](), restore.place.file
    assert place is not None

    def noted(path: Path) -> None:
        synced.append((path.name, place.exists()))
        sync(path)

    monkeypatch.setattr(backup_folder, "sync", noted)
    await restore(made.file)
    assert synced == [(".muster.db.restoring", False), (place.parent.name, True)]


@pytest.mark.parametrize("house", ["sqlite"], indirect=True)
async def test_nothing_is_restored_under_a_server_that_works(restore: Restores, made: Made) -> None:
    assert restore.place.file is not None
    place = sqlite_place.SqlitePlace(restore.place, restore.place.file)
    place.file.parent.mkdir()
    with place._held():
        assert await restore.why_not(made.file) == sqlite_place.WORKED_ON


async def test_what_a_newer_muster_made_is_left_to_it(
    restore: Restores, house: Database, made: Made, chosen: Settings
) -> None:
    async with house.opened():
        await query(
            "INSERT INTO tortoise_migrations (app, name, applied_at) VALUES ('events', '0099_later', ?)", [REAL]
        )
        later = await backing_up.back_up(house, chosen, REAL + timedelta(hours=1))
        await query("DELETE FROM tortoise_migrations WHERE name = '0099_later'")  # the next test gets this database
    assert "A newer Muster made this backup (it knows events 0099_later)" in await restore.why_not(later.file)


async def test_a_backup_of_the_other_kind_is_named(
    restore: Restores, house: Database, made: Made, tmp_path: Path
) -> None:
    other = f"sqlite://{tmp_path / 'other.db'}" if house.file is None else "postgresql://muster@127.0.0.1/muster"
    restore.place = Database(other, house.models)
    with pytest.raises(Refused, match=f"This backup is of {made.contents.kind}"):
        await restore(made.file)
    assert not (tmp_path / "other.db").exists()


@pytest.mark.parametrize("house", ["postgres"], indirect=True)
async def test_what_a_provider_puts_into_each_new_database_is_left_alone(restore: Restores, made: Made) -> None:
    """A schema, a routine: it is empty as long as there is no table, and all else goes if the backup is no good."""
    async with restore.place.opened():
        for kept in ("SCHEMA theirs", "FUNCTION theirs.one() RETURNS int LANGUAGE sql AS 'SELECT 1'"):
            await query(f"CREATE {kept}")
        before = await query(postgres_dump.STANDING)
    with pytest.MonkeyPatch.context() as patch:
        looks_as_if(patch, rows=made.contents.rows | {"event": 2})
        assert "is not what was backed up" in await restore.why_not(made.file)
    async with restore.place.opened():
        assert await query(postgres_dump.STANDING) == before
    assert (await restore(made.file)).contents == made.contents


@pytest.mark.parametrize("house", ["postgres"], indirect=True)
async def test_an_older_pg_restore_that_cannot_read_the_file_says_so(
    restore: Restores, made: Made, tmp_path: Path
) -> None:
    (tmp_path / "pg_restore").write_text(
        "#!/bin/sh\necho 'pg_restore: error: unsupported version (1.99)' >&2; exit 1\n"
    )
    (tmp_path / "pg_restore").chmod(0o755)
    restore.chosen = restore.chosen.model_copy(update={"backup_programs": tmp_path})
    why = await restore.why_not(made.file)
    assert why.startswith("pg_restore failed: pg_restore: error: unsupported version (1.99). Install newer ones")


async def test_a_damaged_audit_log_is_named_and_restored_only_if_asked(
    restore: Restores, house: Database, made: Made, chosen: Settings
) -> None:
    async with house.opened():
        await query(UNTRIGGERED[made.contents.kind])
        await query("UPDATE audit_entry SET actor = 'staff:9'")
        damaged = await backing_up.back_up(house, chosen, REAL + timedelta(hours=1))
    why = await restore.why_not(damaged.file)
    assert "Entry 1 was changed (seal 1)." in why
    assert "Nothing was restored." in why
    restored = await restore(damaged.file, with_faults=True)
    assert restored.faults == why.splitlines()[:2]


@pytest.mark.parametrize("house", ["sqlite"], indirect=True)
async def test_rows_whose_others_are_missing_are_found(
    restore: Restores, house: Database, made: Made, chosen: Settings
) -> None:
    with sqlite3.connect(house.file or "") as thief:
        thief.execute("PRAGMA foreign_keys = OFF")
        thief.execute("DELETE FROM registration")
    thief.close()
    later = await backing_up.back_up(house, chosen, REAL + timedelta(hours=1))
    assert await restore.why_not(later.file) == sqlite_place.DANGLING.format("link_answers")


def test_a_database_that_was_damaged_before_is_found(sqlite_template: Path, tmp_path: Path) -> None:
    file = Path(shutil.copyfile(sqlite_template, tmp_path / "damaged.db"))
    sqlite_place.look_over(file)
    data = bytearray(file.read_bytes())
    data[4096:8192] = bytes(4096)
    file.write_bytes(data)
    with pytest.raises(Refused, match="The database in this backup is not whole"):
        sqlite_place.look_over(file)


async def test_rows_that_got_lost_on_the_way_are_found(
    restore: Restores, made: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control for a place that would lose some: what was counted when it was made is counted again."""
    wrong = made.contents.rows | {"event": 2}
    looks_as_if(monkeypatch, rows=wrong)
    assert await restore.why_not(made.file) == "What was restored is not what was backed up: event."

"""pg_dump and pg_restore are found, and told no more than the setting says."""

import os
from pathlib import Path

import pytest

from events.backup import backing_up, postgres_programs
from events.ground import clock
from events.ground.database import Database
from events.ground.refusal import Refused
from events.ground.settings import Settings
from server import MODELS
from tests.people import an_event


def install(folder: Path, version: str, name: str = "pg_dump") -> Path:
    folder.mkdir(parents=True)
    (folder / name).write_text(f"#!/bin/sh\necho '{name} (PostgreSQL) {version}'\n")
    (folder / name).chmod(0o755)
    return folder / name


@pytest.fixture
def system(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine with versions 14, 16 and 18 where Debian puts them, and another 16 on the PATH."""
    for version in ("18.4", "14.1 (Debian 14.1-1)", "16.14"):
        install(tmp_path / "lib" / version.partition(".")[0] / "bin", version)
    monkeypatch.setattr(postgres_programs, "DEBIANS", tmp_path / "lib")
    monkeypatch.setenv("PATH", str(install(tmp_path / "path", "16.2").parent) + os.pathsep + os.environ["PATH"])
    return tmp_path


def test_the_servers_own_version_is_taken_or_what_the_system_itself_would_run(system: Path) -> None:
    found = [postgres_programs.find("pg_dump", None, server) for server in (14, 16, 17)]
    assert found == [system / "lib/14/bin/pg_dump", system / "lib/16/bin/pg_dump", system / "path/pg_dump"]


def test_the_folder_of_the_setting_is_the_only_one(system: Path) -> None:
    folder = system / "lib" / "14" / "bin"
    assert postgres_programs.find("pg_dump", folder, 16) == folder / "pg_dump"
    with pytest.raises(Refused) as refused:
        postgres_programs.find("pg_restore", folder, 16)
    assert refused.value.sentence == postgres_programs.MISSING.format("pg_restore", 16)


MINIMAL = {"PATH": os.defpath, "LC_ALL": "C", "PGCONNECT_TIMEOUT": "15"}


@pytest.mark.parametrize(
    ("url", "told"),
    [
        (
            "postgresql://muster:p%40ss@127.0.0.1:5433/places",
            {"PGHOST": "127.0.0.1", "PGPORT": "5433", "PGUSER": "muster", "PGPASSWORD": "p@ss", "PGDATABASE": "places"},
        ),
        ("postgresql:///places", {"PGPORT": "5432", "PGDATABASE": "places"}),
    ],
)
def test_it_is_told_the_setting_and_nothing_else(
    monkeypatch: pytest.MonkeyPatch, url: str, told: dict[str, str]
) -> None:
    monkeypatch.setenv("MUSTER_KEY", "a secret")
    monkeypatch.setenv("PGHOST", "elsewhere.example.org")
    assert postgres_programs.environment(Database(url, MODELS)) == told | MINIMAL


def test_a_server_on_another_machine_is_verified() -> None:
    url = "postgresql://muster@db.example.org/places"
    said = postgres_programs.environment(Database(url, MODELS))
    told = [said[name] for name in ("PGSSLMODE", "PGSSLROOTCERT", "PGGSSENCMODE")]
    assert told == ["verify-full", "system", "disable"], "no Kerberos in place of TLS: that would verify no certificate"


def test_of_an_error_the_first_line_is_told_alone() -> None:
    said = b"pg_restore: error: duplicate key\nDETAIL: Key (email)=(ada@wardens.example.org) already exists.\n"
    assert postgres_programs.first_words(said) == "pg_restore: error: duplicate key"
    assert postgres_programs.first_words(b"") == "it did not say why"


@pytest.mark.parametrize("house", ["postgres"], indirect=True)
async def test_a_dump_that_breaks_off_leaves_no_backup(house: Database, chosen: Settings, tmp_path: Path) -> None:
    folder = tmp_path / "breaks"
    install(folder, "99.0").write_text("#!/bin/sh\necho half; echo 'pg_dump: broke' >&2; exit 1\n")
    async with house.opened():
        await an_event()
        with pytest.raises(Refused, match="pg_dump failed: pg_dump: broke"):
            await backing_up.back_up(house, chosen.model_copy(update={"backup_programs": folder}), clock.real())
    assert chosen.backup_folder is not None
    assert list(chosen.backup_folder.iterdir()) == []

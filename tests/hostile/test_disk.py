"""Disks that fail: full, read-only, a file that is no database or was cut short. Everybody is told, nothing hangs."""

import asyncio
import os
import resource
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from click.testing import CliRunner
from structlog.testing import capture_logs
from tortoise.exceptions import BaseORMException

from events import readiness
from events.event import Event
from events.ground import settings
from events.ground.database import Database, query, run_tx, take_a_write
from events.ground.outage import is_away
from server import MODELS, main
from tests.browser import browsing
from tests.conftest import SETTINGS
from tests.waiting import WITHIN

NOBODY = 65534


@contextmanager
def no_byte_more() -> Iterator[None]:
    """As on a full disk: no file of this process grows. The log lines go nowhere meanwhile."""
    usual = resource.getrlimit(resource.RLIMIT_FSIZE)
    with capture_logs():
        resource.setrlimit(resource.RLIMIT_FSIZE, (1, usual[1]))
        try:
            yield
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, usual)


@pytest.fixture
def own_file(sqlite_template: Path) -> Iterator[Path]:
    """A migrated database in a folder that other users can look into."""
    folder = Path(tempfile.mkdtemp(prefix="muster-disk-"))
    folder.chmod(0o755)
    file = Path(shutil.copyfile(sqlite_template, folder / "muster.db"))
    file.chmod(0o644)
    yield file
    shutil.rmtree(folder)


@pytest.fixture(autouse=True)
def never_written(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readiness, "_wrote_at", None)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_on_a_full_disk_nobody_is_told_that_all_is_ready(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(readiness, "WRITES_EVERY", 0)
    async with browsing(database) as client:
        before = await client.get("/readyz")
        with no_byte_more():
            full = await client.get("/readyz")
        after = await client.get("/readyz")
    assert (before.status_code, after.status_code) == (200, 200)
    assert (full.status_code, full.json()["missing"]) == (503, ["database: OperationalError"])


async def test_nor_after_a_restart_there(own_file: Path) -> None:
    with no_byte_more():
        async with asyncio.timeout(WITHIN), (restarted := Database(f"sqlite://{own_file}", MODELS)).opened():
            assert await readiness.missing_now(restarted) == ["database: OperationalError"]
            assert await readiness.missing_now(restarted) == ["database: OperationalError"], "nobody holds a lock"
    async with restarted.opened():
        assert await readiness.missing_now(restarted) == []


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_an_act_that_found_no_room_is_undone_whole_and_the_next_one_is_its_own(
    database: Database, event: Event
) -> None:
    @run_tx
    async def rename(title: str) -> None:
        await Event.filter(id=event.id).update(title=title)

    with no_byte_more(), pytest.raises((sqlite3.Error, BaseORMException)) as failed:
        await rename("too much")
    assert is_away(failed.value)
    await Event.filter(id=event.id).update(access_facts="a pen")
    await rename("enough")
    assert await query("SELECT title, access_facts FROM event") == [{"title": "enough", "access_facts": "a pen"}]


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_a_disk_with_hardly_any_room_is_told(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = shutil.disk_usage("/")
    for free, missing in ((12 << 20, ["disk: 12 MB free"]), (readiness.LEAST_ROOM, [])):
        monkeypatch.setattr(shutil, "disk_usage", lambda _, free=free: usage._replace(free=free))
        assert await readiness.missing_now(database) == missing


async def test_readiness_writes_for_real_but_seldom(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[None] = []

    async def noting() -> None:
        written.append(None)
        await take_a_write()

    monkeypatch.setattr(readiness, "take_a_write", noting)
    for _ in range(3):
        assert await readiness.missing_now(database) == []
    assert len(written) == 1


@contextmanager
def read_only(folder: Path) -> Iterator[None]:
    """For whoever runs the tests; root may write everywhere, and is nobody for the while."""
    folder.chmod(0o555)
    root = os.geteuid() == 0
    if root:
        os.seteuid(NOBODY)
    try:
        yield
    finally:
        if root:
            os.seteuid(0)
        folder.chmod(0o755)


def ran(file: Path, *words: str) -> tuple[int, list[str]]:
    settings.choose(SETTINGS.model_copy(update={"database_url": f"sqlite://{file}"}))
    result = CliRunner().invoke(main, list(words))
    assert result.exception is None or isinstance(result.exception, SystemExit), "no traceback"
    return result.exit_code, [
        line for line in result.output.splitlines() if "database: " in line or line.startswith("Error")
    ]


DOES_NOT_ANSWER = "TO DO       database: does not answer ({}): look at MUSTER_DATABASE_URL"


def test_what_is_no_database_or_cut_short_ends_doctor_and_audit_verify_with_a_sentence(own_file: Path) -> None:
    whole = own_file.read_bytes()
    assert ran(own_file, "doctor")[1] == ["OK          database: SQLite answers"]
    assert ran(own_file, "audit", "verify")[0] == 0
    for wrong in (b"no database at all, " * 500, whole[: len(whole) // 3]):
        own_file.write_bytes(wrong)
        assert ran(own_file, "doctor") == (1, [DOES_NOT_ANSWER.format("DatabaseError")])
        said = "Error: The database does not answer (DatabaseError): see ./run doctor"
        assert ran(own_file, "audit", "verify") == (1, [said])
        assert ran(own_file, "serve")[0] == 1


def test_a_read_only_folder_ends_doctor_and_audit_verify_with_a_sentence(own_file: Path) -> None:
    assert ran(own_file, "doctor")[1] == ["OK          database: SQLite answers"]
    with read_only(own_file.parent):
        assert ran(own_file, "doctor") == (1, [DOES_NOT_ANSWER.format("OperationalError")])
        said = "Error: The database does not answer (OperationalError): see ./run doctor"
        assert ran(own_file, "audit", "verify") == (1, [said])

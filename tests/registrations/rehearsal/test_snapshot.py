"""What two rehearsals of one version have in common, and what the next version throws away."""

import asyncio
import os
import stat
from datetime import datetime, timedelta
from pathlib import Path

import pytest

import server
from events.ground import data_keys, keys
from events.ground.database import Database, query
from registrations.rehearsal import rehearsing, snapshot
from tests.people import MONDAY

SEALED = list[bytes]()


async def seal_something(until: datetime) -> None:
    SEALED[:] = [data_keys.seal(data_keys.kept().make("launch"), "name", "row:1", f"until {until:%H:%M}")]


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Of a small Muster, whose invented people do next to nothing."""
    monkeypatch.setattr(rehearsing, "fill", seal_something)
    for name in ("events/one.py", "registrations/rehearsal/two.toml", "requirements.lock"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("# as it was")
    return tmp_path


def test_one_is_of_its_version_and_its_moment(root: Path) -> None:
    place = snapshot.place_of(root, MONDAY)
    assert snapshot.place_of(root, MONDAY + timedelta(hours=1)) != place
    for name in ("events/one.py", "registrations/rehearsal/two.toml", "requirements.lock"):
        os.utime(root / name, (1, 1))
        assert snapshot.place_of(root, MONDAY) == place
        (root / name).write_text("# as it is now")
        assert snapshot.place_of(root, MONDAY) != place
        place = snapshot.place_of(root, MONDAY)


def test_each_rehearsal_gets_a_copy_and_its_keys(root: Path, tmp_path: Path) -> None:
    place = snapshot.place_of(root, MONDAY)
    snapshot.make(place, server.MODELS, MONDAY)
    keys.install(None)
    data_keys.install(None)
    snapshot.copy(place, tmp_path / "rehearsal-1")
    assert data_keys.open_sealed("name", "row:1", SEALED[0]) == f"until {MONDAY:%H:%M}"
    assert keys.are_installed()
    assert data_keys.kept().destroy("launch") is False, "a rehearsal that destroys its key has its own"
    snapshot.copy(place, tmp_path / "rehearsal-2")
    assert data_keys.kept().slugs == ["launch"]
    assert asyncio.run(tables(tmp_path / "rehearsal-2" / "muster.db")) > 50


async def tables(file: Path) -> int:
    async with (copied := Database(f"sqlite://{file}", server.MODELS)).opened():
        assert await copied.lacks_migrations() is False
        return len(await query("SELECT name FROM sqlite_master WHERE type = 'table'"))


def test_nobody_else_on_the_machine_reads_it(root: Path, tmp_path: Path) -> None:
    place = snapshot.place_of(root, MONDAY)
    snapshot.make(place, server.MODELS, MONDAY)
    snapshot.copy(place, tmp_path / "rehearsal-1")
    assert {stat.S_IMODE(path.stat().st_mode) for path in (place.parent, place, tmp_path / "rehearsal-1")} == {0o700}
    files = [place / "key", place / "muster.db", tmp_path / "rehearsal-1" / "muster.db"]
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}


def test_a_new_version_removes_those_before_it_and_keeps_its_own(root: Path) -> None:
    for at in (MONDAY, MONDAY + timedelta(hours=1)):
        snapshot.make(snapshot.place_of(root, at), server.MODELS, at)
    snapshot.make(snapshot.place_of(root, MONDAY), server.MODELS, MONDAY)  # another process was as quick
    folder = root / "var" / "rehearsal-snapshots"
    assert len(list(folder.iterdir())) == 2
    (root / "events" / "one.py").write_text("# as it is now")
    snapshot.make(newest := snapshot.place_of(root, MONDAY), server.MODELS, MONDAY)
    assert list(folder.iterdir()) == [newest]


def test_the_first_makes_it_and_begins_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    called = list[list[str]]()
    monkeypatch.setattr("os.execv", lambda program, words: called.append([program, *words]))
    monkeypatch.setattr("sys.orig_argv", ["python3", "-P", "-m", "server", "rehearse", "--port", "8416"])
    monkeypatch.setattr("sys.executable", "/venv/bin/python")
    snapshot.begin_anew()
    assert called == [["/venv/bin/python"] * 2 + ["-P", "-m", "server", "rehearse", "--port", "8416"]]

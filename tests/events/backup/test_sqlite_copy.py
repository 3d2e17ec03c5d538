"""The copy of a SQLite database has no name, takes no memory, is of one moment, and is gone with its process.

Rules: SE-16.
"""

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from events.backup import backing_up, sqlite_copy
from events.backup import contents as contents_of
from events.backup.contents import NOTHING, Contents
from events.ground import clock
from events.ground.database import Database, query
from events.ground.refusal import Refused
from events.ground.settings import Settings
from server import ROOT
from tests.events.backup.restores import Restores
from tests.people import an_event

SQLITE = pytest.mark.parametrize("house", ["sqlite"], indirect=True)
LINUX = pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="only Linux shows that of a process")
NOW = clock.real()


@pytest.fixture
def file(sqlite_template: Path, tmp_path: Path) -> Path:
    (tmp_path / "var").mkdir()
    return Path(shutil.copyfile(sqlite_template, tmp_path / "var" / "muster.db"))


def beside(file: Path) -> set[str]:
    """What lies in the database's folder but for its own journal."""
    return {path.name for path in file.parent.iterdir()} - {"muster.db-wal", "muster.db-shm"}


async def why_not(file: Path) -> str:
    with pytest.raises(Refused) as refused:
        async with sqlite_copy.taken(file, NOW):
            pass
    assert beside(file) <= {"muster.db"}
    return refused.value.sentence


async def test_its_name_is_gone_before_anything_is_written(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fill, seen = sqlite_copy._copied, list[set[str]]()

    async def looked(*what: Any) -> Contents:
        seen.append(beside(file))
        contents = await fill(*what)
        seen.append(beside(file))
        return contents

    monkeypatch.setattr(sqlite_copy, "_copied", looked)
    async with sqlite_copy.taken(file, NOW) as (_, copy):
        seen.append(beside(file))
        assert copy.read(1 << 30).startswith(b"SQLite format 3"), "the control: the copy is there"
    assert [*seen, beside(file)] == [{"muster.db"}] * 4


COPIES = """
import asyncio, sys
from pathlib import Path
from events.backup import sqlite_copy
from events.ground import clock

async def main():
    async with sqlite_copy.taken(Path(sys.argv[1]), clock.real()):
        print("copied", flush=True)
        sys.stdin.read()

asyncio.run(main())
"""


def open_in(pid: int) -> list[bytes]:
    """How the files begin that a process has open, but that nobody finds."""
    links = [(link, os.readlink(link)) for link in Path(f"/proc/{pid}/fd").iterdir()]
    return [link.read_bytes()[:15] for link, path in links if path.endswith("(deleted)")]


@LINUX
def test_a_process_that_is_killed_leaves_no_copy(file: Path) -> None:
    command = [sys.executable, "-c", COPIES, str(file)]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as dying:  # noqa: S603
        assert dying.stdout is not None
        assert dying.stdout.readline() == b"copied\n"
        assert b"SQLite format 3" in open_in(dying.pid), "the control: the copy is there"
        os.kill(dying.pid, signal.SIGKILL)
    assert {path.name for path in file.parent.iterdir()} <= {"muster.db", "muster.db-wal", "muster.db-shm"}


MEASURED = """
import asyncio, re, sys
from pathlib import Path
from events.backup import sqlite_copy
from events.ground import clock

def peak():  # of this program alone; what the system counts of a process begins with that of its parent
    return int(re.search(r"VmHWM:\\s+([0-9]+) kB", Path("/proc/self/status").read_text())[1])

async def main():
    before, size = peak(), 0
    async with sqlite_copy.taken(Path(sys.argv[1]), clock.real()) as (_, copy):
        while piece := copy.read(1 << 18):
            size += len(piece)
    print(size >> 20, (peak() - before) >> 10)

asyncio.run(main())
"""


@LINUX
def test_it_takes_no_memory_for_what_it_copies(file: Path) -> None:
    with closing(sqlite3.connect(file)) as filling, filling:
        filling.execute("CREATE TABLE filler (bytes BLOB)")
        filling.executemany("INSERT INTO filler VALUES (zeroblob(?))", [[1 << 20]] * 80)
    command = [sys.executable, "-c", MEASURED, str(file)]
    said = subprocess.run(command, cwd=ROOT, capture_output=True, check=True, text=True)  # noqa: S603
    size, taken = map(int, said.stdout.split())
    assert (size >= 80, taken < 40) == (True, True), said.stdout


@SQLITE
async def test_what_is_written_while_it_counts_is_in_neither(
    house: Database, chosen: Settings, restore: Restores, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was counted is compared with what was copied when it is restored."""
    count = contents_of.counted

    async def counted_late(*what: Any) -> Contents:
        contents = await count(*what)
        await an_event()
        return contents

    monkeypatch.setattr(sqlite_copy, "counted", counted_late)
    async with house.opened():
        await an_event()
        made = await backing_up.back_up(house, chosen, NOW)
        assert await query("SELECT count(*) AS number FROM event") == [{"number": 2}]
    assert (await restore(made.file)).contents.rows["event"] == 1


async def test_a_disk_without_room_is_told_before_it_is_full(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite_copy, "LEFT_FREE", 1 << 60)
    assert (await why_not(file)).startswith("The disk of the database is too full: a backup needs 10995116277")


@pytest.mark.parametrize(
    ("content", "told"),
    [(b"no database" * 1000, sqlite_copy.NOT_COPIED.format("file is not a database")), (b"", NOTHING)],
)
async def test_what_cannot_be_copied_is_told(tmp_path: Path, content: bytes, told: str) -> None:
    assert await why_not(written(tmp_path / "muster.db", content)) == told
    assert await why_not(tmp_path / "nowhere.db") == NOTHING


def written(file: Path, content: bytes) -> Path:
    file.write_bytes(content)
    return file

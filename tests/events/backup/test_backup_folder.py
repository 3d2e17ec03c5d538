"""In the folder a name of a backup stands for a whole backup, and none is kept longer than thirty days.

Rules: DP-07.
"""

import os
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from events.backup import backup_folder
from server import ROOT

NOON = datetime(2019, 4, 8, 12, 0, tzinfo=UTC)
NAME = "muster-20190408T120000Z.age"


def put(folder: Path, at: datetime) -> Path:
    with backup_folder.new_file(folder, at) as (file, out):
        out.write(b"sealed")
    return file


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_new_one_is_named_by_its_time_and_nobody_else_may_read_it(tmp_path: Path) -> None:
    file = put(tmp_path, NOON.astimezone(datetime.fromisoformat("2019-04-08T14:00+02:00").tzinfo))
    assert (file.name, file.stat().st_mode & 0o777, names(tmp_path)) == (NAME, 0o600, [NAME])
    assert backup_folder.newest(tmp_path) == backup_folder.Backup(file, NOON)


def test_other_files_are_none(tmp_path: Path) -> None:
    for name in ("notes.txt", f".{NAME}.part", f"{NAME}.part", "muster-20190408.age", "x" + NAME):
        (tmp_path / name).touch()
    assert backup_folder.newest(tmp_path) is None
    assert backup_folder.newest(tmp_path / "nowhere") is None


def test_what_fails_half_way_leaves_nothing(tmp_path: Path) -> None:
    def fails() -> None:
        with backup_folder.new_file(tmp_path, NOON) as (_, out):
            out.write(b"half")
            out.flush()
            assert names(tmp_path) == [f".{NAME}.part"], "the control: it was being written"
            raise OSError

    with pytest.raises(OSError):  # noqa: PT011
        fails()
    assert names(tmp_path) == []


KILLED = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from events.backup import backup_folder
folder = Path(sys.argv[1])
with backup_folder.held(folder), backup_folder.new_file(folder, datetime(2019, 4, 8, 12, 0, tzinfo=UTC)) as (_, out):
    out.write(b"half")
    out.flush()
    print("half", flush=True)
    sys.stdin.read()
"""


def test_a_process_killed_half_way_leaves_no_half_backup_and_the_next_clears_up(tmp_path: Path) -> None:
    command = [sys.executable, "-c", KILLED, str(tmp_path)]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as dying:  # noqa: S603
        assert dying.stdout is not None
        assert dying.stdout.readline() == b"half\n"
        with pytest.raises(backup_folder.Busy), backup_folder.held(tmp_path):
            pytest.fail("two at once")
        os.kill(dying.pid, signal.SIGKILL)
    assert (names(tmp_path), backup_folder.all_in(tmp_path)) == ([f".{NAME}.part"], [])
    with backup_folder.held(tmp_path):
        assert backup_folder.clear_unfinished(tmp_path) == 1
        put(tmp_path, NOON)
    assert names(tmp_path) == [NAME]


def test_only_what_was_unfinished_here_is_cleared(tmp_path: Path) -> None:
    kept = [".notes.part", "notes.part", NAME]
    for name in (*kept, f".{NAME}.part"):
        (tmp_path / name).touch()
    assert backup_folder.clear_unfinished(tmp_path) == 1
    assert names(tmp_path) == sorted(kept)


def test_those_of_thirty_days_are_kept_and_older_ones_go(tmp_path: Path) -> None:
    for days in range(40):
        put(tmp_path, NOON - timedelta(days=days))
    (tmp_path / "notes.txt").touch()
    assert backup_folder.delete_old(tmp_path, NOON) == 10
    kept = backup_folder.all_in(tmp_path)
    assert [backup.taken_at for backup in kept] == [NOON - timedelta(days=days) for days in range(29, -1, -1)]
    assert (tmp_path / "notes.txt").exists()


def test_the_last_one_is_not_deleted_for_its_age(tmp_path: Path) -> None:
    put(tmp_path, NOON)
    assert backup_folder.delete_old(tmp_path, NOON + timedelta(days=400)) == 0
    put(tmp_path, NOON + timedelta(days=400))
    assert backup_folder.delete_old(tmp_path, NOON + timedelta(days=400)) == 1

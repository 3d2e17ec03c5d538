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
from events.ground.refusal import Refused
from server import ROOT

NOON = datetime(2019, 4, 8, 12, 0, tzinfo=UTC)
NAME = "muster-20190408T120000Z.age"


NO_TIMES = ("20190231T120000", "20190408T250000", "\u0661" * 8 + "T" + "\u0661" * 6)  # the last in digits of others
ODD = [f"muster-{written}Z.age" for written in NO_TIMES]


def put(folder: Path, at: datetime) -> Path:
    with backup_folder.new_file(folder, at) as (file, out):
        out.write(b"sealed")
    return file


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_new_one_is_named_by_its_time_and_nobody_else_may_read_it(tmp_path: Path) -> None:
    file = put(tmp_path, NOON.astimezone(datetime.fromisoformat("2019-04-08T14:00+02:00").tzinfo))
    assert (file.name, file.stat().st_mode & 0o777, names(tmp_path)) == (NAME, 0o600, [NAME])
    assert backup_folder.newest(tmp_path, NOON) == backup_folder.Backup(file, NOON)


def test_other_files_are_none(tmp_path: Path) -> None:
    """Nor do they keep anybody from making one, or from looking at those that there are."""
    for name in ("notes.txt", f".{NAME}.part", f"{NAME}.part", "muster-20190408.age", "x" + NAME, *ODD):
        (tmp_path / name).touch()
    (tmp_path / NAME).mkdir()
    (tmp_path / NAME.replace("12", "11")).symlink_to(tmp_path / "notes.txt")
    assert backup_folder.all_in(tmp_path) == []
    assert backup_folder.newest(tmp_path, NOON) is None
    assert backup_folder.newest(tmp_path / "nowhere", NOON) is None
    assert backup_folder.delete_old(tmp_path, NOON + timedelta(days=400)) == 0


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
from events.ground.refusal import Refused
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
    other = f".{NAME.replace('12', '11')}.part"
    kept.append(other)
    (tmp_path / other).mkdir()
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


def test_the_last_ones_are_not_deleted_for_their_age(tmp_path: Path) -> None:
    """Until two younger ones are there: a clock that is wrong by a year makes all of them old at once."""
    later = NOON + timedelta(days=400)
    for at in (NOON, NOON + timedelta(days=1)):
        put(tmp_path, at)
    assert backup_folder.delete_old(tmp_path, later) == 0
    put(tmp_path, later)
    assert backup_folder.delete_old(tmp_path, later) == 0
    put(tmp_path, later + timedelta(days=1))
    assert backup_folder.delete_old(tmp_path, later + timedelta(days=1)) == 2


def test_what_a_wrong_clock_dated_ahead_is_not_the_newest_and_keeps_nothing_from_going(tmp_path: Path) -> None:
    ahead = put(tmp_path, NOON + timedelta(days=4000))
    for days in (0, 1, 31):
        put(tmp_path, NOON - timedelta(days=days))
    newest = backup_folder.newest(tmp_path, NOON)
    assert newest is not None
    assert (newest.taken_at, backup_folder.delete_old(tmp_path, NOON), ahead.exists()) == (NOON, 1, True)
    a_little = NOON + timedelta(minutes=9)
    assert backup_folder.newest(tmp_path, a_little) == newest
    put(tmp_path, a_little)
    found = backup_folder.newest(tmp_path, NOON)
    assert found is not None
    assert found.taken_at == a_little, "clocks of two machines differ by so much"


def test_only_a_person_makes_the_folder_and_only_where_its_disk_is(tmp_path: Path) -> None:
    folder = tmp_path / "disk" / "backups"
    with pytest.raises(Refused, match="Mount its disk"), backup_folder.held(folder):
        pytest.fail("it would be made on our own disk")
    with pytest.raises(Refused, match="is its disk mounted"):
        backup_folder.make(folder)
    assert list(tmp_path.iterdir()) == []
    folder.parent.mkdir()
    backup_folder.make(folder)
    with backup_folder.held(folder):
        assert (folder.stat().st_mode & 0o777, backup_folder.fault(folder)) == (0o700, "")


def test_a_folder_that_is_away_or_open_to_others_is_told(tmp_path: Path) -> None:
    assert backup_folder.fault(tmp_path / "away") == backup_folder.NOT_THERE.format(tmp_path / "away")
    modes = {
        0o700: "",
        0o755: "",
        0o770: backup_folder.OTHERS.format(tmp_path),
        0o707: backup_folder.OTHERS.format(tmp_path),
    }
    for mode, told in modes.items():
        tmp_path.chmod(mode)
        assert backup_folder.fault(tmp_path) == told


def test_a_link_in_its_place_is_not_written_through(tmp_path: Path) -> None:
    """Whoever may write into the folder could have it write into another file of ours."""
    victim = tmp_path / "victim"
    victim.write_bytes(b"theirs")
    (tmp_path / f".{NAME}.part").symlink_to(victim)
    with pytest.raises(FileExistsError):
        put(tmp_path, NOON)
    assert backup_folder.clear_unfinished(tmp_path) == 0, "what failed has removed the link"
    (tmp_path / NAME).symlink_to(victim)
    put(tmp_path, NOON)
    assert (victim.read_bytes(), (tmp_path / NAME).is_symlink()) == (b"theirs", False)

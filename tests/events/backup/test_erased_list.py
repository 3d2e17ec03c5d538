"""The list of what was erased: whole lines alone, nobody else's, safe on the disk, and no older than the backups.

Rules: DP-07, DP-08.
"""

import fcntl
import multiprocessing
import os
import threading
from datetime import timedelta
from pathlib import Path

import pytest

from events.backup import backup_folder, erased_list
from events.backup.erased_list import NAME, Entry, Listed
from events.ground import keys
from registrations.people import erased
from tests.conftest import SETTINGS
from tests.events.backup.restores import REAL
from tests.people import MONDAY

DAY = timedelta(days=1)


def an_entry(tag: str, noted_at: timedelta = timedelta(0)) -> Entry:
    return Entry(frozenset({tag * 64, "0" * 64}), MONDAY, REAL + noted_at)


def lines(folder: Path) -> list[str]:
    return (folder / NAME).read_text().splitlines()


def test_what_is_noted_is_read_again_and_names_nobody_to_whom_has_no_key(tmp_path: Path) -> None:
    entries = [an_entry("a"), an_entry("b", DAY)]
    for entry in entries:
        erased_list.append(tmp_path, entry)
    assert erased_list.read(tmp_path / NAME) == Listed(entries, [])
    assert (tmp_path / NAME).stat().st_mode & 0o777 == 0o600


def test_a_folder_whose_disk_is_away_is_not_made_anew(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        erased_list.append(tmp_path / "backups", an_entry("a"))
    assert list(tmp_path.iterdir()) == []


def test_a_link_in_its_place_leads_nowhere(tmp_path: Path) -> None:
    """Whoever may write into the folder could else have us write into another file."""
    (tmp_path / "other").write_text("what stands here")
    (tmp_path / NAME).symlink_to(tmp_path / "other")
    for write in (lambda: erased_list.append(tmp_path, an_entry("a")), lambda: erased_list.prune(tmp_path, REAL)):
        with pytest.raises(OSError, match="symbolic links"):
            write()
    assert (tmp_path / "other").read_text() == "what stands here"


@pytest.mark.parametrize("what", ["another tag", "another time", "another mac", "no key", "nothing", "two blanks"])
def test_a_line_that_somebody_slipped_in_or_changed_is_named_and_counts_for_nothing(tmp_path: Path, what: str) -> None:
    ring = keys.ring()
    if what == "no key":
        keys.install(keys.Keyring([keys.new_key()]))
    erased_list.append(tmp_path, an_entry("a"))
    keys.install(ring)
    [line] = lines(tmp_path)
    forged = {
        "another tag": line.replace("a" * 64, "b" * 64), "another time": line.replace(f"{MONDAY.year}", "2029", 1),
        "another mac": f"{line[:-1]}{'0' if line[-1] != '0' else '1'}", "no key": line, "nothing": "",
        "two blanks": line.replace(" ", "  "),
    }  # fmt: skip
    (tmp_path / NAME).write_text(f"{forged[what]}\n")
    erased_list.append(tmp_path, an_entry("c"))
    listed = erased_list.read(tmp_path / NAME)
    assert listed == Listed([an_entry("c")], [f"Line 1 of {NAME} is not as Muster wrote it, or its key is not here."])


def test_a_new_instance_key_forgets_no_line(tmp_path: Path) -> None:
    erased_list.append(tmp_path, an_entry("a"))
    keys.install(keys.Keyring([keys.new_key(), SETTINGS.key.get_secret_value()]))
    erased_list.append(tmp_path, an_entry("b"))
    assert erased_list.read(tmp_path / NAME) == Listed([an_entry("a"), an_entry("b")], [])
    assert erased_list.proved_by_older(tmp_path) == 1


def test_a_look_at_the_list_proves_all_by_the_new_key_so_that_the_old_one_can_go(tmp_path: Path) -> None:
    old, new = SETTINGS.key.get_secret_value(), keys.new_key()
    erased_list.append(tmp_path, an_entry("a"))
    keys.install(keys.Keyring([new, old]))
    assert erased_list.prune(tmp_path, REAL) == 0
    assert erased_list.proved_by_older(tmp_path) == 0
    keys.install(keys.Keyring([new]))
    assert erased_list.read(tmp_path / NAME) == Listed([an_entry("a")], [])


@pytest.mark.parametrize("left", ["2019-04-08T08:00", "x" * 200, "é"])
def test_half_a_line_that_a_loss_of_power_left_is_no_fault_and_spoils_no_other(tmp_path: Path, left: str) -> None:
    erased_list.append(tmp_path, an_entry("a"))
    with (tmp_path / NAME).open("a") as file:
        file.write(left)
    assert erased_list.read(tmp_path / NAME) == Listed([an_entry("a")], [])
    erased_list.append(tmp_path, an_entry("b"))
    assert erased_list.read(tmp_path / NAME) == Listed([an_entry("a"), an_entry("b")], [])


def test_a_line_is_on_the_disk_when_it_is_noted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced = list[int]()
    fsync = os.fsync

    def noted(handle: int) -> None:
        synced.append(os.fstat(handle).st_size)
        fsync(handle)

    monkeypatch.setattr(os, "fsync", noted)
    erased_list.append(tmp_path, an_entry("a"))
    assert (tmp_path / NAME).stat().st_size in synced
    assert len(synced) == 2, "the folder too, since the file is new"


def note_many(folder: Path, tag: str) -> None:
    keys.install(keys.Keyring([SETTINGS.key.get_secret_value()]))
    for _ in range(30):
        erased_list.append(folder, an_entry(tag))
        erased_list.prune(folder, REAL + 40 * DAY)


def test_several_processes_at_once_lose_no_line(tmp_path: Path) -> None:
    """While each of them also takes old ones out, and so replaces the file."""
    with backup_folder.new_file(tmp_path, REAL - DAY) as (_, out):
        out.write(b"a backup from before them all")
    forks = multiprocessing.get_context("fork")
    children = [forks.Process(target=note_many, args=(tmp_path, tag)) for tag in "abcd"]
    for child in children:
        child.start()
    for child in children:
        child.join()
    listed = erased_list.read(tmp_path / NAME)
    assert (len(listed.entries), listed.faults) == (120, [])


def test_what_no_backup_can_bring_back_any_more_goes_after_thirty_days(tmp_path: Path) -> None:
    for days, tag in enumerate("abcd"):
        erased_list.append(tmp_path, an_entry(tag, days * DAY))
    assert erased_list.prune(tmp_path, REAL + 29 * DAY) == 0, "backups elsewhere may be as old"
    with backup_folder.new_file(tmp_path, REAL + 1.5 * DAY) as (_, out):
        out.write(b"a backup")
    assert erased_list.prune(tmp_path, REAL + 60 * DAY) == 2, "but not what was erased since the oldest that is left"
    assert erased_list.read(tmp_path / NAME) == Listed([an_entry("c", 2 * DAY), an_entry("d", 3 * DAY)], [])
    assert [path.name for path in tmp_path.iterdir() if "part" in path.name] == []


def test_while_a_backup_is_dated_ahead_no_line_goes(tmp_path: Path) -> None:
    """Nobody knows what it can bring back."""
    erased_list.append(tmp_path, an_entry("a"))
    with backup_folder.new_file(tmp_path, REAL + 400 * DAY) as (file, out):
        out.write(b"a backup")
    assert erased_list.prune(tmp_path, REAL + 60 * DAY) == 0
    file.unlink()
    assert erased_list.prune(tmp_path, REAL + 60 * DAY) == 1


def test_where_there_is_no_list_an_empty_one_is_made(tmp_path: Path) -> None:
    assert erased_list.prune(tmp_path, REAL) == 0
    assert erased_list.read(tmp_path / NAME) == Listed([], [])


def test_a_row_waits_as_long_as_backups_are_kept() -> None:
    assert erased.HELD_FOR == backup_folder.KEPT


def test_a_line_that_is_not_ours_stays_however_old_it_is(tmp_path: Path) -> None:
    """Its key may be away, and a restore has to say so."""
    erased_list.append(tmp_path, an_entry("a", -40 * DAY))
    ours = keys.ring()
    keys.install(keys.Keyring([keys.new_key()]))
    erased_list.append(tmp_path, an_entry("b", -40 * DAY))
    keys.install(ours)
    assert len(lines(tmp_path)) == 2
    assert erased_list.prune(tmp_path, REAL) == 1
    assert "b" * 64 in "".join(lines(tmp_path))


def test_what_is_noted_while_the_list_is_replaced_stands_in_the_new_one(tmp_path: Path) -> None:
    """Whoever has opened the old file waits for it, and opens the new one once it is theirs."""
    erased_list.append(tmp_path, an_entry("a"))
    with (tmp_path / NAME).open() as old:
        fcntl.flock(old, fcntl.LOCK_EX)
        inode = os.fstat(old.fileno()).st_ino
        writer = threading.Thread(target=erased_list.append, args=(tmp_path, an_entry("b")))
        writer.start()
        while not any("->" in line and f":{inode} " in line for line in Path("/proc/locks").read_text().splitlines()):
            assert writer.is_alive(), "it did not wait"
        (tmp_path / "new").write_text((tmp_path / NAME).read_text())
        (tmp_path / "new").replace(tmp_path / NAME)
    writer.join()
    assert erased_list.read(tmp_path / NAME).entries == [an_entry("a"), an_entry("b")]

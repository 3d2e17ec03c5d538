"""The folder of backups: what lies in it, how a new file comes to stand there whole, and what goes when it is old."""

import fcntl
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO, NamedTuple

from events.ground.refusal import Refused

KEPT = timedelta(days=30)  # DP-07: what was deleted is gone from the backups too by then
NAME, UNFINISHED = re.compile(r"muster-([0-9]{8}T[0-9]{6}Z)\.age"), ".part"
AHEAD = timedelta(minutes=10)  # by so much clocks differ; what is dated later was made while a clock was wrong
STAMP = "%Y%m%dT%H%M%SZ"
NO_FOLDER = "No folder is set: set MUSTER_BACKUP_FOLDER to one on another disk than the database's."
NOT_THERE = "There is no folder {}. Mount its disk; or, if it is new, ./run backup makes it."
NOWHERE = "There is no folder {} to make {} in: is its disk mounted?"
OTHERS = "others on this machine may write into {0}: chmod 700 {0}"
BUSY = "Another backup or drill is under way in {}. Wait for it, then start again."


class Busy(Refused):
    """Another process is at work there."""


class Backup(NamedTuple):
    """Its name says when it was taken, so that nobody needs an identity to tell."""

    file: Path
    taken_at: datetime


def all_in(folder: Path) -> list[Backup]:
    """Oldest first; none where there is no such folder. Whatever else lies there, under whatever name, is none."""
    paths = list(folder.iterdir()) if folder.is_dir() else []
    named = [(path, _time_of(path)) for path in paths if path.is_file() and not path.is_symlink()]
    return sorted((Backup(path, time) for path, time in named if time), key=lambda backup: backup.taken_at)


def _time_of(path: Path) -> datetime | None:
    name = NAME.fullmatch(path.name)
    try:
        return datetime.strptime(name[1], STAMP).replace(tzinfo=UTC) if name else None
    except ValueError:  # the 31st of February
        return None


def newest(folder: Path, real: datetime) -> Backup | None:
    """Of those that are not dated ahead: one made while the clock was wrong would keep us from making any."""
    return next((backup for backup in reversed(all_in(folder)) if not is_ahead(backup, real)), None)


def is_ahead(backup: Backup, real: datetime) -> bool:
    return backup.taken_at > real + AHEAD


def fault(folder: Path) -> str:
    """What is wrong with the folder itself, in words; nothing if all is well."""
    if not folder.is_dir():
        return NOT_THERE.format(folder)
    return OTHERS.format(folder) if folder.stat().st_mode & 0o022 else ""


def make(folder: Path) -> None:
    """For us alone, if it is not there. Whoever asks for that is at the terminal and sees the path: the server would
    make one on its own disk when that of the backups is away. Raises Refused where there is no folder to make it in."""
    try:
        folder.mkdir(exist_ok=True, mode=0o700)
    except FileNotFoundError:
        raise Refused(NOWHERE.format(folder.parent, folder.name)) from None


@contextmanager
def held(folder: Path) -> Iterator[None]:
    """One process at a time, so that whatever is unfinished there was left by somebody who died.

    Raises Busy while another process has it, and Refused if it is not there.
    """
    try:
        handle = os.open(folder, os.O_RDONLY)
    except FileNotFoundError:
        raise Refused(NOT_THERE.format(folder)) from None
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Busy(BUSY.format(folder)) from None
        yield
    finally:
        os.close(handle)


def clear_unfinished(folder: Path) -> int:
    """How many. Only for whoever holds the folder."""
    named = [path for path in folder.iterdir() if path.suffix == UNFINISHED and NAME.fullmatch(path.stem.lstrip("."))]
    left = [path for path in named if path.is_symlink() or not path.is_dir()]
    for path in left:
        path.unlink()
    return len(left)


@contextmanager
def new_file(folder: Path, taken_at: datetime) -> Iterator[tuple[Path, IO[bytes]]]:
    """Under the name of a backup there is never anything but a whole one, even after a loss of power."""
    file = folder / f"muster-{taken_at.astimezone(UTC).strftime(STAMP)}.age"
    unfinished = folder / f".{file.name}{UNFINISHED}"
    try:
        with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
            yield file, out
            out.flush()
            os.fsync(out.fileno())
        unfinished.rename(file)
        sync(folder)
    finally:
        unfinished.unlink(missing_ok=True)


def sync(path: Path) -> None:
    """Brings a file, or the names in a folder, to the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def delete_old(folder: Path, real: datetime) -> int:
    """How many. Not while there are fewer than two younger ones: old backups are worth more than none, and when a clock
    goes wrong by months there is a day to notice it before all others are gone."""
    backups = [backup for backup in all_in(folder) if not is_ahead(backup, real)]
    old = [backup for backup in backups if real - backup.taken_at >= KEPT]
    if len(backups) - len(old) < 2:
        return 0
    for backup in old:
        backup.file.unlink(missing_ok=True)
    return len(old)

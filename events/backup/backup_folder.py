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
NAME, UNFINISHED = re.compile(r"muster-(\d{8}T\d{6}Z)\.age"), ".part"
STAMP = "%Y%m%dT%H%M%SZ"
NO_FOLDER = "No folder is set: set MUSTER_BACKUP_FOLDER to one on another disk than the database's."
BUSY = "Another backup or drill is under way in {}. Wait for it, then start again."


class Busy(Refused):
    """Another process is at work there."""


class Backup(NamedTuple):
    """Its name says when it was taken, so that nobody needs an identity to tell."""

    file: Path
    taken_at: datetime


def all_in(folder: Path) -> list[Backup]:
    """Oldest first; none where there is no such folder."""
    named = [(path, NAME.fullmatch(path.name)) for path in folder.iterdir()] if folder.is_dir() else []
    found = [Backup(path, datetime.strptime(name[1], STAMP).replace(tzinfo=UTC)) for path, name in named if name]
    return sorted(found, key=lambda backup: backup.taken_at)


def newest(folder: Path) -> Backup | None:
    backups = all_in(folder)
    return backups[-1] if backups else None


@contextmanager
def held(folder: Path) -> Iterator[None]:
    """One process at a time, so that whatever is unfinished there was left by somebody who died.

    Makes the folder, for us alone. Raises Busy while another process has it.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle = os.open(folder, os.O_RDONLY)
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
    left = [path for path in folder.iterdir() if path.suffix == UNFINISHED and NAME.fullmatch(path.stem.lstrip("."))]
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
        _sync(folder)
    finally:
        unfinished.unlink(missing_ok=True)


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def delete_old(folder: Path, real: datetime) -> int:
    """How many. Not while there is no younger one: an old backup is worth more than none."""
    backups = all_in(folder)
    old = [backup for backup in backups if real - backup.taken_at >= KEPT]
    if len(old) == len(backups):
        return 0
    for backup in old:
        backup.file.unlink(missing_ok=True)
    return len(old)

"""The list of what was erased, beside the backups: each line tags that name nobody, under a MAC of the instance key.

A backup that is restored later is erased again by it, so that it brings nobody back. Who has not the key adds no line.
"""

import fcntl
import hmac
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from events.ground import keys

from . import backup_folder

NAME = "muster-erased.txt"
SEALED_FOR = "list of what was erased"  # what its MACs are made for
NOT_OURS = "Line {} of {} is not as Muster wrote it, or its key is not here."


class Entry(NamedTuple):
    """An address that was erased: the tags by which a database may know it."""

    tags: frozenset[str]
    erased_at: datetime  # the event's time: what was asked later stays
    noted_at: datetime  # the machine's


class Listed(NamedTuple):
    entries: list[Entry]
    faults: list[str]  # lines that somebody else wrote or changed


def append(folder: Path, entry: Entry) -> None:
    """Adds a line, which is on the disk when this returns. What a loss of power left of another one goes first."""
    with _held(folder / NAME) as handle:
        size = os.fstat(handle).st_size
        os.ftruncate(handle, os.pread(handle, size, 0).rfind(b"\n") + 1)
        os.write(handle, f"{_line(entry)}\n".encode())
        os.fsync(handle)


def read(file: Path) -> Listed:
    """Leaves out a last line that is not whole: whoever was writing it writes it again."""
    whole, _, _ = file.read_text(encoding="utf-8", errors="replace").rpartition("\n")
    found = [(number, _entry(line)) for number, line in enumerate(whole.splitlines(), start=1)]
    faults = [NOT_OURS.format(number, file.name) for number, entry in found if entry is None]
    return Listed([entry for _, entry in found if entry is not None], faults)


def prune(folder: Path, real: datetime) -> int:
    """Takes out what no backup here can bring back any more: older than the time backups are kept, and than each that
    is left. How many lines. The others are proved by the newest key from then on.

    Makes an empty list where there is none: so one that is missing later is known to be lost.
    """
    backups = backup_folder.all_in(folder)
    until = min([real - backup_folder.KEPT, *(backup.taken_at for backup in backups)])
    if any(backup_folder.is_ahead(backup, real) for backup in backups):
        until = datetime.min.replace(tzinfo=UTC)  # nobody knows when that one was taken
    with _held(folder / NAME):
        lines = _lines(folder / NAME)
        known = [(line, _entry(line)) for line in lines]
        kept = [_line(entry) if entry else line for line, entry in known if entry is None or entry.noted_at > until]
        if kept != lines:
            _replace(folder / NAME, kept)
    return len(lines) - len(kept)


def proved_by_older(folder: Path) -> int:
    """How many lines an older key has made, until they are pruned the next time."""
    lines = _lines(folder / NAME) if (folder / NAME).is_file() else []
    return len([line for line in lines if (entry := _entry(line)) and line != _line(entry)])


def _lines(file: Path) -> list[str]:
    return file.read_text(encoding="utf-8", errors="replace").splitlines()


def _replace(file: Path, lines: list[str]) -> None:
    beside = file.with_name(f".{file.name}{backup_folder.UNFINISHED}")
    with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as out:
        out.write("".join(f"{line}\n" for line in lines))
        out.flush()
        os.fsync(out.fileno())
    beside.replace(file)
    backup_folder.sync(file.parent)


@contextmanager
def _held(file: Path) -> Iterator[int]:
    """The list, which is made if it is missing, for one process at a time; not one that was replaced meanwhile.

    Raises OSError, as where the folder is not there: its disk may be away.
    """
    while True:
        is_new = not file.exists()
        handle = os.open(file, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            if os.fstat(handle).st_ino != file.stat().st_ino:
                continue
            yield handle
            if is_new:
                backup_folder.sync(file.parent)
            return
        finally:
            os.close(handle)


def _line(entry: Entry) -> str:
    said = _said(entry)
    return f"{said} {keys.keyed_hash(SEALED_FOR, said)}"


def _said(entry: Entry) -> str:
    moments = (moment.astimezone(UTC).isoformat() for moment in (entry.noted_at, entry.erased_at))
    return " ".join([*moments, ",".join(sorted(entry.tags))])


def _entry(line: str) -> Entry | None:
    """None for a line that no key of ours made."""
    said, _, mac = line.rpartition(" ")
    if not any(hmac.compare_digest(mac.encode(), known.encode()) for known in keys.keyed_hashes(SEALED_FOR, said)):
        return None
    noted_at, erased_at, tags = said.split(" ")
    return Entry(frozenset(tags.split(",")), datetime.fromisoformat(erased_at), datetime.fromisoformat(noted_at))

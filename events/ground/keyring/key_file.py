"""Writes files of keys, so that at every moment each process finds all the keys of before, or all of afterwards."""

import fcntl
import os
import secrets
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from glob import escape
from pathlib import Path

from .ring import lines_of, new_key


def write_new(file: Path, *, first_only: bool = False) -> None:
    """Writes a new newest key in front of the others. If two processes make a key at once, both keys stay; or, if only
    a first one is wanted, the first of them alone."""
    rewrite(file, lambda lines: lines if first_only and lines else [new_key(), *lines])


def rewrite(file: Path, change: Callable[[list[str]], list[str]]) -> list[str]:
    """Changes the lines of a file of keys, one process at a time, and returns them.

    Nobody else can read the file, not for a moment. It has all the old lines or all the new ones, even after a loss of
    power. The old ones are overwritten: a key that is taken out is gone.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    with _held(file.parent) as folder:
        _clear_left(file)
        lines = lines_of(file) if file.is_file() else []
        if (changed := change(lines)) != lines:
            _put(file, changed, folder)
        return changed


def _clear_left(file: Path) -> None:
    """What somebody left who died in the middle. It may be the live file under a second name."""
    for left in file.parent.glob(f".{escape(file.name)}.*"):
        if file.is_file() and left.samefile(file):
            left.unlink()
        else:
            shred(left)


def _put(file: Path, lines: list[str], folder: int) -> None:
    handle, beside = tempfile.mkstemp(prefix=f".{file.name}.", dir=file.parent)  # a fresh name, mode 0600
    old = Path(f"{beside}.old")
    with os.fdopen(handle, "w") as out:
        out.write("".join(f"{line}\n" for line in lines))
        out.flush()
        os.fsync(out.fileno())
        if file.is_file():
            os.link(file, old)
            os.fchown(out.fileno(), file.stat().st_uid, file.stat().st_gid)  # it may be root who types the command
    Path(beside).replace(file)
    os.fsync(folder)
    if old.is_file():
        shred(old)


def shred(file: Path) -> None:
    """Overwrites the file and removes it. Copies elsewhere are not in our reach."""
    with file.open("r+b") as out:
        out.write(secrets.token_bytes(file.stat().st_size))
        out.flush()
        os.fsync(out.fileno())
    file.unlink()
    with _opened(file.parent) as folder:
        os.fsync(folder)


@contextmanager
def _opened(folder: Path) -> Iterator[int]:
    handle = os.open(folder, os.O_RDONLY)
    try:
        yield handle
    finally:
        os.close(handle)


@contextmanager
def _held(folder: Path) -> Iterator[int]:
    with _opened(folder) as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield handle

"""A file of keys is changed whole or not at all, also by somebody who is killed in the middle, and keeps no old copy.

Rules: SE-16.
"""

import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from events.ground.keyring.key_file import rewrite
from events.ground.keyring.ring import lines_of, new_key

STEPS = ("link", "fchown", "replace", "fsync", "unlink")


class Killed(BaseException):
    """Nothing of ours catches it."""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    made = tmp_path / "key"
    made.touch(mode=0o600)
    made.write_text("an old key\n")
    return made


def kill_before(step: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """At the step of this number, of all that touch names or the disk."""
    calls = 0

    def deadly(real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **kwargs: Any) -> Any:
            nonlocal calls
            calls += 1
            if calls > step:
                raise Killed
            return real(*args, **kwargs)

        return call

    for name in STEPS:
        monkeypatch.setattr(os, name, deadly(getattr(os, name)))


@pytest.mark.parametrize("step", range(9))
def test_whoever_is_killed_in_the_middle_loses_no_key_and_leaves_no_copy_for_long(
    step: int, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as killing, suppress(Killed):
        kill_before(step, killing)
        rewrite(file, lambda lines: ["a new key", *lines])
    left = lines_of(file)
    assert left in (["an old key"], ["a new key", "an old key"])
    again = rewrite(file, lambda lines: lines if "a new key" in lines else ["a new key", *lines])
    assert (again, lines_of(file)) == (["a new key", "an old key"],) * 2
    assert [path.name for path in file.parent.iterdir()] == ["key"]


def test_a_key_that_is_taken_out_is_overwritten_where_it_stood(file: Path) -> None:
    with file.open("rb") as old:
        rewrite(file, lambda _: ["a new key"])
        assert (len(old.read()), file.read_text()) == (len("an old key\n"), "a new key\n")
        old.seek(0)
        assert b"old" not in old.read()


def test_a_file_that_needs_no_change_is_left_alone(file: Path) -> None:
    before = file.stat()
    assert rewrite(file, lambda lines: lines) == ["an old key"]
    assert (file.stat().st_ino, file.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files to others")
def test_whoever_owns_the_file_can_read_the_new_one(file: Path) -> None:
    os.chown(file, 4711, 4712)
    rewrite(file, lambda lines: [new_key(), *lines])
    assert (file.stat().st_uid, file.stat().st_gid, oct(file.stat().st_mode & 0o777)) == (4711, 4712, "0o600")

"""How `./run test` goes about it: what is quick runs side by side, and what is said stands in one order."""

import os
from pathlib import Path

import pytest

from tests import run_all


def test_stages_run_side_by_side_speak_in_their_order_and_the_failed_are_named(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """The first ends only once the second has begun."""
    os.mkfifo(tmp_path / "begun")
    stages = {
        "waiting": ["sh", "-c", f"cat {tmp_path}/begun"],
        "wrong": ["sh", "-c", f"echo first >{tmp_path}/begun; echo second; echo third >&2; exit 3"],
    }
    assert run_all.side_by_side(stages) == ["wrong"]
    said = capfd.readouterr().out.splitlines()
    assert [line.partition(",")[0] for line in said] == [
        "--- waiting", "first", "--- waiting: fine", "--- wrong", "second", "third", "--- wrong: FAILED",
    ]  # fmt: skip


def test_no_test_is_left_out_between_the_two_runs_of_pytest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run_all, "chromium", lambda: "/usr/bin/chromium")
    rest, walks = run_all.pytests().values()
    assert rest[rest.index("--ignore") + 1] in walks
    assert (run_all.ROOT / run_all.WALKS / "conftest.py").is_file()


def test_the_chromium_without_windows_is_taken_where_there_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    there = {"chromium", "chromium-headless-shell"}
    monkeypatch.setattr("shutil.which", lambda name: f"/usr/bin/{name}" if name in there else None)
    assert run_all.chromium() == "/usr/bin/chromium-headless-shell"
    there.remove("chromium-headless-shell")
    assert run_all.chromium() == "/usr/bin/chromium"

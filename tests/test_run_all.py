"""How `./run test` goes about it: what is quick runs side by side, and what is said stands in one order."""

import os
import sys
from pathlib import Path

import pytest

from tests import run_all


def test_stages_run_side_by_side_speak_in_their_order_and_what_failed_in_full(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """The first ends only once the second has begun."""
    os.mkfifo(tmp_path / "begun")
    stages = {
        "waiting": ["sh", "-c", f"cat {tmp_path}/begun"],
        "wrong": ["sh", "-c", f"echo first >{tmp_path}/begun; echo second; echo third >&2; exit 3"],
        "fine": ["sh", "-c", "echo what nobody needs to read"],
        "pytest of others": ["sh", "-c", "echo what nobody needs to read; echo 7 passed"],
    }
    assert run_all.side_by_side(stages) == {"waiting": 0, "wrong": 3, "fine": 0, "pytest of others": 0}
    said = capfd.readouterr().out.splitlines()
    assert [line.partition(",")[0] for line in said] == [
        "--- waiting", "first", "--- waiting: fine", "--- wrong", "second", "third", "--- wrong: FAILED",
        "--- fine", "--- fine: fine", "--- pytest of others", "7 passed", "--- pytest of others: fine",
    ]  # fmt: skip


def test_no_test_is_left_out_between_the_runs_of_pytest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run_all, "chromium", lambda: "/usr/bin/chromium")
    rest, walks = run_all.pytests().values()
    elsewhere = {word.removeprefix("--ignore=") for word in rest if word.startswith("--ignore=")}
    assert elsewhere == {
        folder for folder in [*run_all.first_word()["unit tests"], *walks] if folder.startswith("tests/")
    }
    assert [folder for folder in elsewhere if not any((run_all.ROOT / folder).rglob("test_*.py"))] == []


def test_with_all_nothing_is_left_out_and_without_a_word_each_run_of_pytest_is_told_what(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told = list[list[str]]()
    monkeypatch.setattr(run_all, "TIMES", tmp_path / "times.json")

    def nothing(leave_out: list[str]) -> dict[str, list[str]]:
        told.append(leave_out)
        return {"nothing": ["true"]}

    monkeypatch.setattr(run_all, "first_word", nothing)
    monkeypatch.setattr(run_all, "pytests", nothing)
    assert run_all.main([run_all.ALL]) == 0
    assert told == [[], []]
    assert "--- all tests, " in capsys.readouterr().out
    assert run_all.main() == 0
    assert told[2] == told[3] == run_all.options_of_quick_run()
    assert "Everything: ./run test --all, " in capsys.readouterr().out
    assert run_all.main([run_all.SLOWEST]) == 0


def test_the_chromium_without_windows_is_taken_where_there_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    there = {"chromium", "chromium-headless-shell"}
    monkeypatch.setattr("shutil.which", lambda name: f"/usr/bin/{name}" if name in there else None)
    assert run_all.chromium() == "/usr/bin/chromium-headless-shell"
    there.remove("chromium-headless-shell")
    assert run_all.chromium() == "/usr/bin/chromium"
    there.add("chromium-headless-shell")
    monkeypatch.setenv(run_all.SHOWN, "1")
    assert run_all.chromium() == "/usr/bin/chromium", "the other has no window to show"


TRIED = """
import pathlib
import pytest

@pytest.mark.parametrize("number", range({tests}))
def test_of_a_busy_machine(number):
    tries = pathlib.Path(__file__).with_name(f"tries-{{number}}")
    tries.touch()
    tries.write_text(tries.read_text() + "x")
    assert len(tries.read_text()) > {fails}

def test_that_passes():
    others = pathlib.Path(__file__).with_name("others")
    assert not others.exists()
    others.touch()
"""


@pytest.fixture
def busy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The command that runs what a test writes into its folder as a repository of its own, without our plugins."""
    monkeypatch.setattr(run_all, "ROOT", tmp_path)
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    return [sys.executable, "-m", "pytest", "test_busy.py"]


@pytest.mark.parametrize(("tests", "fails", "passes", "tries"), [(3, 1, True, 2), (1, 2, False, 2), (4, 1, False, 1)])
def test_few_that_failed_are_tried_once_more_by_themselves(
    tests: int, fails: int, passes: bool, tries: int, busy: list[str], tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """Whoever fails once is named as unsteady, whoever fails twice fails the run, and so do more than a few."""
    (tmp_path / "test_busy.py").write_text(TRIED.format(tests=tests, fails=fails))
    assert run_all.pass_not({"busy": busy}, tmp_path / "cache") == ([] if passes else ["busy"])
    assert (tmp_path / "tries-0").read_text() == "x" * tries
    assert (tmp_path / "others").exists()
    assert capfd.readouterr().out.count("UNSTEADY") == (tests if passes and tries == 2 else 0)


def test_what_failed_in_an_earlier_run_is_not_tried(busy: list[str], tmp_path: Path) -> None:
    """The second run fails before it collects anything, which no second try mends."""
    (tmp_path / "test_busy.py").write_text(TRIED.format(tests=1, fails=9))
    assert run_all.pass_not({"busy": busy}, tmp_path / "cache") == ["busy"]
    assert run_all.failed_in(tmp_path / "cache" / "busy") == ["test_busy.py::test_of_a_busy_machine[0]"]
    assert run_all.pass_not({"busy": [*busy, "--no-such-word"]}, tmp_path / "cache") == ["busy"]
    assert (tmp_path / "tries-0").read_text() == "xx"

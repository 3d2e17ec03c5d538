"""What `./run test` leaves to `./run test --all`, asked of pytest itself in a small repository of its own."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests import quick_run

BOTH = """
import pytest

@pytest.mark.parametrize("number", range({numbers}))
@pytest.mark.parametrize("database", ["sqlite", "postgres"])
def test_both(number, database): pass
"""
MARKED = """
import pytest

{marks}
def test_{name}(): pass
"""
TREE = {
    "tests/registrations/desk/test_twins.py": BOTH.format(numbers=200),
    "tests/registrations/desk/test_races.py": BOTH.format(numbers=9) + "\npytestmark = pytest.mark.engines",
    "tests/events/ground/test_engines.py": BOTH.format(numbers=9),
    "tests/hostile/test_thief.py": BOTH.format(numbers=9),
    "tests/test_plain.py": MARKED.format(marks="", name="plain"),
    "tests/test_sweep.py": MARKED.format(marks="@pytest.mark.sweep", name="sweep"),
    "tests/simulator/test_planted.py": MARKED.format(marks="@pytest.mark.planted", name="planted"),
    "tests/walks/test_looks.py": MARKED.format(marks="@pytest.mark.walk", name="looks"),
    "tests/walks/test_door.py": MARKED.format(marks="@pytest.mark.walk\n@pytest.mark.promise", name="door"),
}
Collect = Callable[..., list[str]]


@pytest.fixture
def collected(tmp_path: Path) -> Collect:
    """The tests that a run with these words has."""
    for name, text in TREE.items():
        (file := tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    marks = "\n".join(
        ["[pytest]", "markers =", *(f"  {mark}" for mark in ("walk", "promise", "engines", "sweep", "planted"))]
    )
    (tmp_path / "pytest.ini").write_text(marks)

    def collect(*words: str) -> list[str]:
        command = [sys.executable, "-m", "pytest", "-p", "tests.quick_run", "--collect-only", "-q", *words]
        env = {**os.environ, "PYTHONPATH": str(quick_run.ROOT), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
        done = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True, check=True)  # noqa: S603
        return [line for line in done.stdout.splitlines() if "::" in line]

    return collect


def test_by_folder_mark_and_commit_the_quick_run_is_part_of_the_whole(collected: Collect) -> None:
    whole, quick = collected(), collected("--quick=one")
    assert len(whole) == 2 * 200 + 6 * 9 + 5
    assert set(quick) < set(whole)
    left = [test for test in whole if test not in quick]
    assert [test for test in left if "twins.py::test_both[postgres" not in test] == [
        "tests/simulator/test_planted.py::test_planted", "tests/walks/test_looks.py::test_looks",
    ]  # fmt: skip
    assert 130 < len(left) - 2 < 185, "about four in five of two hundred"
    assert set(collected("--quick=one", "--without-sweeps")) == {*quick} - {"tests/test_sweep.py::test_sweep"}


def test_another_commit_draws_another_share_and_the_same_commit_the_same(collected: Collect) -> None:
    one, again, another = (collected(f"--quick={commit}") for commit in ("one", "one", "another"))
    assert one == again
    drawn, then = ({test for test in run if "twins" in test and "postgres" in test} for run in (one, another))
    assert len(drawn - then) > len(drawn) // 2


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """A repository with one commit; returns git itself."""
    env = {name: value for name in ("AUTHOR", "COMMITTER") for name, value in (
        (f"GIT_{name}_NAME", "Ada"), (f"GIT_{name}_EMAIL", "ada@example.org"),
    )}  # fmt: skip

    def git(*words: str) -> None:
        subprocess.run(["git", *words], cwd=tmp_path, env={**os.environ, **env}, check=True, capture_output=True)  # noqa: S603, S607

    monkeypatch.setattr(quick_run, "ROOT", tmp_path)
    for name in ("templates/page.html", "events/event.py", "events/event_pages.py"):
        (file := tmp_path / name).parent.mkdir(exist_ok=True)
        file.write_text("before")
    git("init", "--quiet")
    git("add", ".")
    git("commit", "--quiet", "--message", "Begin")
    return git


def test_the_whole_site_is_looked_at_where_a_page_may_have_changed(
    checkout: Callable[..., None], tmp_path: Path
) -> None:
    assert quick_run.pages_have_changed(), "nobody knows since when"
    checkout("tag", "1.0")
    assert not quick_run.pages_have_changed()
    (tmp_path / "events" / "event.py").write_text("after")
    assert not quick_run.pages_have_changed()
    for name in ("templates/page.html", "events/event_pages.py"):
        (tmp_path / name).write_text("after")
        assert quick_run.pages_have_changed(), name
        checkout("checkout", name)


def test_outside_a_checkout_the_share_is_always_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quick_run, "ROOT", tmp_path)
    assert quick_run.commit_here() == "none"
    monkeypatch.setenv("PATH", str(tmp_path))
    assert quick_run.commit_here() == "none"
    assert quick_run.pages_have_changed()

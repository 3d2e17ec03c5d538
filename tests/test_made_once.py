"""What one process of a run makes for all: once, and as if each had made it."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from jinja2 import DictLoader, Environment

from tests import made_once

MOST = 8  # who ask at once


@pytest.fixture(autouse=True)
def _another_run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv(made_once.NAME, str(tmp_path))


def test_of_many_who_ask_at_once_one_makes_it_and_all_get_it() -> None:
    makers: list[Path] = []

    def make(file: Path) -> None:
        makers.append(file)
        file.write_text("made")

    with ThreadPoolExecutor(MOST) as threads:
        got = list(threads.map(lambda _: made_once.made_once("it", make).read_text(), range(MOST)))
    assert (got, len(makers)) == (["made"] * MOST, 1)


def test_what_was_not_finished_is_made_anew() -> None:
    def fail(file: Path) -> None:
        file.write_text("half")
        raise RuntimeError

    with pytest.raises(RuntimeError):
        made_once.made_once("it", fail)
    assert made_once.made_once("it", lambda file: file.write_text("whole")).read_text() == "whole"


def test_a_template_is_compiled_by_the_first_process_and_anew_once_it_is_another(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    compiled: list[str] = []
    compiles = Environment.compile

    def counted(self: Environment, *given: object, **named: object) -> object:
        compiled.append(str(given[1]))
        return compiles(self, *given, **named)  # type: ignore[call-overload]

    monkeypatch.setattr(Environment, "compile", counted)
    drawn = []
    for text in ("{{ 1 }}", "{{ 1 }}", "{{ 2 }}"):
        environment = made_once.compiled_once(Environment(loader=DictLoader({"page": text})))  # noqa: S701
        drawn.append(environment.get_template("page").render())
    assert (drawn, compiled) == (["1", "1", "2"], ["page", "page"])


def test_where_nobody_made_one_a_server_begins_with_none(tmp_path: Path) -> None:
    made_once.copy_migrated(tmp_path / "server" / "muster.db")
    assert not (tmp_path / "server").exists()
    made_once.made_once(made_once.MIGRATED, lambda file: file.write_text("migrated"))
    made_once.copy_migrated(tmp_path / "server" / "muster.db")
    assert (tmp_path / "server" / "muster.db").read_text() == "migrated"

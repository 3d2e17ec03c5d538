"""Known vulnerabilities of what our locks name are found, by advisories whose age is said."""

import json
import zipfile
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tests import known_faults, run_all
from tests.known_faults import Fault, Part

STARLETTE = Part("PyPI", "starlette", "1.10.0")


def advisory(name: str = "starlette", *, ecosystem: str = "PyPI", number: int = 1, **affected: Any) -> dict[str, Any]:
    return {"id": f"OSV-{number}", "affected": [{"package": {"ecosystem": ecosystem, "name": name}, **affected}]}


def events(*steps: tuple[str, str], kind: str = "ECOSYSTEM") -> dict[str, Any]:
    return {"ranges": [{"type": kind, "events": [{name: value} for name, value in steps]}]}


@pytest.mark.parametrize(
    ("affected", "is_known"),
    [
        ({"versions": ["1.9.0", "1.10.0"]}, True),
        ({"versions": ["1.1.0", "1.10"]}, False),
        (events(("introduced", "0")), True),
        (events(("introduced", "0"), ("fixed", "1.10.0")), False),
        (events(("introduced", "0"), ("fixed", "1.10.1")), True),
        (events(("introduced", "0"), ("fixed", "1.9.0")), False),
        (events(("introduced", "1.11.0")), False),
        (events(("introduced", "0"), ("last_affected", "1.10.0")), True),
        (events(("introduced", "0"), ("last_affected", "1.9.9")), False),
        (events(("introduced", "0"), ("fixed", "0.5"), ("introduced", "1.2"), ("fixed", "2.0")), True),
        (events(("fixed", "2.0"), ("introduced", "1.2"), ("fixed", "0.5"), ("introduced", "0")), True),
        (events(("introduced", "what is no version")), True),
        (events(("introduced", "0"), kind="GIT"), False),
    ],
)
def test_an_advisory_is_about_the_versions_that_it_says(affected: dict[str, Any], is_known: bool) -> None:
    ours = {STARLETTE: True, Part("PyPI", "uvicorn", "1.10.0"): True, Part("npm", "starlette", "1.10.0"): True}
    found = known_faults.faults([advisory(**affected)], ours)
    assert found == ([Fault(STARLETTE, "OSV-1", True)] if is_known else [])


def test_names_are_compared_as_registries_do() -> None:
    names = ["wtforms", "flufl-bounce", "prometheus-client"]
    ours = {Part("PyPI", name, "1.0"): True for name in names} | {Part("npm", "@types/emscripten", "1.0"): True}
    told = [
        advisory("WTForms", versions=["1.0"]),
        advisory("flufl.bounce", number=2, versions=["1.0"]),
        advisory("prometheus_client", number=3, versions=["1.0"]),
        advisory("@types/emscripten", ecosystem="npm", number=4, versions=["1.0"]),
        advisory("@types-emscripten", ecosystem="npm", number=5, versions=["1.0"]),
    ]
    told[0]["affected"][0]["package"]["purl"] = "pkg:pypi/wtforms"
    assert {fault.advisory for fault in known_faults.faults(told, ours)} == {"OSV-1", "OSV-2", "OSV-3", "OSV-4"}


def test_every_part_of_our_locks_is_looked_for() -> None:
    ours = known_faults.parts()
    assert len(ours) > 80
    assert {part.ecosystem for part in ours} == {"PyPI", "npm"}
    assert [part.version for part in ours if part.name == "starlette"] == ["1.10.0"]
    assert [part.name for part in ours if part.name.startswith("@")] != []


def export(file: Path, *advisories: dict[str, Any]) -> Path:
    with zipfile.ZipFile(file, "w") as packed:
        for told in advisories:
            packed.writestr(f"{told['id']}.json", json.dumps(told))
    return file


def test_of_an_export_what_is_about_us_is_kept_and_the_result_is_said_with_its_age(tmp_path: Path) -> None:
    pypi = export(
        tmp_path / "pypi.zip",
        advisory(versions=["0.1"]) | {"details": "long"},
        advisory("django", number=2, versions=["1.0"]),
        advisory("flufl.bounce", number=5, versions=["0.1"]),
        advisory(number=3, versions=["1.10.0"]) | {"withdrawn": "2026-01-01T00:00:00Z"},
    )
    npm = export(
        tmp_path / "npm.zip", advisory("zxing-wasm", ecosystem="npm", number=4, **events(("introduced", "99")))
    )
    pinned = tmp_path / "advisories.json"
    assert known_faults.pin(date(2026, 11, 1), [pypi, npm], pinned) == 3
    assert "long" not in pinned.read_text()
    assert [line[:12] for line in pinned.read_text().splitlines()[1:-1]] == ['{"id": "OSV-'] * 3
    assert known_faults.report(pinned, date(2026, 11, 30)) == (
        [
            "No part that our locks name has a vulnerability in the 3 advisories up to 2026-11-01, 29 days ago; for "
            "what was found since, this check is NOT RUN: make them anew (tests/known_faults.py)."
        ],
        True,
    )


@pytest.mark.parametrize(("name", "version", "is_well"), [("starlette", "1.10.0", False), ("pytest", "9.2.0", True)])
def test_a_fault_in_what_muster_runs_with_fails_the_run_and_one_in_its_tests_is_told(
    tmp_path: Path, name: str, version: str, is_well: bool
) -> None:
    pinned = tmp_path / "advisories.json"
    known_faults.write(date(2026, 11, 1), [advisory(name, versions=[version])], pinned)
    [line, result], found = known_faults.report(pinned)
    assert (found, line.partition(";")[0]) == (is_well, f"{name} {version} has OSV-1")
    assert result.startswith("No other part that our locks name has a vulnerability in the 1 advisories")


OUTDATED = {  # each once had a published vulnerability
    Part("PyPI", "h11", "0.14.0"), Part("PyPI", "jinja2", "3.1.5"), Part("PyPI", "pillow", "12.2.0"),
    Part("PyPI", "starlette", "1.0.0"), Part("PyPI", "cryptography", "49.0.0"), Part("PyPI", "anyio", "4.14.1"),
    Part("PyPI", "pydantic", "1.10.12"), Part("PyPI", "aiosmtplib", "5.1.1"), Part("PyPI", "pytest", "9.0.2"),
}  # fmt: skip


def test_by_the_advisories_that_lie_here_outdated_parts_are_found_and_none_that_we_run_with() -> None:
    told = json.loads(known_faults.PINNED.read_text())["advisories"]
    ours = known_faults.parts()
    assert {part.name for part in OUTDATED} <= {part.name for part in ours}
    assert {fault.part for fault in known_faults.faults(told, dict.fromkeys(OUTDATED, True))} == OUTDATED
    assert [str(fault) for fault in known_faults.faults(told, ours) if fault.runs] == []
    on_npm = {part._replace(ecosystem="npm"): True for part in OUTDATED}
    assert known_faults.faults(told, on_npm) == []


def test_a_run_checks_them_or_says_plainly_that_it_could_not(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(known_faults, "PINNED", tmp_path / "advisories.json")
    assert known_faults.NOT_PINNED in run_all.missing()
    assert "known vulnerabilities" not in run_all.first_word()
    (tmp_path / "advisories.json").write_text("{}")
    assert known_faults.NOT_PINNED not in run_all.missing()
    assert run_all.first_word()["known vulnerabilities"][-2:] == ["-m", "tests.known_faults"]


def test_a_run_says_loudly_what_they_say_of_our_parts_and_how_old_that_is(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Of a stage that went well its output is not told, so a fault of what only tests would stay unsaid there."""
    monkeypatch.setattr(known_faults, "PINNED", tmp_path / "advisories.json")
    for stages in ("first_word", "pytests"):
        monkeypatch.setattr(run_all, stages, lambda _leave_out: {"nothing": ["true"]})
    monkeypatch.setattr(run_all, "TIMES", tmp_path / "times.json")
    assert run_all.main() == 0
    assert f"!!! NOT RUN: {known_faults.NOT_PINNED}" in capsys.readouterr().out
    known_faults.write(date(2026, 11, 1), [advisory("pytest", versions=["9.2.0"])], known_faults.PINNED)
    assert run_all.main() == 0
    said = [line for line in capsys.readouterr().out.splitlines() if "advisories" in line or "OSV-1" in line]
    assert [line[:26] for line in said] == ["!!! pytest 9.2.0 has OSV-1", "!!! No other part that our"]
    assert "up to 2026-11-01, " in said[1]

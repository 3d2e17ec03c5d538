"""The bill of materials names each part that the lock files pin, in the form that CycloneDX asks for."""

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from events import bill_of_materials
from events.tool_commands import sbom
from server import ROOT

LENGTHS = {"SHA-256": 64, "SHA-512": 128}  # of digits, as the schema's pattern has them
SERIAL = r"urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"


def pinned() -> set[tuple[str, str]]:
    """Counted in another way than the bill does it."""
    locks = [line for lock in ROOT.glob("requirements*.lock") for line in lock.read_text().splitlines()]
    python = {tuple(line.split()[0].split("==")) for line in locks if re.match(r"\w", line)}
    packages = json.loads((ROOT / "package-lock.json").read_text())["packages"]
    npm = {(path.partition("node_modules/")[2], package["version"]) for path, package in packages.items() if path}
    return {(name, version) for name, version in python | npm}


def test_it_names_every_part_of_every_lock_once_and_no_other() -> None:
    parts = bill_of_materials.bill()["components"]
    named = [(part["name"], part["version"]) for part in parts]
    assert len(named) > 50
    assert (len(set(named)), set(named)) == (len(named), pinned())


def test_it_has_what_the_schema_requires() -> None:
    """CycloneDX 1.6: required fields, patterns, and references that are unique."""
    bill = bill_of_materials.bill()
    assert (bill["bomFormat"], bill["specVersion"], bill["version"]) == ("CycloneDX", "1.6", 1)
    assert re.fullmatch(SERIAL, bill["serialNumber"])
    assert bill["metadata"]["component"].keys() >= {"type", "name", "version"}
    for part in bill["components"]:
        assert part["type"] == "library"
        assert part["scope"] in {"required", "excluded"}
        assert re.fullmatch(r"pkg:(pypi|npm)/[\w.%/-]+@[\w.+-]+", part["purl"])
        assert part["hashes"], part["name"]
        for digest in part["hashes"]:
            assert re.fullmatch(rf"[0-9a-f]{{{LENGTHS[digest['alg']]}}}", digest["content"])
        assert len(part.get("licenses", [{}])) == 1
    references = [part["bom-ref"] for part in bill["components"]]
    assert len(set(references)) == len(references)


def test_what_runs_is_told_from_what_only_tests() -> None:
    scopes = {part["name"]: part["scope"] for part in bill_of_materials.bill()["components"]}
    wanted = {"starlette": "required", "govuk-frontend": "required", "pytest": "excluded"}
    assert {name: scopes[name] for name in wanted} == wanted
    licences = {part["name"]: part.get("licenses") for part in bill_of_materials.bill()["components"]}
    assert licences["govuk-frontend"] == [{"expression": "MIT"}]
    assert licences["starlette"]


def test_the_command_prints_it_the_same_each_time_and_without_a_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_network(*_: object) -> None:
        raise AssertionError("it asked the network")

    monkeypatch.setattr("socket.socket.connect", no_network)
    first, second = (CliRunner().invoke(sbom) for _ in range(2))
    assert (first.exit_code, first.output) == (0, second.output)
    assert json.loads(first.output) == bill_of_materials.bill()


def test_a_lock_that_changes_changes_the_serial_number(tmp_path: Path) -> None:
    for name in (*bill_of_materials.LOCKS, "package-lock.json", "pyproject.toml"):
        (tmp_path / name).write_text((ROOT / name).read_text())
    before = bill_of_materials.bill(tmp_path)
    assert before == bill_of_materials.bill()
    lock = tmp_path / bill_of_materials.RUNS
    lock.write_text(re.sub(r"(?m)^aiosmtplib==[\d.]+", "aiosmtplib==99.0", lock.read_text()))
    after = bill_of_materials.bill(tmp_path)
    assert before["serialNumber"] != after["serialNumber"]
    assert ("aiosmtplib", "99.0") in {(part["name"], part["version"]) for part in after["components"]}

"""Whether a part that our locks name has a known vulnerability, by advisories that lie in the repository.

They are made from exports in the OSV format, which hold all advisories of PyPI or of npm (`all.zip` of each), on a
computer that can fetch those:

    python -m tests.known_faults 2026-11-30 pypi.zip npm.zip

The date is that of the exports. Of them are kept those about packages in our locks, with what says which versions they
are about.
"""

import json
import sys
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, NamedTuple

import click
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from events import bill_of_materials
from server import ROOT

PINNED = ROOT / "tests" / "advisories.json"
OLD = 90  # days: what was found since then is not in them
ECOSYSTEMS = {"pypi": "PyPI", "npm": "npm"}
Advisory = dict[str, Any]
NOT_PINNED = (
    "the check for known vulnerabilities: no advisories lie in the repository yet. tests/known_faults.py says how they "
    "are made, on a computer that can fetch them"
)
NONE = "No part that our locks name is in them."


class Part(NamedTuple):
    ecosystem: str
    name: str
    version: str


class Fault(NamedTuple):
    part: Part
    advisory: str
    runs: bool  # with Muster, and not only in its tests or its build

    def __str__(self) -> str:
        where = "runs with Muster" if self.runs else "is for tests and the build alone"
        return f"{self.part.name} {self.part.version} has {self.advisory}; it {where}"


def parts() -> dict[Part, bool]:
    """Of our locks, and whether Muster runs with it."""
    found = {}
    for part in bill_of_materials.bill()["components"]:
        kind, _, rest = part["purl"].removeprefix("pkg:").partition("/")
        name = rest.rpartition("@")[0].replace("%40", "@")
        found[Part(ECOSYSTEMS[kind], name, part["version"])] = part["scope"] == "required"
    return found


def faults(advisories: Iterable[Advisory], ours: dict[Part, bool]) -> list[Fault]:
    """Those that are about a version that we have, each by its first name."""
    listed = [*advisories]
    found = [
        Fault(part, advisory["id"], runs)
        for part, runs in ours.items()
        for advisory in listed
        if any(_is_about(affected, part) for affected in advisory["affected"])
    ]
    return sorted(found)


def _is_about(affected: dict[str, Any], part: Part) -> bool:
    if _package(**affected["package"]) != _package(part.ecosystem, part.name):
        return False
    if part.version in affected.get("versions", ()):
        return True
    return any(_is_within(ours["events"], part.version) for ours in affected.get("ranges", ()) if ours["type"] != "GIT")


def _package(ecosystem: str, name: str, **_: str) -> tuple[str, str]:
    """As its registry compares names: for PyPI flufl.bounce is flufl-bounce."""
    return ecosystem, canonicalize_name(name) if ecosystem == "PyPI" else name


def _is_within(events: Sequence[dict[str, str]], version: str) -> bool:
    """As OSV reckons it: the last event at or below the version says whether it is affected. What is no version counts
    as affected: somebody has to look."""
    try:
        ours = Version(version)
        steps = [(Version(value), kind) for event in events for kind, value in event.items() if kind != "limit"]
    except InvalidVersion:
        return True
    is_affected = False
    for at, kind in sorted(steps):
        if kind == "last_affected":
            is_affected = is_affected and ours <= at
        elif ours >= at:
            is_affected = kind == "introduced"
    return is_affected


def reduced(exports: Iterable[Path], ours: dict[Part, bool]) -> Iterator[Advisory]:
    """What these exports say of our packages, in whatever version, but for what was withdrawn."""
    names = {_package(part.ecosystem, part.name) for part in ours}
    for export in exports:
        with zipfile.ZipFile(export) as opened:
            for entry in sorted(opened.namelist()):
                advisory = json.loads(opened.read(entry))
                about = [
                    {name: affected[name] for name in ("package", "ranges", "versions") if name in affected}
                    for affected in advisory.get("affected", ())
                    if "package" in affected and _package(**affected["package"]) in names
                ]
                if about and "withdrawn" not in advisory:
                    yield {"id": advisory["id"], "affected": about}


def pin(as_of: date, exports: Iterable[Path], file: Path = PINNED) -> int:
    """How many there are about our packages."""
    kept = [*reduced(exports, parts())]
    file.write_text(json.dumps({"as_of": as_of.isoformat(), "advisories": kept}, indent=1) + "\n", encoding="utf-8")
    return len(kept)


def age(file: Path = PINNED, today: date | None = None) -> list[str]:
    """How old the advisories are, in words. Nothing where there are none."""
    if not file.is_file():
        return []
    told = json.loads(file.read_text(encoding="utf-8"))
    days = ((today or datetime.now(UTC).date()) - date.fromisoformat(told["as_of"])).days
    lines = [f"{len(told['advisories'])} advisories about our parts, as of {told['as_of']}: {days} days old."]
    if days > OLD:
        lines.append(f"What was found in the last {days} days is not in them: make them anew (tests/known_faults.py).")
    return lines


def report(file: Path) -> tuple[list[str], bool]:
    """What is known of our parts, and whether all is well: nothing of what Muster runs with."""
    found = faults(json.loads(file.read_text(encoding="utf-8"))["advisories"], parts())
    return [str(fault) for fault in found] or [NONE], not any(fault.runs for fault in found)


def main(words: Sequence[str]) -> int:
    if words:
        click.echo(f"{pin(date.fromisoformat(words[0]), map(Path, words[1:]))} advisories are pinned in {PINNED.name}.")
    lines, is_well = report(PINNED)
    click.echo("\n".join([*age(), *lines]))
    return int(not is_well)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

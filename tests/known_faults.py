"""Whether a part that our locks name has a known vulnerability, by advisories that lie in the repository.

They are made from exports in the OSV format, which hold all advisories of PyPI or of npm (`all.zip` of each), on a
computer that can fetch those:

    python -m tests.known_faults 2026-11-30 pypi.zip npm.zip

The date is that of the exports. Of them are kept those about packages in our locks, with what says which versions they
are about. Where they come from stands in docs/security.md: change it there with them. The first ones were put together
from public copies of such databases.
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
ECOSYSTEMS = {"pypi": "PyPI", "npm": "npm"}
Advisory = dict[str, Any]
NOT_PINNED = (
    "the check for known vulnerabilities: no advisories lie in the repository yet. tests/known_faults.py says how they "
    "are made, on a computer that can fetch them"
)


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
    write(as_of, kept, file)
    return len(kept)


def write(as_of: date, advisories: Iterable[Advisory], file: Path) -> None:
    """One advisory a line, so that a comparison shows which ones are new."""
    lines = ",\n".join(json.dumps(advisory) for advisory in advisories)
    file.write_text(f'{{"as_of": "{as_of}", "advisories": [\n{lines}\n]}}\n', encoding="utf-8")


def report(file: Path, today: date | None = None) -> tuple[list[str], bool]:
    """What is known of our parts, and whether all is well: nothing of what Muster runs with. The last line says the
    result and its age in one sentence, so that nobody reads the one without the other."""
    told = json.loads(file.read_text(encoding="utf-8"))
    found = faults(told["advisories"], parts())
    days = ((today or datetime.now(UTC).date()) - date.fromisoformat(told["as_of"])).days
    result = (
        f"No {'other ' if found else ''}part that our locks name has a vulnerability in the {len(told['advisories'])} "
        f"advisories up to {told['as_of']}, {days} days ago; for what was found since, this check is NOT RUN: make "
        "them anew (tests/known_faults.py)."
    )
    return [*map(str, found), result], not any(fault.runs for fault in found)


def main(words: Sequence[str]) -> int:
    if words:
        click.echo(f"{pin(date.fromisoformat(words[0]), map(Path, words[1:]))} advisories are pinned in {PINNED.name}.")
    lines, is_well = report(PINNED)
    click.echo("\n".join(lines))
    return int(not is_well)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

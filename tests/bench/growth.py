"""Each page and act among 200, 2,000, 20,000 and 100,000 people: what one costs, and whether it grows with the event.

CPU is the web process's alone; on SQLite the database is in it. One connection asks, so p50 holds the database as well.
The first few of each are not counted: a page's first drawing reads its templates, once in the life of the process.
"""

import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from tests.bench import journey
from tests.bench.grown import WITH_CODES
from tests.bench.load import look, with_cookie
from tests.bench.run_all import approvals, ask, confirmations
from tests.bench.running import Row, by_backdoor, databases, measure_bare, run, running, scans

SIZES = (200, 2_000, 20_000, 100_000)
LOOKS, ACTS, FIRST = 100, 40, 5  # one organiser may look at a thousand pages of people an hour
SITUATIONS = Sequence[tuple[str, list[bytes], int]]


def measure(sizes: Sequence[int] = SIZES, kinds: Sequence[str] = ("SQLite", "PostgreSQL")) -> int:
    folder = Path(tempfile.mkdtemp(prefix="muster-bench-growth-"))
    wrong = 0
    try:
        bare = measure_bare(folder, connections=1).cpu
        click.echo(f"A bare endpoint costs {bare:.3f} ms of processor time: x is how many of these")
        with databases(folder) as makers:
            for kind in kinds:
                table = {size: _rows(folder, makers[kind](f"growth{size}"), size) for size in sizes}
                wrong += _show(kind, table, bare)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return int(wrong > 0)


def _show(kind: str, table: dict[int, list[Row]], bare: float) -> int:
    """A line for each page and act; returns how many answers were wrong."""
    click.echo(f"\n{kind}: CPU ms, x and p50 ms among" + "".join(f"{size:>25,}" for size in table))
    for rows in zip(*table.values(), strict=True):
        told = "".join(f"{row.cpu:9.1f}{row.cpu / bare:7.0f}x{row.p50:8.1f}" for row in rows)
        wrong = sum(row.wrong for row in rows)
        click.echo(f"{rows[0].name:36}{told}" + (f"  {wrong} WRONG" if wrong else ""))
    return sum(row.wrong for rows in table.values() for row in rows)


def _rows(folder: Path, url: str, size: int) -> list[Row]:
    with running(folder, url, str(min(size, WITH_CODES)), str(ACTS + FIRST)) as (process, facts):
        port = facts["port"]
        grown = by_backdoor(port, f"grow/{size}/{ACTS + FIRST}")
        cookie = by_backdoor(port, "desk")["cookie"]
        situations = [*_pages(cookie, grown, size), *_acts(facts, grown, cookie)]
        rows = [_counted(process, port, *situation) for situation in situations]
        return [*rows, journey.measure(process, port, ACTS, FIRST, 1, "journey, 13 requests")]


def _counted(process: subprocess.Popen[bytes], port: int, name: str, asked: list[bytes], good: int) -> Row:
    run(name, process, port, asked[:FIRST], good, connections=1)
    return run(name, process, port, asked[FIRST:], good, connections=1)


def _pages(cookie: str, grown: dict[str, Any], size: int) -> SITUATIONS:
    pages = {
        "queue": "requests",
        "people": "people",
        "people, last page": f"people?page={size // 50}",
        "people, by organisation": "people?sort=organisation",
        "search, by name": f"people?find={grown['find']}",
        "search, newest first": f"people?find={grown['find']}&sort=newest",
        "person": f"people/{grown['undecided'][0]}",
        "emails": "emails",
        "board": "board",
        "audit": "audit",
        "doors and phones": "doors",
        "event": "event",
    }
    asked = {name: with_cookie(look(f"/desk/bench/{path}"), cookie) for name, path in pages.items()}
    asked["public page"] = look("/e/bench")
    return [(name, [request] * (LOOKS + FIRST), 200) for name, request in asked.items()]


def _acts(facts: dict[str, Any], grown: dict[str, Any], cookie: str) -> SITUATIONS:
    return [
        ("check-in", [scans([proof], facts["pass"]) for proof in facts["proofs"][: ACTS * 2 + FIRST]], 200),
        ("request for a place", [ask(n, cookie) for n, cookie in enumerate(facts["drafts"])], 303),
        ("confirm", confirmations(grown), 303),
        ("approve", approvals(grown, cookie), 303),
    ]

"""The bench: check-ins, requests and what follows, the event's page and emails, beside a bare Starlette endpoint.

Figures of one machine say little; the ratio to the yardstick says how much of a request is ours.
"""

import shutil
import tempfile
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

import click

from tests.bench import journey, sending
from tests.bench.load import CONNECTIONS, look, request, with_cookie
from tests.bench.running import FORM, Row, by_backdoor, databases, measure_bare, run, running, scans

OTHERS = ("door", "flood", "growth", "install", "morning", "workers")  # modules of this folder
TICKETS, ASKS, LOOKS, UNDECIDED, JOURNEYS, FIRST = 4_000, 2_000, 6_000, 400, 200, 20


def main(words: Sequence[str] = ()) -> int:
    """Prints a table; the exit status is 1 when anything was answered otherwise than it should be.

    With the word `door` it measures a door phone and the door's server against their targets, with `morning` the first
    minute of the day, with `growth` each page and act among 200 to 100,000 people, with `flood` how long honest people
    wait beside 2,000 posts at each open door, with `workers` two processes beside one, with `install` a fresh clone.
    These bring tools of their own, so each is imported only when asked for.
    """
    [word, *_] = [*words, ""]
    if word in OTHERS:
        return int(import_module(f"tests.bench.{word}").measure() or 0)
    folder = Path(tempfile.mkdtemp(prefix="muster-bench-"))
    try:
        with databases(folder) as kinds:
            rows = [row for name, new in kinds.items() for row in measure(name, new("bench"), folder)]
            rows += [row for name, new in kinds.items() for row in sending.measured(name, folder, new("sending"))]
            return table([measure_bare(folder), *rows])
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def table(rows: list[Row]) -> int:
    yardstick = rows[0].cpu
    click.echo(f"{'':34}{'a second':>10}{'CPU ms':>9}{'of bare':>9}{'p50 ms':>9}{'p99 ms':>9}{'wrong':>7}")
    for row in rows:
        click.echo(
            f"{row.name:34}{row.a_second:10.0f}{row.cpu:9.2f}{row.cpu / yardstick:8.1f}x"
            f"{row.p50:9.1f}{row.p99:9.1f}{row.wrong:7}"
        )
    return int(any(row.wrong for row in rows))


def measure(name: str, url: str, folder: Path) -> list[Row]:
    with running(folder, url, str(TICKETS), str(ASKS)) as (process, facts):
        port = facts["port"]
        ones = [scans([proof], facts["pass"]) for proof in facts["proofs"][: TICKETS // 2]]
        rest = facts["proofs"][TICKETS // 2 :]
        fifties = [scans(rest[n : n + 50], facts["pass"]) for n in range(0, len(rest), 50)]
        asks = [ask(n, cookie) for n, cookie in enumerate(facts["drafts"])]
        grown, desk = by_backdoor(port, f"grow/{TICKETS}/{UNDECIDED}"), by_backdoor(port, "desk")["cookie"]
        return [
            run(f"{name}: check-ins, one a request", process, port, ones, 200),
            run(f"{name}: batches of fifty check-ins", process, port, fifties, 200),
            run(f"{name}: requests for a place", process, port, asks, 303),
            run(f"{name}: confirmations", process, port, confirmations(grown), 303),
            run(f"{name}: approvals, one a request", process, port, approvals(grown, desk), 303),
            journey.measure(process, port, JOURNEYS, FIRST, CONNECTIONS, name=f"{name}: journeys, 13 requests"),
            run(f"{name}: the event's page", process, port, [look("/e/bench")] * LOOKS, 200),
        ]


def ask(n: int, cookie: str) -> bytes:
    """From another network each, as the limits want it."""
    sent = request("/e/bench/ask/check", b"", FORM, cookie)
    return sent.replace(b"\r\n\r\n", f"\r\nx-forwarded-for: 10.0.{n // 250}.{n % 250}\r\n\r\n".encode(), 1)


def confirmations(grown: dict[str, Any]) -> list[bytes]:
    return [request(f"/confirm/{link}", b"asked=yes", FORM) for link in grown["links"]]


def approvals(grown: dict[str, Any], cookie: str) -> list[bytes]:
    """Each as the desk's queue sends it without JavaScript."""
    bodies = (f"person={marked}".encode() for marked in grown["marked"])
    return [with_cookie(request("/desk/bench/requests/approve", body, FORM), cookie) for body in bodies]

"""The morning's first minute: thirty phones fetch a list of 20,000, twenty boards are open, and guests come in already.

Each situation is a server of its own, loaded for the same time with the same scans. What counts is how long a scan
waits, and what a second of it costs.
"""

import asyncio
import shutil
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any, NamedTuple

import click

from registrations.codes.sealing import ROW
from tests.bench.lines import Line, share_of
from tests.bench.load import Answered, fire, look, with_cookie
from tests.bench.running import by_backdoor, cpu_seconds, databases, running, scans

PEOPLE, PHONES, BOARDS = 20_000, 30, 20
A_SECOND, SECONDS = 50, 12
SITUATIONS = ((0, 0), (0, BOARDS), (PHONES, 0), (PHONES, BOARDS))  # phones that fetch, boards that are open


class Minute(NamedTuple):
    scanned: Answered
    lists: Sequence[float]  # milliseconds that each phone waited
    drawings: int  # that boards were sent
    cpu: float  # milliseconds of processor time a second


def measure() -> int:
    folder = Path(tempfile.mkdtemp(prefix="muster-bench-morning-"))
    wrong = False
    try:
        with databases(folder) as kinds:
            for name, new in kinds.items():
                click.echo(Line.heading(f"{name}: {A_SECOND} scans a second among {PEOPLE:,} people"))
                for number, (phones, boards) in enumerate(SITUATIONS):
                    for line in _lines(folder, new(f"morning{number}"), phones, boards):
                        click.echo(str(line))
                        wrong |= line.wrong
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return int(wrong)


def _lines(folder: Path, url: str, phones: int, boards: int) -> Iterator[Line]:
    with running(folder, url, str(PEOPLE), "0") as (process, facts):
        minute = asyncio.run(_minute(process.pid, facts, phones, boards))
    waits = minute.scanned.waits
    what = f"{phones} phones fetch the list, {boards} boards: p50 {share_of(waits, 0.5):.1f} ms, p99"
    line = Line.at_most(f"{what} ({minute.cpu:.0f} ms/s of processor time)", share_of(waits, 0.99), 50, "ms")
    yield line._replace(wrong=minute.scanned.statuses != {200: A_SECOND * SECONDS})
    if phones:
        yield Line.at_most("    the last phone has its list after", max(minute.lists) / 1000, 1, "s")
    if boards:
        yield Line(f"    drawings that a board was sent in {SECONDS} s", f"{minute.drawings / boards:.1f}")


async def _minute(pid: int, facts: dict[str, Any], phones: int, boards: int) -> Minute:
    port = facts["port"]
    name = facts["pass"].partition("=")[0]
    cookies = [f"{name}={by_backdoor(port, 'pair')['token']}" for _ in range(phones)]
    cookie = by_backdoor(port, "desk")["cookie"]
    sent = [scans([proof], facts["pass"]) for proof in facts["proofs"][: A_SECOND * SECONDS]]
    before = cpu_seconds(pid)
    watching = [asyncio.create_task(_watch(port, cookie)) for _ in range(boards)]
    with ProcessPoolExecutor(1, get_context("spawn")) as apart:
        fetching = apart.submit(_fetch_all, port, cookies) if phones else None
        scanned = await fire(port, sent, a_second=A_SECOND)
        lists = await asyncio.wrap_future(fetching) if fetching else []
    cpu = (cpu_seconds(pid) - before) * 1000 / scanned.seconds
    for board in watching:
        board.cancel()
    heard = await asyncio.gather(*watching)
    return Minute(scanned, lists, sum(heard), cpu)


def _fetch_all(port: int, cookies: Sequence[str]) -> list[float]:
    """All at once, a second after the scans have begun. Run it in a process of its own: to read 100 MB takes time."""
    time.sleep(1)
    with ThreadPoolExecutor(len(cookies)) as threads:
        return list(threads.map(partial(_fetch, port), cookies))


def _fetch(port: int, cookie: str) -> float:
    """Milliseconds until the whole list is there."""
    began = time.perf_counter()
    asked = urllib.request.Request(f"http://127.0.0.1:{port}/door/api/list?since=0", headers={"cookie": cookie})
    with urllib.request.urlopen(asked, timeout=600) as answer:  # noqa: S310
        assert len(answer.read()) > PEOPLE * ROW
    return (time.perf_counter() - began) * 1000


async def _watch(port: int, cookie: str) -> int:
    """How many drawings came, until the board is shut."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(with_cookie(look("/desk/bench/board/live"), cookie))
    heard = 0
    try:
        while line := await reader.readline():
            heard += line.startswith(b"data: ")
    except asyncio.CancelledError:
        writer.close()
    return heard

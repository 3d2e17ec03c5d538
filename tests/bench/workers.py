"""Two workers beside one, on PostgreSQL: acts a second in turns within one run, and whose processor time they cost.

python -m tests.bench.workers prepare DATABASE_URL FOLDER     an event with tickets, a phone and leads
python -m tests.bench.workers DATABASE_URL FOLDER SOCKET      one of several workers, at a socket that is open

The load is a process too: on two processors it and the database take what a second worker would have.
"""

import asyncio
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from itertools import cycle, islice, repeat
from pathlib import Path
from typing import Any, NamedTuple

import asyncpg
import click
import structlog
from pydantic import SecretStr

from events.accounts import sign_in
from events.accounts.guards import SESSION
from events.accounts.staff import RoleName
from events.event import Event
from events.ground import clock, data_keys, keys, live, logs, settings
from events.ground.database import Database
from events.web.connections import Listener
from server import MODELS, ROOT, make_app
from tests.bench.house import CROWD, listening, prepare, serve
from tests.bench.load import CONNECTIONS, fire, look, with_cookie
from tests.bench.run_all import ask
from tests.bench.running import cpu_seconds, databases, scans, wait_for
from tests.people import THE_DAY, a_member_of_staff

ROUNDS, FIRST = 3, 100  # the first answers of a worker are not counted: it reads its templates
SCANS, PAGES, LISTS = "door scans, one a request", "the public page", "the people list of the desk"
ASKED = "requests for a place"
EACH = {SCANS: 1_500, PAGES: 3_000, LISTS: 300, ASKED: 500}  # in a round
LEADS = 8  # since nobody may look at more than a thousand pages of people an hour
POSTMASTER = "SELECT split_part(pg_read_file('postmaster.pid'), chr(10), 1)::int"


class Cost(NamedTuple):
    """Of one round: seconds by the clock, and seconds of processor time of whom."""

    done: int
    seconds: float
    workers: tuple[float, ...]
    database: float
    load: float

    def said(self) -> str:
        each = " + ".join(f"{1000 * worker / self.done:.2f}" for worker in self.workers)
        busy = (sum(self.workers) + self.database + self.load) / self.seconds / (os.cpu_count() or 1)
        others = f"database {1000 * self.database / self.done:.2f}, load {1000 * self.load / self.done:.2f} ms"
        return f"{self.done / self.seconds:7.0f}/s   workers {each} ms, {others}; processors {busy:.0%} ours"


def measure() -> int:
    """Prints a line for each round. The status is 1 when an answer was wrong, never for a time."""
    folder = Path(tempfile.mkdtemp(prefix="muster-bench-several-"))
    try:
        with databases(folder) as kinds:
            return int(_measured(kinds["PostgreSQL"]("several"), folder))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _measured(url: str, folder: Path) -> bool:
    facts = _prepared(url, folder)
    postmaster, wrong = asyncio.run(_postmaster(url)), 0
    for what, requests in _acts(facts).items():
        costs: dict[int, list[Cost]] = {1: [], 2: []}
        click.echo(f"\n{what}")
        asyncio.run(_analysed(url))
        for _ in range(ROUNDS):
            for number, found in costs.items():
                with _workers(url, folder, number) as (pids, port):
                    wrong += _sent(port, list(islice(requests, FIRST)))[0]
                    mistaken, cost = _cost(port, list(islice(requests, EACH[what])), pids, postmaster)
                wrong += mistaken
                found.append(cost)
                click.echo(f"  {number} {cost.said()}")
        (fast, dear), (one_fast, one_dear) = (_medians(costs[number]) for number in (2, 1))
        told = f"{fast / one_fast:.2f} times the acts a second, each for {dear / one_dear:.2f} times the processor time"
        click.echo(f"  two beside one: {told}")
    click.echo(f"\n{wrong} WRONG" if wrong else "")
    return wrong > 0


def _acts(facts: dict[str, Any]) -> dict[str, Iterator[bytes]]:
    desk = [with_cookie(look("/desk/bench/people"), cookie) for cookie in facts["desks"]]
    return {
        SCANS: (scans([proof], facts["pass"]) for proof in facts["proofs"]),
        PAGES: repeat(look("/e/bench")),
        LISTS: cycle(desk),
        ASKED: (ask(n, cookie) for n, cookie in enumerate(facts["drafts"])),
    }


def _medians(costs: Sequence[Cost]) -> tuple[float, float]:
    """Acts a second, and milliseconds of processor time for one: of workers and database."""
    paid = (1000 * (sum(cost.workers) + cost.database) / cost.done for cost in costs)
    return statistics.median(cost.done / cost.seconds for cost in costs), statistics.median(paid)


def _sent(port: int, requests: Sequence[bytes]) -> tuple[int, float]:
    """How many were answered otherwise than well, and how many seconds all took."""
    answered = asyncio.run(fire(port, requests, CONNECTIONS))
    well = answered.statuses.get(200, 0) + answered.statuses.get(303, 0)  # a request for a place leads to a page
    return sum(answered.statuses.values()) - well, answered.seconds


def _cost(port: int, requests: Sequence[bytes], pids: Sequence[int], postmaster: int) -> tuple[int, Cost]:
    before, load, database = [cpu_seconds(pid) for pid in pids], time.process_time(), _below(postmaster)
    wrong, seconds = _sent(port, requests)
    after = [cpu_seconds(pid) for pid in pids]
    workers = tuple(now - then for now, then in zip(after, before, strict=True))
    cost = Cost(len(requests), seconds, workers, _below(postmaster) - database, time.process_time() - load)
    return wrong, cost


async def _analysed(url: str) -> None:
    """As PostgreSQL does by itself within a minute, where nobody has switched it off."""
    connection: asyncpg.Connection = await asyncpg.connect(url)
    try:
        await connection.execute("ANALYZE")
    finally:
        await connection.close()


async def _postmaster(url: str) -> int:
    connection: asyncpg.Connection = await asyncpg.connect(url)
    try:
        return int(await connection.fetchval(POSTMASTER))
    finally:
        await connection.close()


def _below(parent: int) -> float:
    """Processor time of the database's processes: each connection has one."""
    of = f"/proc/{parent}/task/{parent}/children"
    return sum(cpu_seconds(int(pid)) for pid in Path(of).read_text().split())


def _prepared(url: str, folder: Path) -> dict[str, Any]:
    command = [sys.executable, "-m", "tests.bench.workers", "prepare", url, str(folder)]
    subprocess.run(command, cwd=ROOT, check=True)  # noqa: S603
    return dict(json.loads((folder / "facts").read_text()))


@contextmanager
def _workers(url: str, folder: Path, number: int) -> Iterator[tuple[list[int], int]]:
    """Behind one socket, as `MUSTER_WORKERS` starts them: their processes, and its port."""
    with listening() as shared:
        shared.set_inheritable(True)
        command = [sys.executable, "-m", "tests.bench.workers", url, str(folder), str(shared.fileno())]
        started = [subprocess.Popen(command, cwd=ROOT, pass_fds=[shared.fileno()]) for _ in range(number)]  # noqa: S603
        try:
            for process in started:
                wait_for(folder / f"ready-{process.pid}", process)
            yield [process.pid for process in started], shared.getsockname()[1]
        finally:
            for process in started:
                process.terminate()
            for process in started:
                process.wait(10)


# in processes of their own


def _open(url: str, folder: Path) -> Database:
    logs.set_up(live=True)
    structlog.configure(logger_factory=structlog.ReturnLoggerFactory())  # lines are made as when live, written nowhere
    settings.choose(settings.Settings(base_url="http://127.0.0.1", trusted_proxy="127.0.0.1", key=SecretStr("")))
    if not (folder / "key").exists():
        keys.write_new(folder / "key")
    keys.install(keys.load("", folder / "key"))
    kept = data_keys.DataKeys(folder / "data-keys")
    kept.read()
    data_keys.install(kept)
    clock.move_to(THE_DAY + timedelta(minutes=5))
    return Database(url, MODELS)


async def _prepare(database: Database, folder: Path) -> None:
    await database.migrate()
    async with database.opened():
        facts = await prepare(*(2 * ROUNDS * (EACH[act] + FIRST) for act in (SCANS, ASKED)))
        facts["desks"] = [await _a_desk(await Event.get(), number) for number in range(LEADS)]
        (folder / "facts").write_text(json.dumps(facts))


async def _a_desk(event: Event, number: int) -> str:
    lead = await a_member_of_staff(f"Lead {number}", f"lead{number}@hosts.example.org", event, RoleName.LEAD)
    return f"{SESSION.name}={await sign_in.begin_full_session(lead, clock.real())}"


def _work(database: Database, folder: Path, descriptor: int) -> None:
    async def first() -> None:
        (folder / f"ready-{os.getpid()}").write_text("{}")

    listener = Listener(fileno=descriptor)
    listener.crowd, listener.shared = CROWD, True
    serve(make_app(database, working=[partial(live.listen, database)], first=first), listener)


if __name__ == "__main__":
    if sys.argv[1] == "prepare":
        home = Path(sys.argv[3])
        (home / "data-keys").mkdir(mode=0o700)
        asyncio.run(_prepare(_open(sys.argv[2], home), home))
    else:
        _work(_open(sys.argv[1], Path(sys.argv[2])), Path(sys.argv[2]), int(sys.argv[3]))

"""Numbers for whoever operates a server, as Prometheus reads them, at http://127.0.0.1:<MUSTER_METRICS_PORT>/metrics.

A listener of their own on this machine alone: nothing on the pages' own leads there. They are numbers of the whole
installation: no label or name says a path, an event, a person or a network.
"""

import asyncio
import os
import socket
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from functools import cache, partial
from time import perf_counter
from typing import NamedTuple

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest, multiprocess, values
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from structlog.typing import EventDict, WrappedLogger

from events.audit import audit_seal
from events.backup import backup_folder
from events.ground import clock
from events.ground.database import query
from events.ground.settings import current

HOST, PATH = "127.0.0.1", b"/metrics"
HEAD_SECONDS, LONGEST_HEAD = 5.0, 8192
TICK_SECONDS = 1.0
KIND = b"text/plain; version=0.0.4; charset=utf-8"
MAIL = """SELECT count(CASE WHEN state = 'queued' THEN 1 END) AS waiting,
    count(CASE WHEN state = 'queued' AND next_try_at <= ? THEN 1 END) AS due,
    count(CASE WHEN state = 'failed' THEN 1 END) AS failed FROM message WHERE state IN ('queued', 'failed')"""
UNSEALED = "SELECT count(*) AS n FROM audit_entry WHERE id > coalesce((SELECT max(entry_id) FROM audit_seal), 0)"


class Number(NamedTuple):
    name: str
    says: str
    value: float


Numbers = Callable[[datetime], Awaitable[list[Number]]]
MORE: list[Numbers] = []  # of whoever else has some, by the machine's time; the server's composition names them


class Ours:
    """What this process counts. Made once it is known whether others count beside it."""

    def __init__(self) -> None:
        self.all = ours = CollectorRegistry()
        self.answers = Counter(
            "muster_answers", "Answers to requests, by the digit that their status begins with", ["status"],
            registry=ours,
        )  # fmt: skip
        self.seconds = Histogram(
            "muster_answer_seconds", "Seconds from a request to the beginning of its answer", registry=ours
        )
        self.open = Gauge(
            "muster_requests_open", "Requests that are being answered, with open streams", registry=ours,
            multiprocess_mode="livesum",
        )  # fmt: skip
        self.lines = Counter(
            "muster_log_lines", "Lines of the log that are warnings or errors", ["level"], registry=ours
        )
        self.late = Histogram(
            "muster_loop_late_seconds", "By how many seconds a process came late to what it wanted to do now",
            registry=ours, buckets=(0.005, 0.02, 0.1, 0.5, 2.0),
        )  # fmt: skip
        self.workers = Gauge("muster_workers", "Processes that serve", registry=ours, multiprocess_mode="livesum")


@cache
def ours() -> Ours:
    return Ours()


@contextmanager
def counted_together() -> Iterator[Callable[[int], object]]:
    """What we and our forks count lies in files of a folder. Yields whom to tell the number of one that has ended."""
    with tempfile.TemporaryDirectory(prefix="muster-metrics-") as folder:
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = folder
        values.ValueClass = values.get_value_class()  # type: ignore[no-untyped-call]
        yield partial(multiprocess.mark_process_dead, path=folder)


class Counted:
    """Counts what passes through. Around an app."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        began = perf_counter()

        async def counting(message: Message) -> None:
            if message["type"] == "http.response.start":
                ours().seconds.observe(perf_counter() - began)
                ours().answers.labels(f"{message['status'] // 100}xx").inc()
            await send(message)

        with ours().open.track_inprogress():
            await self.app(scope, receive, counting)


def count_line(logger: WrappedLogger, name: str, entry: EventDict) -> EventDict:
    """For the log: what its lines say is nobody's business here."""
    if entry.get("level") in {"warning", "error"}:
        ours().lines.labels(entry["level"]).inc()
    return entry


async def run(listener: socket.socket, several: bool, stop: asyncio.Event) -> None:
    """The turn that answers whoever reads the numbers. `several`: they are those of all processes together."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError, ValueError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, TimeoutError):
            async with asyncio.timeout(HEAD_SECONDS):
                head = await reader.readuntil(b"\r\n\r\n")
            writer.write(await _answer_to(head, several))
            await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, sock=listener, limit=LONGEST_HEAD)
    with ours().workers.track_inprogress():
        while not stop.is_set():
            due = perf_counter() + TICK_SECONDS
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), TICK_SECONDS)
            if not stop.is_set():
                ours().late.observe(max(0.0, perf_counter() - due))
    server.close()


async def _answer_to(head: bytes, several: bool) -> bytes:
    words = head.split(b"\r\n", 1)[0].split(b" ")
    if words[:2] != [b"GET", PATH]:
        return b"HTTP/1.1 404 Not Found\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"
    body = await written(several)
    said = b"content-type: %b\r\ncontent-length: %d\r\nconnection: close" % (KIND, len(body))
    return b"HTTP/1.1 200 OK\r\n%b\r\n\r\n%b" % (said, body)


async def written(several: bool) -> bytes:
    """What is counted here or in all processes, then what is looked up now."""
    counted = ours().all
    if several:
        multiprocess.MultiProcessCollector(counted := CollectorRegistry())  # type: ignore[no-untyped-call]
    looked_up = CollectorRegistry()
    looked_up.register(_Found([number async for number in found(clock.real())]))
    return generate_latest(counted) + generate_latest(looked_up)


async def found(real: datetime) -> AsyncIterator[Number]:
    """As the database and the folder of backups say it now."""
    try:
        numbers = [*await _of_the_database(real)]
        for more in MORE:
            numbers += await more(real)
    except Exception:  # whatever the driver raises, the database is what is missing
        numbers = []
    yield Number("muster_database_up", "1 if the database answers", float(bool(numbers)))
    yield Number("muster_audit_damaged", "1 if the audit log is known to be damaged", float(bool(audit_seal.trouble())))
    for number in [*numbers, *await asyncio.to_thread(_of_the_backups, real)]:
        yield number


async def _of_the_database(real: datetime) -> list[Number]:
    [mail], [audit] = await query(MAIL, [real]), await query(UNSEALED)
    return [
        Number("muster_emails_waiting", "Emails that wait to be sent", mail["waiting"]),
        Number("muster_emails_due", "Those of them whose time has come", mail["due"]),
        Number("muster_emails_failed", "Emails that did not arrive, and that nobody has seen to", mail["failed"]),
        Number("muster_audit_unsealed", "Entries of the audit log that are not sealed yet", audit["n"]),
    ]


def _of_the_backups(real: datetime) -> list[Number]:
    """Nothing where none are made, or there is none yet."""
    with suppress(OSError):
        folder = current().backup_folder
        if folder is not None and (newest := backup_folder.newest(folder, real)) is not None:
            age = (real - newest.taken_at).total_seconds()
            return [Number("muster_backup_age_seconds", "Age of the newest backup", max(0.0, age))]
    return []


class _Found(Collector):
    def __init__(self, numbers: Iterable[Number]) -> None:
        self.numbers = numbers

    def collect(self) -> Iterable[GaugeMetricFamily]:
        return [GaugeMetricFamily(number.name, number.says, number.value) for number in self.numbers]

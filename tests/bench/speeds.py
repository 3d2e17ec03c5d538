"""The server's part: lists and their bytes, scans a second in batches, and one at a time at a door's pace."""

import asyncio
import os
import struct
import subprocess
import time
import urllib.request
from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Any

from tests.bench import asking, in_process
from tests.bench.lines import Line, share_of
from tests.bench.load import CONNECTIONS, fire
from tests.bench.running import New, bare_request, cpu_seconds, measure_bare, run, running, scans

FEW, MANY, CHANGES = 200, 20_000, 20
PACE, PACED, ROUNDS = 50, 600, 3  # scans a second, how many in all, in so many parts
LISTS = {FEW: 60_000, MANY: 3_600_000}
HTTP = {1: 2_000, 50: 6_000}  # scans in all, by how many a request brings


def lists(folder: Path) -> Iterator[Line]:
    yield Line.heading("The guest list (SQLite)")
    for people, most in LISTS.items():
        with running(folder, f"sqlite://{folder}/list-{people}.db", str(people), "0") as (process, facts):
            _list(facts, 0)  # the first of a process makes its threads
            cpu, began = cpu_seconds(process.pid), time.perf_counter()
            blob = _list(facts, 0)
            seconds, cpu = time.perf_counter() - began, cpu_seconds(process.pid) - cpu
            _, _, version, _, rows, _ = struct.unpack_from(">4sIIdII", blob)
            reserve = f"{rows - people:,} of {rows:,} rows in reserve"
            yield Line.at_most(f"{people:,} people, {reserve}", len(blob), most)
            yield Line(f"    built and sent in ({cpu * 1000:.0f} ms of processor time)", f"{seconds * 1000:.0f} ms")
            if people == FEW:
                changed = scans(facts["proofs"][:CHANGES], facts["pass"])
                answered = asyncio.run(fire(facts["port"], [changed]))
                delta = _list(facts, version) if answered.statuses == {200: 1} else b""
                yield Line.at_most(f"    {CHANGES} changes", len(delta), 4_000)


def _list(facts: dict[str, Any], since: int) -> bytes:
    url = f"http://127.0.0.1:{facts['port']}/door/api/list?since={since}"
    asked = urllib.request.Request(url, headers={"cookie": facts["pass"]})
    with urllib.request.urlopen(asked, timeout=60) as answer:  # noqa: S310
        return bytes(answer.read())


def settled(folder: Path, kinds: Mapping[str, New]) -> Iterator[Line]:
    """The yardstick is run beside each database, since the machine may be busier then."""
    yield Line.heading(
        f"Scans a second, {CONNECTIONS} callers (our processor time a scan, beside bare Starlette's a request)"
    )
    for name, new in kinds.items():
        bare = measure_bare(folder).cpu
        yield Line(f"bare Starlette, JSON in and out: {bare:.2f} ms a request")
        yield from _over_http(folder, name, new("door"), bare)


def _over_http(folder: Path, name: str, url: str, bare: float) -> Iterator[Line]:
    with running(folder, url, str(sum(HTTP.values()) + PACED), "0") as (process, facts):
        proofs = iter(facts["proofs"])
        for size, count in HTTP.items():
            row = run("", process, facts["port"], _requests(proofs, size, count, facts["pass"]), 200)
            what = f"{name}, over HTTP, batches of {size}"
            yield _speed(what, row.a_second * size, row.cpu / size, bare, row.wrong)
        yield from _at_a_pace(folder, name, process, facts, proofs)


def _at_a_pace(
    folder: Path, name: str, process: subprocess.Popen[bytes], facts: dict[str, Any], proofs: Iterator[str]
) -> Iterator[Line]:
    """In turns with bare Starlette at the same pace, and with a plain write to the same disk: how busy the machine is
    shows in all three.
    """
    ours, bare, disk = list[float](), list[float](), list[float]()
    wrong, cpu = 0, 0.0
    with running(folder, "bare") as (other, its):
        for _ in range(ROUNDS):
            disk += _writes(folder / "disk", PACED // ROUNDS)
            row = run("", other, its["port"], [bare_request()] * (PACED // ROUNDS), 200, pace=PACE)
            bare += row.waits
            row = run("", process, facts["port"], _requests(proofs, 1, PACED // ROUNDS, facts["pass"]), 200, pace=PACE)
            ours += row.waits
            wrong, cpu = wrong + row.wrong, cpu + row.cpu / ROUNDS
    yield Line(f"{name}, {PACE} a second: a page of 4 kB to the disk, p50 {_at(disk, 0.5)}, p99", _at(disk, 0.99))
    yield Line(f"{name}, {PACE} a second: bare Starlette, p50 {_at(bare, 0.5)}, p99", _at(bare, 0.99))
    what = f"{name}, {PACE} a second: one scan a request ({cpu:.1f} ms of processor time), p50 {_at(ours, 0.5)}, p99"
    yield Line.at_most(what, share_of(ours, 0.99), 15, "ms")._replace(wrong=wrong > 0)


def _at(waits: list[float], share: float) -> str:
    return f"{share_of(waits, share):.1f} ms"


def _writes(file: Path, count: int) -> list[float]:
    """Milliseconds that each takes until it is on the disk, as a database writes its log."""
    waits = []
    with file.open("wb", buffering=0) as log:
        for _ in range(count):
            began = time.perf_counter()
            log.write(bytes(4096))
            os.fdatasync(log.fileno())
            waits.append((time.perf_counter() - began) * 1000)
            time.sleep(1 / PACE)
    return waits


def asked(folder: Path, kinds: Mapping[str, New]) -> Iterator[Line]:
    yield Line.heading(f"Asked besides scans, among {asking.PEOPLE:,} people (processor time)")
    for name, new in kinds.items():
        for what, row in in_process.measured("asking", folder, new("asking")).items():
            told = f", {row['wrong']} WRONG" if row["wrong"] else ""
            line = Line(f"{name}: {what}: the first {row['first']:.0f} ms{told}", f"{row['each']:.1f} ms")
            yield line._replace(wrong=row["wrong"] > 0)


def _requests(proofs: Iterator[str], size: int, count: int, cookie: str) -> list[bytes]:
    return [scans(list(islice(proofs, size)), cookie) for _ in range(count // size)]


def _speed(what: str, a_second: float, cpu: float, bare: float, wrong: int) -> Line:
    told = f", {wrong} WRONG" if wrong else ""
    line = Line.at_least(f"{what} ({cpu:.2f} ms, {cpu / bare:.1f}x{told})", a_second, 1_000, "/s")
    return line._replace(wrong=wrong > 0)

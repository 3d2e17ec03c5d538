"""Scans given to `settle` in one process, without HTTP: how many a second, at which cost of its processor time.

python -m tests.bench.settling DATABASE_URL FACTS_FILE
"""

import asyncio
import base64
import secrets
import time
from collections.abc import Sequence
from typing import Any

from events.ground import clock
from registrations.checkin import checkin
from registrations.checkin.scan import ScanKind, Sent
from registrations.phones import finding
from registrations.phones.door import Device, DoorPass
from tests.bench import in_process
from tests.bench.house import issue, paired
from tests.people import THE_DAY, an_event

AT_ONCE = 16  # callers, as many as the bench over HTTP has connections
SIZES = {1: 2_000, 50: 6_000, 500: 16_000}  # scans in all, by how many a call brings


async def measure() -> list[dict[str, Any]]:
    event = await an_event(slug="bench", capacity=sum(SIZES.values()))
    proofs = iter(await issue(event, sum(SIZES.values())))
    await paired(event)
    phone = await finding.device_of(await DoorPass.get(), clock.real())
    rows = []
    for size, count in SIZES.items():
        scans = [sent(next(proofs)) for _ in range(count)]
        rows.append({"size": size, **await _settled([scans[n : n + size] for n in range(0, count, size)], phone)})
    return rows


def sent(proof: str) -> Sent:
    return Sent(secrets.token_hex(16), ScanKind.IN, base64.urlsafe_b64decode(proof + "=="), age=0.1)


async def _settled(batches: Sequence[Sequence[Sent]], phone: Device) -> dict[str, Any]:
    waiting, verdicts = iter(batches), list[str]()

    async def caller() -> None:
        for batch in waiting:
            verdicts.extend(answer["verdict"] for answer in await checkin.settle(batch, phone, clock.now()))

    began, cpu = time.perf_counter(), time.process_time()
    await asyncio.gather(*(caller() for _ in range(AT_ONCE)))
    seconds, cpu = time.perf_counter() - began, time.process_time() - cpu
    count = len(verdicts)
    return {"a_second": count / seconds, "cpu": cpu * 1000 / count, "wrong": count - verdicts.count("ok")}


if __name__ == "__main__":
    in_process.tell(measure, THE_DAY)

"""Ten thousand scans of two hundred tickets that race: how many were let in, and whether each is a row.

python -m tests.bench.racing DATABASE_URL FACTS_FILE
"""

import asyncio
import random
import time
from collections import Counter
from typing import Any

from events.accounts.staff import Staff
from events.ground import clock
from registrations.checkin import checkin
from registrations.checkin.scan import Admission, Scan
from registrations.phones import finding
from registrations.phones.door import Device, Door, DoorPass
from tests.bench import in_process
from tests.bench.backdoor import one_more_phone
from tests.bench.house import issue, paired
from tests.bench.settling import sent
from tests.people import THE_DAY, an_event

TICKETS, PHONES = 200, 50  # each ticket once on each phone, in an order of its own


async def measure() -> dict[str, Any]:
    event = await an_event(slug="bench", capacity=TICKETS)
    proofs = await issue(event, TICKETS)
    await paired(event)
    door, lena = await Door.get(), await Staff.get()
    for _ in range(PHONES - 1):
        await one_more_phone(door, lena)
    phones = [await finding.device_of(door_pass, clock.real()) for door_pass in await DoorPass.all()]
    verdicts, begun, cpu = Counter[str](), time.perf_counter(), time.process_time()

    async def scans_all(phone: Device, order: list[str]) -> None:
        for proof in order:
            [answer] = await checkin.settle([sent(proof)], phone, clock.now())
            verdicts[answer["verdict"]] += 1

    await asyncio.gather(*(scans_all(phone, random.sample(proofs, TICKETS)) for phone in phones))
    seconds, cpu = time.perf_counter() - begun, time.process_time() - cpu
    kept = {"scans": await Scan.all().count(), "in": await Admission.all().count()}
    return {
        "verdicts": verdicts,
        **kept,
        "a_second": sum(verdicts.values()) / seconds,
        "cpu": cpu * 1000 / (TICKETS * PHONES),
    }


if __name__ == "__main__":
    in_process.tell(measure, THE_DAY)

"""What a phone asks besides scans, in one process and without HTTP: a reference, a name, a place for somebody.

python -m tests.bench.asking DATABASE_URL FACTS_FILE
"""

import time
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any

from events.event import Event
from events.ground import clock
from registrations.checkin import reference_lookup
from registrations.checkin.looking_up import name_lookup
from registrations.checkin.looking_up.name_lookup import Typed
from registrations.checkin.walking_in import starting
from registrations.checkin.walking_in.starting import Asked
from registrations.checkin.walking_in.walk_in import Reason
from registrations.phones import finding
from registrations.phones.door import Device, DoorPass, PassRole
from registrations.phones.scan_answer import Answer
from tests.bench import in_process
from tests.bench.house import issue, paired, reference
from tests.people import THE_DAY, an_event

PEOPLE, TIMES = 20_000, 40
APART = timedelta(minutes=10)  # between two of them, by the machine's clock: so none is one too many
LETTERS = "abcdefghijklmnop"
Ask = Callable[[int, datetime], Awaitable[Answer]]


def surname(n: int) -> str:
    """Another for each, and none the beginning of another's."""
    return "Z" + "".join(LETTERS[n // 16**place % 16] for place in range(4))


async def measure() -> dict[str, Any]:
    event = await an_event(slug="bench", capacity=PEOPLE + TIMES)
    await issue(event, PEOPLE, lambda n: f"Guest {surname(n)}")
    await Event.filter(id=event.id).update(stewards_look_up=True)
    await paired(event)
    phone = await finding.device_of(await DoorPass.get(), clock.real())
    lead = phone._replace(role=PassRole.DOOR_LEAD, lead=phone.id)
    found: list[str] = []

    async def named(n: int, real: datetime) -> Answer:
        answer = await name_lookup.look_up(Typed(surname(n), "g", "SID"), phone, clock.now(), real)
        found.extend(row["row"] for row in answer["rows"])
        return answer

    return {
        "a reference": await _asked("found", lambda n, real: _typed(n, phone, real)),
        "a name": await _asked("rows", named),
        "one of the names": await _asked(
            "found", lambda n, real: name_lookup.choose(found[n], "SID", phone, clock.now(), real)
        ),
        "a place for a walk-in": await _asked("walk_in", lambda n, real: _place(n, lead, real)),
    }


async def _typed(n: int, phone: Device, real: datetime) -> Answer:
    return await reference_lookup.look_up(reference(n), phone, clock.now(), real)


async def _place(n: int, lead: Device, real: datetime) -> Answer:
    asked = Asked(f"Wren {surname(n)}", "Weekly", f"wren{n}@weekly.example.org", Reason.PRESS)
    return await starting.start(asked, lead, clock.now(), real)


async def _asked(wanted: str, ask: Ask) -> dict[str, float]:
    """Milliseconds of processor time: of the first, and of each of the others. `wrong` got no such answer."""
    costs, wrong = list[float](), 0
    for n in range(TIMES):
        began = time.process_time()
        answer = await ask(n, clock.real() + n * APART)
        costs.append((time.process_time() - began) * 1000)
        wrong += not answer.get(wanted)
    return {"first": costs[0], "each": sum(costs[1:]) / (TIMES - 1), "wrong": wrong}


if __name__ == "__main__":
    in_process.tell(measure, THE_DAY)

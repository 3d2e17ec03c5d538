"""Emails in one process, as the mailer has them: each written with its facts, and then written and handed to a relay.

python -m tests.bench.sending DATABASE_URL FACTS_FILE
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from events.ground import settings
from events.mail import mailer, outbox
from events.mail.mailer import SIDE_BY_SIDE, Turn
from events.mail.outbox import Message, MessageState
from events.mail.relay import Relay
from registrations.tickets.request_emails import WRITERS
from registrations.tickets.ticket import Ticket
from tests.bench import in_process
from tests.bench.house import issue
from tests.bench.load import Answered
from tests.bench.running import Row, relaying
from tests.people import MONDAY, an_event

TICKETS = 1_000
GOOD = 200  # stands in the table where HTTP has its status


def measured(name: str, folder: Path, url: str) -> list[Row]:
    told = in_process.measured("sending", folder, url)
    return [_row(f"{name}: {what}", found) for what, found in told.items()]


def _row(name: str, found: dict[str, Any]) -> Row:
    answered = Answered({GOOD: found["good"], 0: TICKETS - found["good"]}, found["seconds"], sorted(found["waits"]))
    return Row(name, answered, found["cpu"], GOOD)


async def measure() -> dict[str, Any]:
    event = await an_event(slug="bench", capacity=TICKETS)
    await issue(event, TICKETS)
    for ticket in await Ticket.all():
        await outbox.put("ticket", ticket.id, cause="bench", at=MONDAY, event_id=event.id)
    return {"emails written": await _timed(_write), "emails written and handed over": await _timed(_hand_over)}


async def _timed(do: Callable[[list[float]], Awaitable[int]]) -> dict[str, Any]:
    """`do` returns how many went well, and notes how many milliseconds each wait took."""
    waits = list[float]()
    began, cpu = time.perf_counter(), time.process_time()
    good = await do(waits)
    return {"seconds": time.perf_counter() - began, "cpu": time.process_time() - cpu, "good": good, "waits": waits}


async def _write(waits: list[float]) -> int:
    good = 0
    for message in await Message.all():
        asked = time.perf_counter()
        good += await WRITERS["ticket"](message) is not None
        waits.append((time.perf_counter() - asked) * 1000)
    return good


async def _hand_over(waits: list[float]) -> int:
    """All in one turn of the mailer, so there is one wait."""
    began = time.perf_counter()
    with relaying() as port:
        chosen = settings.current().model_copy(update={"smtp_host": "127.0.0.1", "smtp_port": port, "smtp_tls": "none"})
        relays = [Relay(chosen) for _ in range(SIDE_BY_SIDE)]
        await Turn(WRITERS, relays, asyncio.Event()).once()
    assert not mailer.trouble()
    waits.append((time.perf_counter() - began) * 1000)
    return await Message.filter(state=MessageState.SENT).count()


if __name__ == "__main__":
    in_process.tell(measure, MONDAY)

"""Letters written in one process, as the mailer has them written: each with its facts read, drawn as text and as HTML.

python -m tests.bench.letters DATABASE_URL FACTS_FILE
"""

import time
from pathlib import Path
from typing import Any

from events.mail import outbox
from events.mail.mailer import READ_AT_ONCE
from events.mail.outbox import Message
from registrations.tickets.request_emails import WRITERS
from registrations.tickets.ticket import Ticket
from tests.bench import in_process
from tests.bench.house import issue
from tests.bench.load import Answered
from tests.bench.running import Row
from tests.people import MONDAY, an_event

TICKETS = 1_000
WRITTEN = 200  # stands in the table where HTTP has its status


def measured(name: str, folder: Path, url: str) -> Row:
    told = in_process.told("letters", folder, url)
    good, waits = told["good"], sorted(told["waits"])
    answered = Answered({WRITTEN: good, 0: TICKETS - good}, told["seconds"], waits)
    return Row(f"{name}: tickets written as mails", answered, told["cpu"], WRITTEN)


async def measure() -> dict[str, Any]:
    event = await an_event(slug="bench", capacity=TICKETS)
    await issue(event, TICKETS)
    for ticket in await Ticket.all():
        await outbox.put("ticket", ticket.id, cause="bench", at=MONDAY, event_id=event.id)
    waits, good = [], 0
    began, cpu = time.perf_counter(), time.process_time()
    messages = await Message.all()
    for at in range(0, TICKETS, READ_AT_ONCE):
        asked = time.perf_counter()
        letters = await WRITERS["ticket"](messages[at : at + READ_AT_ONCE])
        good += sum([await letter() is not None for letter in letters])
        waits.append((time.perf_counter() - asked) * 1000)
    return {
        "seconds": time.perf_counter() - began,
        "cpu": time.process_time() - cpu,
        "waits": waits,
        "good": good,
    }


if __name__ == "__main__":
    in_process.tell(measure, MONDAY)

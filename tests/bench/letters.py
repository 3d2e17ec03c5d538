"""Letters written in one process, as the mailer has them written: each with its facts read, drawn as text and as HTML.

python -m tests.bench.letters DATABASE_URL FACTS_FILE
"""

import asyncio
import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from events import clock, keys, outbox, settings
from events.database import Database
from events.outbox import Message
from registrations.letters import WRITERS
from registrations.ticket import Ticket
from server import MODELS, ROOT
from tests.bench.house import issue
from tests.bench.load import Answered
from tests.bench.running import Row
from tests.people import MONDAY, an_event

TICKETS = 1_000
WRITTEN = 200  # stands in the table where HTTP has its status


def measured(name: str, folder: Path, url: str) -> Row:
    """In a process of its own, which nothing else has warmed up."""
    facts = folder / "letters.json"
    subprocess.run([sys.executable, "-m", "tests.bench.letters", url, str(facts)], cwd=ROOT, check=True)  # noqa: S603
    told = json.loads(facts.read_text())
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
    for message in await Message.all():
        asked = time.perf_counter()
        good += await WRITERS["ticket"](message) is not None
        waits.append((time.perf_counter() - asked) * 1000)
    return {
        "seconds": time.perf_counter() - began,
        "cpu": time.process_time() - cpu,
        "waits": waits,
        "good": good,
    }


async def main(url: str) -> dict[str, Any]:
    settings.choose(settings.Settings(base_url="http://127.0.0.1", sender="bench@example.org", key=SecretStr("")))
    keys.install(keys.Keyring([keys.new_key()]))
    clock.move_to(MONDAY)
    database = Database(url, MODELS)
    await database.migrate()
    async with database.opened():
        return await measure()


if __name__ == "__main__":
    Path(sys.argv[2]).write_text(json.dumps(asyncio.run(main(sys.argv[1]))))

"""What is measured without HTTP: a module of the bench, run in a process of its own that nothing else has warmed up."""

import asyncio
import json
import subprocess
import sys
from collections.abc import Awaitable, Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from events.ground import clock, data_keys, keys, settings
from events.ground.database import Database
from server import MODELS, ROOT


def measured(module: str, folder: Path, url: str) -> Any:
    """What `python -m tests.bench.MODULE DATABASE_URL FACTS_FILE` found out."""
    facts = folder / f"{module}.json"
    command = [sys.executable, "-m", f"tests.bench.{module}", url, str(facts)]
    subprocess.run(command, cwd=ROOT, check=True)  # noqa: S603
    return json.loads(facts.read_text())


def tell(measure: Callable[[], Awaitable[Any]], at: datetime) -> None:
    """The other side of it: measures on an empty, migrated database at this time of the event."""
    url, facts = sys.argv[1:]
    Path(facts).write_text(json.dumps(asyncio.run(_measured(measure, at, url))))


async def _measured(measure: Callable[[], Awaitable[Any]], at: datetime, url: str) -> Any:
    settings.choose(settings.Settings(base_url="http://127.0.0.1", sender="bench@example.org", key=SecretStr("")))
    keys.install(keys.Keyring([keys.new_key()]))
    data_keys.install(data_keys.DataKeys())
    clock.move_to(at)
    database = Database(url, MODELS)
    await database.migrate()
    async with database.opened():
        return await measure()

"""Migrations in a process of their own, before the server works: each makes all models anew, in memory that a process
never gives back.

The process is told on its standard input where the database is, so that no list of processes shows it.
"""

import asyncio
import gc
import json
import subprocess
import sys
from pathlib import Path

from .database import Database


async def migrate(database: Database) -> None:
    """Applies what is missing. Where the other process fails, or is killed half-way, nothing of it is done, and it is
    done here, so that what stands in the way is said here."""
    if await database.lacks_migrations():
        await asyncio.to_thread(_in_another_process, database)
    await database.migrate()


def _in_another_process(database: Database) -> None:
    models = {label: list(modules) for label, modules in database.models.items()}
    said = json.dumps([database.url, models, str(database.ca) if database.ca else None])
    command = [sys.executable, "-P", "-m", __name__]
    quiet = subprocess.DEVNULL
    subprocess.run(command, input=said.encode(), stdout=quiet, stderr=quiet, check=False)  # noqa: S603


if __name__ == "__main__":
    gc.set_threshold(100_000)  # half of the time went into looking for garbage
    url, models, ca = json.load(sys.stdin)
    asyncio.run(Database(url, models, Path(ca) if ca else None).migrate())

"""What a person starts as `./run rehearse`, save what walks would wait for: python -m tests.walks.hurrying rehearse ...

Its mailer looks ten times as often for what is due: nobody wakes it when a walk makes an email due in the database.
Its snapshot begins with a copy of a database that was migrated before, and its templates are compiled once for all
servers of a run.
"""

import runpy

from tortoise.migrations.graph import MigrationKey

from events.ground.database import Database
from events.mail import mailer
from tests import made_once

_migrate = Database.migrate


async def begin_with_a_copy(database: Database) -> list[MigrationKey]:
    """Whatever it lacked would be migrated still."""
    if database.file is not None and not database.file.exists():
        made_once.copy_migrated(database.file)
    return await _migrate(database)


if __name__ == "__main__":
    mailer.EVERY = 0.5
    Database.migrate = begin_with_a_copy  # type: ignore[method-assign,assignment]
    made_once.compile_templates_once()
    runpy.run_module("server", run_name="__main__")

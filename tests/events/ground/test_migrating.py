"""A new database is migrated, all of it at once; one that has everything is left alone."""

from pathlib import Path

from events.ground.database import Database, query
from server import MODELS


async def test_a_new_database_is_migrated_once_and_one_that_lacks_the_newest_is_known(tmp_path: Path) -> None:
    new = Database(f"sqlite://{tmp_path / 'muster.db'}", MODELS)
    assert {key.app_label for key in await new.migrate()} == set(MODELS)
    assert await new.migrate() == []
    async with new.opened():
        assert await new.pending() == []
        await query("DELETE FROM tortoise_migrations WHERE app = 'registrations'")
    assert await new.lacks_migrations()

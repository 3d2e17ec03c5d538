"""A database of each kind that nothing has open yet, an empty place to restore into, and who may open backups."""

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from pyrage import x25519

from events.ground.database import Database
from events.ground.settings import Settings
from server import MODELS
from tests.conftest import SETTINGS, taken
from tests.databases import Shelf

SAFE = x25519.Identity.generate()


@pytest.fixture(params=["sqlite", "postgres"])
async def house(request: pytest.FixtureRequest) -> AsyncIterator[Database]:
    """Migrated, empty, and closed: a process has one database open at a time, and these tests need two."""
    async with taken(request) as url:
        yield Database(url, MODELS)


@pytest.fixture
async def empty(house: Database, tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[Database]:
    """A place of the same kind where nothing is."""
    if house.file is not None:
        yield Database(f"sqlite://{tmp_path / 'elsewhere' / 'muster.db'}", MODELS)
        return
    shelf: Shelf = request.getfixturevalue("shelf")
    name = f"e{os.urandom(6).hex()}"
    await shelf.runs(f"CREATE DATABASE {name} TEMPLATE template0")
    yield Database(shelf.url(name), MODELS)
    await shelf.runs(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def identity(tmp_path: Path) -> Path:
    """The file from the hosts' safe."""
    file = tmp_path / "identity.txt"
    file.write_text(f"# created: 2019-04-01\n# public key: {SAFE.to_public()}\n{SAFE}\n")
    return file


@pytest.fixture
def strangers(tmp_path: Path) -> Path:
    file = tmp_path / "stranger.txt"
    file.write_text(f"{x25519.Identity.generate()}\n")
    return file


@pytest.fixture
def chosen(house: Database, tmp_path: Path, request: pytest.FixtureRequest) -> Settings:
    """Settings with a folder, a recipient, and the programs of the PostgreSQL that these tests run."""
    programs = None if house.file else request.getfixturevalue("postgres_server").bin_path
    ours = {"backup_folder": tmp_path / "backups", "backup_recipients": str(SAFE.to_public())}
    return SETTINGS.model_copy(update=ours | {"database_url": house.url, "backup_programs": programs})

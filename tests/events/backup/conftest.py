"""A database of each kind that nothing has open yet, an empty place to restore into, and who may open backups."""

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from pyrage import x25519

from events.accounts import sign_in
from events.audit import audit_seal
from events.audit.action import Action
from events.backup import backing_up
from events.backup.backing_up import Made
from events.ground.database import Database
from events.ground.settings import Settings
from server import MODELS
from tests.conftest import SETTINGS, taken
from tests.databases import Shelf
from tests.events.backup.restores import REAL, Restores
from tests.people import MONDAY, Person, a_member_of_staff, an_event, joined, recorded, requested

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


@pytest.fixture
async def made(house: Database, chosen: Settings, ada: Person) -> Made:
    """A backup of an event that Ada asked for, and Lena signed in to."""
    async with house.opened():
        event = await an_event(slug="launch")
        lena = await joined(await a_member_of_staff("Lena Lead", "lena@hosts.example.org", event, None))
        await sign_in.begin_full_session(lena, REAL)
        await requested(ada, event)
        await recorded(Action.EVENT_OPENED, event, by=lena, at=MONDAY)
        await audit_seal.seal_all()
        return await backing_up.back_up(house, chosen, REAL)


@pytest.fixture
def restore(empty: Database, identity: Path, chosen: Settings) -> Restores:
    return Restores(empty, identity, chosen)

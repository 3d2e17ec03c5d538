"""Which tests `./run test` leaves to `./run test --all`. It follows from a test's folder, or from one of four marks.

What is quick runs every test on SQLite. Of its twins on PostgreSQL it runs what depends on the database (BOTH_ENGINES,
whatever acts at once by `gather`, or the mark `engines`), and of all others a fifth, which is another fifth with each
commit. Of the walks it runs those with the mark `promise`. What looks at the whole site has the mark `sweep`, and runs
when a page or a template has changed; what plants faults, to see that other tests find them, has the mark `planted`.
"""

import subprocess
from collections.abc import Container
from pathlib import Path
from types import CodeType
from zlib import crc32

import pytest

ROOT = Path(__file__).resolve().parent.parent
OPTION, WITHOUT_SWEEPS = "--quick", "--without-sweeps"
BOTH_ENGINES = ("tests/events/backup", "tests/events/ground", "tests/events/rotation", "tests/hostile")
SHARE = 5  # one in so many of the other tests on PostgreSQL
PAGES = ("_pages.py", "all_pages.py", "routing.py", "server.py")
WHAT_IT_LEFT_OUT = (
    "the quick run: without four in five of PostgreSQL's twins of tests, walks that hold no promise, planted faults, "
    "and sweeps of the whole site where no page has changed. Everything: ./run test --all"
)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(OPTION, metavar="COMMIT", help="leave out what ./run test leaves out; the commit draws the share")
    parser.addoption(WITHOUT_SWEEPS, action="store_true", help="and what looks at the whole site")


@pytest.hookimpl(trylast=True)  # once the walks have their mark
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if commit := config.getoption(OPTION):
        ids, sweeps = {test.nodeid for test in items}, not config.getoption(WITHOUT_SWEEPS)
        chosen = {test for test in items if is_quick(test, ids, commit, sweeps=sweeps)}
        config.hook.pytest_deselected(items=[test for test in items if test not in chosen])
        items[:] = [test for test in items if test in chosen]


def is_quick(test: pytest.Item, ids: Container[str], commit: str, *, sweeps: bool) -> bool:
    """`ids`: of all tests; `commit` draws the share of PostgreSQL's twins."""
    if has(test, "sweep"):
        return sweeps
    if has(test, "walk"):
        return has(test, "promise")
    if has(test, "planted"):
        return False
    return not is_twin(test, ids) or depends_on_the_database(test) or is_drawn(test.nodeid, commit)


def has(test: pytest.Item, mark: str) -> bool:
    return test.get_closest_marker(mark) is not None


def is_twin(test: pytest.Item, ids: Container[str]) -> bool:
    """Whether it runs on PostgreSQL what the same test runs on SQLite."""
    name, _, parameters = test.nodeid.partition("[")
    return "postgres" in parameters and f"{name}[{parameters.replace('postgres', 'sqlite')}" in ids


def depends_on_the_database(test: pytest.Item) -> bool:
    return test.nodeid.startswith(BOTH_ENGINES) or has(test, "engines") or acts_at_once(test)


def acts_at_once(test: pytest.Item) -> bool:
    function = getattr(test, "function", None)
    return function is not None and calls_gather(function.__code__)


def calls_gather(code: CodeType) -> bool:
    """Itself, or a function within it."""
    return "gather" in code.co_names or any(calls_gather(part) for part in code.co_consts if isinstance(part, CodeType))


def is_drawn(nodeid: str, commit: str) -> bool:
    return crc32(f"{commit} {nodeid}".encode()) % SHARE == 0


def commit_here() -> str:
    """What draws the share; outside a checkout always the same."""
    return _git("rev-parse", "HEAD") or "none"


def pages_have_changed() -> bool:
    """Since the last tag, or what the remote has. Where neither is known, or git is not, they may have."""
    since = _git("describe", "--tags", "--abbrev=0") or _git("rev-parse", "--verify", "--quiet", "origin/HEAD")
    changed = _git("diff", "--name-only", since) if since else "templates/"
    return any(path.startswith("templates/") or path.endswith(PAGES) for path in changed.splitlines())


def _git(*words: str) -> str:
    """What it says, or nothing where it does not know."""
    try:
        said = subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True, check=False)  # noqa: S603, S607
    except FileNotFoundError:
        return ""
    return said.stdout.strip() if said.returncode == 0 else ""

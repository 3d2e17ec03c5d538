"""Which tests `./run test` leaves to `./run test --all`. It follows from a test's folder, or from one of three marks.

What is quick runs every test on SQLite. On PostgreSQL it runs what depends on the database (BOTH_ENGINES, or the mark
`engines`), and of all others a fifth, which is another fifth with each commit. Of the walks it runs those with the mark
`promise`. What looks at the whole site has the mark `sweep`, and runs when a page or a template has changed.
"""

import subprocess
from pathlib import Path
from zlib import crc32

import pytest

ROOT = Path(__file__).resolve().parent.parent
OPTION, WITHOUT_SWEEPS = "--quick", "--without-sweeps"
BOTH_ENGINES = ("tests/events/backup", "tests/events/ground", "tests/events/rotation", "tests/hostile")
SHARE = 5  # one in so many of the other tests on PostgreSQL
PAGES = ("_pages.py", "all_pages.py", "routing.py", "server.py")
WHAT_IT_LEFT_OUT = (
    "the quick run: without four in five of PostgreSQL's twins of tests, walks that hold no promise, and sweeps of the "
    "whole site where no page has changed. Everything: ./run test --all"
)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(OPTION, metavar="COMMIT", help="leave out what ./run test leaves out; the commit draws the share")
    parser.addoption(WITHOUT_SWEEPS, action="store_true", help="and what looks at the whole site")


@pytest.hookimpl(trylast=True)  # once the walks have their mark
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if commit := config.getoption(OPTION):
        sweeps = not config.getoption(WITHOUT_SWEEPS)
        chosen = [test for test in items if is_quick(test, commit, sweeps=sweeps)]
        kept = set(chosen)
        config.hook.pytest_deselected(items=[test for test in items if test not in kept])
        items[:] = chosen


def is_quick(item: pytest.Item, commit: str, *, sweeps: bool) -> bool:
    """`commit` draws the share of PostgreSQL's twins."""
    if has(item, "sweep"):
        return sweeps
    if has(item, "walk"):
        return has(item, "promise")
    return not is_on_postgres(item) or depends_on_the_database(item) or is_drawn(item.nodeid, commit)


def has(item: pytest.Item, mark: str) -> bool:
    return item.get_closest_marker(mark) is not None


def is_on_postgres(item: pytest.Item) -> bool:
    """By its parameters: the same test runs on SQLite, or a test of the same file does."""
    return "postgres" in getattr(getattr(item, "callspec", None), "params", {}).values()


def depends_on_the_database(item: pytest.Item) -> bool:
    return item.nodeid.startswith(BOTH_ENGINES) or has(item, "engines")


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

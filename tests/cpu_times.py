"""Where the time of a run goes: processor seconds of each file of tests.

Each process of pytest counts itself and all that it has started (servers, browsers), but not PostgreSQL, which stands
on its own. A busy machine changes little of it.
"""

import json
import os
import shutil
import tempfile
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path

import click
import pytest

NAME = "MUSTER_TESTS_CPU_TIMES"  # the folder in which each process leaves what it has counted
TICKS = os.sysconf("SC_CLK_TCK")


class Counting:
    """A plugin, which looks where one file of tests ends and the next one begins."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.before = folder, 0.0
        self.seconds: dict[str, float] = defaultdict(float)

    @pytest.hookimpl(trylast=True)
    def pytest_collection_finish(self) -> None:
        self.before = spent(os.getpid())

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item, nextitem: pytest.Item | None) -> Iterator[None]:
        result = yield
        if nextitem is None or nextitem.path != item.path:
            now = spent(os.getpid())
            self.seconds[item.nodeid.partition("::")[0]] += max(0.0, now - self.before)  # a child may be gone unwaited
            self.before = now
        return result

    def pytest_unconfigure(self) -> None:
        (self.folder / f"{os.getpid()}.json").write_text(json.dumps(self.seconds))


def spent(pid: int) -> float:
    """Processor seconds of a process, of those below it, and of those that they have waited for."""
    ticks, children = dict[int, int](), defaultdict[int, list[int]](list)
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            words = stat.read_text().rpartition(")")[2].split()
        except OSError:  # it has ended meanwhile
            continue
        number = int(stat.parent.name)
        children[int(words[1])].append(number)
        ticks[number] = sum(map(int, words[11:15]))
    found, below = 0, [pid]
    while below:
        found += ticks.get(below[-1], 0)
        below += children[below.pop()]
    return found / TICKS


def begin() -> Callable[[Path], None]:
    """For whoever starts the run; returns what to call when it is over, with the file that is to hold the sum."""
    before, folder = os.environ.get(NAME), tempfile.mkdtemp(prefix="muster-times-")
    os.environ[NAME] = folder

    def end(file: Path) -> None:
        os.environ.pop(NAME)
        if before is not None:
            os.environ[NAME] = before  # of the run of which this one is a test
        total = Counter[str]()
        for noted in Path(folder).iterdir():
            total.update(json.loads(noted.read_text()))
        shutil.rmtree(folder)
        file.parent.mkdir(exist_ok=True)
        file.write_text(json.dumps(dict(total.most_common())))

    return end


def tell(file: Path, most: int) -> int:
    """The slowest files of the run before. The exit status: 1 where there was none."""
    if not file.is_file():
        click.echo("No run has been counted yet: ./run test, or ./run test --all", err=True)
        return 1
    seconds: dict[str, float] = json.loads(file.read_text())
    click.echo(f"--- the slowest of {len(seconds)} files, in processor seconds of {sum(seconds.values()):.0f}")
    for path, taken in list(seconds.items())[:most]:
        click.echo(f"{taken:8.1f}  {path}")
    return 0


def pytest_configure(config: pytest.Config) -> None:
    if folder := os.environ.get(NAME):
        config.pluginmanager.register(Counting(Path(folder)))

"""The process above several: starts them, starts another where one dies, and ends with them.

The workers here are real processes that serve nothing, so that each of many steps is quick.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from server import ROOT
from tests.served import PATIENCE, is_gone

ABOVE = """
import asyncio, os, pathlib, signal, sys, time
from events.operating import workers
folder = pathlib.Path(sys.argv[1])
if (folder / "slow").exists():  # to come back from the birth of each
    os.register_at_fork(after_in_parent=lambda: time.sleep(0.2))
workers.AGAIN_SECONDS, workers.STOP_SECONDS = 0.01, float(sys.argv[2])

async def serving(turn):
    running = asyncio.create_task(turn(asyncio.Event()))
    await asyncio.sleep(0)
    (folder / str(os.getpid())).touch()
    await running

def work(turn):
    if (folder / "broken").exists():
        (folder / f"tried-{os.getpid()}").touch()
        sys.exit(7)
    if (folder / "deaf").exists():
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    asyncio.run(serving(turn))

workers.run(3, work, lambda pid: (folder / f"gone-{pid}").touch())
"""
Started = Callable[..., "subprocess.Popen[bytes]"]
pytestmark = pytest.mark.timeout(3 * PATIENCE)


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Started]:
    """The one above three. `broken` in the folder: none starts from then on. `deaf`: they do not heed SIGTERM."""
    started = list[subprocess.Popen[bytes]]()

    def begin(patience: float = PATIENCE) -> "subprocess.Popen[bytes]":
        command = [sys.executable, "-P", "-c", ABOVE, str(tmp_path), str(patience)]
        started.append(subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL))  # noqa: S603
        return started[-1]

    yield begin
    for process in started:
        process.kill()
        process.wait()


def until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < end, "it never is"
        time.sleep(0.01)


def at_work(folder: Path) -> set[int]:
    return {int(file.name) for file in folder.iterdir() if file.name.isdigit() and not is_gone(int(file.name))}


def three(folder: Path) -> set[int]:
    until(lambda: len(at_work(folder)) == 3)
    return at_work(folder)


def test_where_one_dies_another_takes_its_place(start: Started, tmp_path: Path) -> None:
    start()
    before = three(tmp_path)
    os.kill(dies := min(before), signal.SIGKILL)
    until(lambda: (tmp_path / f"gone-{dies}").exists())
    assert len(three(tmp_path) & before) == 2


def test_where_one_dies_and_none_can_start_it_is_tried_again(start: Started, tmp_path: Path) -> None:
    start()
    before = three(tmp_path)
    (tmp_path / "broken").touch()
    os.kill(min(before), signal.SIGKILL)
    until(lambda: len([*tmp_path.glob("tried-*")]) > 5)
    assert len(at_work(tmp_path) & before) == 2
    (tmp_path / "broken").unlink()
    three(tmp_path)


def test_where_the_first_cannot_start_all_ends_with_status_3(start: Started, tmp_path: Path) -> None:
    (tmp_path / "broken").touch()
    assert start().wait(PATIENCE) == 3
    tried = [int(file.name.removeprefix("tried-")) for file in tmp_path.glob("tried-*")]
    assert [pid for pid in tried if not is_gone(pid)] == []


@pytest.mark.parametrize("told", [signal.SIGTERM, signal.SIGINT])
def test_told_to_end_it_tells_them_and_waits(start: Started, tmp_path: Path, told: signal.Signals) -> None:
    above = start()
    before = three(tmp_path)
    above.send_signal(told)
    assert above.wait(PATIENCE) == 0
    assert [pid for pid in before if not is_gone(pid)] == []


def test_told_while_it_starts_one_it_ends_that_one_too(start: Started, tmp_path: Path) -> None:
    (tmp_path / "slow").touch()
    above = start()
    before = three(tmp_path)
    above.terminate()
    assert above.wait(PATIENCE) == 0
    assert [pid for pid in before if not is_gone(pid)] == []


def test_one_that_does_not_end_is_killed(start: Started, tmp_path: Path) -> None:
    (tmp_path / "deaf").touch()
    above = start(patience=0.1)
    before = three(tmp_path)
    above.terminate()
    assert above.wait(PATIENCE) == 0
    assert [pid for pid in before if not is_gone(pid)] == []


def test_where_the_one_above_dies_all_end(start: Started, tmp_path: Path) -> None:
    above = start()
    before = three(tmp_path)
    above.kill()
    above.wait()
    until(lambda: all(is_gone(pid) for pid in before))

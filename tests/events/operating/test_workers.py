"""The process above several: starts them, starts another where one dies, and replaces them one after the other.

The workers here are real processes that serve nothing, so that each of a hundred steps is quick.
"""

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from events.operating import workers
from events.operating.making_way import LIFELINE, SOCKETS, words_for
from events.operating.workers import Crew, start_worker
from tests.waiting import WITHIN

WORKS = """
import pathlib, signal, socket, sys
if pathlib.Path(sys.argv[1], "broken").exists():
    sys.exit(7)
if pathlib.Path(sys.argv[1], "deaf").exists():
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
lifeline = socket.socket(fileno=int(sys.argv[sys.argv.index("--lifeline") + 1]))
lifeline.send(b"r")
while lifeline.recv(1) or pathlib.Path(sys.argv[1], "deaf").exists():
    pass
"""


@pytest.fixture
def crew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Crew]:
    """Three workers, started by the same means as real ones. `broken` in the folder: none starts from then on."""
    monkeypatch.setattr(sys, "orig_argv", [sys.executable, "-c", WORKS, str(tmp_path)])
    monkeypatch.setattr(workers, "AGAIN_SECONDS", 0.01)
    gone = list[int]()
    crew = Crew(3, lambda: start_worker([]), gone.append)
    yield crew
    for worker in crew.workers:
        worker.process.kill()
        worker.process.wait()
        worker.lifeline.close()


def steps_until(crew: Crew, true: Callable[[], bool]) -> None:
    until = time.monotonic() + WITHIN
    while not true():
        assert time.monotonic() < until, "it never is"
        crew.step()
        time.sleep(0.01)


def pids(crew: Crew) -> set[int]:
    return {worker.process.pid for worker in crew.workers}


def are_all_ready(crew: Crew) -> bool:
    return len(crew.workers) == crew.number and all(worker.is_ready for worker in crew.workers)


def test_as_many_work_as_are_wanted_and_where_one_dies_another_is_started(crew: Crew) -> None:
    steps_until(crew, lambda: are_all_ready(crew))
    before = pids(crew)
    dies = crew.workers[1].process
    os.kill(dies.pid, signal.SIGKILL)
    steps_until(crew, lambda: dies.returncode is not None and are_all_ready(crew))
    assert (len(before - pids(crew)), len(pids(crew) - before)) == (1, 1)
    assert crew.gone.__self__ == [dies.pid]  # type: ignore[attr-defined]


def test_all_are_replaced_one_after_the_other_and_never_fewer_work(crew: Crew) -> None:
    steps_until(crew, lambda: are_all_ready(crew))
    before, ready, most = pids(crew), list[int](), 0
    crew.replace_all()

    def is_done() -> bool:
        nonlocal most
        ready.append(len([worker for worker in crew.workers if worker.is_ready and worker.until is None]))
        most = max(most, len(crew.workers))
        return not before & pids(crew) and are_all_ready(crew)

    steps_until(crew, is_done)
    assert (min(ready), most) == (3, 4)


def test_where_a_new_one_cannot_start_the_old_ones_go_on(
    crew: Crew, tmp_path: Path, printed: pytest.CaptureFixture[str]
) -> None:
    steps_until(crew, lambda: are_all_ready(crew))
    before = pids(crew)
    (tmp_path / "broken").touch()
    crew.replace_all()
    steps_until(crew, lambda: not any(worker.is_old for worker in crew.workers))
    assert (pids(crew), are_all_ready(crew)) == (before, True)
    assert printed.readouterr().out.count("a new worker could not start, so the old one goes on") == 3
    (tmp_path / "broken").unlink()
    crew.replace_all()
    steps_until(crew, lambda: not before & pids(crew) and are_all_ready(crew))


def test_where_one_of_those_that_work_dies_and_none_can_start_it_is_tried_again(crew: Crew, tmp_path: Path) -> None:
    steps_until(crew, lambda: are_all_ready(crew))
    (tmp_path / "broken").touch()
    os.kill(crew.workers[0].process.pid, signal.SIGKILL)
    tried = set[int]()

    def is_tried_often() -> bool:
        tried.update(pids(crew))
        return len(tried) > 5

    steps_until(crew, is_tried_often)
    (tmp_path / "broken").unlink()
    steps_until(crew, lambda: are_all_ready(crew))


def test_where_the_first_cannot_start_all_ends_with_status_3(crew: Crew, tmp_path: Path) -> None:
    (tmp_path / "broken").touch()
    with pytest.raises(SystemExit) as ended:
        crew.run()
    assert ended.value.code == 3
    assert [worker.process.returncode is None for worker in crew.workers] == [False] * len(crew.workers)


def test_one_that_does_not_go_is_killed(crew: Crew, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "deaf").touch()
    monkeypatch.setattr(workers, "BESIDE_OTHERS", 0)
    monkeypatch.setattr(workers, "STOP_SECONDS", 0)
    steps_until(crew, lambda: are_all_ready(crew))
    before = [worker.process for worker in crew.workers]
    crew.replace_all()
    steps_until(crew, lambda: all(process.returncode for process in before) and are_all_ready(crew))
    assert [process.returncode for process in before] == [-signal.SIGKILL] * 3
    crew.stop()
    assert [worker.process.returncode for worker in crew.workers] == [-signal.SIGKILL] * 3


def test_told_to_stop_it_tells_them_and_waits(crew: Crew) -> None:
    steps_until(crew, lambda: are_all_ready(crew))
    crew.stop()
    assert [worker.process.returncode for worker in crew.workers] == [-signal.SIGTERM] * 3


def test_a_process_begins_anew_with_the_sockets_that_it_has_now() -> None:
    first = ["python", "-P", "-m", "server", "serve", "--port", "8415"]
    then = words_for(first, {SOCKETS: "5,6"})
    assert then == [sys.executable, *first[1:], SOCKETS, "5,6"]
    assert words_for(then, {SOCKETS: "7", LIFELINE: "9"}) == [
        *(sys.executable, *first[1:]),
        *(SOCKETS, "7", LIFELINE, "9"),
    ]


def test_a_worker_has_its_own_lifeline_and_no_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Else it would go on for as long as another lives, and never hear that we are gone."""
    monkeypatch.setattr(sys, "orig_argv", [sys.executable, "-c", WORKS, str(tmp_path)])
    first = start_worker([])
    second = start_worker([])
    for worker in (first, second):
        until = time.monotonic() + WITHIN
        while not worker.is_ready and time.monotonic() < until:
            worker.look()
    for worker in (first, second):
        worker.let_go()
        assert worker.process.wait(WITHIN) == 0

"""Several processes on one PostgreSQL: starts them, starts another where one dies, and replaces all of them at SIGHUP.

This process opens the sockets, and serves nobody itself. It holds a lifeline to each worker, which says on it that it
is ready, and makes way once we let go of it, or are gone.
"""

import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from types import FrameType
from typing import Any

import structlog

from .making_way import BESIDE_OTHERS, LIFELINE, METRICS, READY, SOCKETS, is_at_a_terminal, listed, words_for

LOOK_SECONDS = 0.1
AGAIN_SECONDS = 1.0  # until another is started in place of one that died before it was ready
STOP_SECONDS = 6  # one that is told to stop is gone in five
COULD_NOT_START = 3  # our exit status, as that of a server by itself
log = structlog.get_logger()


@dataclass(eq=False)
class Worker:
    process: "subprocess.Popen[bytes]"
    lifeline: socket.socket
    is_ready: bool = False
    is_old: bool = False  # another is to take its place
    until: float | None = None  # by when it has to be gone, once we have let go of it

    def look(self) -> None:
        if not self.is_ready and self.until is None:
            with suppress(BlockingIOError, ConnectionError):
                self.is_ready = self.lifeline.recv(1) == READY

    def let_go(self) -> None:
        self.until = time.monotonic() + BESIDE_OTHERS + STOP_SECONDS
        self.lifeline.close()


def start_worker(sockets: Sequence[int], metrics: Sequence[int] = (), before: Sequence[str] = ()) -> Worker:
    """By the command that started us. `metrics`: of whose sockets numbers are read; `before`: words that stand before
    the command."""
    ours, theirs = socket.socketpair()
    ours.setblocking(False)
    with theirs:
        said = {SOCKETS: listed(sockets), METRICS: listed(metrics), LIFELINE: str(theirs.fileno())}
        words = [*before, *words_for(sys.orig_argv, said)]
        process = subprocess.Popen(words, pass_fds=[*sockets, *metrics, theirs.fileno()])  # noqa: S603
    return Worker(process, ours)


@dataclass
class Crew:
    """So many workers. While they are replaced there is one more, and one at a time goes."""

    number: int
    start: Callable[[], Worker]
    gone: Callable[[int], object] = lambda _pid: None  # is told the number of each process that has ended
    workers: list[Worker] = field(default_factory=list)
    is_stopping: bool = False
    worked: bool = False  # one of them was ready once
    has_failed: bool = False
    not_before: float = 0.0

    def run(self) -> None:
        """Until SIGTERM or SIGINT. Ends the process with status 3 if the first workers cannot start."""
        with self._heeding_signals():
            try:
                while not self.is_stopping:
                    self.step()
                    time.sleep(LOOK_SECONDS)
            finally:
                self.stop()
        if self.has_failed:
            raise SystemExit(COULD_NOT_START)

    @contextmanager
    def _heeding_signals(self) -> Iterator[None]:
        def stop(number: int, frame: FrameType | None) -> None:
            self.is_stopping = True

        heeded: dict[int, Any] = {signal.SIGTERM: stop, signal.SIGINT: stop}
        if not is_at_a_terminal():
            heeded[signal.SIGHUP] = lambda _number, _frame: self.replace_all()
        before = {number: signal.signal(number, handler) for number, handler in heeded.items()}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def replace_all(self) -> None:
        for worker in self.workers:
            worker.is_old = True

    def step(self) -> None:
        """Looks at all of them, and takes the next step towards as many new ones as there are to be."""
        for worker in [*self.workers]:
            worker.look()
            self.worked = self.worked or worker.is_ready
            if worker.process.poll() is not None:
                self._has_ended(worker)
            elif worker.until is not None and time.monotonic() >= worker.until:
                worker.process.kill()
        at_work = [worker for worker in self.workers if worker.until is None]
        if len(at_work) < self.number:
            self._start_after_a_while()
        elif all(worker.is_ready for worker in at_work) and len(at_work) == len(self.workers):
            old = [worker for worker in at_work if worker.is_old]
            if old and len(at_work) > self.number:
                log.info("a worker makes way", worker=old[0].process.pid)
                old[0].let_go()
            elif old:
                self.workers.append(self.start())

    def _start_after_a_while(self) -> None:
        if not self.is_stopping and time.monotonic() >= self.not_before:
            self.workers.append(self.start())

    def _has_ended(self, worker: Worker) -> None:
        self.workers.remove(worker)
        worker.lifeline.close()
        self.gone(worker.process.pid)
        if worker.until is not None or self.is_stopping:
            return
        log.error("a worker has died", worker=worker.process.pid, status=worker.process.returncode)
        if not worker.is_ready:
            self._could_not_start()

    def _could_not_start(self) -> None:
        """Those that work go on, also where they were to be replaced: what is new may be what is wrong."""
        self.not_before = time.monotonic() + AGAIN_SECONDS
        if not self.worked:
            self.is_stopping = self.has_failed = True
        for other in self.workers:
            if other.is_old:
                log.error("a new worker could not start, so the old one goes on", worker=other.process.pid)
                other.is_old = False

    def stop(self) -> None:
        """Tells all to, and waits; whoever is not gone then is killed."""
        for worker in self.workers:
            worker.process.terminate()
        until = time.monotonic() + STOP_SECONDS
        for worker in self.workers:
            try:
                worker.process.wait(max(0.0, until - time.monotonic()))
            except subprocess.TimeoutExpired:
                worker.process.kill()
                worker.process.wait()
            worker.lifeline.close()
            self.gone(worker.process.pid)

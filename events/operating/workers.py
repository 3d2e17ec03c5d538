"""Several processes on one PostgreSQL: starts them, and another where one dies.

They are forks of this one, which opens the sockets and serves nobody itself. One lifeline leads to all of them: on it
they say that they work, and by it they see that this process is gone.
"""

import asyncio
import multiprocessing
import signal
import socket
import sys
import time
from collections.abc import Callable, Coroutine, Sequence
from contextlib import suppress
from functools import partial
from multiprocessing.connection import wait
from multiprocessing.context import ForkProcess
from typing import Any

import structlog

AGAIN_SECONDS = 1.0  # until another is started in place of one that died
STOP_SECONDS = 6.0  # one that is told to stop is gone in five
COULD_NOT_START = 3  # our exit status, as that of a server by itself
TOLD = (signal.SIGTERM, signal.SIGINT)  # to end
FORK = multiprocessing.get_context("fork")
Turn = Callable[[asyncio.Event], Coroutine[Any, Any, None]]
Work = Callable[[Turn], object]  # serves, with this turn beside its own
log = structlog.get_logger()


def run(number: int, work: Work, gone: Callable[[int], object] = lambda _pid: None) -> None:
    """Until SIGTERM or SIGINT, with so many workers. Ends the process with status 3 if the first cannot start.

    `gone` is told the number of each process that has died.
    """
    ours, theirs = socket.socketpair()
    workers, have_worked = list[ForkProcess](), False
    for told in TOLD:
        signal.signal(told, lambda _number, _frame: sys.exit())
    try:
        while True:
            while len(workers) < number:
                workers.append(FORK.Process(target=_begin, args=(work, ours, theirs)))
                signal.pthread_sigmask(signal.SIG_BLOCK, TOLD)  # told in here, we would forget who was just born
                workers[-1].start()
                signal.pthread_sigmask(signal.SIG_UNBLOCK, TOLD)
            ended = wait([worker.sentinel for worker in workers])
            have_worked = _has_said(ours) or have_worked
            for dead in [worker for worker in workers if worker.sentinel in ended]:
                dead.join()
                workers.remove(dead)
                gone(dead.pid or 0)
                log.error("a worker has died", worker=dead.pid, status=dead.exitcode)
            if not have_worked:
                raise SystemExit(COULD_NOT_START)
            time.sleep(AGAIN_SECONDS)
    finally:
        _stop(workers)


def _begin(work: Work, ours: socket.socket, theirs: socket.socket) -> None:
    signal.pthread_sigmask(signal.SIG_UNBLOCK, TOLD)
    ours.close()  # else they would keep each other alive
    work(partial(_beside, theirs))


async def _beside(theirs: socket.socket, stop: asyncio.Event) -> None:
    """The turn of a worker: says that it works, and ends it when the process above is gone."""
    loop = asyncio.get_running_loop()

    def end() -> None:
        loop.remove_reader(theirs)
        signal.raise_signal(signal.SIGTERM)

    with suppress(OSError):  # it is gone already
        theirs.send(b"r")
    loop.add_reader(theirs, end)  # nothing is ever said to us
    await stop.wait()
    loop.remove_reader(theirs)


def _has_said(ours: socket.socket) -> bool:
    with suppress(BlockingIOError):
        return bool(ours.recv(4096, socket.MSG_DONTWAIT))
    return False


def _stop(workers: Sequence[ForkProcess]) -> None:
    """Tells all to end, and waits; whoever is not gone then is killed."""
    for told in TOLD:
        signal.signal(told, signal.SIG_IGN)
    until = time.monotonic() + STOP_SECONDS
    for worker in workers:
        worker.terminate()
    for worker in workers:
        worker.join(max(0.0, until - time.monotonic()))
        worker.kill()
        worker.join()

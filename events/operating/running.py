"""Runs the live product: as one process, as one of several, or as the one above these."""

import asyncio
import shutil
import signal
import socket
import tempfile
from collections.abc import Callable, Coroutine, Sequence
from functools import partial
from typing import Any, NamedTuple

from prometheus_client import multiprocess
from starlette.types import ASGIApp

from events.ground import settings
from events.web import connections, serving
from events.web.connections import Crowd, Listener
from events.web.serving import Way

from . import making_way, metrics, workers

Turn = Callable[[asyncio.Event], Coroutine[Any, Any, None]]
MakeApp = Callable[[Sequence[Turn]], ASGIApp]  # with these turns beside its own


class Given(NamedTuple):
    """What a process was given by the one that started it: sockets that are open, and a lifeline to one of several."""

    sockets: Sequence[int] = ()
    metrics: Sequence[int] = ()
    lifeline: int | None = None

    @classmethod
    def of(cls, sockets: str, metrics: str, lifeline: int | None) -> "Given":
        """As they stand in a command: `5,6`."""
        return cls(_numbers(sockets), _numbers(metrics), lifeline)


def _numbers(written: str) -> list[int]:
    return [int(number) for number in written.split(",") if number]


def run(host: str, port: int, given: Given, make_app: MakeApp) -> None:
    """Until a signal ends it. Ends the process with status 3 if it could not start."""
    crowd = serving.new_crowd()
    is_one_of_several = given.lifeline is not None
    listeners = connections.adopted(given.sockets, crowd, shared=is_one_of_several)
    listeners = listeners or connections.listeners(host, port, crowd)
    if given.lifeline is not None:
        _as_one_of_several(crowd, listeners, given.lifeline, given.metrics, make_app)
    elif settings.current().workers > 1:
        with _metrics_listener() as where:
            _above_several(listeners, where)
    else:
        with _metrics_listener() as where:
            _alone(crowd, listeners, where, make_app)


def _metrics_listener() -> "socket.socket":
    """Bound where numbers are to be read; else to nothing."""
    listener, port = socket.socket(), settings.current().metrics_port
    if port is not None:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((metrics.HOST, port))
    return listener


def _as_one_of_several(
    crowd: Crowd, listeners: list[Listener], lifeline: int, where: Sequence[int], make_app: MakeApp
) -> None:
    way = Way()
    turns: list[Turn] = [partial(making_way.once_let_go, socket.socket(fileno=lifeline), way)]
    turns += [partial(metrics.run, socket.socket(fileno=descriptor), True) for descriptor in where]
    serving.listen_on(make_app(turns), crowd, listeners, way)


def _above_several(listeners: Sequence[Listener], where: socket.socket) -> None:
    """What each worker counts lies in files of a folder that goes with us: any of them tells the sum of all."""
    chosen, sockets = settings.current(), [listener.fileno() for listener in listeners]
    if chosen.metrics_port is None:
        workers.Crew(chosen.workers, lambda: workers.start_worker(sockets)).run()
        return
    with tempfile.TemporaryDirectory(prefix="muster-metrics-") as folder:
        before = [shutil.which("env") or "env", f"PROMETHEUS_MULTIPROC_DIR={folder}"]
        start = partial(workers.start_worker, sockets, [where.fileno()], before)
        workers.Crew(chosen.workers, start, partial(multiprocess.mark_process_dead, path=folder)).run()


def _alone(crowd: Crowd, listeners: list[Listener], where: socket.socket, make_app: MakeApp) -> None:
    way, turns = Way(), list[Turn]()
    if settings.current().metrics_port is not None:
        turns.append(partial(metrics.run, where, False))
    if not making_way.is_at_a_terminal():
        signal.signal(signal.SIGHUP, signal.SIG_IGN)  # until the turn heeds it
        turns.append(partial(making_way.at_hang_up, way))
    kept = making_way.kept(listeners)
    serving.listen_on(make_app(turns), crowd, listeners, way)
    if way.made:
        making_way.begin_anew(kept)

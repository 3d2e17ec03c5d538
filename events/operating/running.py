"""Runs the live product: as one process, as one of several, or as the one above these."""

import asyncio
import signal
import socket
from collections.abc import Callable, Coroutine, Sequence
from functools import partial
from typing import Any, NamedTuple

from starlette.types import ASGIApp

from events.ground import settings
from events.web import connections, serving
from events.web.connections import Listener

from . import making_way, workers

Turn = Callable[[asyncio.Event], Coroutine[Any, Any, None]]
MakeApp = Callable[[Sequence[Turn]], ASGIApp]  # with these turns beside its own


class Given(NamedTuple):
    """What a process was given by the one that started it: sockets that are open, and a lifeline to one of several."""

    sockets: Sequence[int] = ()
    lifeline: int | None = None

    @classmethod
    def of(cls, sockets: str, lifeline: int | None) -> "Given":
        """As they stand in a command: `5,6`."""
        return cls([int(descriptor) for descriptor in sockets.split(",") if descriptor], lifeline)


def run(host: str, port: int, given: Given, make_app: MakeApp) -> None:
    """Until a signal ends it. Ends the process with status 3 if it could not start."""
    crowd = serving.new_crowd()
    opened = connections.adopted(given.sockets, crowd)
    listeners = opened or connections.listeners(host, port, crowd)
    if given.lifeline is not None:
        way = serving.Way()
        turn = partial(making_way.once_let_go, socket.socket(fileno=given.lifeline), way)
        serving.listen_on(make_app([turn]), crowd, listeners, way)
    elif settings.current().workers > 1:
        _above_several(listeners)
    else:
        _alone(crowd, listeners, make_app)


def _above_several(listeners: Sequence[Listener]) -> None:
    open_for_all = [listener.fileno() for listener in listeners]
    workers.Crew(settings.current().workers, lambda: workers.start_worker(open_for_all)).run()


def _alone(crowd: connections.Crowd, listeners: list[Listener], make_app: MakeApp) -> None:
    way, turns = serving.Way(), list[Turn]()
    if not making_way.is_at_a_terminal():
        signal.signal(signal.SIGHUP, signal.SIG_IGN)  # until the turn heeds it
        turns = [partial(making_way.at_hang_up, way)]
    kept = making_way.kept(listeners)
    serving.listen_on(make_app(turns), crowd, listeners, way)
    if way.made:
        making_way.begin_anew(kept)

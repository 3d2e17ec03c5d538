"""Runs the live product: in this process, or in several that this one stands above."""

import socket
from collections.abc import Callable, Sequence
from functools import partial

from starlette.types import ASGIApp

from events.ground import settings
from events.web import connections, serving

from . import metrics, workers
from .workers import Turn

MakeApp = Callable[[Sequence[Turn]], ASGIApp]  # with these turns beside its own


def run(host: str, port: int, make_app: MakeApp) -> None:
    """Until a signal ends it. Ends the process with status 3 if it could not start."""
    chosen, crowd = settings.current(), serving.new_crowd()
    several = chosen.workers > 1
    listeners = connections.listeners(host, port, crowd, shared=several)
    turns = list[Turn]()
    if chosen.metrics_port is not None:
        where = socket.create_server((metrics.HOST, chosen.metrics_port))
        turns.append(partial(metrics.run, where, several))

    def serve(*more: Turn) -> None:
        serving.listen_on(make_app([*turns, *more]), crowd, listeners)

    if not several:
        serve()
    elif chosen.metrics_port is None:
        workers.run(chosen.workers, serve)
    else:
        with metrics.counted_together() as gone:
            workers.run(chosen.workers, serve, gone)

"""Running the app: uvicorn as we want it, a port that may be taken, and streams that end when the process does."""

import asyncio
import gc
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import Any, cast

import uvicorn
from starlette.types import ASGIApp

from events.ground import settings

from . import connections

CIPHERS = "ECDHE+AESGCM:ECDHE+CHACHA20"  # of TLS 1.2: a key that leaks later opens nothing that was recorded


@contextmanager
def on_exit_signal(act: Callable[[], object]) -> Iterator[None]:
    """Ends the streams at SIGTERM: uvicorn waits for open answers before it tells the lifespan."""
    if threading.current_thread() is not threading.main_thread():  # a test's server in a thread has no signals
        yield
        return
    loop = asyncio.get_running_loop()
    before: dict[int, Any] = {}

    def chain(number: int, frame: FrameType | None) -> None:
        loop.call_soon_threadsafe(act)
        if callable(handler := before[number]):
            handler(number, frame)  # uvicorn's own

    before.update({number: signal.signal(number, chain) for number in (signal.SIGTERM, signal.SIGINT)})
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def frozen_start() -> Iterator[None]:
    """Leaves out what the start has made when Python looks for garbage: it stays, and going through all of it would
    answer nobody for a tenth of a second."""
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


def listen(app: ASGIApp, host: str, port: int) -> None:
    """Serves until a signal ends it. Ends the process with status 3 if it could not start."""
    crowd = new_crowd()
    listen_on(app, crowd, connections.listeners(host, port, crowd))


def listen_on(app: ASGIApp, crowd: connections.Crowd, sockets: list[connections.Listener]) -> None:
    """The same with sockets that are open already."""
    server = server_of(app, crowd)
    with suppress(KeyboardInterrupt):  # it has shut down by then
        server.run(sockets=[*sockets])
    if not server.started:
        raise SystemExit(3)


class Server(uvicorn.Server):
    """Uvicorn's, which looks ten times a second whether it is to end, and then at each connection."""

    async def on_tick(self, counter: int) -> bool:
        now = asyncio.get_running_loop().time()
        for connection in [*self.server_state.connections]:
            cast("connections.Connection", connection).look(now)
        return await super().on_tick(counter)


def new_crowd() -> connections.Crowd:
    return connections.Crowd(connections.room_for(), settings.current().trusted_proxy)


def server_of(app: ASGIApp, crowd: connections.Crowd) -> Server:
    """Uvicorn as we want it; its sockets come from `connections`."""
    chosen = settings.current()
    config = uvicorn.Config(
        app,
        http=connections.Connection,
        loop="events.web.connections:Loop",
        ws="none",
        access_log=False,
        log_level="warning",
        log_config=None,  # its lines go through ours, which hold no texts of errors
        limit_concurrency=crowd.most,
        proxy_headers=False,  # whose word is taken, MUSTER_TRUSTED_PROXY says: by itself it believes this machine
        server_header=False,
        timeout_graceful_shutdown=1,  # seconds; the email in hand has two more, and in five all is over
        ssl_certfile=chosen.tls_certificate,
        ssl_keyfile=chosen.tls_key,
        ssl_ciphers=CIPHERS,
    )
    return Server(config)


def is_taken(host: str, port: int) -> bool:
    """Whether something listens there already."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind((host, port))
        except OSError:
            return True
    return False

"""Limits who may be connected, how many of one network at once, and how long each may take to say and to read.

They are for TLS of our own. Behind a proxy they do no harm, and its own do the work: docs/operating.md says which.
"""

import asyncio
import resource
import socket
import sys
from asyncio.base_events import Server
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any, cast

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from events.ground.source import around, network_at

from .in_one_go import InOneGo
from .routing import is_within

MOST = 1000  # connections at once; with fewer file descriptors, what those allow
SHARE = 4  # one network has at most a fourth of them, and the wider ones around an IPv6 network somewhat more
OURS = 100  # file descriptors for files, the database and the email relay
HANDSHAKE_SECONDS, HEAD_SECONDS, BODY_SECONDS = 10.0, 10.0, 30.0  # to agree on TLS; to say all headers; all of the body
READ_SECONDS = 60.0  # in which who is sent more than fits on the way reads some of it
MOST_AROUND = 64 * 1024  # bytes of a request that are not its body
NEVER = float("inf")


@dataclass
class Crowd:
    """Who is connected now. A proxy that we trust is no network: it speaks for everybody."""

    most: int
    proxy: str = ""  # address or network, as in MUSTER_TRUSTED_PROXY
    here: int = 0
    counts: Counter[str] = field(default_factory=Counter)  # of them, by network and by those around

    def enter(self, address: str) -> Callable[[], None] | None:
        """Returns what to call when they leave, or None when there is no room for their network or at all."""
        network, share = network_at(address), self.most // SHARE
        shares = {network: share} | {wider: share * halves // 2 for wider, halves in around(network)}
        is_proxy = bool(self.proxy) and is_within(address, self.proxy)
        is_full = any(self.counts[counted] >= most for counted, most in shares.items())
        if self.here >= self.most or (is_full and not is_proxy):
            return None
        self.here += 1
        self.counts.update(list(shares))
        return partial(self._leave, Counter(list(shares)))

    def _leave(self, counted: Counter[str]) -> None:
        self.here -= 1
        self.counts -= counted


def room_for() -> int:
    """How many connections this process can hold."""
    descriptors, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return MOST if descriptors == resource.RLIM_INFINITY else max(SHARE, min(MOST, descriptors - OURS))


class Counted(socket.socket):
    """A connection that says when it is closed."""

    left: Callable[[], None] | None = None

    def close(self) -> None:
        super().close()
        if self.left is not None:
            self.left()
            self.left = None


class Listener(socket.socket):
    """Counts before anything is read, even before TLS, so that one too many costs us no more than hanging up."""

    crowd: Crowd
    shared = False  # with other workers
    _took = False

    def accept(self) -> tuple[socket.socket, Any]:
        """Raises BlockingIOError after each connection of a shared one: the loop comes back, and meanwhile another
        worker may take the next. By itself the first that wakes takes all that wait."""
        if self._took:
            self._took = False
            raise BlockingIOError
        accepted, address = super().accept()
        self._took = self.shared
        counted = Counted(accepted.family, accepted.type, accepted.proto, accepted.detach())
        counted.left = self.crowd.enter(address[0])
        if counted.left is None:
            counted.close()
            raise ConnectionAbortedError  # as if they had gone by themselves: the loop comes back for the next
        return counted, address


def listeners(host: str, port: int, crowd: Crowd, *, shared: bool = False) -> list[Listener]:
    """One for each address that the host's name has."""
    found: list[Listener] = []
    for family, _, _, _, address in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
        listener = Listener(fileno=socket.create_server(address, family=family).detach())
        listener.crowd, listener.shared = crowd, shared
        if sys.platform == "linux":  # who reads nothing is hung up on by the kernel, which alone sees that under TLS
            listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, int(1000 * READ_SECONDS))
        found.append(listener)
    return found


class Loop(asyncio.SelectorEventLoop):
    """Gives up on clients that do not finish a handshake of TLS: asyncio alone would wait a minute."""

    async def create_server(self, *args: Any, **kwargs: Any) -> Server:
        if kwargs.get("ssl") is not None:
            kwargs |= {"ssl_handshake_timeout": HANDSHAKE_SECONDS, "ssl_shutdown_timeout": READ_SECONDS}
        return await super().create_server(*args, **kwargs)


class Connection(HttpToolsProtocol):
    """Uvicorn's, which would let a request that is never finished stay for ever."""

    due = NEVER  # by when they must have said what they have begun
    around = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        super().connection_made(cast("asyncio.Transport", InOneGo(transport, self.loop)))
        self.due = self.loop.time() + HEAD_SECONDS

    def data_received(self, data: bytes) -> None:
        self.around += len(data)
        if self.due == NEVER:  # an empty line too: nobody keeps a connection with those
            self.due = self.loop.time() + HEAD_SECONDS
        super().data_received(data)
        if self.around > MOST_AROUND:
            self.transport.abort()

    def on_headers_complete(self) -> None:
        super().on_headers_complete()
        self.headers = []  # what follows a body in chunks is nobody's header
        self.due, self.around = self.loop.time() + BODY_SECONDS, 0

    def on_body(self, body: bytes) -> None:
        super().on_body(body)
        self.around -= len(body)

    def on_message_complete(self) -> None:
        super().on_message_complete()
        self.due, self.around = NEVER, 0

    def look(self, now: float) -> None:
        """Hangs up on who takes too long. The server calls it some times a second."""
        if now >= self.due:
            self.transport.abort()

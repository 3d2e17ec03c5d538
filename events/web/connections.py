"""Limits who may be connected, how many of one network at once, and how long each may take to send a request."""

import asyncio
import resource
import socket
from asyncio.base_events import Server
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, cast

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from .routing import is_within, network_at

MOST = 1000  # connections at once; with fewer file descriptors, what those allow
SHARE = 4  # one network has at most a fourth of them
DESCRIPTORS, OURS = 4096, 100  # that we ask the system for; those kept for files, the database and the email relay
HANDSHAKE_SECONDS, HEAD_SECONDS, BODY_SECONDS = 10.0, 10.0, 30.0  # to agree on TLS; to say all headers; all of the body
READ_SECONDS, LEAST_READ = 60.0, 64 * 1024  # in which who is sent more than fits on the way reads so many bytes of it
LAST_SECONDS = 2.0  # to read the last words
MOST_HELD = 64 * 1024  # bytes of an answer that wait for more of it
MOST_HEAD, MOST_AROUND = 64 * 1024, 512 * 1024  # bytes of a request's head; of what frames its body


class Phase(StrEnum):
    """What of a request is still to come."""

    NOTHING = ""
    HEAD = "head"
    BODY = "body"


@dataclass
class Crowd:
    """Who is connected now. A proxy that we trust is no network: it speaks for everybody."""

    most: int
    proxy: str = ""  # address or network, as in MUSTER_TRUSTED_PROXY
    here: Counter[str] = field(default_factory=Counter)

    def enter(self, address: str) -> Callable[[], None] | None:
        """Returns what to call when they leave, or None when there is no room for their network or at all."""
        network = network_at(address)
        is_proxy = bool(self.proxy) and is_within(address, self.proxy)
        if self.here.total() >= self.most or (not is_proxy and self.here[network] >= self.most // SHARE):
            return None
        self.here[network] += 1
        return lambda: self._leave(network)

    def _leave(self, network: str) -> None:
        self.here[network] -= 1
        if not self.here[network]:
            del self.here[network]


def room_for() -> int:
    """How many connections this process can hold, once it has asked the system for more file descriptors."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = DESCRIPTORS if hard == resource.RLIM_INFINITY else min(hard, DESCRIPTORS)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
        soft = wanted
    return MOST if soft == resource.RLIM_INFINITY else max(SHARE, min(MOST, soft - OURS))


class Counted(socket.socket):
    """A connection that says when it is closed."""

    left: Callable[[], None] | None = None

    def close(self) -> None:
        super().close()
        if self.left is not None:
            self.left()
            self.left = None


class Listener(socket.socket):
    """Counts before anything is read, even before TLS, so that one connection too many costs us no more than hanging
    up."""

    crowd: Crowd
    shared = False  # with other processes
    _took = False

    def accept(self) -> tuple[socket.socket, Any]:
        """Raises BlockingIOError after each connection of a shared one: the loop comes back, and meanwhile another
        process may take the next. By itself the first that wakes takes all that wait."""
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


def listeners(host: str, port: int, crowd: Crowd) -> list[Listener]:
    """One for each address that the host's name has."""
    found: list[Listener] = []
    for family, kind, protocol, _, address in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
        listener = Listener(family, kind, protocol)  # named as TCP: asyncio turns Nagle's waiting off only for such
        listener.crowd = crowd
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        listener.bind(address)
        found.append(listener)
    return found


def adopted(descriptors: Sequence[int], crowd: Crowd, *, shared: bool = False) -> list[Listener]:
    """Listeners that another process has opened for us. `shared`: and for others, that take connections beside us."""
    found = [Listener(fileno=descriptor) for descriptor in descriptors]
    for listener in found:
        listener.crowd, listener.shared = crowd, shared
    return found


class Loop(asyncio.SelectorEventLoop):
    """Gives up on clients that never finish the TLS handshake: asyncio alone would wait a minute."""

    async def create_server(self, *args: Any, **kwargs: Any) -> Server:
        if kwargs.get("ssl") is not None:
            kwargs["ssl_handshake_timeout"] = HANDSHAKE_SECONDS
        return await super().create_server(*args, **kwargs)


class InOneGo:
    """A transport that sends what is written in one turn of the loop by one call of the system: uvicorn writes the head
    of an answer and its body one after the other. What is much goes out at once."""

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport, self._loop = transport, loop
        self._written, self._size = list[bytes](), 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def write(self, data: bytes) -> None:
        if not self._written:
            self._loop.call_soon(self._send)
        self._written.append(data)
        self._size += len(data)
        if self._size > MOST_HELD:
            self._send()

    def close(self) -> None:
        self._send()
        self._transport.close()

    def get_write_buffer_size(self) -> int:
        return self._size + self._transport.get_write_buffer_size()

    def _send(self) -> None:
        if self._written:
            self._transport.write(b"".join(self._written))
            self._written, self._size = [], 0


class Connection(HttpToolsProtocol):
    """Uvicorn's connection with deadlines. Uvicorn lets an unfinished request, or an answer nobody reads, stay for
    ever."""

    _phase = _timed = Phase.NOTHING
    _around = 0  # bytes since the last step that are no body
    _deadline: asyncio.TimerHandle | None = None
    _unread: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        super().connection_made(cast("asyncio.Transport", InOneGo(transport, self.loop)))
        self._phase = Phase.HEAD
        self._set_deadline()

    def connection_lost(self, exc: Exception | None) -> None:
        self._phase = Phase.NOTHING
        self._set_deadline()
        self._let_be()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        self._around += len(data)
        if self._phase is Phase.NOTHING:
            self._phase = Phase.HEAD  # an empty line too: nobody keeps a connection with those
        super().data_received(data)
        if self._around > (MOST_AROUND if self._phase is Phase.BODY else MOST_HEAD) and self._phase:
            self._refuse(b"431 Request Header Fields Too Large")
        elif self._phase is not self._timed:
            self._set_deadline()

    def on_message_begin(self) -> None:
        self._phase = Phase.HEAD
        super().on_message_begin()

    def on_header(self, name: bytes, value: bytes) -> None:
        if self._phase is Phase.HEAD:  # what follows a body in chunks is nobody's header
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        self._phase, self._around = Phase.BODY, 0
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        self._around -= len(body)
        super().on_body(body)

    def on_message_complete(self) -> None:
        self._phase, self._around = Phase.NOTHING, 0
        super().on_message_complete()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if self.transport.is_closing():  # as soon as they have read it all
            self._see_reading()

    def timeout_keep_alive_handler(self) -> None:
        super().timeout_keep_alive_handler()
        self._hang_up(LAST_SECONDS)

    def pause_writing(self) -> None:
        super().pause_writing()
        self._see_reading()

    def resume_writing(self) -> None:
        super().resume_writing()
        if not self.transport.is_closing():
            self._let_be()

    def _see_reading(self) -> None:
        left = self.transport.get_write_buffer_size()
        self._let_be()
        self._unread = self.loop.call_later(READ_SECONDS, self._has_read, left)

    def _has_read(self, before: int) -> None:
        if before - self.transport.get_write_buffer_size() >= LEAST_READ:
            self._see_reading()
        else:
            self.transport.abort()

    def _hang_up(self, within: float) -> None:
        self._let_be()
        self._unread = self.loop.call_later(within, self.transport.abort)

    def _let_be(self) -> None:
        if self._unread is not None:
            self._unread.cancel()
            self._unread = None

    def _set_deadline(self) -> None:
        """Called only for requests that one packet did not bring, which are rare."""
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None
        self._timed = self._phase
        if self._phase:
            seconds = BODY_SECONDS if self._phase is Phase.BODY else HEAD_SECONDS
            self._deadline = self.loop.call_later(seconds, self._refuse, b"408 Request Timeout")

    def _refuse(self, status: bytes) -> None:
        """Says so if a request came and no answer has begun, then closes."""
        asked = self._around or self._phase is Phase.BODY
        if asked and not self._is_answering() and not self.transport.is_closing():
            self.transport.write(b"HTTP/1.1 %b\r\nconnection: close\r\ncontent-length: 0\r\n\r\n" % status)
        self.transport.close()
        self._hang_up(LAST_SECONDS)

    def _is_answering(self) -> bool:
        if self.cycle is None:
            return False
        return self.cycle.response_started if self._phase is Phase.BODY else not self.cycle.response_complete

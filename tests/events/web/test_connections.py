"""Connections that never finish: each has its deadline, no network has more than its share, and others are served."""

import asyncio
import resource
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from events.ground import settings
from events.web import connections, serving
from events.web.connections import MOST, SHARE, Counted, Crowd
from tests.conftest import SETTINGS
from tests.smtp_sink import self_signed
from tests.waiting import WITHIN

SOON = 0.15  # seconds that a deadline has here
GET = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"
POST = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n"
LONG = b"GET /long HTTP/1.1\r\nHost: x\r\n\r\n"
Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HANDSHAKE_SECONDS", "HEAD_SECONDS", "BODY_SECONDS", "READ_SECONDS"):
        monkeypatch.setattr(connections, name, SOON)


class Site:
    """A page that reads what it is sent and says how long it was; another, far longer than fits on the way."""

    def __init__(self) -> None:
        self.hung_up = 0
        self.app = Starlette(
            routes=[Route("/", self.length, methods=["GET", "POST"]), Route("/long", self.long)], max_body_size=1000
        )

    async def length(self, request: Request) -> Response:
        try:
            return PlainTextResponse(str(len(await request.body())))
        except ClientDisconnect:
            self.hung_up += 1
            raise

    async def long(self, request: Request) -> Response:
        return PlainTextResponse("x" * (64 << 20))


@asynccontextmanager
async def served(site: Site, crowd: Crowd | None = None, keep: int = 5) -> AsyncIterator[int]:
    crowd = crowd or Crowd(MOST)
    server, [listener] = serving.server_of(site.app, crowd), connections.listeners("127.0.0.1", 0, crowd)
    server.config.timeout_keep_alive = keep
    running = asyncio.create_task(server.serve(sockets=[listener]))
    async with asyncio.timeout(WITHIN):
        while not server.started:  # noqa: ASYNC110  # uvicorn has no event for it
            await asyncio.sleep(0.01)
    try:
        yield int(listener.getsockname()[1])
    finally:
        server.should_exit = True
        await running


@pytest.fixture(params=[False, True], ids=["behind a proxy", "with TLS of our own"])
def trusting(request: pytest.FixtureRequest, tmp_path: Path) -> ssl.SSLContext | None:
    """What a client knows of us."""
    return our_own_tls(tmp_path) if request.param else None


def our_own_tls(folder: Path) -> ssl.SSLContext:
    _, certificate = self_signed(folder)
    settings.choose(SETTINGS.model_copy(update={"tls_certificate": certificate, "tls_key": folder / "relay.key"}))
    return ssl.create_default_context(cafile=certificate)


async def connected(port: int, first: bytes = b"", of: str = "127.0.0.1", tls: ssl.SSLContext | None = None) -> Streams:
    reader, writer = await asyncio.open_connection("127.0.0.1", port, local_addr=(of, 0), ssl=tls)
    writer.write(first)
    await writer.drain()
    return reader, writer


async def rest_of(streams: Streams) -> bytes:
    """All that is still said, until they hang up."""
    reader, writer = streams
    try:
        return await asyncio.wait_for(reader.read(), WITHIN)
    except ConnectionError:
        return b""
    finally:
        writer.close()


async def answer_to(port: int, said: bytes = GET, of: str = "127.0.0.1", tls: ssl.SSLContext | None = None) -> bytes:
    """The status of one answer, in number and words."""
    reader, writer = await connected(port, said, of, tls)
    head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), WITHIN)
    writer.close()
    return head.splitlines()[0].removeprefix(b"HTTP/1.1 ")


@pytest.mark.parametrize(
    "said",
    [b"", b"\r\n", b"GET / HTTP/1.1\r\nHost: x\r\nX-Half", POST + b"1234"],
    ids=["nothing", "an empty line", "half of the headers", "half of the body"],
)
async def test_who_never_finishes_is_hung_up_on_while_others_are_answered(
    said: bytes, trusting: ssl.SSLContext | None
) -> None:
    site = Site()
    async with served(site) as port:
        stalled = await connected(port, said, tls=trusting)
        assert await answer_to(port, tls=trusting) == b"200 OK"
        assert await rest_of(stalled) == b""
    assert site.hung_up == (1 if said.startswith(b"POST") else 0)


async def test_a_byte_now_and_then_wins_no_time() -> None:
    async with served(Site()) as port:
        reader, writer = await connected(port)
        ended = asyncio.create_task(reader.read())
        for _ in range(20):
            writer.write(b"\r\n")
            await asyncio.wait([ended], timeout=SOON / 5)
        assert ended.done()
        writer.close()


async def test_a_request_in_pieces_is_answered_and_the_connection_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: no deadline is left over from what was finished in time."""
    monkeypatch.setattr(connections, "HEAD_SECONDS", 1.0)
    monkeypatch.setattr(connections, "BODY_SECONDS", 1.0)
    async with served(Site()) as port:
        reader, writer = await connected(port)
        for piece in (
            b"POST / HTTP/1.1\r\nHo",
            b"st: x\r\nContent-Length: 5\r\n\r\n",
            b"12",
            b"345",
            b"",
            POST + b"12345",
        ):
            writer.write(piece)
            await asyncio.sleep(SOON / 4)
        await asyncio.sleep(SOON * 2)
        writer.write(GET)
        ends = [
            (await asyncio.wait_for(reader.readuntil(b"\r\n\r\n" + body), WITHIN))[:15] for body in (b"5", b"5", b"0")
        ]
        writer.close()
    assert ends == [b"HTTP/1.1 200 OK"] * 3


async def test_head_and_body_of_an_answer_leave_by_one_call_of_the_system(monkeypatch: pytest.MonkeyPatch) -> None:
    sent, send = list[bytes](), Counted.send

    def noted(socket: Counted, data: bytes) -> int:
        sent.append(bytes(data))
        return send(socket, data)

    monkeypatch.setattr(Counted, "send", noted)
    async with served(Site()) as port:
        reader, writer = await connected(port, POST + b"12345")
        await reader.readuntil(b"\r\n\r\n5")
        writer.write(GET.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))  # what is written last is sent too
        await reader.readuntil(b"\r\n\r\n0")
        writer.close()
    assert [(answer[:15], answer[-5:]) for answer in sent] == [
        (b"HTTP/1.1 200 OK", b"\r\n\r\n5"),
        (b"HTTP/1.1 200 OK", b"\r\n\r\n0"),
    ]


async def test_who_reads_nothing_of_a_long_answer_is_hung_up_on_and_who_reads_slowly_is_not(
    trusting: ssl.SSLContext | None,
) -> None:
    """Also when reading takes longer than a connection is kept for another request."""
    async with served(Site(), keep=0) as port:
        idle, slow = [await connected(port, LONG, tls=trusting) for _ in range(2)]
        assert (await idle[0].readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 200 OK")
        idle[1].transport.pause_reading()  # type: ignore[attr-defined]
        for _ in range(64):
            assert len(await slow[0].readexactly(1 << 20)) == 1 << 20
            await asyncio.sleep(SOON / 10)
        idle[1].transport.resume_reading()  # type: ignore[attr-defined]
        assert len(await rest_of(idle)) < 64 << 20
        slow[1].close()


@pytest.mark.parametrize(
    ("said", "heard"),
    [
        (b"POST / HTTP/1.1\r\nContent-Length: 100000\r\n\r\n" + b"x" * 100_000, b"413 Content Too Large"),
        (b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n12345\r\n0\r\nX-After: 1\r\n\r\n", b"200 OK"),
    ],
    ids=["a long body", "a header after the body"],
)
async def test_what_is_too_long_is_refused(said: bytes, heard: bytes) -> None:
    async with served(Site()) as port:
        assert (await answer_to(port, said)).replace(b"Request Entity Too Large", b"Content Too Large") == heard


@pytest.mark.parametrize(
    "said",
    [b"GET / HTTP/1.1\r\nX: ", b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX-After: "],
    ids=["headers", "what follows a body"],
)
async def test_headers_without_end_are_not_kept(said: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "HEAD_SECONDS", WITHIN)
    monkeypatch.setattr(connections, "BODY_SECONDS", WITHIN)
    async with served(Site()) as port:
        _, writer = await connected(port, said)
        with pytest.raises(ConnectionError):
            await pour(writer)


async def pour(writer: asyncio.StreamWriter) -> None:
    for _ in range(100):
        writer.write(b"x" * 65536)
        await writer.drain()
        await asyncio.sleep(0.001)


ODD_LINES = [
    b"GET http://[ HTTP/1.1", b"GET * HTTP/1.1", b"CONNECT x:1 HTTP/1.1", b"GET /\xff HTTP/1.1",
    b"GET http://x HTTP/1.0",
    b"GET / HTTP/9.9", b"\x16\x03\x01\x00", b"GET /%00%ff%c0 HTTP/1.1", b"GET / HTTP/1.1\r\nA: \0",
    b"POST / HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked",
    b"POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2",
    b"GET / HTTP/1.1\r\nConnection: upgrade\r\nUpgrade: x",
]  # fmt: skip


async def test_no_odd_line_is_our_failure() -> None:
    async with served(Site()) as port:
        heard = {line: await answer_to(port, line + b"\r\nHost: x\r\n\r\n") for line in ODD_LINES}
        assert await answer_to(port) == b"200 OK"
    assert {line: said for line, said in heard.items() if said[:3] not in {b"200", b"400", b"404"}} == {}


async def test_no_network_has_more_than_its_share_and_others_still_come_in() -> None:
    room = Crowd(4 * SHARE)
    async with served(Site(), room) as port:
        crowd = [await connected(port) for _ in range(5)]
        assert await rest_of(crowd.pop()) == b"", "one too many is hung up on, long before a deadline"
        assert await answer_to(port, of="127.0.0.2") == b"200 OK"
        crowd.pop()[1].close()
        async with asyncio.timeout(WITHIN):
            while room.here > len(crowd):  # noqa: ASYNC110  # nothing says that they have left
                await asyncio.sleep(0.001)
        assert await answer_to(port) == b"200 OK", "who leaves makes room"
        for _, writer in crowd:
            writer.close()


async def test_a_proxy_that_we_trust_speaks_for_everybody_up_to_what_we_can_hold() -> None:
    async with served(Site(), Crowd(2 * SHARE, proxy="127.0.0.0/8")) as port:
        crowd = [await connected(port) for _ in range(2 * SHARE - 1)]
        assert await answer_to(port) == b"503 Service Unavailable"
        for _, writer in crowd:
            writer.close()


def test_a_household_of_ipv6_is_one_network() -> None:
    crowd = Crowd(2 * SHARE)
    leave = [crowd.enter(f"2001:db8::{n}") for n in range(1, 4)]
    assert [release is not None for release in leave] == [True, True, False]
    assert crowd.enter("2001:db8:0:1::1") is not None
    assert leave[0] is not None
    leave[0]()
    assert crowd.enter("2001:db8::9") is not None
    assert not any(crowd.enter(f"2001:db8:0:{n}::1") for n in range(2, 9)), "nor has a line that changes its /64 more"
    assert Crowd(2 * SHARE).enter("2001:db8:0:2::1"), "the control"


def test_few_file_descriptors_are_fewer_connections(monkeypatch: pytest.MonkeyPatch) -> None:
    rooms = {1024: 924, 256: 156, 20: SHARE, 4096: MOST, resource.RLIM_INFINITY: MOST}
    for descriptors, room in rooms.items():
        monkeypatch.setattr(resource, "getrlimit", lambda _, now=descriptors: (now, now))
        assert connections.room_for() == room


def test_a_handshake_that_stalls_is_given_up(tmp_path: Path) -> None:
    trusting = our_own_tls(tmp_path)

    async def stalling() -> tuple[bytes, bytes]:
        async with served(Site()) as port:
            stalled = await connected(port, b"\x16\x03\x01")
            return await answer_to(port, tls=trusting), await rest_of(stalled)

    with asyncio.Runner(loop_factory=connections.Loop) as runner:
        assert runner.run(stalling()) == (b"200 OK", b"")

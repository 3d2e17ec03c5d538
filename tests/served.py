"""The server as people run it: real processes, told what an installation is told."""

import asyncio
import os
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import httpx2

from events.accounts import guards
from server import ROOT
from tests.conftest import SETTINGS
from tests.forked import Forked
from tests.waiting import WITHIN

KEY = SETTINGS.key.get_secret_value()
PYTHON = [sys.executable, "-P", "-m", "server"]
NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # else each request reads all certificates of the machine, in 16 ms
PATIENCE = 4 * WITHIN  # a machine that is busy with other things is no fault of the server


def environment(**ours: str) -> dict[str, str]:
    """What an installation is told, and nothing of what this machine may be told."""
    bare = {name: value for name, value in os.environ.items() if not name.startswith("MUSTER_")}
    return bare | {
        "MUSTER_BASE_URL": "https://places.example.org",
        "MUSTER_SENDER": "Conference places <events@example.org>",
        "MUSTER_SMTP_HOST": "127.0.0.1",
        "MUSTER_SMTP_TLS": "none",
        "MUSTER_TRUSTED_PROXY": "192.0.2.9",
        "MUSTER_KEY": KEY,
        "MUSTER_DATA_KEYS": str(SETTINGS.data_keys),
    } | ours  # fmt: skip


@dataclass
class Served:
    process: subprocess.Popen[str] | Forked
    port: int

    def get(self, path: str) -> httpx2.Response:
        return httpx2.get(f"http://127.0.0.1:{self.port}{path}", timeout=PATIENCE, verify=NO_TLS)

    def is_ready(self) -> bool:
        with suppress(httpx2.TransportError):
            return self.get("/readyz").status_code == 200
        return False


def workers_of(server: Served) -> set[int]:
    """The processes that this one has started, as the kernel knows them."""
    pid = server.process.pid
    return set(map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split()))


def is_gone(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


def port_of(listening: socket.socket) -> int:
    return int(listening.getsockname()[1])


def a_free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as trial:
        return port_of(trial)


def start(url: str, relay: int, **ours: str) -> Served:
    env, port = prepared(url, relay, ours)
    return Served(Forked(serve(port), env), port)


def start_as_typed(url: str) -> Served:
    """By the command that people type, which takes ten times as long."""
    env, port = prepared(url, 1, {})
    return Served(subprocess.Popen([*PYTHON, *serve(port)], cwd=ROOT, env=env, stdout=subprocess.PIPE, text=True), port)  # noqa: S603


def prepared(url: str, relay: int, ours: dict[str, str]) -> tuple[dict[str, str], int]:
    """What its process is given, and where it will answer."""
    port = int(ours.get("MUSTER_PORT", 0)) or a_free_port()
    return environment(MUSTER_DATABASE_URL=url, MUSTER_SMTP_PORT=str(relay), **ours), port


def serve(port: int) -> list[str]:
    return ["serve", "--port", str(port)]


@contextmanager
def serving(*urls: str, relay: int = 1, **ours: str) -> Iterator[list[Served]]:
    """Real servers, all started at once, each of them ready. No relay listens at port 1."""
    with until_ready([start(url, relay, **ours) for url in urls]) as servers:
        yield servers


@contextmanager
def until_ready(servers: list[Served]) -> Iterator[list[Served]]:
    """Each of them, and killed at the end."""
    try:
        until = time.monotonic() + PATIENCE
        while not all(server.is_ready() for server in servers):
            assert time.monotonic() < until, "the server did not become ready"
            assert [server.process.poll() for server in servers] == [None] * len(servers), "the server died"
            time.sleep(0.02)
        yield servers
    finally:
        for server in servers:
            server.process.kill()
            server.process.communicate()


@asynccontextmanager
async def watching(port: int, path: str, token: str) -> AsyncIterator[asyncio.StreamReader]:
    """A browser's event stream, once its first event has come."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    lines = [f"GET {path} HTTP/1.1", "Host: places.example.org", f"Cookie: {guards.SESSION.name}={token}", "", ""]
    writer.write("\r\n".join(lines).encode())
    head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), WITHIN)
    assert head.startswith(b"HTTP/1.1 200 ")
    await asyncio.wait_for(reader.readuntil(b"data: "), WITHIN)
    yield reader
    writer.close()

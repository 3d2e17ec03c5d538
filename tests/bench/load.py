"""Load: keep-alive connections that each send the next prepared request when one is answered."""

import asyncio
import re
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

CONNECTIONS = 16


@dataclass(frozen=True)
class Answered:
    """What came of a run: how many of each status, how long in all, and each answer's milliseconds in order of size."""

    statuses: dict[int, int]
    seconds: float
    waits: Sequence[float]

    @property
    def a_second(self) -> float:
        return sum(self.statuses.values()) / self.seconds

    def wait(self, share: float) -> float:
        return self.waits[min(len(self.waits) - 1, int(len(self.waits) * share))]


def request(path: str, body: bytes, kind: str, cookie: str = "") -> bytes:
    """A POST as one of our own pages sends it."""
    head = [f"POST {path} HTTP/1.1", "host: 127.0.0.1", "sec-fetch-site: same-origin", f"content-type: {kind}"]
    head += [f"content-length: {len(body)}", *([f"cookie: {cookie}"] if cookie else [])]
    return "\r\n".join(head).encode() + b"\r\n\r\n" + body


def look(path: str) -> bytes:
    """A GET as a browser sends one that was never here."""
    head = [f"GET {path} HTTP/1.1", "host: 127.0.0.1", "user-agent: bench", "accept: text/html"]
    return "\r\n".join(head).encode() + b"\r\n\r\n"


def with_cookie(asked: bytes, cookie: str) -> bytes:
    return asked.replace(b"\r\n\r\n", f"\r\ncookie: {cookie}\r\n\r\n".encode(), 1)


async def fire(port: int, requests: Sequence[bytes], connections: int = CONNECTIONS, a_second: float = 0.0) -> Answered:
    """Sends them all to 127.0.0.1, in order, over so many connections: each as soon as one is free, or so many a
    second, and then whoever waits for a free one waits for their answer already.
    """
    statuses, waits = Counter[int](), list[float]()
    began = time.perf_counter()
    waiting = ((began + n / a_second if a_second else 0.0, request) for n, request in enumerate(requests))
    await asyncio.gather(*(_connection(port, waiting, statuses, waits) for _ in range(connections)))
    return Answered(dict(statuses), time.perf_counter() - began, sorted(waits))


async def _connection(
    port: int, waiting: Iterator[tuple[float, bytes]], statuses: Counter[int], waits: list[float]
) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for due, request in waiting:
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        sent = due or time.perf_counter()
        writer.write(request)
        statuses[await _answer(reader)] += 1
        waits.append((time.perf_counter() - sent) * 1000)
    writer.close()
    await writer.wait_closed()


async def _answer(reader: asyncio.StreamReader) -> int:
    head = await reader.readuntil(b"\r\n\r\n")
    length = re.search(rb"content-length: (\d+)", head, re.I)
    if length:
        await reader.readexactly(int(length.group(1)))
    return int(head.split(b" ", 2)[1])

"""The whole journey of people who ask for a place: eight pages looked at and five forms sent, from the event's page to
the page after asking, each person over a connection and from a network of their own.
"""

import asyncio
import re
import subprocess
import time
from collections import Counter
from urllib.parse import urlencode

from tests.bench.load import Answered, look, request, with_cookie
from tests.bench.running import FORM, Row, cpu_seconds

STEPS = {
    "name": {"full_name": "Asker", "badge_name": ""},
    "email": {"email": "{who}@example.org"},
    "organisation": {"organisation": "Example", "kind": "charity"},
    "role": {"role": "Advocate", "phone": ""},
    "check": {},
}
WHOLE = 200


def measure(
    process: subprocess.Popen[bytes],
    port: int,
    people: int,
    first: int,
    at_once: int,
    name: str = "journey, 13 requests",
) -> Row:
    """A row of whole journeys: a wrong one is one that led anywhere else on its way. The `first` are not counted."""
    asyncio.run(_all(port, [f"first{number}" for number in range(first)], at_once))
    before = cpu_seconds(process.pid)
    answered = asyncio.run(_all(port, [f"journey{number}" for number in range(people)], at_once))
    return Row(name, answered, cpu_seconds(process.pid) - before, WHOLE)


async def _all(port: int, people: list[str], at_once: int) -> Answered:
    began, ended, waits = time.perf_counter(), Counter[int](), list[float]()
    waiting = iter(people)

    async def some() -> None:
        for who in waiting:
            started = time.perf_counter()
            ended[WHOLE if await asks(port, who) else 0] += 1
            waits.append((time.perf_counter() - started) * 1000)

    await asyncio.gather(*(some() for _ in range(at_once)))
    return Answered(dict(ended), time.perf_counter() - began, sorted(waits))


async def asks(port: int, who: str) -> bool:
    browser = Browser(*await asyncio.open_connection("127.0.0.1", port), network=f"{who}.example")
    ways = [await browser.opens("/e/bench"), await browser.opens("/e/bench/ask")]
    for step, answers in STEPS.items():
        filled = {name: value.format(who=who) for name, value in answers.items()}
        ways += [await browser.opens(f"/e/bench/ask/{step}"), await browser.sends(f"/e/bench/ask/{step}", filled)]
    ways.append(await browser.opens("/e/bench/asked"))
    browser.writer.close()
    await browser.writer.wait_closed()
    following = [*(f"/e/bench/ask/{step}" for step in STEPS), "/e/bench/asked"][1:]
    return [way for way in ways if way] == following


class Browser:
    """Keeps the one cookie that it is given."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, network: str) -> None:
        self.reader, self.writer, self.network, self.cookie = reader, writer, network, ""

    async def opens(self, path: str) -> str:
        return await self._asks(look(path))

    async def sends(self, path: str, answers: dict[str, str]) -> str:
        return await self._asks(request(path, urlencode(answers).encode(), FORM))

    async def _asks(self, asked: bytes) -> str:
        """Where the answer sends us; nothing for a page."""
        asked = asked.replace(b"\r\n\r\n", f"\r\nx-forwarded-for: {self.network}\r\n\r\n".encode(), 1)
        self.writer.write(with_cookie(asked, self.cookie) if self.cookie else asked)
        head = (await self.reader.readuntil(b"\r\n\r\n")).decode()
        await self.reader.readexactly(int(_said(r"content-length: (\d+)", head) or 0))
        self.cookie = _said(r"set-cookie: ([^;]+)", head) or self.cookie
        return _said(r"location: (\S+)", head)


def _said(what: str, head: str) -> str:
    found = re.search(what, head, re.I)
    return found[1] if found else ""

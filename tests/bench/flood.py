"""2,000 posts without a pause at each door that needs no account, while honest people from elsewhere ask for a place.

Three floods: from four addresses, from a line of IPv6 that changes its /64, and from two hundred networks. What counts
is how long a whole journey of somebody honest takes, 13 requests, until when their email has gone out, and how long
`/healthz` takes.
"""

import asyncio
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import click

from tests.bench import journey
from tests.bench.lines import Line, share_of
from tests.bench.load import Answered, fire, look, request, with_cookie
from tests.bench.running import FORM, by_backdoor, databases, relaying, running

POSTS, SIGN_INS = 2_000, 300  # in a flood; a sign-in takes a hash
HONEST = 4  # people at a time who ask meanwhile
MINUTE = 60.0  # in which the email of each of them goes out
FLOODS: dict[str, Callable[[int, int], str]] = {
    "four addresses": lambda door, n: f"203.0.{door}.{n % 4}",
    "a line of IPv6": lambda door, n: f"2001:db8:{door:x}:{n:x}::1",
    "two hundred networks": lambda door, n: f"100.{64 + door}.{n % 200}.1",
}
DOORS = {
    "asking": ("/e/bench/ask/check", {}),
    "send again": ("/e/bench/asked", {}),
    "lost link": ("/e/bench/lost-link", {"email": "guest{n}@example.org"}),
    "forgot password": ("/staff/forgot", {"email": "person{n}@example.org"}),
    "sign-in": ("/staff/sign-in", {"email": "person{n}@example.org", "password": "not theirs, {n}"}),
    "complaint": (
        "/e/bench/complaint",
        {"full_name": "Person {n}", "email": "person{n}@example.org", "account": "This happened to me {n} times."},
    ),
    "rights request": ("/manage/forged{n}/rights", {"kind": "access"}),
    "certificate number": ("/certificate", {"number": "ABCD-EFGH-{n}"}),
    "invitation": ("/e/bench/invited/ABCD{n}", {}),
    "feedback": ("/feedback/forged{n}", {"overall": "5"}),
    "support": ("/support", {"text": "{n}"}),
}
WITH_DRAFTS = {"asking", "send again"}  # of people who are about to ask, then of those who have


def measure() -> int:
    folder, wrong = Path(tempfile.mkdtemp(prefix="muster-bench-flood-")), False
    try:
        with databases(folder) as kinds:
            for number, (name, new) in enumerate((name, new) for name, new in kinds.items() for _ in FLOODS):
                of = [*FLOODS][number % len(FLOODS)]
                click.echo(Line.heading(f"{name}: {POSTS:,} posts from {of}"))
                for line in _lines(folder, new(f"flood{number}"), FLOODS[of]):
                    click.echo(str(line))
                    wrong |= line.wrong
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return int(wrong)


def _lines(folder: Path, url: str, network: Callable[[int, int], str]) -> Iterator[Line]:
    with relaying() as relay, running(folder, url, "0", str(POSTS), str(relay)) as (_, facts):
        names = (f"honest{n}" for n in count())
        calm = asyncio.run(_meanwhile(facts["port"], [], names))
        yield Line("nobody floods: a journey, p99", f"{share_of(calm[1], 0.99):.0f} ms")
        for number, door in enumerate(DOORS):
            flood, journeys, health, emails = asyncio.run(
                _meanwhile(facts["port"], _posts(door, number, network, facts["drafts"]), names)
            )
            turned_away = sum(flood.statuses.get(status, 0) for status in (429, 503))
            what = f"{door}: {flood.a_second:.0f} posts a second, {turned_away:,} turned away; /healthz"
            yield Line.at_most(f"{what} p99", share_of(health, 0.99) / 1000, 1, "s")
            yield Line.at_most(f"    {len(journeys)} honest journeys, p99", share_of(journeys, 0.99) / 1000, 1, "s")
            yield Line.at_most(f"    {len(emails)} of them until their email, slowest", max(emails) / 1000, MINUTE, "s")


def _posts(door: str, number: int, network: Callable[[int, int], str], drafts: Sequence[str]) -> list[bytes]:
    path, form = DOORS[door]
    posts = []
    for n in range(SIGN_INS if door == "sign-in" else POSTS):
        body = urlencode({name: text.format(n=n) for name, text in form.items()}).encode()
        sent = request(path.format(n=n), body, FORM)
        sent = with_cookie(sent, drafts[n]) if door in WITH_DRAFTS else sent
        posts.append(sent.replace(b"\r\n\r\n", f"\r\nx-forwarded-for: {network(number, n)}\r\n\r\n".encode(), 1))
    return posts


async def _meanwhile(
    port: int, posts: Sequence[bytes], names: Iterator[str]
) -> tuple[Answered, list[float], list[float], list[float]]:
    """What came of the flood, and the milliseconds of each journey, of each look at `/healthz` and of one journey after
    the other with its email while it went on."""
    journeys, health, emails, over = list[float](), list[float](), list[float](), asyncio.Event()

    async def again_and_again(waits: list[float], act: Callable[[], Any]) -> None:
        while not over.is_set() or not waits:
            began = time.perf_counter()
            if not await act():
                raise RuntimeError("somebody honest was turned away")
            waits.append((time.perf_counter() - began) * 1000)

    async def healthy() -> bool:
        return (await fire(port, [look("/healthz")], 1)).statuses == {200: 1}

    async def asks() -> bool:
        return await journey.asks(port, next(names))

    async def is_emailed() -> bool:
        who = next(names)
        asked, until = await journey.asks(port, who), time.monotonic() + 2 * MINUTE
        while asked and not (await asyncio.to_thread(by_backdoor, port, f"emailed/{who}"))["sent"]:
            if time.monotonic() > until:
                return False
            await asyncio.sleep(0.2)
        return asked

    honest = [asyncio.create_task(again_and_again(journeys, asks)) for _ in range(HONEST)]
    honest.append(asyncio.create_task(again_and_again(health, healthy)))
    honest.append(asyncio.create_task(again_and_again(emails, is_emailed)))
    flood = await fire(port, posts) if posts else await _calm(port)
    over.set()
    await asyncio.gather(*honest)
    return flood, journeys, health, emails


async def _calm(port: int) -> Answered:
    await asyncio.sleep(2)
    return await fire(port, [look("/healthz")], 1)

"""Both keys are replaced by real commands while a real server works, and the commands are killed in the middle.

Rules: SE-16.
"""

import asyncio
import json
import signal
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from threading import Thread
from typing import Any

import httpx2
import pytest
from pydantic import SecretStr

from events.accounts import guards, sign_in
from events.accounts.staff import RoleName, Staff
from events.audit import audit_seal, audit_verify
from events.event import Event
from events.ground import clock, keys, settings
from events.ground.database import Database
from events.ground.keyring.ring import lines_of
from registrations.people.registration import Registration, State
from server import ROOT
from tests.at_the_desk import ticked
from tests.browser import BASE
from tests.conftest import SETTINGS
from tests.events.accounts.signing_in import whole
from tests.events.rotation.rotating import INSTANCE, Place, all_said, key_of, of_older_keys
from tests.people import a_member_of_staff, an_event, confirmed, joined, requested, someone
from tests.professional import ask, with_ticket
from tests.served import PYTHON, Served, environment, serving
from tests.smtp_sink import smtp_sink

PEOPLE, STAFF = 48, 4
HALF_WAY = {"key rotate launch": b"It seals now", "key rotate": b"The new key seals and signs"}


class Wire(httpx2.AsyncHTTPTransport):
    """To a server on this machine, as its proxy would speak to it."""

    def __init__(self, port: int) -> None:
        super().__init__()
        self.port = port

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        there = request.url.copy_with(scheme="http", host="127.0.0.1", port=self.port)
        passed: dict[str, Any] = {
            "headers": request.headers,
            "stream": request.stream,
            "extensions": request.extensions,
        }
        return await super().handle_async_request(httpx2.Request(request.method, there, **passed))


@asynccontextmanager
async def browsing(server: Served) -> AsyncIterator[httpx2.AsyncClient]:
    headers = {"sec-fetch-site": "same-origin"}
    async with httpx2.AsyncClient(transport=Wire(server.port), base_url=BASE, headers=headers, timeout=30) as client:
        yield client


@asynccontextmanager
async def reading(server: Served) -> AsyncIterator[list[str]]:
    """What it logs while it works, since a full pipe would stop it. Ends it."""
    lines = list[str]()
    reader = Thread(target=lines.extend, args=[server.process.stdout])
    reader.start()
    try:
        yield lines
    finally:
        server.process.terminate()
        await asyncio.to_thread(reader.join, 50)


@pytest.fixture
async def place(database: Database, tmp_path: Path) -> Place:
    """With an event in a month for which many have asked."""
    place = Place(tmp_path, database)
    keys.write_new(place.key_file)
    place.data_keys.mkdir()
    place.opens()
    clock.move_to(None)
    event, day = await an_event(slug="launch", capacity=500), clock.real() + timedelta(days=30)
    await Event.filter(id=event.id).update(day=day.date(), starts_at=day, ends_at=day, doors_open_at=day)
    for n in range(PEOPLE):
        await (with_ticket if n % 6 == 0 else requested if n % 6 == 1 else confirmed)(someone(), event)
    for n in range(STAFF):
        await joined(await a_member_of_staff(f"Staff {n}", f"staff{n}@hosts.example.org", event, RoleName.LEAD))
    return place


class Work:
    """What people do at the server until it is enough, and how often it went as it should."""

    def __init__(self, server: Served, event: Event, staff: list[Staff]) -> None:
        self.server, self.event, self.staff = server, event, staff
        self.over, self.done = asyncio.Event(), Counter[str]()
        self.asked = list[str]()  # with which addresses
        self.all = [self.asks, self.signs_in, self.searches, self.approves]

    async def asks(self) -> None:
        async with browsing(self.server) as client:
            answer = await ask(client, self.event, person := someone())
            assert (answer.status_code, (await client.get("/e/launch")).status_code) == (303, 200), answer.text
            self.asked.append(person.email)

    async def signs_in(self) -> None:
        """Each of them once: a code of an app works once in half a minute."""
        if self.done["signs_in"] < len(self.staff):
            async with browsing(self.server) as client:
                answer = await whole(client, self.staff[self.done["signs_in"]])
                assert (answer.status_code, (await client.get("/desk/launch/people")).status_code) == (303, 200)

    async def searches(self) -> None:
        async with self.desk() as client:
            found = await client.post("/desk/launch/people/search", data={"text": "Guest Number"})
            shown = await client.get(found.headers["location"])
            assert (shown.status_code, "Guest Number" in shown.text, "cannot be read" in shown.text) == (
                200,
                True,
                False,
            )

    async def approves(self) -> None:
        async with self.desk() as client:
            waiting = await Registration.filter(event_id=self.event.id, state=State.CONFIRMED).order_by("id").first()
            if waiting is not None:
                answer = await client.post("/desk/launch/requests/approve", data={"person": await ticked(waiting)})
                assert answer.status_code == 303
                assert (await Registration.get(id=waiting.id)).state is State.APPROVED

    @asynccontextmanager
    async def desk(self) -> AsyncIterator[httpx2.AsyncClient]:
        token = await sign_in.begin_full_session(self.staff[0], clock.real())
        async with browsing(self.server) as client:
            client.cookies.set(guards.SESSION.name, token, domain="places.example.org", path="/")
            yield client

    async def goes_on(self, what: Callable[[], Awaitable[None]]) -> None:
        while not self.over.is_set():
            await what()
            self.done[what.__name__] += 1
            await asyncio.sleep(0.2)


async def run(words: str, env: dict[str, str], *, kill: bool = False) -> tuple[int, str]:
    """Types the command; kills it as soon as it is half way."""
    process = await asyncio.create_subprocess_exec(
        *PYTHON, *words.split(), cwd=ROOT, env=env, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    assert process.stdout is not None
    said = b""
    try:
        while line := await process.stdout.readline():
            said += line
            if kill and HALF_WAY[words] in said:
                process.kill()
        return await process.wait(), said.decode()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def rotates(env: dict[str, str]) -> None:
    """Both at once, killed half way, and then again."""
    killed = await asyncio.gather(*(run(words, env, kill=True) for words in HALF_WAY))
    assert [status for status, _ in killed] == [-signal.SIGKILL] * 2, killed
    ended = await asyncio.gather(*(run(words, env) for words in HALF_WAY))
    assert [status for status, _ in ended] == [0, 0], ended


async def test_people_go_on_while_both_keys_are_replaced(place: Place) -> None:
    settings.choose(SETTINGS.model_copy(update={"key": SecretStr(""), "key_file": place.key_file}))
    event, before = await Event.get(), place.lines()
    files = {"MUSTER_KEY": "", "MUSTER_KEY_FILE": str(place.key_file), "MUSTER_DATA_KEYS": str(place.data_keys)}
    env = environment(MUSTER_DATABASE_URL=place.database.url, **files)
    async with smtp_sink() as sink:
        with serving(place.database.url, relay=sink.port, **files) as [server]:
            work = Work(server, event, await Staff.all().order_by("id"))
            async with reading(server) as logged, asyncio.timeout(300):
                async with asyncio.TaskGroup() as group:
                    for what in work.all:
                        group.create_task(work.goes_on(what))
                    await rotates(env)
                    work.over.set()
                while not set(work.asked) <= set(sink.recipients):
                    await sink.until(len(sink.caught) + 1)
    assert min(work.done[what.__name__] for what in work.all) >= STAFF, work.done
    assert [line for line in map(json.loads, logged) if line["level"] == "error"] == []
    place.opens()
    assert (len(lines_of(place.data_keys / "launch.key")), place.lines()[1:]) == (1, before)
    assert await of_older_keys(INSTANCE) + await of_older_keys(await key_of(event)) == []
    said_now = [value for values in (await all_said()).values() for value in values]
    assert [value for value in said_now if value is None or "cannot be read" in str(value).lower()] == []
    await audit_seal.seal_all()
    assert await audit_verify.verify() == []

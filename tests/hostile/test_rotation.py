"""Both keys are replaced by real commands, which are killed in the middle, between two lives of a real server.

Rules: SE-16.
"""

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest
from pydantic import SecretStr

from events import readiness
from events.accounts import guards, sign_in
from events.accounts.staff import RoleName, Staff
from events.audit import audit_seal, audit_verify
from events.event import Event
from events.ground import clock, keys, settings
from events.ground.database import Database
from registrations.people.registration import Registration, State
from tests.at_the_desk import ticked
from tests.browser import BASE
from tests.conftest import SETTINGS
from tests.events.accounts.signing_in import whole
from tests.events.rotation.rotating import INSTANCE, Place, all_said, key_of, of_older_keys
from tests.forked import Forked
from tests.people import a_member_of_staff, an_event, confirmed, joined, requested, someone
from tests.professional import ask, with_ticket
from tests.served import Served, environment, serving
from tests.smtp_sink import smtp_sink

PEOPLE = 48
COMMANDS = ["key rotate launch --without-backup", "key rotate --without-backup"]
HALF_WAY = "The new key seals"


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
    await joined(await a_member_of_staff("Lena Lead", "lena@hosts.example.org", event, RoleName.LEAD))
    return place


async def run(words: str, env: dict[str, str], *, kill: bool = False) -> tuple[int, str]:
    """Types the command; kills it as soon as it is half way."""
    process, said = Forked(words.split(), env, errors=True), ""
    try:
        while line := await asyncio.to_thread(process.stdout.readline):
            said += line
            if kill and HALF_WAY in said:
                process.kill()
        return await asyncio.to_thread(process.wait), said
    finally:
        process.kill()
        process.stdout.close()


async def test_keys_are_replaced_between_two_lives_of_a_server_whoever_is_killed(place: Place) -> None:
    settings.choose(SETTINGS.model_copy(update={"key": SecretStr(""), "key_file": place.key_file}))
    event, before = await Event.get(), place.lines()
    files = {"MUSTER_KEY": "", "MUSTER_KEY_FILE": str(place.key_file), "MUSTER_DATA_KEYS": str(place.data_keys)}
    env = environment(MUSTER_DATABASE_URL=place.database.url, **files)
    with serving(place.database.url, relay=1, **files):
        status, words = await run(COMMANDS[0], env)
        assert (status, "Stop every server first" in words) == (1, True), words
    assert (place.lines(), await readiness.half_replaced()) == (before, []), "nothing was begun"
    said = await all_said()
    for command in COMMANDS:
        status, words = await run(command, env, kill=True)
        assert status == -signal.SIGKILL, words
        place.opens()
        assert await all_said() == said
        go_on = f"key: a new one is half in place. ./run {command.removesuffix(' --without-backup')} goes on with it"
        assert await readiness.half_replaced() == [go_on]
        if "launch" in command:
            status, words = await run("serve", env)
            assert (status, go_on in words) == (1, True), words
        status, words = await run(command, env)
        assert status == 0, words
    place.opens()
    assert (len(place.lines(event)), place.lines()[1:]) == (1, before)
    assert await of_older_keys(INSTANCE) + await of_older_keys(await key_of(event)) == []
    assert await all_said() == said
    await people_go_on(place, files)
    await audit_seal.seal_all()
    assert await audit_verify.verify() == []


async def people_go_on(place: Place, files: dict[str, str]) -> None:
    """Somebody asks and has their email, and a lead signs in, finds a guest and approves somebody."""
    event, lead = await Event.get(), await Staff.get()
    async with smtp_sink() as sink:
        with serving(place.database.url, relay=sink.port, **files) as [server]:
            async with browsing(server) as client:
                assert (await ask(client, event, person := someone())).status_code == 303
                await sink.until(1)
                assert sink.recipients == [person.email]
            async with browsing(server) as client:
                assert (await whole(client, lead)).status_code == 303
            async with browsing(server) as client:
                token = await sign_in.begin_full_session(lead, clock.real())
                client.cookies.set(guards.SESSION.name, token, domain="places.example.org", path="/")
                found = await client.post("/desk/launch/people/search", data={"text": "Guest Number"})
                shown = (await client.get(found.headers["location"])).text
                assert ("Guest Number" in shown, "cannot be read" in shown) == (True, False)
                waiting = await Registration.filter(event_id=event.id, state=State.CONFIRMED).order_by("id").first()
                assert waiting is not None
                await client.post("/desk/launch/requests/approve", data={"person": await ticked(waiting)})
                assert (await Registration.get(id=waiting.id)).state is State.APPROVED

"""Real servers restart while people are at the door: no scan is lost, streams end, and workers end together."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import timedelta
from pathlib import Path
from threading import Thread

import httpx2
import pytest

from events.accounts import sign_in
from events.accounts.staff import Staff
from events.event import Event
from events.ground import clock
from events.ground.database import Database
from events.ground.settings import ONE_PROCESS
from registrations.checkin.scan import Scan
from registrations.phones import pairing
from registrations.phones.door import Door, PassRole
from tests.at_the_door import a_ticket
from tests.conftest import SETTINGS
from tests.door_phone import Row, row_of
from tests.people import a_door, someone
from tests.served import NO_TLS, PATIENCE, Served, is_gone, serving, watching, workers_of

SCANS, PHONES = 48, 3
WORKERS = {"sqlite": 1, "postgres": 2}
POSTGRES = pytest.mark.parametrize("database", ["postgres"], indirect=True)
pytestmark = pytest.mark.timeout(3 * PATIENCE)


@contextmanager
def logged(server: Served) -> Iterator[list[str]]:
    """What it logs while it works, since a full pipe would stop it. It has ended by the end."""
    lines = list[str]()
    assert server.process.stdout is not None
    reader = Thread(target=lines.extend, args=[server.process.stdout])
    reader.start()
    try:
        yield lines
    finally:
        if server.process.poll() is None:
            server.process.kill()
        reader.join(PATIENCE)


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not true():  # noqa: ASYNC110  # a process has no event for it
            await asyncio.sleep(0.05)


class Phones:
    """Phones at one door, which send their scans one after the other, each again until it is answered."""

    def __init__(self, server: Served, rows: list[Row]) -> None:
        self.server, self.waiting = server, [*rows]
        self.answered = list[str]()

    @asynccontextmanager
    async def paired(self, door: Door, by: Staff, number: int) -> AsyncIterator[httpx2.AsyncClient]:
        made = await pairing.make_pass(door, f"Phone {number}", PassRole.STEWARD, by, clock.now(), clock.real())
        base = f"http://127.0.0.1:{self.server.port}"
        headers = {"sec-fetch-site": "same-origin"}
        async with httpx2.AsyncClient(base_url=base, headers=headers, timeout=PATIENCE, verify=NO_TLS) as client:
            answer = await client.post("/door/api/pair", json={"code": made.secret})
            assert answer.status_code == 200
            client.headers["cookie"] = answer.headers["set-cookie"].partition(";")[0]  # which is for https alone
            yield client

    async def send_all(self, door: Door, by: Staff, number: int) -> None:
        async with self.paired(door, by, number) as client:
            while len(self.answered) < SCANS:
                row = self.waiting.pop() if self.waiting else None
                if row is not None and not await self._is_answered(client, row):
                    self.waiting.append(row)
                await asyncio.sleep(0.05)

    async def _is_answered(self, client: httpx2.AsyncClient, row: Row) -> bool:
        try:
            answer = await client.post("/door/api/scans", json={"scans": [row], "to_send": 0, "page": "0" * 8})
        except httpx2.TransportError:  # nobody is there, or they have gone as the request came: a phone tries again
            return False
        assert answer.status_code == 200, answer.text
        self.answered += [said["id"] for said in answer.json()["answers"]]
        return True


@pytest.fixture
async def today(event: Event) -> Event:
    """It is on, by the server's own clock."""
    clock.move_to(None)
    real = clock.real()
    hours = {"doors_open_at": real - timedelta(hours=1), "starts_at": real, "ends_at": real + timedelta(hours=5)}
    await Event.filter(id=event.id).update(day=clock.local(real).date(), **hours)
    return await Event.get(id=event.id)


async def end(server: Served, board: str, token: str) -> None:
    """A browser watches the board meanwhile: its stream ends as it should, so that it comes back."""
    left = workers_of(server)
    async with watching(server.port, board, token) as stream:
        server.process.terminate()
        assert (await asyncio.wait_for(stream.read(), PATIENCE))[-5:] == b"0\r\n\r\n"
    await asyncio.to_thread(server.process.wait, PATIENCE)
    await until(lambda: all(is_gone(worker) for worker in left))


async def test_no_scan_is_lost_where_the_server_restarts(database: Database, today: Event, lena: Staff) -> None:
    workers, door = WORKERS["postgres" if database.file is None else "sqlite"], await a_door(today)
    rows = [await row_of(await a_ticket(someone(), today)) for _ in range(SCANS)]
    board, token = f"/desk/{today.slug}/board/live", await sign_in.begin_full_session(lena, clock.real())
    async with asyncio.TaskGroup() as group:
        with serving(database.url, MUSTER_WORKERS=f"{workers}") as [server], logged(server) as lines:
            phones = Phones(server, rows[: SCANS // 2])
            for number in range(PHONES):
                group.create_task(phones.send_all(door, lena, number))
            await until(lambda: len(phones.answered) >= PHONES)
            await end(server, board, token)
        phones.waiting += rows[SCANS // 2 :]
        with (
            serving(database.url, MUSTER_WORKERS=f"{workers}", MUSTER_PORT=f"{server.port}") as [again],
            logged(again) as more,
        ):
            await until(lambda: len(phones.answered) >= SCANS)
            await end(again, board, token)
    assert sorted(phones.answered) == sorted(row["id"] for row in rows)
    kept: list[str] = await Scan.all().values_list("client_id", flat=True)  # type: ignore[assignment]
    assert sorted(kept) == sorted(row["id"] for row in rows)
    errors = [line for line in [*lines, *more] if '"level": "error"' in line]
    assert [line for line in errors if "graceful shutdown exceeded" not in line] == [], "all but that it took long"
    assert server.process.returncode == (0 if workers > 1 else -signal.SIGTERM)


@POSTGRES
async def test_where_a_worker_dies_another_takes_its_place_and_where_the_one_above_dies_all_go(
    database: Database,
) -> None:
    with serving(database.url, MUSTER_WORKERS="2") as [server], logged(server) as lines:
        await until(lambda: len(workers_of(server)) == 2)
        before = workers_of(server)
        os.kill(dies := min(before), signal.SIGKILL)
        await until(lambda: len(workers_of(server) - {dies}) == 2)
        assert (await asyncio.to_thread(server.get, "/healthz")).status_code == 200
        await until(lambda: any("a worker has died" in line for line in lines))
        assert sum(f'"worker": {dies}' in line for line in lines) == 1
        orphans = workers_of(server)
        server.process.kill()
        await until(lambda: all(is_gone(worker) for worker in orphans))


def test_sqlite_takes_one_worker_and_a_sentence_says_so(tmp_path: Path) -> None:
    chosen = SETTINGS.model_copy(
        update={"database_url": f"sqlite://{tmp_path / 'muster.db'}", "workers": 2, "trusted_proxy": "127.0.0.1"}
    )
    assert chosen.missing() == [ONE_PROCESS]
    assert chosen.model_copy(update={"workers": 1}).missing() == []
    assert chosen.model_copy(update={"database_url": "postgresql://muster@db.example.org/muster"}).missing() == []

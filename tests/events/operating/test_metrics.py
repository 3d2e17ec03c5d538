"""Numbers for whoever operates a server: at a port of this machine alone, of all processes together, and of nobody."""

import asyncio
import os
import signal
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import httpx2
import pytest
from prometheus_client.parser import text_string_to_metric_families

from events.accounts.staff import Staff
from events.audit import audit_seal
from events.event import Event
from events.ground import clock, logs, settings
from events.ground.database import Database, query
from events.operating import metrics
from registrations.deciding import vetting
from registrations.phones.door import DoorPass
from server import make_app
from tests.browser import browsing
from tests.conftest import SETTINGS
from tests.people import MONDAY, Person, a_door, a_phone, an_event, confirmed
from tests.served import NO_TLS, PATIENCE, a_free_port, serving, workers_of
from tests.waiting import WITHIN

LABELS = {"status": {"1xx", "2xx", "3xx", "4xx", "5xx"}, "level": {"warning", "error"}}
ANSWERED = "muster_answers_total 2xx"
LOOKED_UP = {"muster_emails_waiting", "muster_emails_failed", "muster_audit_unsealed", "muster_phones"}


def read(text: str) -> dict[str, float]:
    """Each number by its name, and by its label where there is one; of histograms the sums."""
    found = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            if not sample.name.endswith(("_bucket", "_created")):
                found[" ".join([sample.name, *sample.labels.values()])] = sample.value
    return found


async def numbers() -> dict[str, float]:
    return read((await metrics.written(False)).decode())


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> None:
    settings.choose(SETTINGS.model_copy(update={"metrics_port": 9}))


async def test_it_tells_what_waits_what_failed_and_how_many_phones_there_are(
    database: Database, event: Event, ada: Person, bo: Person, omar: Staff
) -> None:
    for person in (ada, bo):
        await vetting.approve(await confirmed(person, event), omar, MONDAY)
    before, real = await numbers(), clock.real()
    await query(
        "UPDATE message SET next_try_at = ? WHERE id = (SELECT max(id) FROM message)", [real + timedelta(hours=1)]
    )
    phones = [await a_phone(await a_door(event, f"Door {n}"), f"Phone {n}") for n in range(3)]
    await DoorPass.filter(id=phones[0].id).update(last_seen_at=real, to_send=4)
    await DoorPass.filter(id=phones[1].id).update(last_seen_at=real - timedelta(minutes=3), to_send=5)
    await DoorPass.filter(id=phones[2].id).update(last_seen_at=real, to_send=6, revoked_at=real)
    found = await numbers()
    assert before["muster_phones"] == 0
    assert {name: found[name] for name in found if name.startswith(("muster_em", "muster_ph", "muster_d"))} == {
        "muster_emails_waiting": 2, "muster_emails_due": 1, "muster_emails_failed": 0,
        "muster_phones": 2, "muster_phones_heard": 1, "muster_phones_to_send": 9, "muster_database_up": 1,
    }  # fmt: skip
    await query("UPDATE message SET state = 'failed'")
    assert (await numbers())["muster_emails_failed"] == 2
    unsealed = (await query("SELECT count(*) AS number FROM audit_entry"))[0]["number"]
    assert found["muster_audit_unsealed"] == unsealed > 0
    await audit_seal.seal_all()
    assert (await numbers())["muster_audit_unsealed"] == 0


async def test_without_a_database_it_says_so_and_goes_on(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    async def away(_real: object) -> list[metrics.Number]:
        raise OSError

    assert set(await numbers()) > LOOKED_UP
    monkeypatch.setattr(metrics, "MORE", [away])
    found = await numbers()
    assert (found["muster_database_up"], found["muster_audit_damaged"]) == (0, 0)
    assert LOOKED_UP & set(found) == set()


async def test_it_says_how_old_the_newest_backup_is(database: Database, tmp_path: Path) -> None:
    assert "muster_backup_age_seconds" not in await numbers()
    settings.choose(SETTINGS.model_copy(update={"backup_folder": tmp_path}))
    assert "muster_backup_age_seconds" not in await numbers()
    taken = clock.real() - timedelta(hours=5)
    (tmp_path / f"muster-{taken:%Y%m%dT%H%M%SZ}.age").touch()
    assert 5 * 3600 <= (await numbers())["muster_backup_age_seconds"] < 6 * 3600


async def test_answers_are_counted_by_how_they_went_and_lines_by_how_bad(
    database: Database, counted: None, printed: pytest.CaptureFixture[str]
) -> None:
    await an_event(slug="secret-launch")
    logs.set_up(live=True, also=[metrics.count_line])
    before = await numbers()
    async with browsing(database) as client:
        for path in ("/e/secret-launch", "/e/secret-launch?email=ada@wardens.example.org", "/e/ada-ashdown", "/desk"):
            await client.get(path)
    logs.log.error("an error", row="secret-launch:3")
    after = await numbers()
    grown = {name: after[name] - before.get(name, 0) for name in after if after[name] != before.get(name, 0)}
    assert {name: grown[name] for name in grown if "seconds_sum" not in name} == {
        "muster_answers_total 2xx": 2, "muster_answers_total 3xx": 1, "muster_answers_total 4xx": 1,
        "muster_answer_seconds_count": 4, "muster_log_lines_total error": 1,
    }  # fmt: skip


async def test_no_label_and_no_name_says_who_where_or_which_event(
    database: Database, counted: None, lena: Staff
) -> None:
    async with browsing(database, lena) as client:
        for path in ("/desk/launch/people", "/door/", "/nobody's"):
            await client.get(path)
    text = (await metrics.written(False)).decode()
    families = list(text_string_to_metric_families(text))
    labels = {pair for family in families for sample in family.samples for pair in sample.labels.items()}
    assert {name for name, _ in labels} <= {*LABELS, "le"}
    assert [pair for pair in labels if pair[0] != "le" and pair[1] not in LABELS[pair[0]]] == []
    assert len(families) > 10
    assert [word for word in ("launch", "desk", "lena", "hosts.example.org", "nobody's") if word in text.lower()] == []


@asynccontextmanager
async def listened() -> AsyncIterator[int]:
    listener, stop = socket.create_server(("127.0.0.1", 0)), asyncio.Event()
    turn = asyncio.create_task(metrics.run(listener, False, stop))
    await asyncio.sleep(0)
    yield listener.getsockname()[1]
    stop.set()
    await asyncio.wait_for(turn, WITHIN)


async def said(port: int, head: bytes) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(head)
    try:
        return await asyncio.wait_for(reader.read(), WITHIN)
    finally:
        writer.close()


async def test_it_answers_one_path_and_nobody_who_says_too_much_or_nothing(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with listened() as port:
        answer = await said(port, b"GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert answer.startswith(b"HTTP/1.1 200 OK\r\ncontent-type: text/plain; version=0.0.4; charset=utf-8\r\n")
        assert b"\nmuster_database_up 1.0\n" in answer
        for other in (b"POST /metrics", b"GET /", b"GET /metrics/x", b""):
            assert (await said(port, other + b" HTTP/1.1\r\n\r\n")).startswith(b"HTTP/1.1 404 ")
        assert await said(port, b"GET /metrics HTTP/1.1\r\nX: " + b"x" * metrics.LONGEST_HEAD + b"\r\n\r\n") == b""
        monkeypatch.setattr(metrics, "HEAD_SECONDS", 0.01)
        assert await said(port, b"GET /met") == b""


async def test_who_sets_no_port_has_no_listener_and_pays_nothing(database: Database) -> None:
    assert type(make_app(database)).__name__ == "SecurityHeaders"
    settings.choose(SETTINGS.model_copy(update={"metrics_port": 9}))
    assert type(make_app(database)).__name__ == "Counted", "the control"


async def scraped(port: int) -> dict[str, float]:
    async with httpx2.AsyncClient(timeout=PATIENCE, verify=NO_TLS) as client:
        return read((await client.get(f"http://127.0.0.1:{port}/metrics")).text)


async def until(port: int, true: Callable[[dict[str, float]], bool]) -> dict[str, float]:
    """What is told once it is true."""
    async with asyncio.timeout(PATIENCE):
        while not true(found := await scraped(port)):  # noqa: ASYNC110  # another process has no event for it
            await asyncio.sleep(0.05)
    return found


@pytest.mark.timeout(3 * PATIENCE)
async def test_real_servers_tell_the_sum_of_their_processes_also_of_those_that_died(database: Database) -> None:
    workers, port = (1 if database.file else 2), a_free_port()
    with serving(database.url, MUSTER_WORKERS=f"{workers}", MUSTER_METRICS_PORT=f"{port}") as [server]:
        before = await until(port, lambda found: found["muster_workers"] == workers)
        for _ in range(20):
            assert (await asyncio.to_thread(server.get, "/healthz")).status_code == 200
        assert (await asyncio.to_thread(server.get, "/metrics")).status_code == 404
        with pytest.raises(ConnectionRefusedError):  # another address of this machine: it listens at one alone
            await asyncio.open_connection("127.0.0.2", port)
        tries = [await scraped(port) for _ in range(6)]
        assert {found[ANSWERED] - before[ANSWERED] for found in tries} == {20}
        if workers > 1:
            os.kill(killed := min(workers_of(server)), signal.SIGKILL)
            await until(port, lambda found: killed not in workers_of(server) and found["muster_workers"] == workers)
            assert (await scraped(port))[ANSWERED] - before[ANSWERED] == 20

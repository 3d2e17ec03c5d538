"""Check-ins through HTTP on SQLite with every answer on disk: how many a second, and what each costs the server."""

import asyncio
import base64
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import httpx2

from events import clock, keys, settings
from events.database import Database
from events.event import Event
from registrations import pairing, ticketing
from registrations.door import PassRole
from registrations.registration import Registration, State
from registrations.ticket import Ticket, proof_of
from server import MODELS
from tests.bench import load
from tests.people import a_door, a_member_of_staff, an_event, confirmed, someone

PEOPLE, PHONES = 2000, 16
SERVER = "import sys; import tests.bench.checkins as bench; bench.serve(sys.argv[1], int(sys.argv[2]))"


@dataclass(frozen=True)
class Cost:
    a_second: float
    cpu_ms: float  # of the server, for one check-in
    middle_ms: float  # half of the answers came sooner
    slow_ms: float  # one in a hundred came later


def serve(url: str, port: int) -> None:
    """The live product as it is, in this process."""
    import server

    compose(port)
    server.listen(server.make_app(Database(url, MODELS)), "127.0.0.1", port)


def compose(port: int) -> None:
    from events import logs

    settings.choose(
        settings.Settings(base_url=f"http://127.0.0.1:{port}", smtp_host="127.0.0.1", sender="a@example.org")
    )
    keys.install(keys.Keyring([base64.urlsafe_b64encode(b"k" * 32).decode()]))
    clock.move_to(clock.at_venue(date(2019, 4, 15), 9, 0))
    logs.set_up(live=True)


async def prepare(url: str, people: int, phones: int) -> tuple[list[str], list[bytes]]:
    """Pairing secrets, and the proof of a ticket for each person."""
    async with Database(url, MODELS).opened():
        event = await an_event(capacity=people)
        omar = await a_member_of_staff("Omar", "omar@hosts.example.org", None, None)
        door = await a_door(event)
        codes = [await pairing.make_pass(door, f"Phone {n}", PassRole.STEWARD, omar, clock.now(), clock.real())
                 for n in range(phones)]  # fmt: skip
        await a_list(event, people)
        tickets = await Ticket.all().order_by("id")
        return [code.secret for code in codes], [proof_of(event, one.n) for one in tickets]


async def a_list(event: Event, people: int) -> None:
    for _ in range(people):
        registration: Registration = await confirmed(someone(), event)
        await registration.become(State.APPROVED)
        await ticketing.issue(registration, clock.now())


def scans_of(proofs: Sequence[bytes]) -> bytes:
    rows = [
        {"id": os.urandom(16).hex(), "kind": "in", "proof": base64.urlsafe_b64encode(one).decode().rstrip("="),
         "age": 0.2, "undoes": None, "length": None, "app": "1"} for one in proofs
    ]  # fmt: skip
    return json.dumps({"scans": rows}).encode()


def paired(port: int, secret: str) -> str:
    answer = httpx2.post(f"http://127.0.0.1:{port}/door/api/pair", json={"code": secret})
    return answer.headers["set-cookie"].split(";")[0]


async def measure(people: int = PEOPLE, phones: int = PHONES, a_call: int = 1) -> Cost:
    """`a_call`: how many scans each request carries."""
    with tempfile.TemporaryDirectory(dir=Path.cwd() / "var") as folder, socket.create_server(("127.0.0.1", 0)) as free:
        port, url = free.getsockname()[1], f"sqlite://{folder}/bench.db"
        free.close()
        compose(port)
        await Database(url, MODELS).migrate()
        codes, proofs = await prepare(url, people, phones)
        process = subprocess.Popen([sys.executable, "-c", SERVER, url, str(port)], stdout=subprocess.DEVNULL)
        try:
            await _listening(port)
            cookies = [paired(port, code) for code in codes]
            calls = [proofs[n : n + a_call] for n in range(0, people, a_call)]
            requests = [load.request("/door/api/scans", scans_of(call), "application/json", cookies[n % phones])
                        for n, call in enumerate(calls)]  # fmt: skip
            before = _cpu_seconds(process.pid)
            answered = await load.fire(port, requests, phones)
            spent = _cpu_seconds(process.pid) - before
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(10)
    assert answered.statuses == {200: len(calls)}, answered.statuses
    return Cost(people / answered.seconds, spent / people * 1000, answered.wait(0.5), answered.wait(0.99))


async def _listening(port: int) -> None:
    for _ in range(200):
        try:
            (await asyncio.open_connection("127.0.0.1", port))[1].close()
            return
        except OSError:
            await asyncio.sleep(0.05)
    raise RuntimeError("the server did not start")


def _cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def main() -> None:
    Path("var").mkdir(exist_ok=True)
    for a_call, phones in ((1, 1), (1, PHONES), (50, PHONES)):
        began = time.perf_counter()
        cost = asyncio.run(measure(phones=phones, a_call=a_call))
        print(  # noqa: T201
            f"{a_call} a call, {phones} phones: {cost.a_second:.0f} check-ins/s, {cost.cpu_ms:.2f} ms of CPU each, "
            f"answers {cost.middle_ms:.1f} ms, 99% {cost.slow_ms:.1f} ms ({time.perf_counter() - began:.0f} s in all)"
        )


if __name__ == "__main__":
    main()

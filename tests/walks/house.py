"""The product in a process of its own, on a port and in a folder that outlive it: it is hung, stopped, started again.

python -m tests.walks.house PORT FOLDER PEOPLE BEGINS NEWER CERTIFICATE     what walks start; the last two may be empty
"""

import base64
import json
import shutil
import signal
import sqlite3
import ssl
import subprocess
import sys
import time
import urllib.request
from collections.abc import Awaitable, Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from playwright.sync_api import Page
from pydantic import SecretStr

from events.accounts import guards, sign_in
from events.accounts.staff import RoleName, Staff
from events.audit import audit_seal
from events.event import Event
from events.ground import clock, data_keys, keys, logs, settings
from events.ground.database import Database
from events.web import serving
from registrations.deciding import vetting
from registrations.door import shell
from registrations.people.needs import Adjustment
from registrations.people.registration import Registration
from registrations.rehearsal.rehearsal_pages import moment_of
from registrations.tickets.ticket import code_of
from server import MODELS, ROOT, make_app
from tests import made_once
from tests.at_the_door import a_ticket
from tests.people import MONDAY, a_door, a_member_of_staff, an_event, someone
from tests.registrations.booking.telling_needs import tells_adjustments, tells_diet
from tests.walks.rehearsal import FAR_OFF, STARTS_WITHIN, Rehearsed, free_port

Decision = Callable[[Registration, Staff, datetime], Awaitable[None]]
GUESTS = 90
REFUSED: tuple[tuple[Decision, ...], ...] = (
    (vetting.cancel,),
    (vetting.withdraw, vetting.put_on_waiting_list),
    (vetting.withdraw, vetting.not_offer),
    (vetting.withdraw,),
)
SLUG = "launch"


class Guest(NamedTuple):
    name: str
    code: str
    reference: str


@dataclass
class House:
    """Where it answers, and what was in it when it was first opened."""

    folder: Path
    begins: str
    port: int = field(default_factory=free_port)
    certificate: Path | None = None
    people: int = GUESTS
    process: subprocess.Popen[bytes] | None = None

    @property
    def base(self) -> str:
        return f"{'https' if self.certificate else 'http'}://127.0.0.1:{self.port}"

    @property
    def rehearsed(self) -> Rehearsed:
        """For those who only want to know where it answers."""
        return Rehearsed(self.base, "", "", "")

    @property
    def facts(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((self.folder / "facts.json").read_text())
        return found

    def guests(self) -> list[Guest]:
        return [Guest(*guest) for guest in self.facts["guests"]]

    def refused(self) -> list[Guest]:
        """One in each of the four states that a steward is not told."""
        return [Guest(*facts) for facts in self.facts["refused"]]

    def people_in(self) -> int:
        return int(self.rows("SELECT count(DISTINCT ticket_id) AS people FROM admission")[0]["people"])

    def rows(self, sql: str) -> list[dict[str, Any]]:
        with closing(sqlite3.connect(f"file:{self.folder / 'muster.db'}?mode=ro", uri=True)) as database:
            database.row_factory = sqlite3.Row
            return [dict(row) for row in database.execute(sql)]

    def proves_themselves(self) -> None:
        """Whoever is signed in, however long ago it was opened: nobody has a password here."""
        with closing(sqlite3.connect(self.folder / "muster.db", timeout=30)) as database, database:
            database.execute("UPDATE session SET stepped_up_at = ?", (FAR_OFF,))

    @property
    def log(self) -> str:
        return (self.folder / "log").read_text()

    def starts(self, newer: str = "") -> None:
        """With this word in one of the phone's files, so that it is another version of the page."""
        told = [str(self.port), str(self.folder), str(self.people), self.begins, newer, str(self.certificate or "")]
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(  # noqa: S603
                [sys.executable, "-m", "tests.walks.house", *told], cwd=ROOT, stdout=log, stderr=log
            )
        until = time.monotonic() + STARTS_WITHIN
        while not self.answers():
            assert self.process.poll() is None, self.log
            assert time.monotonic() < until, self.log
            time.sleep(0.1)

    def answers(self) -> bool:
        anybody = ssl._create_unverified_context()  # noqa: S323
        with suppress(OSError), urllib.request.urlopen(f"{self.base}/healthz", timeout=2, context=anybody) as answer:  # noqa: S310
            return bool(answer.status == 200)
        return False

    def stops(self) -> None:
        """As a power cut does: whatever was answered has to be on the disk."""
        if self.process:
            self.process.kill()
            self.process.wait(10)
            self.process = None

    def hangs(self) -> None:
        """Takes connections and says nothing."""
        assert self.process is not None
        self.process.send_signal(signal.SIGSTOP)

    def is_there(self) -> None:
        """However a walk has left it."""
        if self.process is None:
            self.starts()
        else:
            self.process.send_signal(signal.SIGCONT)


def signed_in(page: Page, house: House, role: str = "desk") -> Page:
    """As the lead, or in another role, in this browser."""
    name, value = house.facts[role]
    page.context.add_cookies([{"name": name, "value": value, "url": house.base}])
    return page


@contextmanager
def a_house(
    folder: Path, begins: str = "2019-04-15T09:05", certificate: Path | None = None, people: int = GUESTS
) -> Iterator[House]:
    house = House(folder, begins, certificate=certificate, people=people)
    made_once.copy_migrated(folder / "muster.db")
    house.starts()
    try:
        yield house
    finally:
        house.stops()


def a_certificate(folder: Path, name: str) -> tuple[Path, str]:
    """A self-signed one with its key in the same file, and the hash by which a browser can be told to believe it."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder().subject_name(subject).issuer_name(subject).public_key(key.public_key())
        .serial_number(x509.random_serial_number()).not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=30)).sign(key, hashes.SHA256())
    )  # fmt: skip
    pem, der = serialization.Encoding.PEM, serialization.Encoding.DER
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    file = folder / f"{name}.pem"
    file.write_bytes(made.public_bytes(pem) + private)
    public = key.public_key().public_bytes(der, serialization.PublicFormat.SubjectPublicKeyInfo)
    return file, base64.b64encode(sha256(public).digest()).decode()


# in the process of its own


def serve(port: int, folder: Path, people: int, begins: str, newer: str, certificate: str) -> None:
    logs.set_up(live=True)
    made_once.compile_templates_once()
    key = folder / "key"
    if not key.exists():
        key.write_text(keys.new_key())
    tls = {"tls_certificate": Path(certificate), "tls_key": Path(certificate)} if certificate else {}
    settings.choose(
        settings.Settings(
            base_url=f"{'https' if certificate else 'http'}://127.0.0.1:{port}",
            database_url=f"sqlite://{folder / 'muster.db'}",
            key=SecretStr(key.read_text()),
            **tls,  # type: ignore[arg-type]
        )
    )
    keys.install(keys.Keyring([key.read_text()]))
    data_keys.install(data_keys.DataKeys(folder / "data-keys"))
    clock.move_to(moment_of(begins) + gone_by(folder))
    if newer:
        shell.SCANNER = another_version(folder, newer)
    database = Database(settings.current().database_url, MODELS)

    async def first() -> None:
        if not await Event.exists(slug=SLUG):
            (folder / "facts.json").write_text(json.dumps(await filled(people)))

    serving.listen(make_app(database, working=[audit_seal.run], first=first), "127.0.0.1", port)


def gone_by(folder: Path) -> timedelta:
    """Since it was first opened: its clock goes on while it is away."""
    file = folder / "opened"
    if not file.exists():
        file.write_text(clock.real().isoformat())
    return clock.real() - datetime.fromisoformat(file.read_text())


def another_version(folder: Path, word: str) -> Path:
    """The phone's files with one comment more."""
    copy = folder / f"scanner-{word}"
    shutil.copytree(shell.SCANNER, copy, dirs_exist_ok=True)
    with (copy / "bar.mjs").open("a") as bar:
        bar.write(f"// {word}\n")
    return copy


async def filled(people: int) -> dict[str, Any]:
    event = await an_event(slug=SLUG, capacity=people + 110)
    await a_door(event)
    lena = await a_member_of_staff("Lena Lead", "lena@hosts.example.org", event, RoleName.LEAD)
    token = await sign_in.begin_full_session(lena, clock.real())
    guests = [await a_guest(event, lena) for _ in range(people)]
    refused = [await a_guest(event, lena, *decisions) for decisions in REFUSED]
    told = await Registration.all().order_by("id").first()
    if told is not None:
        await tells_diet(await tells_adjustments(told, Adjustment.HEARING_LOOP, Adjustment.BSL))
    others = {role.value: await _session(event, role) for role in (RoleName.ACCESS, RoleName.CATERER, RoleName.BADGES)}
    return {"desk": [guards.SESSION.name, token], "guests": guests, "refused": refused, **others}


async def _session(event: Event, role: RoleName) -> list[str]:
    member = await a_member_of_staff(f"Rae {role.capitalize()}", f"{role}@hosts.example.org", event, role)
    return [guards.SESSION.name, await sign_in.begin_full_session(member, clock.real())]


async def a_guest(event: Event, lena: Staff, *decisions: Decision) -> Guest:
    """With a ticket, and what was decided after it was given."""
    person = someone()
    ticket = await a_ticket(person, event)
    for decide in decisions:
        await decide(await Registration.get(id=ticket.registration_id), lena, MONDAY)
    return Guest(person.name, code_of(await Event.get(id=event.id), ticket.n), ticket.reference)


if __name__ == "__main__":
    serve(int(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]), *sys.argv[4:7])

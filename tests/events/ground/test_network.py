"""Nothing crosses the network unencrypted, or to somebody whose certificate we have not verified.

The real driver speaks with a server of ours that knows PostgreSQL's first messages; the network is this machine, taken
for another one.
"""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from tortoise.exceptions import ConfigurationError

from events import doctor, product
from events.doctor import Line
from events.ground import network, settings
from events.ground.database import Database
from events.ground.network import NO_TLS, UNTRUSTED, is_this_machine
from events.ground.settings import UNENCRYPTED_RELAY, Settings
from events.product import Product
from server import MODELS
from tests.conftest import SETTINGS
from tests.smtp_sink import self_signed

SSL_REQUEST = bytes.fromhex("0000000804d2162f")
SECRET = "hunter2"
HERE = ["127.0.0.1", "127.8.8.8", "::1", "localhost", "LOCALHOST"]
ELSEWHERE = ["db.example.org", "10.0.0.8", "192.0.2.1", "localhost.example.org", "", "127.0.0.1,db.example.org"]


def test_this_machine_is_told_from_others_without_asking_for_names() -> None:
    assert [host for host in [*HERE, *ELSEWHERE] if is_this_machine(host)] == HERE


@pytest.mark.parametrize("host", ["relay.example.org", "10.0.0.8"])
def test_a_relay_on_another_machine_gets_no_email_unencrypted(host: str) -> None:
    ours = {"smtp_host": host, "trusted_proxy": "127.0.0.1"}
    said = {how: SETTINGS.model_copy(update={**ours, "smtp_tls": how}).missing() for how in ("none", "starttls", "tls")}
    assert said == {"none": [UNENCRYPTED_RELAY], "starttls": [], "tls": []}


@pytest.mark.parametrize("host", HERE)
def test_a_relay_on_this_machine_may_go_without(host: str) -> None:
    ours = {"smtp_host": host, "smtp_tls": "none", "trusted_proxy": "127.0.0.1"}
    assert SETTINGS.model_copy(update=ours).missing() == []


def credentials(url: str) -> dict[str, Any]:
    found: dict[str, Any] = Database(url, MODELS).config()["connections"]["default"]["credentials"]
    return found


def encrypted(url: str) -> bool:
    return isinstance(credentials(url).get("ssl"), ssl.SSLContext)


def test_a_database_on_another_machine_is_always_spoken_to_by_verified_tls() -> None:
    local = ["muster@127.0.0.1", "muster@localhost:5433", "muster@[::1]:5432"]
    remote = ["muster@db.example.org", "muster:x@10.0.0.8:5432", "muster@"]
    urls = [f"postgresql://{where}/muster" for where in [*local, *remote]]
    assert [encrypted(url) for url in [*urls, "postgresql://muster@/muster?host=/run/postgresql"]] == [
        False, False, False, True, True, True, False,
    ]  # fmt: skip
    context = credentials(urls[3])["ssl"]
    assert (context.verify_mode, context.check_hostname) == (ssl.CERT_REQUIRED, True)


@pytest.mark.parametrize("words", ["sslmode=disable", "ssl=prefer", "a=b&sslmode=verify-full", "sslrootcert="])
def test_an_address_does_not_say_how_it_is_encrypted(words: str) -> None:
    with pytest.raises(ValueError, match="MUSTER_DATABASE_CA"):
        Settings(database_url=f"postgresql://muster@db.example.org/muster?{words}")


@pytest.fixture
def taken_for_another_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(network, "is_this_machine", lambda host: False)


@asynccontextmanager
async def a_server(context: ssl.SSLContext | None) -> AsyncIterator[tuple[int, list[bytes]]]:
    """Its port, and what it hears: it takes TLS where it has a certificate, says no where it has none, and hangs up."""
    heard: list[bytes] = []

    async def speak(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        first = await reader.read(8)
        if first != SSL_REQUEST:
            heard.append(first + await reader.read(1000))
        writer.write(b"S" if context else b"N")
        await writer.drain()
        try:
            if context:
                await writer.start_tls(context)
            heard.append(await reader.read(1000))
        except OSError:
            pass
        writer.close()

    server = await asyncio.start_server(speak, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1], heard


def database_at(port: int, ca: Path | None = None, host: str = "127.0.0.1") -> Database:
    return Database(f"postgresql://muster:{SECRET}@{host}:{port}/muster", MODELS, ca)


@pytest.mark.usefixtures("taken_for_another_machine")
async def test_a_server_that_takes_no_tls_hears_not_even_who_we_are() -> None:
    async with a_server(None) as (port, heard):
        [line] = await doctor.database_lines(database_at(port), keys_known=True)
    assert (line, b"".join(heard)) == (Line("database", False, NO_TLS), b"")


@pytest.mark.usefixtures("taken_for_another_machine")
async def test_only_a_certificate_that_we_trust_for_that_name_is_spoken_to(tmp_path: Path) -> None:
    context, certificate = self_signed(tmp_path)
    async with a_server(context) as (port, heard):
        [untrusted] = await doctor.database_lines(database_at(port), keys_known=True)
        [other_name] = await doctor.database_lines(database_at(port, certificate, "localhost"), keys_known=True)
        assert (untrusted, other_name) == (Line("database", False, UNTRUSTED),) * 2
        assert b"".join(heard) == b""
        await doctor.database_lines(database_at(port, certificate), keys_known=True)
    assert b"muster" in b"".join(heard), "the control: with its signer named it is spoken to"


def test_serve_says_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(product, "load_keys", lambda: None)
    settings.choose(SETTINGS.model_copy(update={"trusted_proxy": "127.0.0.1"}))

    async def refuses(self: Database) -> bool:
        raise ConfigurationError from ssl.SSLCertVerificationError("self-signed certificate")

    monkeypatch.setattr(Database, "lacks_migrations", refuses)
    assert product.lacking(Product(database_at(1))) == [f"a database that can be trusted: {UNTRUSTED}"]

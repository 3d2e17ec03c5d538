"""A rehearsal that phones of the same Wi-Fi open: at one address, encrypted, and saying what that means."""

import re
import ssl
import stat
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.x509.oid import ExtendedKeyUsageOID

import server
from events.ground import clock, logs, settings
from events.ground.refusal import Refused
from events.mail.mailbox import Mailbox
from events.web import rendering, serving
from registrations.codes import qr
from registrations.rehearsal import in_the_wifi, rehearsing, snapshot
from registrations.rehearsal.rehearsal_pages import Rehearsal
from tests.pdf_reading import codes

HERE = "127.0.0.1"
REAL = datetime(2026, 1, 5, 9, tzinfo=UTC)
DARK = {" ": (0, 0), "▀": (1, 0), "▄": (0, 1), "█": (1, 1)}


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    made = Mailbox(clock.now)
    made.open()
    yield made
    made.close()


def read(printed: str) -> list[str]:
    """What a phone's camera reads in a terminal."""
    lines = re.findall(r"\x1b\[30;107m([ ▀▄█]+)\x1b\[0m", printed)
    halves = [[DARK[letter][half] for letter in line] for line in lines for half in (0, 1)]
    return codes(np.kron(255 - np.array(halves, np.uint8) * 255, np.ones((6, 6), np.uint8)))


def test_each_address_that_opens_it_to_strangers_or_nobody_is_refused() -> None:
    assert in_the_wifi.address(HERE) == HERE
    for named, says in {
        "8.8.8.8": in_the_wifi.PUBLIC.format("8.8.8.8"),
        "0.0.0.0": in_the_wifi.EVERYWHERE,  # noqa: S104  # refused
        "10.250.251.252": in_the_wifi.NOT_OURS.format("10.250.251.252"),
        "localhost": in_the_wifi.NO_ADDRESS.format("localhost"),
        "::1": in_the_wifi.NO_ADDRESS.format("::1"),
    }.items():
        with pytest.raises(Refused, match=re.escape(says)):
            in_the_wifi.address(named)


def test_the_certificate_is_good_for_this_address_alone_and_two_days(tmp_path: Path) -> None:
    file = in_the_wifi.make_certificate(tmp_path / "new", HERE, REAL)
    made = x509.load_pem_x509_certificate(file.read_bytes())
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert made.not_valid_after_utc - REAL == timedelta(days=2)
    assert handshake(in_the_wifi.make_certificate(tmp_path, HERE, clock.real()), HERE) == "TLSv1.3"
    with pytest.raises(ssl.SSLCertVerificationError, match="IP address mismatch"):
        handshake(in_the_wifi.make_certificate(tmp_path, "192.168.1.20", clock.real()), HERE)
    with pytest.raises(ssl.SSLCertVerificationError, match="has expired"):
        handshake(in_the_wifi.make_certificate(tmp_path, HERE, clock.real() - timedelta(days=3)), HERE)


def test_the_certificate_keeps_what_the_makers_of_phones_ask_of_one(tmp_path: Path) -> None:
    """Apple's "Requirements for trusted certificates in iOS 13 and macOS 10.15": above all that it says whose it is."""
    made = x509.load_pem_x509_certificate(in_the_wifi.make_certificate(tmp_path, "192.168.1.20", REAL).read_bytes())
    named = made.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    used = made.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert [str(name.value) for name in named] == ["192.168.1.20"]
    assert list(used) == [ExtendedKeyUsageOID.SERVER_AUTH]
    assert made.not_valid_after_utc - made.not_valid_before_utc < timedelta(days=398)
    assert isinstance(made.signature_hash_algorithm, hashes.SHA256)
    assert made.public_key().key_size == 256  # type: ignore[union-attr]


def handshake(file: Path, host: str) -> str | None:
    """Of a browser that trusts this very certificate with a server that has it, without a network between them."""
    ours, theirs = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), ssl.create_default_context(cafile=file)
    ours.load_cert_chain(file)
    there, back = ssl.MemoryBIO(), ssl.MemoryBIO()
    sides = [ours.wrap_bio(there, back, server_side=True), theirs.wrap_bio(back, there, server_hostname=host)]
    for side in [sides[1], sides[0]] * 3:
        try:
            side.do_handshake()
        except ssl.SSLWantReadError:
            continue
    return sides[1].version()


async def test_the_terminal_shows_the_fingerprint_and_what_a_phone_opens(tmp_path: Path, mailbox: Mailbox) -> None:
    said: list[str] = []
    chosen = rehearsing.settings_for(8499, 1, tmp_path / "r", HERE)
    settings.choose(chosen)
    rehearsal = Rehearsal(mailbox, rehearsing.SLUG, said.append)
    printed = rehearsal.welcome(chosen.base_url)
    assert (chosen.base_url, chosen.host, chosen.secure) == (f"https://{HERE}:8499", HERE, True)
    assert chosen.tls_certificate == chosen.tls_key
    assert "they can be a lead in it, read its mailbox and move its clock" in " ".join(printed.split())
    shown = ssl.PEM_cert_to_DER_cert(chosen.tls_certificate.read_text().partition("-----BEGIN PRIVATE")[0])  # type: ignore[union-attr]
    digits = x509.load_der_x509_certificate(shown).fingerprint(hashes.SHA256()).hex().upper()
    assert ":".join(digits[n : n + 2] for n in range(0, 64, 2)) in printed
    assert read(printed) == [f"https://{HERE}:8499/rehearsal/door/{rehearsal.door_key}"]
    rehearsal.door_key = rehearsal._new_link("door")
    assert read(said.pop()) == [f"https://{HERE}:8499/rehearsal/door/{rehearsal.door_key}"]


async def test_without_it_nothing_of_it_is_said(tmp_path: Path, mailbox: Mailbox) -> None:
    said: list[str] = []
    settings.choose(rehearsing.settings_for(8499, 1, tmp_path / "r"))
    rehearsal = Rehearsal(mailbox, rehearsing.SLUG, said.append)
    assert "fingerprint" not in rehearsal.welcome(settings.current().base_url)
    rehearsal._new_link("door")
    assert len(said) == 1


@pytest.mark.parametrize(("words", "host"), [([], HERE), (["--lan", "127.0.0.2"], "127.0.0.2")])
def test_it_listens_at_the_address_that_is_named_and_no_other(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, words: list[str], host: str
) -> None:
    heard: list[Any] = []
    monkeypatch.setattr(snapshot, "place_of", lambda root, at: tmp_path)
    monkeypatch.setattr(snapshot, "copy", lambda place, folder: None)
    monkeypatch.setattr(serving, "listen", lambda app, host, port: heard.append((host, settings.current().secure)))
    monkeypatch.setattr(serving, "is_taken", lambda host, port: False)
    monkeypatch.setattr(logs, "set_up", lambda **how: None)
    monkeypatch.setattr(rendering.BANNER, "facts", rendering.BANNER.facts)
    assert CliRunner().invoke(server.main, ["rehearse", "--port", "8499", *words]).exit_code == 0
    assert heard == [(host, bool(words))]


def test_a_wrong_address_stops_it_before_it_begins() -> None:
    refused = CliRunner().invoke(server.main, ["rehearse", "--lan", "8.8.8.8"])
    assert (refused.exit_code, in_the_wifi.PUBLIC.format("8.8.8.8") in refused.output.replace("\n", " ")) == (2, True)


def test_letters_for_a_terminal_are_read_by_a_camera() -> None:
    for text in ("https://192.168.1.20:8415/rehearsal/door/" + "x" * 22, "M1" + "A" * 27):
        assert read(qr.blocks(text)) == [text]

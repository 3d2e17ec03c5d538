"""A real SMTP server for tests, in the test's own loop: takes all email, or answers, hangs and drops by a script."""

import asyncio
import re
import ssl
import warnings
from collections import Counter, defaultdict, deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

HANG, DROP = "hang", "drop"  # never answer; cut the connection
UNSAID = "unsaid"  # at DATA: take the email, and cut the connection before saying so


@dataclass(frozen=True)
class Caught:
    """One email as it came over the wire."""

    sender: str
    recipients: tuple[str, ...]
    raw: bytes
    encrypted: bool
    connection: int

    @property
    def email(self) -> EmailMessage:
        parsed = message_from_bytes(self.raw, policy=policy.default)
        assert isinstance(parsed, EmailMessage)
        return parsed

    @property
    def message_id(self) -> str:
        """Without reading the rest, which takes two milliseconds."""
        found = re.search(rb"^Message-ID: (\S+)", self.raw, re.M)
        return found[1].decode() if found else ""


class Sink:
    """Says 250 to everything but what its script says. `caught` is what it took, oldest first."""

    takes_several = True  # commands at once, and says so

    def __init__(self) -> None:
        self.port = 0
        self.connections = 0
        self.takes = 0.0  # seconds over each answer
        self.answering = self.most_at_once = 0
        self.caught: list[Caught] = []
        self.senders: list[str] = []  # of each MAIL, whatever became of the email
        self.steps: Counter[str] = Counter()  # how often each was asked
        self.arrived = asyncio.Event()
        self._script: defaultdict[str, deque[str]] = defaultdict(deque)
        self._always: dict[str, str] = {}
        self._refused: dict[str, str] = {}
        self._protocols: list[SMTP] = []

    def says(self, step: str, *answers: str) -> None:
        """At EHLO, HELO, MAIL, RCPT or DATA (once all has come), one after the other; then all is well."""
        self._script[step].extend(answers)

    def always_says(self, step: str, answer: str) -> None:
        self._always[step] = answer

    def is_well_again(self) -> None:
        self._always.clear()
        self._script.clear()

    def refuses(self, address: str, answer: str) -> None:
        self._refused[address] = answer

    @property
    def recipients(self) -> list[str]:
        return [email.recipients[0] for email in self.caught]

    async def until(self, number: int) -> None:
        """Waits until so many emails have come."""
        while len(self.caught) < number:
            self.arrived.clear()
            await self.arrived.wait()

    async def answered(self, step: str, times: int) -> None:
        """Waits until it was asked this so often."""
        while self.steps[step] < times:
            self.arrived.clear()
            await self.arrived.wait()

    async def handle_EHLO(
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        session.host_name = hostname
        answer = await self._answer("EHLO", server)
        offered = ["250-PIPELINING"] if self.takes_several else []
        return [*responses[:1], *offered, *responses[1:]] if answer.startswith("2") else [answer]

    async def handle_HELO(self, server: SMTP, session: Session, envelope: Envelope, hostname: str) -> str:
        session.host_name = hostname
        return await self._answer("HELO", server)

    async def handle_MAIL(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        self.senders.append(address)
        answer = await self._answer("MAIL", server)
        if answer.startswith("2"):
            envelope.mail_from = address
        return answer

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        answer = self._refused.get(address) or await self._answer("RCPT", server)
        if answer.startswith("2"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        answer = await self._answer("DATA", server)
        if answer.startswith("2") or answer == UNSAID:
            self.caught.append(self._mail_in(envelope, server))
            self.arrived.set()
        return answer

    def _mail_in(self, envelope: Envelope, server: SMTP) -> Caught:
        content: Any = envelope.content
        transport: Any = server.transport
        encrypted = transport.get_extra_info("ssl_object") is not None
        number = self._protocols.index(server) + 1
        return Caught(envelope.mail_from or "", tuple(envelope.rcpt_tos), bytes(content), encrypted, number)

    async def _answer(self, step: str, server: SMTP) -> str:
        self.answering += 1
        self.most_at_once = max(self.most_at_once, self.answering)
        await asyncio.sleep(self.takes)
        self.answering -= 1
        self.steps[step] += 1
        self.arrived.set()
        queue = self._script[step]
        answer = queue.popleft() if queue else self._always.get(step, "250 OK")
        if answer == HANG:
            await asyncio.Event().wait()
        if answer in {DROP, UNSAID}:
            transport: Any = server.transport
            transport.abort()
        return answer

    def _protocol(self, **options: Any) -> SMTP:
        self.connections += 1
        with warnings.catch_warnings(action="ignore"):  # that signing in needs no TLS here
            self._protocols.append(SMTP(self, hostname="relay.example.org", loop=asyncio.get_running_loop(), **options))
        return self._protocols[-1]

    def _hang_up(self) -> None:
        for protocol in self._protocols:
            transport: Any = protocol.transport
            if transport is not None:
                transport.abort()
            handling: Any = protocol._handler_coroutine
            if handling is not None:
                handling.cancel()


@asynccontextmanager
async def smtp_sink(
    *,
    starttls: ssl.SSLContext | None = None,
    tls: ssl.SSLContext | None = None,
    user: tuple[str, str] | None = None,
) -> AsyncIterator[Sink]:
    """In the clear, with STARTTLS on offer, or in TLS from the first byte; with `user` one has to sign in."""
    sink = Sink()
    options: dict[str, Any] = {"tls_context": starttls}
    if user is not None:
        options |= {"authenticator": _knows(user), "auth_required": True, "auth_require_tls": starttls is not None}
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: sink._protocol(**options), "127.0.0.1", 0, ssl=tls)
    sink.port = server.sockets[0].getsockname()[1]
    try:
        yield sink
    finally:
        server.close()
        sink._hang_up()
        await asyncio.sleep(0)


def _knows(user: tuple[str, str]) -> Any:
    def check(server: SMTP, session: Session, envelope: Envelope, mechanism: str, given: Any) -> AuthResult:
        right = isinstance(given, LoginPassword) and (given.login.decode(), given.password.decode()) == user
        return AuthResult(success=right, handled=False)

    return check


def self_signed(folder: Path, address: str = "127.0.0.1") -> tuple[ssl.SSLContext, Path]:
    """A context for a server at this address, and the file that whoever trusts it has to be given."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "relay.example.org")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address(address))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    secret, public = folder / "relay.key", folder / "relay.pem"
    secret.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    public.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(public, secret)
    return context, public

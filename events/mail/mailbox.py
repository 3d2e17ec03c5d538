"""The rehearsal's mailbox: a real SMTP server in this process that keeps what it is sent, in memory."""

import socket
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from functools import cached_property

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

KEPT = 2_000


@dataclass(frozen=True)
class Email:
    """One email as it came over the wire. Its parts are decoded once: a search reads those of every email."""

    number: int
    came_at: datetime  # the event's time
    recipient: str
    message: EmailMessage

    @cached_property
    def subject(self) -> str:
        return str(self.message["Subject"])

    @cached_property
    def text(self) -> str:
        part = self.message.get_body(("plain",))
        return str(part.get_content()) if part else ""

    @cached_property
    def html(self) -> str:
        part = self.message.get_body(("html",))
        return str(part.get_content()) if part else ""

    @cached_property
    def searched(self) -> str:
        return f"{self.recipient} {self.subject} {self.text}".casefold()

    def picture(self, cid: str) -> tuple[str, bytes] | None:
        """Content type and bytes of the inline picture with this content id."""
        for part in self.message.walk():
            if part["Content-ID"] == f"<{cid}>":
                return part.get_content_type(), bytes(part.get_payload(decode=True) or b"")
        return None


class Mailbox:
    """Listens on a free port of this machine only. `now` says when an email came."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self.now = now
        self.emails: deque[Email] = deque(maxlen=KEPT)
        self._count = 0
        self.port = _free_port()  # found first: the controller knocks at its own port once it is open
        self._controller = Controller(self, hostname="127.0.0.1", port=self.port, ready_timeout=10)

    def open(self) -> None:
        self._controller.start()

    def close(self) -> None:
        self._controller.stop()

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        message = message_from_bytes(bytes(envelope.original_content or b""), policy=policy.default)
        self._count += 1
        for recipient in envelope.rcpt_tos:
            self.emails.append(Email(self._count, self.now(), recipient, message))
        return "250 Kept"

    def find(self, words: str) -> list[Email]:
        """The emails whose recipient, subject or text has these words, newest first. Others may come meanwhile, in a
        thread of their own."""
        wanted = words.casefold()
        return [email for email in reversed(list(self.emails)) if wanted in email.searched]

    def email(self, number: int) -> Email | None:
        return next((email for email in list(self.emails) if email.number == number), None)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as trial:
        return int(trial.getsockname()[1])

"""The rehearsal's mailbox: a real SMTP server in this process that keeps what it is sent, in memory."""

import socket
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

KEPT = 2_000


@dataclass(frozen=True)
class Letter:
    """One mail as it came over the wire."""

    number: int
    came_at: datetime  # the event's time
    recipient: str
    mail: EmailMessage

    @property
    def subject(self) -> str:
        return str(self.mail["Subject"])

    @property
    def text(self) -> str:
        part = self.mail.get_body(("plain",))
        return str(part.get_content()) if part else ""

    @property
    def html(self) -> str:
        part = self.mail.get_body(("html",))
        return str(part.get_content()) if part else ""

    def picture(self, cid: str) -> tuple[str, bytes] | None:
        """Content type and bytes of the inline picture with this content id."""
        for part in self.mail.walk():
            if part["Content-ID"] == f"<{cid}>":
                return part.get_content_type(), bytes(part.get_payload(decode=True) or b"")
        return None


class Mailbox:
    """Listens on a free port of this machine only. `now` says when a mail came."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self.now = now
        self.letters: deque[Letter] = deque(maxlen=KEPT)
        self._count = 0
        self.port = _free_port()  # found first: the controller knocks at its own port once it is open
        self._controller = Controller(self, hostname="127.0.0.1", port=self.port, ready_timeout=10)

    def open(self) -> None:
        self._controller.start()

    def close(self) -> None:
        self._controller.stop()

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        mail = message_from_bytes(bytes(envelope.original_content or b""), policy=policy.default)
        self._count += 1
        for recipient in envelope.rcpt_tos:
            self.letters.append(Letter(self._count, self.now(), recipient, mail))
        return "250 Kept"

    def find(self, words: str) -> list[Letter]:
        """Newest first; those whose recipient, subject or text has these words."""
        wanted = words.casefold()
        return [
            letter
            for letter in reversed(self.letters)
            if wanted in f"{letter.recipient} {letter.subject} {letter.text}".casefold()
        ]

    def letter(self, number: int) -> Letter | None:
        return next((letter for letter in self.letters if letter.number == number), None)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as trial:
        return int(trial.getsockname()[1])

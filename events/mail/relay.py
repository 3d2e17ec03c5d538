"""The only SMTP room: one connection to the relay, and what becomes of an email that it does not take."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Set
from enum import StrEnum
from urllib.parse import urlsplit

from aiosmtplib import (
    SMTP,
    SMTPAuthenticationError,
    SMTPDataError,
    SMTPException,
    SMTPNotSupported,
    SMTPRecipientRefused,
    SMTPRecipientsRefused,
    SMTPResponseException,
    SMTPSenderRefused,
)

from events.ground.settings import Settings

from .conversation import Answer, Conversation
from .delivery import status_in
from .emails import Email
from .outbox import NO_REPLY, Reply

A_CONNECTION = 100  # emails; relays like to see the end of one
ONE_COMMAND, ONE_EMAIL = 45.0, 110.0  # seconds; a batch that outlives half its lease is put back, so no lease runs out
A_PROBE = 10.0  # seconds that `doctor` waits for the relay
GOODBYE = 2.0  # seconds that the relay has to answer one
DATA = b"DATA\r\n"
NOT_ASCII = Reply(None, "5.6.7")
NOT_TAKEN = (SMTPException, OSError)  # what `send` raises when the relay has not said yes

NO_TLS = "The email relay offers no encryption, so nothing is sent. Mend the relay, or look at MUSTER_SMTP_TLS."
BAD_CERTIFICATE = "The email relay's certificate cannot be trusted, so nothing is sent. Mend it, or MUSTER_SMTP_HOST."
NO_SIGN_IN = "The email relay refuses to let us sign in. Look at MUSTER_SMTP_USER and MUSTER_SMTP_PASSWORD."
NOT_OUR_SENDER = (
    "The email relay refuses the address that our emails come from. Look at MUSTER_SENDER and MUSTER_BOUNCES."
)
SENT_AWAY = "The email relay turns us away. Look at MUSTER_SMTP_HOST and MUSTER_SMTP_PORT, and ask who runs it."
NO_ANSWER = "The email relay does not answer. Emails wait, and go out when it does."


class RelayTrouble(Exception):
    """Nothing can be sent, whatever the message. The sentence holds no address."""


class Fate(StrEnum):
    AGAIN = "again"  # later: put off, or nobody knows whether it arrived
    NEVER = "never"  # this address or this message
    STOP = "stop"  # any message, until someone mends the settings or the relay


class Relay:
    """One connection for many emails, opened when it is needed, and opened anew after an error."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._talk: Conversation | None = None
        self._knows = set[str]()  # of what the relay offers
        self._left = 0

    async def send(self, email: Email) -> None:
        """Returns once the relay has said 250. Raises RelayTrouble when nothing of this email has gone out."""
        talk = await self._connected()
        try:
            async with asyncio.timeout(ONE_EMAIL):
                await _hand_over(talk, email, self._knows)
        except (SMTPResponseException, SMTPRecipientsRefused):
            await self.leave()
            raise
        except BaseException:  # cancelled too: the answer that is still to come would be taken for the next email's
            self._drop()
            raise
        self._left -= 1

    async def leave(self) -> None:
        """Says goodbye, if there is somebody to say it to."""
        if self._talk is not None and self._talk.is_open:
            await self._talk.end(GOODBYE)
        self._drop()

    async def _connected(self) -> Conversation:
        if self._talk is not None and self._talk.is_open and self._left > 0:
            return self._talk
        await self.leave()
        smtp, self._left = _client(self.settings), A_CONNECTION
        try:
            async with asyncio.timeout(ONE_EMAIL):
                await smtp.connect()
                if smtp.is_ehlo_or_helo_needed:
                    await smtp.ehlo()
            self._talk = Conversation(smtp.transport)
            self._knows = {name for name in ("size", "pipelining") if smtp.supports_extension(name)}
        except NOT_TAKEN as error:
            smtp.close()
            raise RelayTrouble(_why_shut(error)) from None  # its text may hold what we sign in with
        except BaseException:
            smtp.close()
            raise
        return self._talk

    def _drop(self) -> None:
        if self._talk is not None:
            self._talk.close()
        self._talk = None


async def _hand_over(talk: Conversation, email: Email, knows: Set[str]) -> None:
    """As `SMTP.sendmail`, without looking at each address and line anew: ours are normal, and end in CRLF.

    A relay that takes several commands at once is told sender and recipient together, and asked to take the text; the
    text itself goes out only when it has said yes to all three. Raises what `sendmail` raises.
    """
    size = f" SIZE={len(email.raw)}" if "size" in knows else ""
    ask = _asked_at_once if "pipelining" in knows else _one_by_one
    answers = ask(talk, f"MAIL FROM:<{email.sender}>{size}\r\n".encode(), f"RCPT TO:<{email.to}>\r\n".encode(), DATA)
    if (answer := await anext(answers)).code != 250:
        raise SMTPSenderRefused(answer.code, answer.message, email.sender)
    if (answer := await anext(answers)).code not in {250, 251}:
        raise SMTPRecipientsRefused([SMTPRecipientRefused(answer.code, answer.message, email.to)])
    if (answer := await anext(answers)).code == 354:
        talk.say(email.raw.replace(b"\r\n.", b"\r\n..") + b".\r\n")
        answer = await talk.answer(ONE_COMMAND)
    if answer.code != 250:
        raise SMTPDataError(answer.code, answer.message)


async def _one_by_one(talk: Conversation, *commands: bytes) -> AsyncIterator[Answer]:
    for command in commands:
        talk.say(command)
        yield await talk.answer(ONE_COMMAND)


async def _asked_at_once(talk: Conversation, *commands: bytes) -> AsyncIterator[Answer]:
    talk.say(*commands)
    for _ in commands:
        yield await talk.answer(ONE_COMMAND)


def _client(settings: Settings) -> SMTP:
    return SMTP(
        hostname=settings.smtp_host,
        port=settings.smtp_port,
        username=settings.smtp_user or None,
        password=settings.smtp_password.get_secret_value() or None,
        local_hostname=urlsplit(settings.base_url).hostname or "localhost",
        use_tls=settings.smtp_tls == "tls",
        start_tls=settings.smtp_tls == "starttls",  # True or False: left open, it would send in the clear
        timeout=ONE_COMMAND,
    )


def _why_shut(error: Exception) -> str:
    """Why no connection came about."""
    if isinstance(error, ssl.SSLError) or isinstance(error.__cause__, ssl.SSLError):
        return BAD_CERTIFICATE
    if isinstance(error, SMTPAuthenticationError):
        return NO_SIGN_IN if error.code >= 500 else NO_ANSWER
    if isinstance(error, SMTPResponseException):
        return SENT_AWAY if error.code >= 500 else NO_ANSWER
    if type(error) is SMTPException:
        return NO_TLS if "STARTTLS extension" in str(error) else NO_SIGN_IN
    return NO_ANSWER


def fate_of(error: Exception) -> tuple[Fate, Reply]:
    """What becomes of an email that the relay did not take, and what the relay said."""
    if isinstance(error, SMTPNotSupported):
        return Fate.NEVER, NOT_ASCII
    if isinstance(error, SMTPRecipientsRefused):
        error = error.recipients[0]
    if not isinstance(error, SMTPResponseException):
        return Fate.AGAIN, NO_REPLY  # gone, hanging, cut off: outcome unknown
    reply = Reply(error.code, status_in(error.message, str(error.code)[0]))
    if error.code < 500:
        return Fate.AGAIN, reply
    about_us = error.code == 530 or (isinstance(error, SMTPSenderRefused) and error.code != 552)
    return (Fate.STOP if about_us else Fate.NEVER), reply


async def probe(settings: Settings) -> str:
    """Connects and signs in as for an email, and sends none. Why no email would go out, in a sentence, or nothing."""
    relay = Relay(settings)
    try:
        async with asyncio.timeout(A_PROBE):
            await relay._connected()
    except RelayTrouble as error:
        return str(error)
    except TimeoutError:
        relay._drop()  # who does not answer hears no goodbye
        return NO_ANSWER
    await relay.leave()
    return ""

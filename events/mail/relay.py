"""The only SMTP room: one connection to the relay, and what becomes of an email that it does not take."""

import asyncio
import ssl
from contextlib import suppress
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
    SMTPResponse,
    SMTPResponseException,
    SMTPSenderRefused,
    SMTPServerDisconnected,
)

from events.ground.settings import Settings

from .delivery import status_in
from .emails import Email
from .outbox import NO_REPLY, Reply

A_CONNECTION = 100  # emails; relays like to see the end of one
ONE_COMMAND, ONE_EMAIL = 45.0, 110.0  # seconds; a batch that outlives half its lease is put back, so no lease runs out
A_PROBE = 10.0  # seconds that `doctor` waits for the relay
GOODBYE = 2.0  # seconds that the relay has to answer one
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
        self._smtp: SMTP | None = None
        self._left = 0

    async def send(self, email: Email) -> None:
        """Returns once the relay has said 250. Raises RelayTrouble when nothing of this email has gone out."""
        smtp = await self._connected()
        try:
            async with asyncio.timeout(ONE_EMAIL):
                await _hand_over(smtp, email)
        except (SMTPResponseException, SMTPRecipientsRefused):
            await self.leave()
            raise
        except BaseException:  # cancelled too: the answer that is still to come would be taken for the next email's
            self._drop()
            raise
        self._left -= 1

    async def leave(self) -> None:
        """Says goodbye, if there is somebody to say it to."""
        if self._smtp is not None and self._smtp.is_connected:
            with suppress(*NOT_TAKEN):
                await self._smtp.quit(timeout=GOODBYE)
        self._drop()

    async def _connected(self) -> SMTP:
        if self._smtp is not None and self._smtp.is_connected and self._left > 0:
            return self._smtp
        await self.leave()
        self._smtp, self._left = _client(self.settings), A_CONNECTION
        try:
            async with asyncio.timeout(ONE_EMAIL):
                await self._smtp.connect()
                if self._smtp.is_ehlo_or_helo_needed:
                    await self._smtp.ehlo()
        except NOT_TAKEN as error:
            raise RelayTrouble(_why_shut(error)) from None  # its text may hold what we sign in with
        return self._smtp

    def _drop(self) -> None:
        if self._smtp is not None:
            self._smtp.close()
        self._smtp = None


async def _hand_over(smtp: SMTP, email: Email) -> None:
    """As `SMTP.sendmail`, without looking at each address and line anew: ours are normal, and end in CRLF.

    Raises what it raises.
    """
    size = f" SIZE={len(email.raw)}" if smtp.supports_extension("size") else ""
    answer = await _ask(smtp, f"MAIL FROM:<{email.sender}>{size}\r\n".encode())
    if answer.code != 250:
        raise SMTPSenderRefused(answer.code, answer.message, email.sender)
    answer = await _ask(smtp, f"RCPT TO:<{email.to}>\r\n".encode())
    if answer.code not in {250, 251}:
        raise SMTPRecipientsRefused([SMTPRecipientRefused(answer.code, answer.message, email.to)])
    answer = await _ask(smtp, b"DATA\r\n")
    if answer.code == 354:
        answer = await _ask(smtp, email.raw.replace(b"\r\n.", b"\r\n..") + b".\r\n")
    if answer.code != 250:
        raise SMTPDataError(answer.code, answer.message)


async def _ask(smtp: SMTP, words: bytes) -> SMTPResponse:
    if smtp.protocol is None:
        raise SMTPServerDisconnected("the connection is gone")
    smtp.protocol.write(words)
    return await smtp.protocol.read_response(ONE_COMMAND)


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

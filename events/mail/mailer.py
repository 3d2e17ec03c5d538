"""The only SMTP room: takes messages from the outbox, has each written, and hands it to the relay."""

import asyncio
import re
import ssl
from collections import deque
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from enum import StrEnum
from urllib.parse import urlsplit

import structlog
from aiosmtplib import (
    SMTP,
    SMTPAuthenticationError,
    SMTPException,
    SMTPNotSupported,
    SMTPRecipientsRefused,
    SMTPResponseException,
    SMTPSenderRefused,
)

from events.ground import clock, live, presence
from events.ground.settings import Settings

from . import emails, outbox
from .emails import Writer
from .outbox import LEASE, Message, MessageState, Reply

EVERY = 5.0  # seconds between two looks at the outbox when nobody wakes us
WAIT_FOR_RELAY = 30.0  # seconds until the next try when nothing goes out at all
SIDE_BY_SIDE = 3  # connections: a relay that takes its time over each command would slow all mail down
A_BATCH = 20  # messages claimed at once for each
A_CONNECTION = 100  # mails; relays like to see the end of one
ONE_COMMAND, ONE_MAIL = 45.0, 110.0  # seconds; a batch that outlives half its lease is put back, so no lease runs out
A_PROBE = 10.0  # seconds that `doctor` waits for the relay
FINISH = 2.0  # seconds for the mail in hand once we are to stop
BAD_ADDRESS, NOT_ASCII = Reply(None, "5.1.3"), Reply(None, "5.6.7")

NO_TLS = "The mail relay offers no encryption, so nothing is sent. Mend the relay, or look at MUSTER_SMTP_TLS."
BAD_CERTIFICATE = "The mail relay's certificate cannot be trusted, so nothing is sent. Mend it, or MUSTER_SMTP_HOST."
NO_SIGN_IN = "The mail relay refuses to let us sign in. Look at MUSTER_SMTP_USER and MUSTER_SMTP_PASSWORD."
NOT_OUR_SENDER = "The mail relay refuses the address that our mail comes from. Look at MUSTER_SENDER."
SENT_AWAY = "The mail relay turns us away. Look at MUSTER_SMTP_HOST and MUSTER_SMTP_PORT, and ask who runs it."
NO_ANSWER = "The mail relay does not answer. Mail waits, and goes out when it does."

log = structlog.get_logger()
_trouble = ""


def trouble() -> str:
    """Why no mail goes out at all just now, in a sentence for organisers; nothing when all is well."""
    return _trouble


class RelayTrouble(Exception):
    """Nothing can be sent, whatever the message. The sentence holds no address."""


class Fate(StrEnum):
    AGAIN = "again"  # later: put off, or nobody knows whether it arrived
    NEVER = "never"  # this address or this message
    STOP = "stop"  # any message, until someone mends the settings or the relay


class Relay:
    """One connection for many mails, opened when it is needed, and opened anew after an error."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._smtp: SMTP | None = None
        self._left = 0

    async def send(self, mail: EmailMessage) -> None:
        """Returns once the relay has said 250. Raises RelayTrouble when nothing of this mail has gone out."""
        smtp = await self._connected()
        to = mail["To"].addresses[0].addr_spec
        try:
            async with asyncio.timeout(ONE_MAIL):
                await smtp.send_message(mail, sender=mail["From"].addresses[0].addr_spec, recipients=[to])
        except (SMTPResponseException, SMTPRecipientsRefused):
            await self.leave()
            raise
        except BaseException:  # cancelled too: the answer that is still to come would be taken for the next mail's
            self._drop()
            raise
        self._left -= 1

    async def leave(self) -> None:
        """Says goodbye, if there is somebody to say it to."""
        if self._smtp is not None and self._smtp.is_connected:
            with suppress(SMTPException, OSError):
                await self._smtp.quit(timeout=FINISH)
        self._drop()

    async def _connected(self) -> SMTP:
        if self._smtp is not None and self._smtp.is_connected and self._left > 0:
            return self._smtp
        await self.leave()
        self._smtp, self._left = _client(self.settings), A_CONNECTION
        try:
            async with asyncio.timeout(ONE_MAIL):
                await self._smtp.connect()
                if self._smtp.is_ehlo_or_helo_needed:
                    await self._smtp.ehlo()
        except (SMTPException, OSError) as error:
            raise RelayTrouble(_why_shut(error)) from None  # its text may hold what we sign in with
        return self._smtp

    def _drop(self) -> None:
        if self._smtp is not None:
            self._smtp.close()
        self._smtp = None


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
    """What becomes of a mail that the relay did not take, and what the relay said."""
    if isinstance(error, SMTPNotSupported):
        return Fate.NEVER, NOT_ASCII
    if isinstance(error, SMTPRecipientsRefused):
        error = error.recipients[0]
    if not isinstance(error, SMTPResponseException):
        return Fate.AGAIN, outbox.NO_REPLY  # gone, hanging, cut off: outcome unknown
    reply = Reply(error.code, _status_in(error.message))
    if error.code < 500:
        return Fate.AGAIN, reply
    about_us = error.code == 530 or (isinstance(error, SMTPSenderRefused) and error.code != 552)
    return (Fate.STOP if about_us else Fate.NEVER), reply


def _status_in(words: str) -> str:
    found = re.match(r"\s*([245]\.\d{1,3}\.\d{1,3})\b", words)
    return found[1] if found else ""


async def run(writers: Mapping[str, Writer], settings: Settings, stop: asyncio.Event) -> None:
    """Sends for as long as the process lives. At the stop the mail in hand is finished, or left to its lease."""
    wake = live.hub().wake("outbox")
    relays = [Relay(settings) for _ in range(SIDE_BY_SIDE)]
    working = asyncio.create_task(Turn(writers, relays, stop).forever(wake))
    stopping = asyncio.create_task(stop.wait())
    try:
        await asyncio.wait({working, stopping}, return_when=asyncio.FIRST_COMPLETED)
        wake.set()
        await asyncio.wait({working}, timeout=FINISH)
    finally:
        working.cancel()
        stopping.cancel()
        await asyncio.gather(working, stopping, return_exceptions=True)


async def send_due(writers: Mapping[str, Writer], settings: Settings) -> None:
    """Sends what is due now over one connection, and returns: as tests want it. The server goes on until it stops."""
    await Turn(writers, [Relay(settings)], asyncio.Event()).once()


@dataclass(frozen=True)
class Turn:
    """Takes, writes and sends, message by message, until it is told to stop. While one is sent others are written."""

    writers: Mapping[str, Writer]
    relays: Sequence[Relay]
    stop: asyncio.Event

    async def forever(self, wake: asyncio.Event) -> None:
        """Nothing but the stop ends it: a database that is away for a moment must not end the mail for good."""
        looked_as = 0
        await presence.tried()
        while not self.stop.is_set():
            wake.clear()
            try:
                if presence.mine() not in (0, looked_as):
                    looked_as = presence.mine()
                    await outbox.end_dead_leases()
                await self.once()
            except Exception as error:
                log.error("mail turn failed", error=type(error).__name__)
            with suppress(TimeoutError):
                if trouble():
                    await asyncio.wait_for(self.stop.wait(), WAIT_FOR_RELAY)
                else:
                    await asyncio.wait_for(wake.wait(), EVERY)

    async def once(self) -> None:
        """Everything that is due, over as many connections as there are relays."""
        try:
            while not self.stop.is_set() and (claimed := await outbox.claim(clock.real(), A_BATCH * len(self.relays))):
                await self._batch(deque(claimed), until=clock.real() + LEASE / 2)
            _say("")
        except RelayTrouble as error:
            _say(str(error))
        finally:
            await asyncio.gather(*(relay.leave() for relay in self.relays))

    async def _batch(self, claimed: deque[Message], until: datetime) -> None:
        """As many as the time allows; the others are given back, and so is the one that met a closed relay."""
        lines = [asyncio.create_task(self._line(relay, claimed, until)) for relay in self.relays[: len(claimed)]]
        try:
            await asyncio.wait(lines)
        finally:
            for line in lines:
                line.cancel()
            ended = await asyncio.gather(*lines, return_exceptions=True)
            if claimed:
                await outbox.put_back(claimed)
        errors = [error for error in ended if isinstance(error, BaseException)]
        worse = [error for error in errors if not isinstance(error, RelayTrouble)]
        if worse or len(errors) == len(lines):  # a relay may well refuse a second connection and take all over one
            raise (worse or errors)[0]

    async def _line(self, relay: Relay, claimed: deque[Message], until: datetime) -> None:
        """One message after the other over one connection, for as long as there are any."""
        while claimed and not self.stop.is_set() and clock.real() < until:
            message = claimed.popleft()
            if outbox.is_lost(message):
                continue
            try:
                await self._one(relay, message)
            except RelayTrouble:
                claimed.appendleft(message)
                raise

    async def _one(self, relay: Relay, message: Message) -> None:
        try:
            mail = await self.writers[message.template](message)
        except emails.NotAnAddress:
            await outbox.done(message, MessageState.FAILED, clock.now(), BAD_ADDRESS)
        except Exception as error:  # one letter that cannot be written keeps no other from going out
            log.error("mail not written", message=message.id, template=message.template, error=type(error).__name__)
            await outbox.again(message, clock.now(), clock.real(), outbox.UNWRITTEN)
        else:
            if mail is None:
                await outbox.done(message, MessageState.DROPPED, clock.now())
            else:
                await self._hand_over(relay, message, mail)

    async def _hand_over(self, relay: Relay, message: Message, mail: EmailMessage) -> None:
        try:
            await relay.send(mail)
        except (SMTPException, OSError) as error:
            fate, reply = fate_of(error)
            log.warning("mail not taken", message=message.id, code=reply.code, status=reply.status, fate=fate)
            if fate is Fate.STOP:
                raise RelayTrouble(NO_SIGN_IN if reply.code == 530 else NOT_OUR_SENDER) from None
            if fate is Fate.NEVER:
                await outbox.done(message, MessageState.FAILED, clock.now(), reply)
            else:
                await outbox.again(message, clock.now(), clock.real(), reply)
        else:
            await outbox.done(message, MessageState.SENT, clock.now(), Reply(250))


def _say(sentence: str) -> None:
    global _trouble
    if sentence != _trouble:
        _trouble = sentence
        live.publish("mail")


async def probe(settings: Settings) -> str:
    """Connects and signs in as for a mail, and sends none. Why no mail would go out, in a sentence, or nothing."""
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

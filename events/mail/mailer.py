"""Takes messages from the outbox, has each written, and hands it to the relay."""

import asyncio
from collections import deque
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

import structlog

from events.ground import clock, live, presence
from events.ground.settings import Settings

from . import emails, last_email, outbox
from .bounces import addressees
from .emails import Email, Writer
from .outbox import LEASE, Message, MessageState, Reply
from .relay import NO_SIGN_IN, NOT_OUR_SENDER, NOT_TAKEN, Fate, Relay, RelayTrouble, fate_of

EVERY = 5.0  # seconds between two looks at the outbox when nobody wakes us
WAIT_FOR_RELAY = 30.0  # seconds until the next try when nothing goes out at all
SIDE_BY_SIDE = 4  # connections: a relay that takes its time over each command would slow all emails down
A_BATCH = 50  # messages claimed at once for each; at the end of a batch connections wait for each other
FINISH = 2.0  # seconds for the email in hand once we are to stop
MARK_AGAIN = (1.0, 5.0, 20.0)  # seconds between the tries to mark an email that is out; all within its lease
BAD_ADDRESS = Reply(None, "5.1.3")

log = structlog.get_logger()
_trouble = ""


def trouble() -> str:
    """Why no email goes out at all just now, in a sentence for organisers; nothing when all is well."""
    return _trouble


async def run(writers: Mapping[str, Writer], settings: Settings, stop: asyncio.Event) -> None:
    """Sends for as long as the process lives. At the stop the email in hand is finished, or left to its lease."""
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
    """Sends what is due now over one connection, then returns. For tests; the server goes on until it stops."""
    await Turn(writers, [Relay(settings)], asyncio.Event()).once()


@dataclass(frozen=True)
class Turn:
    """Takes, writes and sends, message by message, until it is told to stop."""

    writers: Mapping[str, Writer]
    relays: Sequence[Relay]
    stop: asyncio.Event

    async def forever(self, wake: asyncio.Event) -> None:
        """Ends only at the stop: a database that is away for a moment must not end the mailer for good."""
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
                log.error("email turn failed", error=type(error).__name__)
            with suppress(TimeoutError):
                if trouble():
                    await asyncio.wait_for(self.stop.wait(), WAIT_FOR_RELAY)
                else:
                    await asyncio.wait_for(wake.wait(), EVERY)

    async def once(self) -> None:
        """Sends everything that is due, over as many connections as there are relays."""
        try:
            while not self.stop.is_set() and (claimed := await self._claimed()):
                await self._batch(deque(claimed), until=clock.real() + LEASE / 2)
            _say("")
        except RelayTrouble as error:
            _say(str(error))
        finally:
            await asyncio.gather(*(relay.leave() for relay in self.relays))

    async def _claimed(self) -> list[Message]:
        await last_email.give_up(clock.now(), clock.real())
        return await outbox.claim(clock.real(), A_BATCH * len(self.relays))

    async def _batch(self, claimed: deque[Message], until: datetime) -> None:
        """Sends as many as the time allows. The others are given back, and so is one that met a closed relay."""
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
        """Sends one message after the other over one connection, for as long as there are any."""
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
            email = await self.writers[message.template](message)
        except emails.NotAnAddress:
            await addressees.failed(message, clock.now(), BAD_ADDRESS)
        except addressees.Undeliverable as stopped:
            await addressees.failed(message, clock.now(), Reply(None, stopped.status))
        except Exception as error:  # one email that cannot be written keeps no other from going out
            log.error("email not written", message=message.id, template=message.template, error=type(error).__name__)
            await outbox.again(message, clock.now(), clock.real(), outbox.UNWRITTEN)
        else:
            if email is None:
                await outbox.done(message, MessageState.DROPPED, clock.now())
            else:
                await self._hand_over(relay, message, email)

    async def _hand_over(self, relay: Relay, message: Message, email: Email) -> None:
        try:
            await relay.send(email)
        except NOT_TAKEN as error:
            fate, reply = fate_of(error)
            log.warning("email not taken", message=message.id, code=reply.code, status=reply.status, fate=fate)
            if fate is Fate.STOP:
                raise RelayTrouble(NO_SIGN_IN if reply.code == 530 else NOT_OUR_SENDER) from None
            if fate is Fate.NEVER:
                await addressees.failed(message, clock.now(), reply)
            else:
                await outbox.again(message, clock.now(), clock.real(), reply)
        else:
            await self._mark_sent(message)

    async def _mark_sent(self, message: Message) -> None:
        """Tries for a while: what is out but not marked goes out once more when its lease is over."""
        for wait in MARK_AGAIN:
            try:
                await outbox.mark_sent(message, clock.now())
            except Exception as error:  # the database is away, or held by another process
                log.warning("email not marked as sent yet", message=message.id, error=type(error).__name__)
            else:
                return
            with suppress(TimeoutError):
                await asyncio.wait_for(self.stop.wait(), wait)
        await outbox.mark_sent(message, clock.now())


def _say(sentence: str) -> None:
    global _trouble
    if sentence != _trouble:
        _trouble = sentence
        live.publish("mail")

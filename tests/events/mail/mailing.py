"""Emails that wait, and a mailer that sends them to a relay of the test's own."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta

from events.ground.settings import Settings
from events.mail import emails, mailer, outbox
from events.mail.delivery import in_words
from events.mail.emails import Email, Writer
from events.mail.outbox import Message
from tests.conftest import SETTINGS
from tests.people import MONDAY
from tests.smtp_sink import Sink
from tests.waiting import WITHIN

FACTS = {
    "name": "Ada Ashdown",
    "title": "Conference for professionals",
    "day": "Monday 15 April 2019",
    "banner": ["Conference for professionals", "Hosted by Safer Places"],
    "contact": "",
    "contact_phone": "",
    "manage": "https://places.example.org/manage/x",
}


async def waiting_email(message: Message) -> Email | None:
    return emails.write(message, to=f"guest{message.subject_id}@guests.example.org", facts=FACTS)


WRITERS: dict[str, Writer] = {"waiting": waiting_email}


def settings_for(sink: Sink, **others: object) -> Settings:
    return SETTINGS.model_copy(update={"smtp_port": sink.port} | others)


async def queue(*numbers: int, template: str = "waiting") -> None:
    for number in numbers:
        assert await outbox.put(template, number, cause="test", at=MONDAY)


async def states() -> dict[int, tuple[str, int | None]]:
    """State and reply code of each message, by what it is about."""
    return {
        message.subject_id: (str(message.state), message.reply_code) for message in await Message.all().order_by("id")
    }


async def in_plain_words() -> list[str]:
    return [in_words(message) for message in await Message.all().order_by("id")]


async def send(sink: Sink, writers: Mapping[str, Writer] = WRITERS, **others: object) -> None:
    await mailer.send_due(writers, settings_for(sink, **others))


async def as_if_hours_had_passed(hours: int) -> None:
    """Puts every try so much further into the past."""
    for message in await Message.filter(state="queued"):
        ago = timedelta(hours=hours)
        message.next_try_at -= ago if message.next_try_at > outbox.EPOCH else timedelta()
        message.first_try_at = message.first_try_at - ago if message.first_try_at else None
        message.lease_until = message.lease_until - ago if message.lease_until else None
        await message.save()


@asynccontextmanager
async def running(
    sink: Sink, writers: Mapping[str, Writer] = WRITERS, **others: object
) -> AsyncIterator[asyncio.Event]:
    """The mailer's turn, as a server runs it."""
    stop = asyncio.Event()
    task = asyncio.create_task(mailer.run(writers, settings_for(sink, **others), stop))
    try:
        yield stop
    finally:
        stop.set()
        async with asyncio.timeout(WITHIN):
            await task

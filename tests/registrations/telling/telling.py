"""Guests who are told, and what they were told."""

from datetime import datetime
from email.message import EmailMessage

from events.event import Event
from events.ground.database import run_tx
from events.mail.outbox import Message, MessageState
from registrations.people.registration import Registration, State
from registrations.telling import event_news, mailings
from registrations.telling.mailing import KINDS, Mailing
from registrations.telling.mailing_emails import mailing_email
from tests.mail_reading import written
from tests.people import someone
from tests.professional import put_into


async def in_state(state: State, event: Event) -> Registration:
    return await put_into(state, someone(), event)


async def one_of_each(event: Event) -> dict[State, Registration]:
    return {state: await in_state(state, event) for state in State}


async def begun(template: str, event: Event, at: datetime, real: datetime, cause: str = "") -> Mailing:
    mailing = await run_tx(mailings.begin)(event, KINDS[template], cause or event.day.isoformat(), at, real)
    assert mailing is not None
    return mailing


async def told(before: Event, at: datetime, real: datetime, **changed: object) -> Event:
    """The event after somebody has changed it."""
    await Event.filter(id=before.id).update(**changed)
    after = await Event.get(id=before.id)
    await run_tx(event_news.tell)(before, after, at, real)
    return after


async def waiting(template: str) -> list[int]:
    """The requests that an email of it waits for."""
    messages = Message.filter(template=template, state=MessageState.QUEUED)
    return sorted([message.subject_id for message in await messages])


async def email_to(person: Registration, template: str) -> EmailMessage | None:
    message = await Message.filter(template=template, subject_id=person.id).order_by("-id").first()
    assert message is not None
    return await written(mailing_email, message)

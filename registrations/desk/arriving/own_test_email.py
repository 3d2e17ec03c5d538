"""A test email that an organiser sends to their own address: by the same way as every other email.

Rules: EM-13.
"""

from datetime import datetime, timedelta
from typing import NamedTuple

from events.accounts.staff import Staff
from events.accounts.staff_emails import write_to
from events.audit import audit
from events.audit.action import Action
from events.event import Event
from events.ground import limits, tokens
from events.ground.database import find_rows, run_tx
from events.ground.limits import Limit
from events.ground.refusal import Refused
from events.ground.settings import current
from events.mail import delivery, outbox
from events.mail.bounces.return_path import address_in
from events.mail.emails import Email, Writer
from events.mail.outbox import Message, MessageState

TEMPLATE = "staff_test"
OFTEN = Limit("test emails to oneself", 5, timedelta(hours=1))
TOO_OFTEN = "You have sent yourself five test emails in the last hour. Wait a little before the next."
SHOWN = 3
NEWEST = "SELECT * FROM message WHERE template = ? AND subject_id = ? ORDER BY id DESC LIMIT ?"


class Tried(NamedTuple):
    """One test email, and what became of it."""

    at: datetime
    words: str


async def send(staff: Staff, event: Event, at: datetime, real: datetime) -> None:
    """Raises Refused after five in an hour."""
    if not await limits.count(OFTEN, staff.actor, real):
        raise Refused(TOO_OFTEN, 429, OFTEN.seconds)
    await _queue(staff, event, at)


@run_tx
async def _queue(staff: Staff, event: Event, at: datetime) -> None:
    await outbox.put(TEMPLATE, staff.id, cause=f"test {tokens.new_public_id()}", at=at, event_id=event.id)
    await audit.record(Action.TEST_EMAIL_SENT, staff, by=staff, at=at, event_id=event.id)


async def newest(staff: Staff) -> list[Tried]:
    """Their last few, newest first."""
    messages = await find_rows(Message, NEWEST, [TEMPLATE, staff.id, SHOWN])
    return [Tried(message.queued_at, _became(message)) for message in messages]


def _became(message: Message) -> str:
    failed = message.state is MessageState.FAILED
    return f"Did not arrive. {delivery.reason(message)}" if failed else delivery.in_words(message)


async def test_email(message: Message) -> Email | None:
    """None once the account is disabled."""
    staff = await Staff.get_or_none(id=message.subject_id, disabled_at=None)
    if staff is None:
        return None
    chosen = current()
    return write_to(
        message, staff, sender=address_in(chosen.sender), answers=address_in(chosen.reply_to or chosen.sender)
    )


WRITERS: dict[str, Writer] = {TEMPLATE: test_email}

"""Emails of the rehearsal's invented past, which nobody can read any more."""

from datetime import datetime

from events.mail import outbox
from events.mail.outbox import Message, MessageState, Reply


async def mark_sent(template: str, subject_id: int, at: datetime) -> None:
    """Marks an email of the invented past as sent: nobody can read it any more, but somebody acted on it."""
    message = await Message.get(template=template, subject_id=subject_id, state=MessageState.QUEUED)
    await outbox.done(message, MessageState.SENT, at, Reply(250))

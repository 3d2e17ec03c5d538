"""The email to each lead when the data key of their event is destroyed on the server, and its reminders."""

from events.accounts.staff import Role, RoleName
from events.accounts.staff_emails import write_to
from events.ground import clock, data_keys
from events.mail.emails import Email, Writer
from events.mail.outbox import Message

from .key_copies import ALERT
from .key_copy import KeyCopy

HEADINGS = (
    "The data key of your event is destroyed on the server",
    "Are your copies of the data key destroyed?",
)  # the first time, and each week after that


async def lead_alert(message: Message) -> Email | None:
    """None when its reader has answered, or leads the event no more, or when the event has a new key: who read this
    then might destroy that one."""
    copy_id, stage = (int(number) for number in message.cause.split(" ")[2:])
    copy = await KeyCopy.get_or_none(id=copy_id, answer=None, event__data_key="").select_related("event")
    reader = Role.filter(staff_id=message.subject_id, name=RoleName.LEAD, staff__disabled_at=None)
    role = await reader.get_or_none(event_id=copy.event_id).select_related("staff") if copy else None
    if copy is None or role is None:
        return None
    return write_to(
        message,
        role.staff,
        heading=HEADINGS[min(stage, 1)],
        again=stage > 0,
        event=copy.event.day_words,
        destroyed=clock.day_words(copy.asked_at),
        file=data_keys.kept().file(copy.event.slug).name,
    )


WRITERS: dict[str, Writer] = {ALERT: lead_alert}

"""The test of an announcement: to the organiser who asked for it, as a guest would get it."""

from events.accounts.staff import Staff
from events.mail import emails
from events.mail.bounces.addressees import reachable
from events.mail.emails import Email, Writer
from events.mail.outbox import Message

from .announcement import Announcement
from .announcing import TEST
from .example import facts_for
from .mailing import ANNOUNCEMENT
from .mailing_emails import said_in


async def test_email(message: Message) -> Email | None:
    """None if it is gone by now, cannot be read, or whoever asked for it has no account any more."""
    announcement = await Announcement.get_or_none(id=message.subject_id).select_related("event")
    staff = await addressee(message)
    said = said_in(announcement) if announcement else None
    if announcement is None or staff is None or staff.disabled_at or said is None:
        return None
    facts = facts_for(announcement.event, ANNOUNCEMENT, said)
    return emails.write(message, to=reachable(staff), name=staff.full_name, facts=facts)


async def addressee(message: Message) -> Staff | None:
    return await Staff.get_or_none(id=int(message.cause.partition(" ")[0]))


WRITERS: dict[str, Writer] = {TEST: test_email}

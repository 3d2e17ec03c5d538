"""The emails about a complaint: an acknowledgement, and what the leads are told. Neither repeats what was written."""

from collections.abc import Collection
from typing import NamedTuple

from events.accounts.staff_emails import write_to
from events.event import event_with
from events.ground import clock
from events.ground.keys import CannotOpen
from events.ground.settings import current
from events.mail import delivery, emails
from events.mail.emails import Email, Writer
from events.mail.outbox import Message, MessageState
from registrations.tickets.ticket_email import marked

from . import whose
from .case_alerts import heading_of, lead_of, open_case_and_lead
from .complaint import Complaint
from .complaints import RECEIVED

HEADINGS = (
    "There is a complaint about data protection",
    "A complaint about data protection is still open",
    "A complaint about data protection is due in a week",
    "A complaint about data protection is due today",
)  # when it came in, then one for each reminder


async def acknowledgement(message: Message) -> Email | None:
    """Names nobody, since anybody may have typed the address; if its reader has moved, to the one that they read now.
    None when the complaint is gone or closed.

    Raises CannotOpen when nobody can say which that is: then it waits, and in the end it has failed.
    """
    complaint = await Complaint.get_or_none(id=message.subject_id, closed_at=None)
    address = await whose.reader_of(complaint) if complaint else ""
    if address is None:
        raise CannotOpen
    if complaint is None or not address:
        return None
    event = await event_with(complaint.event_id)
    facts = {
        "reference": complaint.reference,
        "received": clock.day_words(complaint.received_at),
        "due": clock.day_words(complaint.due_at),
        "privacy": f"{current().base_url}/privacy",
        "banner": [event.title, event.day_words, f"Hosted by {event.host_names}"],
        "contact": marked(event, ", ".join(filter(None, [event.contact_email, event.contact_phone]))),
        "contact_phone": event.contact_phone,
    }
    return emails.write(message, to=address, facts=facts)


async def lead_alert(message: Message) -> Email | None:
    """None when it is closed, and when its reader leads the event no more."""
    found = await open_case_and_lead(message, Complaint)
    if found is None:
        return None
    (complaint, lead), heading = found, heading_of(message, HEADINGS)
    said = (await acknowledgements([complaint]))[complaint.id]
    return write_to(
        message,
        lead,
        heading=heading,
        event=complaint.event.day_words,
        reference=complaint.reference,
        received=clock.day_words(complaint.received_at),
        due=clock.day_words(complaint.due_at),
        acknowledged=said.words,
        noted=complaint.outcome is not None,
    )


async def digest(message: Message) -> Email | None:
    """As things stand when it is sent. None when none is open, and when its reader leads the event no more."""
    event_id = int(message.cause.split(" ")[0])
    lead = await lead_of(message, event_id)
    still_open = await Complaint.filter(event_id=event_id, closed_at=None).order_by("received_at", "id")
    if lead is None or not still_open:
        return None
    return write_to(
        message,
        lead,
        event=(await event_with(event_id)).day_words,
        number=len(still_open),
        due=clock.day_words(still_open[0].due_at),
    )


class Acknowledgement(NamedTuple):
    """What became of it, in words for those who organise, and whether a person has to see to it."""

    words: str
    failed: bool


WAITS = Acknowledgement("Our acknowledgement waits to be sent", failed=False)


async def acknowledgements(complaints: Collection[Complaint]) -> dict[int, Acknowledgement]:
    """By the complaints' ids."""
    ids = [complaint.id for complaint in complaints]
    messages = {message.subject_id: message for message in await Message.filter(template=RECEIVED, subject_id__in=ids)}
    return {complaint.id: _of(complaint, messages.get(complaint.id)) for complaint in complaints}


def _of(complaint: Complaint, message: Message | None) -> Acknowledgement:
    if complaint.acknowledged_at:
        return Acknowledgement(f"Acknowledged on {clock.day_words(complaint.acknowledged_at)}", failed=False)
    if message is None:
        return WAITS
    if message.state is MessageState.SENT and message.done_at:
        return Acknowledgement(f"Acknowledged by email on {clock.day_words(message.done_at)}", failed=False)
    if message.state is MessageState.FAILED:
        return Acknowledgement(f"Our acknowledgement did not arrive. {delivery.reason(message)}", failed=True)
    return WAITS


WRITERS: dict[str, Writer] = {RECEIVED: acknowledgement, Complaint.ALERT: lead_alert, Complaint.DIGEST: digest}

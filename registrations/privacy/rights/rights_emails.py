"""The emails about a rights request: to whoever asks, and to the leads. None repeats what was written."""

from typing import Any

from events.accounts.staff_emails import write_to
from events.backup import backup_folder
from events.event import Event, event_with
from events.ground import clock
from events.ground.keys import CannotOpen
from events.ground.settings import current
from events.mail import emails, last_email
from events.mail.emails import Email, Writer
from events.mail.outbox import Message
from registrations.privacy.cases import whose
from registrations.privacy.cases.case_alerts import heading_of, open_case_and_lead
from registrations.tickets.ticket_email import marked

from .copies import COPY, LASTS, LIVES, reads_its_email
from .erasing import ERASED, STAYS
from .rights_request import Right, RightsRequest
from .rights_requests import RECEIVED

HEADINGS = (
    "There is a rights request",
    "A rights request is still open",
    "A rights request is due in a week",
    "A rights request is due today",
)  # when it came in, then one for each reminder
ASKS = {
    Right.ACCESS: "for a copy of what we hold about you",
    Right.CORRECTION: "us to correct what we hold about you",
    Right.ERASURE: "us to delete what we hold about you",
}


async def acknowledgement(message: Message) -> Email | None:
    """To the present address of whoever asked. None when the request is gone or closed.

    Raises CannotOpen when nobody can say which that is: then it waits, and in the end it has failed.
    """
    request = await RightsRequest.get_or_none(id=message.subject_id, closed_at=None)
    address = await whose.reader_of(request) if request else ""
    if address is None:
        raise CannotOpen
    if request is None or not address:
        return None
    facts = facts_of(await event_with(request.event_id)) | {
        "reference": request.reference,
        "asks": ASKS[request.kind],
        "received": clock.day_words(request.received_at),
        "due": clock.day_words(request.due_at),
    }
    return emails.write(message, to=address, facts=facts)


def facts_of(event: Event) -> dict[str, Any]:
    """What each email to whoever uses their rights says."""
    return {
        "privacy": f"{current().base_url}/privacy",
        "banner": [event.title, event.day_words, f"Hosted by {event.host_names}"],
        "contact": marked(event, ", ".join(filter(None, [event.contact_email, event.contact_phone]))),
        "contact_phone": event.contact_phone,
    }


async def lead_alert(message: Message) -> Email | None:
    """None when it is closed, and when its reader leads the event no more."""
    found = await open_case_and_lead(message, RightsRequest)
    if found is None:
        return None
    (request, lead), heading = found, heading_of(message, HEADINGS)
    return write_to(
        message,
        lead,
        heading=heading,
        event=request.event.day_words,
        reference=request.reference,
        asks=request.kind.words,
        received=clock.day_words(request.received_at),
        due=clock.day_words(request.due_at),
    )


async def link_to_a_copy(message: Message) -> Email | None:
    """None once there is a newer link, or this one opens nothing any more, as when they have moved since it was made.
    Raises CannotOpen as above."""
    request = await RightsRequest.filter(LIVES).get_or_none(id=message.subject_id, copy_opened_at=None)
    if request is None or request.copy_sent_at is None or message.cause != f"copy {request.generation}":
        return None
    if (address := await whose.reader_of(request)) is None:
        raise CannotOpen
    if not address or not await reads_its_email(request):
        return None
    ends = request.copy_sent_at + LASTS
    facts = facts_of(await event_with(request.event_id)) | {
        "reference": request.reference,
        "link": request.copy_link,
        "until": f"{clock.time_words(ends)} on {clock.day_words(ends)}",
    }
    return emails.write(message, to=address, facts=facts)


async def erased(message: Message) -> Email | None:
    """The last one. None once its address is gone. Raises CannotOpen as above."""
    address = last_email.address_of(message)
    if address is None:
        raise CannotOpen
    request = await RightsRequest.get_or_none(id=message.subject_id)
    if not address or request is None:
        return None
    event = await event_with(request.event_id)
    facts = facts_of(event) | {
        "reference": request.reference,
        "day": event.day_words,
        "complained": message.cause == STAYS,
        "keeps": backup_folder.KEPT.days,
    }
    return emails.write(message, to=address, facts=facts)


WRITERS: dict[str, Writer] = {
    RECEIVED: acknowledgement,
    COPY: link_to_a_copy,
    ERASED: erased,
    RightsRequest.ALERT: lead_alert,
}

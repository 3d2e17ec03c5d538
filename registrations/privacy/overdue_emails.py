"""The weekly email to a lead about what is overdue: how much of what kind, and not whose."""

from collections import Counter

from events.accounts.staff import Role, RoleName
from events.accounts.staff_emails import write_to
from events.event import event_with
from events.ground import clock
from events.mail.emails import Email, Writer
from events.mail.outbox import Message

from .cases.complaint import Complaint
from .cases.incident import Incident
from .overdue import ALERT, overdue_at
from .rights.rights_request import RightsRequest

KINDS = {
    Complaint: ("complaint about data protection", "complaints about data protection"),
    RightsRequest: ("rights request", "rights requests"),
    Incident: ("incident that nobody has decided about", "incidents that nobody has decided about"),
}


async def overdue_alert(message: Message) -> Email | None:
    """As it stands when it is sent. None when nothing is overdue any more, or its reader leads the event no more."""
    event_id = int(message.cause.partition(" ")[0])
    cases = await overdue_at(clock.now(), event_id=event_id)
    reader = Role.filter(staff_id=message.subject_id, name=RoleName.LEAD, staff__disabled_at=None)
    role = await reader.get_or_none(event_id=event_id).select_related("staff")
    if not cases or role is None:
        return None
    number = Counter(type(case) for case in cases)
    lines = [f"{number[kind]} {words[number[kind] > 1]}" for kind, words in KINDS.items() if number[kind]]
    day = (await event_with(event_id)).day_words
    return write_to(message, role.staff, event=day, number=len(cases), lines=lines)


WRITERS: dict[str, Writer] = {ALERT: overdue_alert}

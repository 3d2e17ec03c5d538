"""What the emails to leads about a case share: of which case, to whom, and with which heading."""

from collections.abc import Sequence
from typing import TypeVar

from events.accounts.staff import Role, RoleName, Staff
from events.mail.outbox import Message

from .case import Case

C = TypeVar("C", bound=Case)


async def open_case_and_lead(message: Message, kind: type[C]) -> tuple[C, Staff] | None:
    """The case with its event, and the reader. None when it is closed, or its reader leads the event no more."""
    case = await kind.get_or_none(id=int(message.cause.split(" ")[1]), closed_at=None).select_related("event")
    lead = await lead_of(message, case.event_id) if case else None
    return (case, lead) if case and lead else None


async def lead_of(message: Message, event_id: int) -> Staff | None:
    """The reader, or None if they lead this event no more."""
    reader = Role.filter(staff_id=message.subject_id, name=RoleName.LEAD, staff__disabled_at=None)
    role = await reader.get_or_none(event_id=event_id).select_related("staff")
    return role.staff if role else None


def heading_of(message: Message, headings: Sequence[str]) -> str:
    """The first of them if the case came in, then one for each reminder."""
    stage = int(message.cause.split(" ")[2])
    return headings[min(stage, len(headings) - 1)]

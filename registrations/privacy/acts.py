"""What was done about a complaint or an incident, and by whom, as the audit log has it: for its page, and on paper."""

from datetime import datetime
from typing import NamedTuple

from tortoise.models import Model

from events.accounts.staff import Staff
from events.audit.audit import Action, AuditEntry, about

READS = {Action.COMPLAINT_READ, Action.INCIDENT_READ}


class Done(NamedTuple):
    at: datetime
    who: str
    what: str


async def acts_on(row: Model) -> list[Done]:
    """Oldest first, without who only read it: that is on the audit log alone."""
    entries = await AuditEntry.filter(subject=about(row)).exclude(action__in=list(READS)).order_by("id")
    ids = {int(entry.actor.partition(":")[2]) for entry in entries if entry.actor.startswith("staff:")}
    names = {staff.actor: staff.full_name for staff in await Staff.filter(id__in=sorted(ids))}
    return [Done(entry.at, names.get(entry.actor, "Muster"), _sentence(entry)) for entry in entries]


async def name_of(actor: str) -> str:
    """The name of a member of staff: 'staff:3' is Lena Lead. '' for anybody else."""
    kind, _, number = actor.partition(":")
    staff = await Staff.get_or_none(id=int(number)) if kind == "staff" else None
    return staff.full_name if staff else ""


def _sentence(entry: AuditEntry) -> str:
    details = ", ".join(str(value) for value in entry.details.values())
    said = entry.action.value[:1].upper() + entry.action.value[1:]
    return f"{said}: {details}" if details else said

"""What was done about a complaint, an incident or a rights request, and by whom, as the audit log has it: for its page,
and on paper."""

from datetime import datetime
from typing import NamedTuple

from tortoise.models import Model

from events.accounts.staff import names_of
from events.audit.action import Action
from events.audit.audit import AuditEntry, about

READS = {Action.COMPLAINT_READ, Action.INCIDENT_READ, Action.RIGHTS_READ}


class Done(NamedTuple):
    at: datetime
    who: str
    what: str


async def acts_on(row: Model) -> list[Done]:
    """Oldest first, without who only read it: that is on the audit log alone."""
    entries = await AuditEntry.filter(subject=about(row)).exclude(action__in=list(READS)).order_by("id")
    names = await names_of(entry.actor for entry in entries)
    return [Done(entry.at, names.get(entry.actor) or _who(entry.actor), _sentence(entry)) for entry in entries]


def _who(actor: str) -> str:
    return "The person" if actor.startswith("person:") else "Muster"


def _sentence(entry: AuditEntry) -> str:
    details = ", ".join(str(value) for value in entry.details.values())
    said = entry.action.value[:1].upper() + entry.action.value[1:]
    return f"{said}: {details}" if details else said

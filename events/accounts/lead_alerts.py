"""Emails to all leads of an event about changes that could mislead guests, with the old and the new values."""

from typing import Any

from events.audit import audit
from events.audit.audit import AuditEntry
from events.event import Event
from events.ground import clock
from events.mail import emails, outbox
from events.mail.outbox import Message

from .staff import Role, RoleName, names_of

TEMPLATE = "lead_alert"


async def leads_of(event_id: int | None) -> list[Role]:
    """The roles of those who lead this event and whose account is not disabled, each with its `staff`."""
    leads = Role.filter(event_id=event_id, name=RoleName.LEAD, staff__disabled_at=None)
    return await leads.order_by("id").prefetch_related("staff")


async def alert_leads(entry: AuditEntry) -> None:
    """Queues one email for each lead of the entry's event, except the person the entry is about: they get their own."""
    for role in await leads_of(entry.event_id):
        if role.staff.actor != entry.subject:
            cause = f"entry {entry.id}"
            await outbox.put(TEMPLATE, role.staff_id, cause=cause, at=entry.at, event_id=entry.event_id)


async def facts_of(message: Message) -> dict[str, Any] | None:
    """What the email says. None when its reader leads the event no more."""
    entry = await AuditEntry.get(id=int(message.cause.partition(" ")[2]))
    if not await Role.exists(staff_id=message.subject_id, event_id=entry.event_id, name=RoleName.LEAD):
        return None
    old, new = (
        {emails.harmless(what): emails.harmless(value) for what, value in values.items()}
        for values in audit.values_of(entry)
    )
    event = await Event.get(id=entry.event_id)
    return {
        "who": await _name_of(entry.actor),
        "did": entry.action.value,
        "event": event.day_words,
        "changes": [(what, old.get(what, ""), new.get(what, "")) for what in dict.fromkeys([*old, *new])],
        "when": f"{clock.day_words(entry.at)}, {clock.time_words(entry.at)}",
    }


async def _name_of(actor: str) -> str:
    name = (await names_of([actor])).get(actor)
    return emails.harmless(name) if name else "Whoever runs Muster"


audit.ALERTS.append(alert_leads)

"""The email to the leads about an incident: what kind, until when it is reported, and which hosts have a lead here."""

from typing import NamedTuple

from events.accounts.lead_alerts import leads_of
from events.accounts.staff import Role, RoleName
from events.accounts.staff_emails import write_to
from events.event import Event
from events.ground import clock
from events.mail import emails
from events.mail.emails import Email, Writer, each
from events.mail.outbox import Message

from .incident import Incident
from .incidents import ALERT, OPENED

HEADINGS = {
    True: "An incident with personal data was opened",
    False: "An incident has to be decided on within 24 hours",
}


class Hosts(NamedTuple):
    """Who is told by email, as 'Lena Hart, Safer Places'; and the hosts of whom nobody is."""

    told: list[str]
    without: list[str]


async def hosts_of(event: Event) -> Hosts:
    leads = [role.staff for role in await leads_of(event.id)]
    led = {lead.host for lead in leads}
    names = [host["name"] for host in event.hosts]
    return Hosts([f"{lead.full_name}, {lead.host}" for lead in leads], [name for name in names if name not in led])


async def lead_alert(message: Message) -> Email | None:
    """None when it is closed, and when its reader leads the event no more. Says nothing of the description."""
    _, incident_id, why = message.cause.split(" ")
    incident = await Incident.get_or_none(id=int(incident_id), closed_at=None).select_related("event")
    reader = Role.filter(staff_id=message.subject_id, name=RoleName.LEAD, staff__disabled_at=None)
    role = await reader.get_or_none(event_id=incident.event_id).select_related("staff") if incident else None
    if incident is None or role is None:
        return None
    hosts = await hosts_of(incident.event)
    return write_to(
        message,
        role.staff,
        heading=HEADINGS[why == OPENED],
        event=incident.event.day_words,
        number=incident.id,
        kind=incident.kind.value,
        aware=f"{clock.day_words(incident.aware_at)}, {clock.time_words(incident.aware_at)}",
        deadline=f"{clock.day_words(incident.deadline)}, {clock.time_words(incident.deadline)}",
        decision=incident.decision.value if incident.decision else "",
        told=[emails.harmless(lead) for lead in hosts.told],
        without=hosts.without,
    )


WRITERS: dict[str, Writer] = {ALERT: each(lead_alert)}

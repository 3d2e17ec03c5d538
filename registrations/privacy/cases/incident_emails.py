"""The email to the leads about an incident: what kind, until when it is reported, and which hosts have a lead here."""

from typing import NamedTuple

from events.accounts.lead_alerts import leads_of
from events.accounts.staff_emails import write_to
from events.event import Event
from events.ground import clock
from events.mail import emails
from events.mail.emails import Email, Writer
from events.mail.outbox import Message

from .case_alerts import heading_of, open_case_and_lead
from .incident import Incident

HEADINGS = (
    "An incident with personal data was opened",
    "Decide about an incident within 24 hours",
    "The 72 hours of an incident are over",
)  # when it was opened, then one for each reminder


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
    found = await open_case_and_lead(message, Incident)
    if found is None:
        return None
    (incident, lead), heading = found, heading_of(message, HEADINGS)
    hosts = await hosts_of(incident.event)
    return write_to(
        message,
        lead,
        heading=heading,
        late=heading == HEADINGS[-1],
        event=incident.event.day_words,
        number=incident.id,
        kind=incident.kind.value,
        aware=f"{clock.day_words(incident.aware_at)}, {clock.time_words(incident.aware_at)}",
        deadline=f"{clock.day_words(incident.deadline)}, {clock.time_words(incident.deadline)}",
        decision=incident.decision.value if incident.decision else "",
        told=[emails.harmless(lead) for lead in hosts.told],
        without=hosts.without,
    )


WRITERS: dict[str, Writer] = {Incident.ALERT: lead_alert}

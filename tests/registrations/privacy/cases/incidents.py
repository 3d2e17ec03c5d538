"""Incidents with personal data, for tests."""

from datetime import datetime

from events.accounts.staff import Staff
from events.event import Event
from registrations.privacy.cases import incidents
from registrations.privacy.cases.incident import Incident, IncidentKind, ReportDecision
from tests.people import MONDAY

HAPPENED = "Ada's ticket was printed and left on a train."
ELSE_HAPPENED = "A list of names was left in the hall."
WHY = "Ada has been told, and has another ticket."


async def an_incident(
    event: Event, by: Staff, at: datetime = MONDAY, aware_at: datetime | None = None, happened: str = HAPPENED
) -> Incident:
    return await incidents.open_one(event, IncidentKind.WRONG_PERSON, happened, aware_at or at, by, at)


async def decided(incident: Incident, by: Staff, *, hosts_told: bool = True, at: datetime = MONDAY) -> Incident:
    """Not reported, with a reason; as it stands then."""
    stands = await Incident.get(id=incident.id)
    decision = ReportDecision.DO_NOT_REPORT
    assert await incidents.decide(stands, decision, WHY, hosts_told, stands.version, by, at)
    return await Incident.get(id=incident.id)

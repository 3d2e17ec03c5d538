"""The log of incidents: opened by a person or with a lost phone, decided on, closed, and deleted later.

`at` is the event's time, `real` the machine's.
"""

from datetime import datetime, timedelta

from events.accounts.lead_alerts import leads_of
from events.audit import audit
from events.audit.action import Action
from events.audit.audit import Actor
from events.event import Event
from events.ground import clock, keys, tokens
from events.ground.database import query, run_tx, within_tx
from events.ground.refusal import Refused
from events.mail import outbox
from registrations.phones import pairing
from registrations.phones.door import DoorPass

from . import incident as sealed_for
from .incident import REMINDED_BEFORE, Incident, IncidentKind, ReportDecision

ALERT = "incident_alert"  # the template
OPENED, REMINDER = "opened", "reminder"  # why the leads are written to
KEPT_FOR = timedelta(days=365)  # after it is closed
BATCH = 200
NOT_COMPLETE = "An incident is closed with a decision, its reason, and once every host knows of it. Decide first."
CHANGED = "Someone else has changed this incident since you opened its page. Look at it again, then decide."
OVER = "This incident is closed, so nothing about it can be changed any more."
LOST = (
    "{name}, a phone at {door}, was revoked as lost or stolen.{seen}{unsent} Its guest list is sealed: a row opens"
    " only with its ticket, and all of it goes at the phone's next contact with the server."
)

INSERT = """INSERT INTO incident (event_id, public_id, kind, description_sealed, door_pass_id, aware_at, opened_at,
    reminded_at, decided_by, hosts_told, version) VALUES (?, ?, ?, ?, ?, ?, ?, ?, '', ?, 0)
    ON CONFLICT (door_pass_id) DO NOTHING RETURNING id"""


@run_tx
async def open_one(
    event: Event, kind: IncidentKind, description: str, aware_at: datetime, by: Actor, at: datetime
) -> Incident:
    """Tells the leads of all hosts. `aware_at`: when the first of us knew of it; the 72 hours run from then."""
    made = await _kept(event.id, kind, description, aware_at, at)
    if made is None:
        raise RuntimeError("only a lost phone can have an incident already")
    await _tell(made, by, at)
    return made


@run_tx
async def lose_phone(door_pass: DoorPass, by: Actor, at: datetime, real: datetime) -> None:
    """Revokes a phone that is lost or stolen, and opens an incident: one for a phone, however often it is pressed."""
    await pairing.revoke(door_pass, by, at, real)
    await door_pass.fetch_related("door")
    seen = at - (real - door_pass.last_seen_at) if door_pass.last_seen_at else None
    description = LOST.format(
        name=door_pass.name,
        door=door_pass.door.name,
        seen=f" The server last heard from it on {clock.day_words(seen)} at {clock.time_words(seen)}." if seen else "",
        unsent=f" It said that it held {door_pass.to_send} scans that were not sent." if door_pass.to_send else "",
    )
    made = await _kept(door_pass.event_id, IncidentKind.LOST_PHONE, description, at, at, door_pass.id)
    if made is not None:
        await _tell(made, by, at)


async def _kept(
    event_id: int, kind: IncidentKind, description: str, aware_at: datetime, at: datetime, pass_id: int | None = None
) -> Incident | None:
    """None when this phone has its incident already. What is opened in its last day needs no reminder of that."""
    public_id = tokens.new_public_id()
    closed = keys.seal(sealed_for.DESCRIPTION, description, public_id)
    late = at >= aware_at + sealed_for.TO_REPORT - REMINDED_BEFORE
    values = [event_id, public_id, kind, closed, pass_id, aware_at, at, at if late else None, False]
    rows = await query(INSERT, values)
    return await Incident.get(id=rows[0]["id"]) if rows else None


@within_tx
async def _tell(incident: Incident, by: Actor, at: datetime) -> None:
    await audit.record(Action.INCIDENT_OPENED, incident, by=by, at=at, kind=incident.kind.value)
    await _tell_leads(incident, OPENED, at)


@within_tx
async def _tell_leads(incident: Incident, why: str, at: datetime) -> None:
    for role in await leads_of(incident.event_id):
        cause = f"incident {incident.id} {why}"
        await outbox.put(ALERT, role.staff_id, cause=cause, at=at, event_id=incident.event_id)


@run_tx
async def decide(
    incident: Incident, decision: ReportDecision, reason: str, hosts_told: bool, seen: int, by: Actor, at: datetime
) -> bool:
    """Notes or replaces the decision. `seen`: the version on the page; False if somebody else has changed it since.

    Raises Refused when it is closed.
    """
    if await Incident.filter(id=incident.id, closed_at__not_isnull=True).exists():
        raise Refused(OVER)
    as_seen = Incident.filter(id=incident.id, closed_at=None, version=seen)
    closed = keys.seal(sealed_for.REASON, reason, incident.public_id)
    facts = {"decision": decision, "reason_sealed": closed, "decided_by": by.actor, "decided_at": at}
    if not await as_seen.update(**facts, hosts_told=hosts_told, version=seen + 1):
        return False
    told = "every host knows" if hosts_told else "not every host knows"
    await audit.record(Action.INCIDENT_DECIDED, incident, by=by, at=at, decision=decision.value, hosts=told)
    return True


@run_tx
async def close(incident: Incident, seen: int, by: Actor, at: datetime) -> None:
    """Raises Refused before it is complete, and when it is no longer as it was seen. It is deleted a year later."""
    as_seen = Incident.filter(id=incident.id, closed_at=None, version=seen)
    complete = as_seen.filter(decision__not_isnull=True, reason_sealed__not_isnull=True, hosts_told=True)
    if not await complete.update(closed_at=at, version=seen + 1):
        raise Refused(NOT_COMPLETE if await as_seen.exists() else CHANGED)
    await audit.record(Action.INCIDENT_CLOSED, incident, by=by, at=at)


async def remind(at: datetime) -> int:
    """Reminds the leads of incidents that are open 24 hours before their 72 are over."""
    due = Incident.filter(closed_at=None, reminded_at=None, aware_at__lte=at - sealed_for.TO_REPORT + REMINDED_BEFORE)
    return sum([await _remind(incident, at) for incident in await due.order_by("id")])


@run_tx
async def _remind(incident: Incident, at: datetime) -> bool:
    """Of several servers one reminds."""
    if not await Incident.filter(id=incident.id, closed_at=None, reminded_at=None).update(reminded_at=at):
        return False
    await audit.record(Action.INCIDENT_REMINDED, incident, by=None, at=at)
    await _tell_leads(incident, REMINDER, at)
    return True


async def forget_closed(at: datetime) -> int:
    """Deletes what was closed twelve months ago."""
    due = Incident.filter(closed_at__lte=at - KEPT_FOR).order_by("id").limit(BATCH)
    return sum([await _forget(incident, at) for incident in await due])


@run_tx
async def _forget(incident: Incident, at: datetime) -> bool:
    if not await Incident.filter(id=incident.id).delete():
        return False
    await audit.record(Action.INCIDENT_DELETED, incident, by=None, at=at)
    return True

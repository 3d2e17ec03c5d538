"""The log of incidents: opened by a person or with a lost phone, and decided on.

`at` is the event's time, `real` the machine's.
"""

from datetime import datetime

from events.audit import audit
from events.audit.action import Action
from events.audit.audit import Actor
from events.event import Event
from events.ground import clock, keys, tokens
from events.ground.database import query, run_tx, within_tx
from registrations.phones import pairing
from registrations.phones.door import DoorPass, PassRole, WrittenOff
from registrations.roll_call.roll_call import RollCall

from . import casework
from . import incident as sealed_for
from .incident import Incident, IncidentKind, ReportDecision

LOST = "{name}, a phone at {door}, was revoked as lost or stolen.{seen}{unsent} {held}"
GUEST_LIST = (
    "Its guest list is sealed: a row opens only with its ticket, and all of it goes at the phone's next contact with"
    " the server."
)
MARSHALS_LIST = (
    "It is a marshal's: its list of people inside (surname, name on the badge, time at the door) is sealed, and opens"
    " with the key card, or while a roll call runs and it is in contact. {called} All of it goes at the phone's next"
    " contact with the server."
)
CALLED = {
    True: "A roll call ran while it was paired, so it may have shown who was inside then.",
    False: "No roll call ran while it was paired.",
}

INSERT = """INSERT INTO incident (event_id, public_id, kind, description_sealed, same_as, door_pass_id, aware_at,
    opened_at, reminded, decided_by, hosts_told, version) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, '', ?, 0)
    ON CONFLICT DO NOTHING RETURNING id"""


@run_tx
async def open_one(
    event: Event, kind: IncidentKind, description: str, aware_at: datetime, by: Actor, at: datetime
) -> Incident:
    """Tells the leads of all hosts, or returns the incident that the same words have opened already.

    `aware_at`: when the first of us knew of it; the 72 hours run from then.
    """
    same = Incident.filter(event=event, same_as__in=_same_as(kind, description, aware_at))
    made = None if await same.exists() else await _kept(event.id, kind, description, aware_at, at)
    if made is None:
        return await same.get()
    await _tell(made, by, at)
    return made


@run_tx
async def lose_phone(door_pass: DoorPass, by: Actor, at: datetime, real: datetime) -> None:
    """Revokes a phone that is lost or stolen, and opens an incident: one for a phone, however often it is pressed."""
    await pairing.revoke(door_pass, by, at, real)
    await _open_for(door_pass, by, at, real)


@run_tx
async def write_off_lost(door_pass: DoorPass, by: Actor, at: datetime, real: datetime) -> None:
    """The same when the door is closed, where nobody waits for it any more."""
    await pairing.write_off(door_pass, WrittenOff.LOST, by, at, real)
    await _open_for(door_pass, by, at, real)


@within_tx
async def _open_for(door_pass: DoorPass, by: Actor, at: datetime, real: datetime) -> None:
    await door_pass.fetch_related("door")
    seen = at - (real - door_pass.last_seen_at) if door_pass.last_seen_at else None
    what = "ticks" if door_pass.role is PassRole.MARSHAL else "scans"
    description = LOST.format(
        name=door_pass.name,
        door=door_pass.door.name,
        seen=f" The server last heard from it on {clock.day_words(seen)} at {clock.time_words(seen)}." if seen else "",
        unsent=f" It said that it held {door_pass.to_send} {what} that were not sent." if door_pass.to_send else "",
        held=await _held_by(door_pass, at, real),
    )
    made = await _kept(door_pass.event_id, IncidentKind.LOST_PHONE, description, at, at, door_pass.id)
    if made is not None:
        await _tell(made, by, at)


async def _held_by(door_pass: DoorPass, at: datetime, real: datetime) -> str:
    """What a thief may read on it."""
    if door_pass.role is not PassRole.MARSHAL:
        return GUEST_LIST
    paired_at = at - (real - (door_pass.paired_at or real))
    called = [roll_call.over > paired_at for roll_call in await RollCall.filter(event_id=door_pass.event_id)]
    return MARSHALS_LIST.format(called=CALLED[any(called)])


async def _kept(
    event_id: int, kind: IncidentKind, description: str, aware_at: datetime, at: datetime, pass_id: int | None = None
) -> Incident | None:
    """None when this phone, or these words, have their incident already. What is late then needs no reminder of it."""
    public_id, same_as = tokens.new_public_id(), _same_as(kind, description, aware_at)[0]
    closed = keys.seal(sealed_for.DESCRIPTION, description, public_id)
    reminded = Incident(aware_at=aware_at).reminders_due(at)
    values = [event_id, public_id, kind, closed, same_as, pass_id, aware_at, at, reminded, False]
    rows = await query(INSERT, values)
    return await Incident.get(id=rows[0]["id"]) if rows else None


def _same_as(kind: IncidentKind, description: str, aware_at: datetime) -> list[str]:
    """Under each key of ours, the newest first."""
    return keys.keyed_hashes(sealed_for.SAME_AS, sealed_for.as_written(kind, description, aware_at) or "")


@within_tx
async def _tell(incident: Incident, by: Actor, at: datetime) -> None:
    await audit.record(Action.INCIDENT_OPENED, incident, by=by, at=at, kind=incident.kind.value)
    await casework.tell_leads(incident, casework.OPENED, at)


@run_tx
async def decide(
    incident: Incident, decision: ReportDecision, reason: str, hosts_told: bool, seen: int, by: Actor, at: datetime
) -> bool:
    """Notes or replaces the decision. `seen`: the version on the page; False if somebody else has changed it since.

    Raises Refused when it is closed.
    """
    reason_sealed = keys.seal(sealed_for.REASON, reason, incident.public_id)
    facts = {"decision": decision, "reason_sealed": reason_sealed, "decided_by": by.actor, "decided_at": at}
    if not await casework.change(incident, seen, **facts, hosts_told=hosts_told):
        return False
    told = "every host knows" if hosts_told else "not every host knows"
    await audit.record(Action.INCIDENT_DECIDED, incident, by=by, at=at, decision=decision.value, hosts=told)
    return True

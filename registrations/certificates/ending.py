"""An organiser ends the certificate of one person, such as one whose ticket somebody else held, or renews it. While it
is ended its number is not valid. Rules: EV-09.
"""

from datetime import datetime

from events.audit import audit
from events.audit.action import Action
from events.audit.audit import Actor
from events.event import Event
from events.ground import live
from events.ground.database import after_commit, query, run_tx
from events.ground.refusal import Refused
from registrations.deciding import taking_over
from registrations.people.registration import Registration

from . import issuing
from .certificate import certificate_of

CHANGED = "This certificate has just been changed, so nothing was done. Look at it again."
DID_NOT_COME = "Nobody has scanned this person in, so they cannot have a certificate."
END = """UPDATE certificate SET ended_at = ?, ended_by = ?
    WHERE registration_id = ? AND ended_at IS NULL RETURNING number_id"""


@run_tx
async def end(person: Registration, event: Event, by: Actor, at: datetime) -> None:
    """Raises Refused where there is none that is not ended."""
    released = await issuing.hold_released(event.id)
    ended = await query(END, [at, by.actor, person.id]) if released else []
    if not ended:
        raise Refused(CHANGED, 409)
    await issuing.forget_numbers([row["number_id"] for row in ended if row["number_id"]])
    await _note(Action.CERTIFICATE_ENDED, person, event, by, at)


@run_tx
async def renew(person: Registration, event: Event, by: Actor, at: datetime) -> None:
    """The same number is valid again. Raises Refused for somebody who did not come."""
    if not await taking_over.has_come(person.id):
        raise Refused(DID_NOT_COME)
    certificate = await certificate_of(person.id) if await issuing.hold_released(event.id) else None
    ended_by = certificate.ended_by if certificate else ""
    if not ended_by or not await issuing.renewed(person.id, event.id, ended_by):
        raise Refused(CHANGED, 409)
    await _note(Action.CERTIFICATE_RENEWED, person, event, by, at)


async def _note(action: Action, person: Registration, event: Event, by: Actor, at: datetime) -> None:
    await audit.record(action, person, by=by, at=at, event_id=event.id)
    after_commit(live.publish, f"event:{event.id}")

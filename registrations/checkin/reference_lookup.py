"""Looks up a typed reference: who it is, for the one tap that lets them in. Counted per phone, recorded without the
text.
"""

import base64
from datetime import datetime, timedelta
from typing import Any

from events.audit import audit
from events.audit.action import Action
from events.event import Event
from events.ground import clock, limits, wording
from events.ground.database import run_tx
from registrations.codes.ticket_code import normal_reference
from registrations.codes.verdict import Standing, Verdict
from registrations.phones import alarm, scan_answer
from registrations.phones.door import Device
from registrations.phones.scan_answer import Answer
from registrations.tickets.ticket import Ticket, proof_of, standing, ticket_of_reference

from .scan import Admission

EARLIEST = timedelta(hours=2)  # before the doors open
LIMITS = (limits.REFERENCES_AN_HOUR, limits.REFERENCES_A_MINUTE)


@run_tx
async def look_up(typed: str, by: Device, at: datetime, real: datetime) -> Answer:
    """Wrong references slow the phone down, as 29 bits could be tried out. `real` is the machine's time.

    Names are shown only around the event: a phone may be paired, and lost, days before.
    """
    if by.opens_at is not None and at < by.opens_at - EARLIEST:
        return {"found": None, "sentence": wording.LOOK_UP_LATER}
    for limit in LIMITS:
        if not await limits.count(limit, str(by.id), real):
            return await _slowed(limit, by, real)
    reference = normal_reference(typed)
    ticket = await ticket_of_reference(by.event_id, reference) if reference else None
    await audit.record(Action.DOOR_LOOKED_UP, ticket, by=by, at=at, event_id=by.event_id, found=ticket is not None)
    if ticket is None:
        await alarm.after_wrong_reference(by, at, real)
        return {"found": None, "sentence": wording.NEVER_A_TICKET}
    for limit in LIMITS:
        await limits.give_back(limit, str(by.id), real)
    return await shown(ticket, by)


async def _slowed(limit: limits.Limit, by: Device, real: datetime) -> Answer:
    """How many seconds the phone has to wait. If the limit of an hour is reached, a lead's override unlocks typing."""
    seconds = max(1, await limits.wait(limit, str(by.id), real))
    return {"error": "slow", "seconds": seconds} | ({"lead": True} if limit is limits.REFERENCES_AN_HOUR else {})


async def shown(ticket: Ticket, by: Device) -> Answer:
    """Whoever may come in, with the proof of their ticket for the tap that lets them in; else what the lead is asked.
    The ticket comes with its person."""
    person = ticket.registration
    guest = scan_answer.guest(ticket.id, ticket.sealed_reference, person.person, person.choices, person.badge_type)
    stands = standing(person.state, revoked=ticket.revoked_at is not None, passed_on=ticket.passed_on)
    if stands is not Standing.OK:
        return {"ask_lead": scan_answer.no_name(guest, stands.value, leads=by.leads)}
    if guest.meets_lead and not by.leads:
        return {"ask_lead": scan_answer.no_name(guest, Verdict.LEAD_MEETS, leads=False)}
    proof = proof_of(await Event.get(id=ticket.event_id), ticket.n)
    found: dict[str, Any] = {"proof": base64.urlsafe_b64encode(proof).decode().rstrip("=")}
    return {"found": found | scan_answer.person(guest) | await _in_since(ticket, by)}


async def _in_since(ticket: Ticket, by: Device) -> Answer:
    """When and by which door, of somebody who is in already where this phone counts. A scan would say the same."""
    known = await Admission.get_or_none(ticket_id=ticket.id, presence=by.presence, left_at=None).select_related("door")
    return {"in_since": {"at": clock.time_words(known.admitted_at), "door": known.door.name}} if known else {}

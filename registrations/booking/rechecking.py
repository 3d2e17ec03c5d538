"""People change who they work for: a person has to look at them again, and meanwhile a place that they had is held.

If it is not offered to them any more, the place is free for somebody else.
"""

import secrets
from dataclasses import replace
from datetime import datetime

from events.audit import audit
from events.audit.action import Action
from events.ground import live, wording
from events.ground.database import after_commit, find_row, query, run_tx
from events.ground.refusal import Refused
from events.mail import outbox
from registrations.people import address_change
from registrations.people.often import count_change
from registrations.people.registration import OrganisationKind, Registration, State
from registrations.tickets import ticketing
from registrations.tickets.gathered import CHANGED

ORGANISATION = "organisation"
# Of a request an organiser would decide on something else than they have read; and the page of one tells nobody whether
# they are on the waiting list.
MAY_CHANGE = {State.APPROVED}


async def change_organisation(
    registration: Registration, organisation: str, kind: OrganisationKind, at: datetime, real: datetime
) -> None:
    """Raises Refused if the row is no longer as it was read, or may not be changed as it is; unless it is looked at
    again with this already."""
    await count_change(registration, real)
    await _change_organisation(registration, organisation, kind, at)


AS_SEEN = """UPDATE registration SET state = 'rechecking', state_before = NULL, decided_at = NULL, kind = ?,
    person_sealed = ? WHERE id = ? AND state = ? AND version = ? RETURNING id"""


@run_tx
async def _change_organisation(
    registration: Registration, organisation: str, kind: OrganisationKind, at: datetime
) -> None:
    sealed = registration.sealed(replace(registration.person, organisation=organisation))
    values = [kind.value, sealed, registration.id, registration.state, registration.version]
    if registration.state not in MAY_CHANGE or not await query(AS_SEEN, values):
        now = await find_row(Registration, "id = ?", [registration.id])
        if now and (now.state, now.organisation, now.kind) == (State.RECHECKING, organisation, kind):
            return  # a second press at the same moment
        raise Refused(wording.MOVED_ON)
    await address_change.end_all(registration)
    cause = f"{ORGANISATION} {secrets.token_hex(8)}"
    await outbox.put(CHANGED, registration.id, cause=cause, at=at, event_id=registration.event_id)
    await audit.record(Action.CHANGED_FOR_REVIEW, registration, by=None, at=at, what=ORGANISATION)
    after_commit(live.publish, f"event:{registration.event_id}")
    await ticketing.end(registration, at)

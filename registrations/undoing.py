"""Taking an entry back: a steward the own last one within a minute, a lead of the door any. It is a row of its own."""

from datetime import timedelta

from events import audit
from events.audit import Action
from events.database import moment, query

from .admitting import Arrived, Judged, lock
from .answer import UNDO_SECONDS, bearer_of
from .ticket import Ticket

UNDONE, NEEDS_LEAD, NOTHING = "undone", "undo_needs_lead", "nothing_to_undo"
FOUND = """SELECT s.door_pass_id, s.door_id, s.happened_at, s.ticket_id, t.reference,
    r.full_name, r.badge_name, r.organisation,
    (SELECT max(o.id) FROM scan o WHERE o.door_pass_id = s.door_pass_id AND o.verdict = 'ok') = s.id AS last
    FROM scan s JOIN ticket t ON t.id = s.ticket_id JOIN registration r ON r.id = t.registration_id
    WHERE s.client_id = ? AND s.verdict = 'ok' AND t.event_id = ? {lock}"""
LEAVE = "DELETE FROM admission WHERE ticket_id = ? AND door_id = ? AND client_id = ? RETURNING id"


async def undo(one: Arrived) -> Judged:
    """Another phone's entry is nothing to a steward, as is one that never was."""
    scan, by = one.scan, one.by
    found = await query(FOUND.format(lock=lock()), [scan.undoes, by.event_id])
    if not found or not (by.leads or found[0]["door_pass_id"] == by.id):
        return Judged(one, NOTHING, {})
    row = found[0]
    judged = Judged(one, NOTHING, {}, bearer_of(row))
    since = one.happened_at - (moment(row["happened_at"]) or one.happened_at)
    if not by.leads and not (row["last"] and since <= timedelta(seconds=UNDO_SECONDS)):
        return judged._replace(verdict=NEEDS_LEAD)
    if not await query(LEAVE, [row["ticket_id"], row["door_id"], scan.undoes]):
        return judged
    ticket = Ticket(id=row["ticket_id"])
    await audit.record(Action.SCANS_UNDONE, ticket, by=by, at=one.at, event_id=by.event_id, door=row["door_id"])
    return judged._replace(verdict=UNDONE)

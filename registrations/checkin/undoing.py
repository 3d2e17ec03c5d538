"""Undoing an entry or an exit. A steward can undo their own last one within a minute; a lead's override undoes any. The
undo is a row of its own. Whoever else was let in with the ticket stays in.
"""

from datetime import timedelta
from typing import Any

from events.audit import audit
from events.audit.action import Action
from events.ground.database import moment, query, within_tx
from registrations.codes.verdict import UNDO_CODES, Verdict
from registrations.people.person import COLUMNS
from registrations.phones.door import ENTRANCES
from registrations.phones.scan_answer import UNDO_SECONDS, guest_of
from registrations.tickets.ticket import REFERENCE_COLUMNS, Ticket

from . import moving_on, reconciling, together
from .attendance_ledger import Passage, replay
from .conflict import Outcome
from .received_scan import Judged, Key, ReceivedScan, keep, passed_anyway_id
from .rooms import at_entrance
from .scan import STILL_STANDS, WENT_THROUGH, WITH_ROOM

FOUND = f"""SELECT s.client_id, s.door_pass_id, s.door_id, s.happened_at, s.ticket_id, s.kind, s.answer, d.presence,
    {REFERENCE_COLUMNS}, {COLUMNS}, s.id
    FROM scan s JOIN ticket t ON t.id = s.ticket_id JOIN registration r ON r.id = t.registration_id
    JOIN door d ON d.id = s.door_id
    WHERE s.client_id IN (?, ?) AND t.event_id = ? AND {WENT_THROUGH} AND {STILL_STANDS}
    AND s.code <> '{WITH_ROOM}'"""  # noqa: S608  # what follows from another scan is undone with that
# An entry at the entrance that one into a room tells of, or an exit of which `was_seen` says that nobody saw it.
FOLLOWED = f"s.inferred AND (s.code = '{WITH_ROOM}' OR (NOT s.offline AND s.code = ''))"
LATEST = f"""SELECT s.id, s.client_id, s.answer, s.happened_at FROM scan s
    WHERE s.door_pass_id = ? AND {WENT_THROUGH} AND NOT ({FOLLOWED})
    ORDER BY s.happened_at DESC, s.id DESC LIMIT 5"""  # noqa: S608  # ours
SAME_MOMENT = timedelta(seconds=1)  # times pulled to one moment differ by nothing that counts: then by what came last
LEAVE = "DELETE FROM admission WHERE ticket_id = ? AND presence = ? RETURNING id"
SETTLE = """UPDATE conflict SET settled_at = ?, settled_by = ?, outcome = ?
    WHERE settled_at IS NULL AND (first_scan = ? OR second_scan = ?) RETURNING id"""


@within_tx
async def undo(received: ReceivedScan) -> Judged:
    """Undoes a scan whose ticket is locked already. A steward cannot undo another phone's entry, nor one that never
    was.

    If the phone let them in by itself against our answer, that row is the one undone.
    """
    scan, by = received.scan, received.by
    found = await query(FOUND, [scan.undoes, passed_anyway_id(scan.undoes or ""), by.event_id])
    leads = scan.code in UNDO_CODES  # a phone without the lead's override has lost it by now
    if not found or not (leads or found[0]["door_pass_id"] == by.id):
        return Judged(received, Verdict.NOTHING_TO_UNDO, {})
    row = found[0]
    received = received._replace(scan=scan._replace(undoes=row["client_id"]))
    judged = Judged(received, Verdict.NOTHING_TO_UNDO, {}, guest_of(row))
    since = received.happened_at - (moment(row["happened_at"]) or received.happened_at)
    if not leads and not (since <= timedelta(seconds=UNDO_SECONDS) and await _is_last(row)):
        return judged._replace(verdict=Verdict.UNDO_NEEDS_LEAD)
    everywhere = await reconciling.passages([row["ticket_id"]])
    past = everywhere[row["ticket_id"], row["presence"]]
    gone = next(passage for passage in past if passage.scan == row["client_id"])
    if gone.out and any(passage.at > gone.at for passage in past if not passage.out):  # they have come in again since
        return judged
    await _take_back(judged, row, past, gone)
    past.remove(gone)
    await moving_on.after_undo(judged, gone)
    await _uncount(judged, row, everywhere, gone)
    await _count_anew(judged, everywhere)
    ticket = Ticket(id=row["ticket_id"])
    code = {"code": scan.code, "lead": received.decided_by} if scan.code else {}
    await audit.record(
        Action.SCANS_UNDONE, ticket, by=by, at=received.at, event_id=by.event_id, door=row["door_id"], **code
    )
    return judged._replace(verdict=Verdict.UNDONE, moved=True)


async def _uncount(judged: Judged, row: dict[str, Any], everywhere: dict[Key, list[Passage]], gone: Passage) -> None:
    """With an entry into a room goes the one at the entrance that followed from it."""
    entrance = row["ticket_id"], ENTRANCES
    for entry in at_entrance.unfounded(everywhere, row["ticket_id"], gone):
        there = row | {"presence": ENTRANCES, "door_id": entry.door}
        await _take_back(judged, there, everywhere[entrance], entry)
        everywhere[entrance].remove(entry)
        await keep([moving_on.undo_with(judged, entrance, entry)])


async def _count_anew(judged: Judged, everywhere: dict[Key, list[Passage]]) -> None:
    """Whoever was seen in a room is in the building, also where the entry at the entrance was somebody else's."""
    key = judged.key[0], ENTRANCES
    there = everywhere[key]
    while entry := at_entrance.after_undo(judged, everywhere):
        before, passage = replay(there), reconciling.passage_of(entry.received)
        there.append(passage)
        after = replay(there)
        await reconciling.hold({key: after})
        await reconciling.explain(entry, before, after)
        await reconciling.open_doubles(key[0], passage.door, after.doubles, judged.received.at)
        await keep([entry])


async def _is_last(row: dict[str, Any]) -> bool:
    """Whether it is the last entry or exit of its phone, even if an older scan was sent later. Of those who were let in
    beside each other, each is."""
    for latest in await query(LATEST, [row["door_pass_id"]]):
        theirs, this = moment(latest["happened_at"]), moment(row["happened_at"])
        after = theirs - this if theirs and this else SAME_MOMENT
        if together.are_pair(row, latest):
            continue
        if after > SAME_MOMENT or (after > -SAME_MOMENT and latest["id"] > row["id"]):
            return False
    return True


async def _take_back(judged: Judged, row: dict[str, Any], past: list[Passage], gone: Passage) -> None:
    before, after = replay(past), replay([passage for passage in past if passage != gone])
    key = (row["ticket_id"], row["presence"])
    if after.admission is None:
        await query(LEAVE, list(key))
    else:
        await reconciling.hold({key: after})
        await reconciling.note_move(judged, before, after)
    by, at = judged.received.by, judged.received.at
    await query(SETTLE, [at, by.actor, Outcome.UNDONE.value, gone.scan, gone.scan])
    await reconciling.open_doubles(row["ticket_id"], row["door_id"], after.doubles, at)

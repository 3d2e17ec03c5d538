"""Deletes entries of the audit log when their twelve months are over, and moves the boundary at which it begins.

Only what is whole is deleted: each seal and each entry is verified first. Where one is not, deletion stops before it.
So nobody without the key has Muster delete anything early, and what was tampered with stays to be looked at.
"""

import hmac
from datetime import date, datetime, timedelta

from events.ground import clock
from events.ground.database import moment, query, run_tx

from . import audit, audit_seal, boundary
from .action import Action
from .audit import Actor, AuditEntry
from .audit_seal import Damaged
from .boundary import Boundary
from .seal import AuditSeal

KEPT_FOR = timedelta(days=365)
BATCH = 100
NOT_WHOLE = "Entries of the audit log are over and stay, since they are not whole: see audit verify. The first is {}."
OLDEST = "SELECT e.at FROM audit_seal s JOIN audit_entry e ON e.id = s.entry_id ORDER BY s.sequence LIMIT 1"


def first_kept_day(at: datetime) -> date:
    """By the venue's calendar. All that was done on a day goes together."""
    return clock.local(at).date() - KEPT_FOR


async def next_day() -> date | None:
    """When the oldest entry goes; None while none is sealed."""
    rows = await query(OLDEST)
    oldest = moment(rows[0]["at"]) if rows else None
    return clock.local(oldest).date() + KEPT_FOR + timedelta(days=1) if oldest else None


@run_tx
async def forget(at: datetime, by: Actor) -> int:
    """Deletes the oldest entries that are over, so many at once, and returns how many. The newest seal always stays.

    Raises Damaged when the first of them is not whole.
    """
    begins = await boundary.standing()
    if begins.fault:
        raise Damaged(begins.fault)
    over = await _over(begins, clock.at_venue(first_kept_day(at), 0, 0))
    if not over:
        return 0
    last, ids = over[-1], [seal.entry_id for seal in over]
    if not await boundary.move(begins, last.sequence, last.mac, max(ids)):
        return 0
    await AuditEntry.filter(id__in=ids).delete()
    await AuditSeal.filter(sequence__gt=begins.sequence, sequence__lte=last.sequence).delete()
    await audit.record(Action.ENTRIES_DELETED, by=by, at=at, number=len(over), up_to_seal=last.sequence)
    return len(over)


async def _over(begins: Boundary, before: datetime) -> list[AuditSeal]:
    """Seals from the boundary on whose entries are older than that, as far as all is whole."""
    seals = await AuditSeal.filter(sequence__gt=begins.sequence).order_by("sequence").limit(BATCH + 1)
    entries = {entry.id: entry for entry in await AuditEntry.filter(id__in=[seal.entry_id for seal in seals])}
    over, newest = list[AuditSeal](), begins.mac
    for sequence, seal in enumerate(seals[:-1], start=begins.sequence + 1):  # the last of all is never among them
        entry = entries.get(seal.entry_id)
        if entry is None or not _is_whole(seal, entry, sequence, newest):
            if over or await boundary.standing() != begins:  # another process has deleted these meanwhile
                break
            raise Damaged(NOT_WHOLE.format(f"seal {sequence}"))
        if entry.at >= before:
            break
        over.append(seal)
        newest = seal.mac
    return over


def _is_whole(seal: AuditSeal, entry: AuditEntry, sequence: int, before: str) -> bool:
    macs = audit_seal.macs(sequence, entry, before)
    sealed = any(hmac.compare_digest(seal.mac.encode(), mac.encode()) for mac in macs)
    return sealed and seal.sequence == sequence and audit_seal.is_ours(entry)

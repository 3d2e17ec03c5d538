"""Proves by entries, seals, marks and heads that nothing in the audit log was changed, taken out or put in.

Somebody with the database but without the key cannot secretly change an entry or a seal, write an entry (its mark would
be wrong) or cut seals off. They can empty the whole log, or remove everything from some moment on and put back the note
of that moment from a copy. Only a head that was noted elsewhere shows that. The desk shows the head, and `audit head`
prints it.
"""

import hmac
import json
from collections.abc import AsyncIterator
from datetime import UTC
from typing import Any

from . import audit_seal, boundary
from .audit import AuditEntry
from .boundary import Boundary
from .seal import NO_SEAL, AuditSeal, head_of, number_in

PUT_BACK = "Seals up to {0} stand there again. They were deleted, since their time was over: somebody put them back."
BEFORE = "The head noted earlier, {0}, lies before what is kept, which begins after seal {1}: it can prove nothing now."


class Seen:
    """What has passed by so far: heads, marks, seals that are missing, and entries that hold a head that did not."""

    def __init__(self) -> None:
        self.heads: set[str] = {NO_SEAL}
        self.gaps: list[range] = []
        self.marks: dict[str, int] = {}
        self.unknown: list[AuditEntry] = []
        self.vouched: dict[str, int] = {}  # an entry as "12:mark", and which entry vouches for it
        self.faults = 0

    def look_at(self, entry: AuditEntry) -> str:
        """A sentence if the entry is a copy of an earlier one."""
        self.vouched |= dict.fromkeys(entry.vouches.split(), entry.id)
        first = self.marks.setdefault(entry.mark, entry.id)
        if first != entry.id:
            return f"Entry {entry.id} is a copy of entry {first}: Muster did not write it."
        told = any(number_in(entry.written_after) in gap for gap in self.gaps)
        if entry.written_after not in self.heads and not told and audit_seal.is_ours(entry):
            self.unknown.append(entry)
        return ""

    async def taken_out(self) -> str:
        """A sentence if more entries are gone than the chain shows: they were never in it.

        A running server may have sealed some between our look at the chain and at what waits: they are there now.
        """
        gone = await boundary.missing(set(self.vouched) - {f"{id_}:{mark}" for mark, id_ in self.marks.items()})
        if len(gone) <= self.faults:
            return ""
        more, by = (
            f"{len(gone)} entries were" if len(gone) > 1 else "An entry was",
            min(self.vouched[of] for of in gone),
        )
        return f"{more} taken out before the seal was made: entry {by} was written after, and vouches."


async def verify(noted: str | None = None) -> list[str]:
    """What is wrong with the audit log, a sentence for each entry. Empty when it is whole. `noted` is an earlier
    head.

    A running server may have deleted some while we looked: then we look again.
    """
    while True:
        begins = await boundary.standing()
        faults = [fault async for fault in _faults(begins, noted)]
        if not faults or begins == await boundary.standing():
            return faults


async def says_of(noted: str | None) -> str:
    """A sentence if this earlier head lies before what is kept, so that it cannot be compared; no fault."""
    begins = await boundary.standing()
    before = noted is not None and number_in(noted) < begins.sequence
    return BEFORE.format(noted, begins.sequence) if before else ""


async def _faults(begins: Boundary, noted: str | None) -> AsyncIterator[str]:
    if begins.fault:
        yield begins.fault
    if await AuditSeal.exists(sequence__lte=begins.sequence):
        yield PUT_BACK.format(begins.sequence)
    expected, before, seen = begins.sequence + 1, begins.mac, Seen()
    async for seal, entry in _chain(begins.sequence):
        if seal.sequence > expected:
            seen.gaps.append(range(expected, seal.sequence))
            seen.faults += seal.sequence - expected
            yield _gap(expected, seal, entry)
        elif fault := _fault(seal, entry, before):
            seen.faults += 1
            yield fault
        if entry is not None and (copied := seen.look_at(entry)):
            yield copied
        seen.heads.add(head_of(seal.sequence, seal.mac))
        expected, before = seal.sequence + 1, seal.mac
    if noted is not None and noted not in seen.heads and not begins.explains(noted):
        yield f"The head noted earlier, {noted}, is not in the chain: it was cut off or made anew."
    if cut := audit_seal.cut_off(await audit_seal.standing_now()):
        yield cut
    async for fault in _later_faults(seen):
        seen.faults += 1
        yield fault
    if not cut and (gone := await seen.taken_out()):
        yield gone


async def _later_faults(seen: Seen) -> AsyncIterator[str]:
    """Checks the newest entries, which still wait for their seal, so that a foreign one is named now."""
    async for entry in _all_unsealed():
        if copied := seen.look_at(entry):
            yield copied
        elif not audit_seal.is_ours(entry):
            yield f"Entry {entry.id} was inserted: Muster did not write it. It has no seal yet."
    if lost := await audit_seal.without_their_head(seen.unknown):
        yield audit_seal.lost_entries_sentence(lost)


def _gap(expected: int, seal: AuditSeal, entry: AuditEntry | None) -> str:
    """The seal after a gap cannot be checked, since the one before it is gone; its entry's mark can."""
    missing = f"Seal {expected}" if seal.sequence - expected == 1 else f"Seals {expected} to {seal.sequence - 1}"
    changed = (
        f" Entry {seal.entry_id} was changed or removed." if entry is None or not audit_seal.is_ours(entry) else ""
    )
    return f"{missing} removed, with the entries that they sealed.{changed}"


def _fault(seal: AuditSeal, entry: AuditEntry | None, before: str) -> str:
    if entry is None:
        return f"Entry {seal.entry_id} was removed (seal {seal.sequence})."
    ours = audit_seal.macs(seal.sequence, entry, before)
    sealed = any(hmac.compare_digest(seal.mac.encode(), mac.encode()) for mac in ours)
    if sealed and audit_seal.is_ours(entry):
        return ""
    if sealed:
        return f"Entry {entry.id} was inserted: Muster did not write it."
    if audit_seal.is_ours(entry):
        return f"The seal of entry {entry.id} was changed or moved (seal {seal.sequence})."
    return f"Entry {entry.id} was changed (seal {seal.sequence})."


async def lines(after: int) -> AsyncIterator[str]:
    """Each entry sealed after this number, as JSON on one line. It names nobody, as the entry does not."""
    async for seal, entry in _chain(after):
        said: dict[str, Any] = {"seal": seal.sequence, "mac": seal.mac, "entry": seal.entry_id}
        if entry is not None:
            said |= {"at": entry.at.astimezone(UTC).isoformat(), "actor": entry.actor, "action": entry.action.value}
            said |= {"event": entry.event_id, "subject": entry.subject, "details": entry.details, "mark": entry.mark}
            said |= {"source": entry.source}
        yield json.dumps(said, ensure_ascii=False, sort_keys=True)


async def _chain(after: int = 0) -> AsyncIterator[tuple[AuditSeal, AuditEntry | None]]:
    last = after
    while batch := await AuditSeal.filter(sequence__gt=last).order_by("sequence").limit(audit_seal.BATCH):
        entries = {
            audit_entry.id: audit_entry
            for audit_entry in await AuditEntry.filter(id__in=[seal.entry_id for seal in batch])
        }
        for seal in batch:
            yield seal, entries.get(seal.entry_id)
        last = batch[-1].sequence


async def _all_unsealed() -> AsyncIterator[AuditEntry]:
    floor = 0
    while batch := await audit_seal.unsealed(floor):
        for entry in batch:
            yield entry
        floor = batch[-1].id

"""Sealing the record into a chain, and proving later that nothing in it was changed, taken out or put in.

A seal is a MAC over its number, the entry and the seal before. It is made by a turn of its own, in batches, a second
later at most, so that the chain never makes people wait at the door. Who has the database without the key can change
neither entry nor seal unseen, nor write an entry (its mark would not be ours). That the newest were cut off shows only
in a head that was noted elsewhere: it stands on the desk and on every export.
"""

import asyncio
import hashlib
import hmac
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import datetime
from typing import NamedTuple

import structlog
from tortoise.exceptions import IntegrityError

from . import keys, live
from .audit import MARKS, AuditEntry, AuditSeal
from .database import query, run_tx

BATCH = 500
GATHER_SECONDS = 0.5  # after the first entry of a batch
LOOK_SECONDS = 30.0  # without being woken, in case another process has written
BEHIND = 5_000  # an entry that is committed late has a number at most so far behind; at a start all are looked at
SHOWN = 20  # hex digits of a seal in a head
log = structlog.get_logger()


class Head(NamedTuple):
    """The newest seal: note it somewhere else, and later it proves that the record up to it is still whole."""

    sequence: int
    entry_id: int
    mac: str
    at: datetime | None  # of the entry that it seals

    def __str__(self) -> str:
        return f"{self.sequence}-{self.mac[:SHOWN]}"


async def run(stop: asyncio.Event) -> None:
    """Seals what is new until `stop` is set, and what is left then."""
    wake, floor = live.hub().wake("audit"), 0
    while True:
        wake.clear()
        try:
            floor = max(floor, await seal_all(floor) - BEHIND)
        except Exception as error:  # the database is away: the entries wait, and nothing else may suffer
            log.error("audit not sealed", error=type(error).__name__)
        if stop.is_set():
            return
        with suppress(TimeoutError):
            await asyncio.wait_for(_either(wake, stop), LOOK_SECONDS)
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), GATHER_SECONDS)


async def seal_all(floor: int = 0) -> int:
    """Seals every entry above this number that has no seal, oldest first; the number of the highest sealed one."""
    highest = 0
    while True:
        try:
            sealed = await _seal_some(floor)
        except IntegrityError:  # another process sealed at the same moment: look again
            continue
        if not sealed:
            return highest
        highest = max(highest, *sealed)


async def head() -> Head | None:
    newest = await AuditSeal.all().order_by("-sequence").first()
    if newest is None:
        return None
    entry = await AuditEntry.get_or_none(id=newest.entry_id)
    return Head(newest.sequence, newest.entry_id, newest.mac, entry.at if entry else None)


async def verify(noted: str | None = None) -> list[str]:
    """What is wrong with the record, a sentence for each entry; nothing when it is whole. `noted`: an earlier head."""
    return [fault async for fault in _faults(noted)]


async def _faults(noted: str | None) -> AsyncIterator[str]:
    expected, before, seen = 1, "", ""
    async for seal, entry in _chain():
        if seal.sequence > expected:
            yield _gap(expected, seal, entry)
        elif fault := _fault(seal, entry, before):
            yield fault
        if noted and noted.startswith(f"{seal.sequence}-"):
            seen = f"{seal.sequence}-{seal.mac[:SHOWN]}"
        expected, before = seal.sequence + 1, seal.mac
    if noted and seen != noted:
        yield f"The head noted earlier, {noted}, is not in the chain: it was cut off or made anew."
    async for late in _unsealed_before():
        yield late


def _gap(expected: int, seal: AuditSeal, entry: AuditEntry | None) -> str:
    """The seal after a gap cannot be checked, since the one before it is gone; its entry's mark can."""
    missing = f"Seal {expected}" if seal.sequence - expected == 1 else f"Seals {expected} to {seal.sequence - 1}"
    changed = f" Entry {seal.entry_id} was changed or removed." if entry is None or not is_ours(entry) else ""
    return f"{missing} removed, with the entries that they sealed.{changed}"


def _fault(seal: AuditSeal, entry: AuditEntry | None, before: str) -> str:
    if entry is None:
        return f"Entry {seal.entry_id} was removed (seal {seal.sequence})."
    sealed = any(hmac.compare_digest(seal.mac, mac) for mac in _macs(seal.sequence, entry, before))
    if sealed and is_ours(entry):
        return ""
    if sealed:
        return f"Entry {entry.id} was inserted: Muster did not write it."
    if is_ours(entry):
        return f"The seal of entry {entry.id} was changed or moved (seal {seal.sequence})."
    return f"Entry {entry.id} was changed (seal {seal.sequence})."


def is_ours(entry: AuditEntry) -> bool:
    """Whether the mark it was written with is still right."""
    marks = (entry.mark_under(key, entry.mark[:8]) for key in keys.ring().sub_keys(MARKS))
    return any(hmac.compare_digest(mark.encode(), entry.mark.encode()) for mark in marks)


async def _chain() -> AsyncIterator[tuple[AuditSeal, AuditEntry | None]]:
    last = 0
    while batch := await AuditSeal.filter(sequence__gt=last).order_by("sequence").limit(BATCH):
        entries = {one.id: one for one in await AuditEntry.filter(id__in=[seal.entry_id for seal in batch])}
        for seal in batch:
            yield seal, entries.get(seal.entry_id)
        last = batch[-1].sequence


async def _unsealed_before() -> AsyncIterator[str]:
    """Entries that wait for their seal are the newest ones; a foreign one among them is named now."""
    for entry in await _unsealed(0):
        if not is_ours(entry):
            yield f"Entry {entry.id} was inserted: Muster did not write it. It has no seal yet."


@run_tx
async def _seal_some(floor: int) -> list[int]:
    newest = await AuditSeal.all().order_by("-sequence").first()
    sequence, before = (newest.sequence, newest.mac) if newest else (0, "")
    entries, seals = await _unsealed(floor), []
    for entry in entries:
        sequence += 1
        before = _macs(sequence, entry, before)[0]
        seals.append(AuditSeal(sequence=sequence, entry_id=entry.id, mac=before))
    await AuditSeal.bulk_create(seals)
    return [entry.id for entry in entries]


async def _unsealed(floor: int) -> list[AuditEntry]:
    rows = await query(
        "SELECT id FROM audit_entry WHERE id > ? AND NOT EXISTS"
        " (SELECT 1 FROM audit_seal WHERE audit_seal.entry_id = audit_entry.id) ORDER BY id LIMIT ?",
        [floor, BATCH],
    )
    return await AuditEntry.filter(id__in=[row["id"] for row in rows]).order_by("id")


def _macs(sequence: int, entry: AuditEntry, before: str) -> list[str]:
    """The seal under each key of ours, the newest first."""
    said = f"{sequence}|{before}|{entry.id}|{entry.mark}|{entry.canonical()}".encode()
    return [hmac.new(key, said, hashlib.sha256).hexdigest() for key in keys.ring().sub_keys("audit seals")]


async def _either(*events: asyncio.Event) -> None:
    """Until one of them is set."""
    tasks = [asyncio.create_task(event.wait()) for event in events]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()

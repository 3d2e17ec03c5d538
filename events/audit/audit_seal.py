"""Seals the audit log into a chain within a second, and notices when something was cut off the chain.

A seal is a MAC over its number, the entry and the seal before. A turn of its own makes seals in batches, so that people
at the door never wait for the chain.

If the newest seals were cut off, two things show it: the note of the newest seal, which is kept under the key
(AuditReach), and every later entry, which holds the head that stood when it was written. A chain that was cut is never
sealed over. What was deleted after its twelve months is no cut: a boundary says so (events/audit/boundary.py).
events/audit/audit_verify.py and docs/architecture.md say what else can be seen, and what cannot.
"""

import asyncio
import hashlib
import hmac
import re
from contextlib import suppress
from datetime import datetime
from itertools import chain
from typing import Any, NamedTuple

import structlog
from tortoise.exceptions import IntegrityError

from events.ground import keys, live
from events.ground.database import query, run_tx

from . import boundary
from .audit import MARKS, AuditEntry, unvouched
from .seal import NO_SEAL, SHOWN, AuditReach, AuditSeal, head_of, number_in

BATCH = 500
GATHER_SECONDS = 0.5  # after the first entry of a batch
LOOK_SECONDS = 30.0  # without being woken, in case another process has written
BEHIND = 5_000  # an entry that is committed late has a number at most so far behind; at a start all are looked at
HEAD = re.compile(rf"[0-9]{{1,9}}-[0-9a-f]{{{SHOWN}}}")
TAKEN_OUT = "Entries that Muster had written are gone ({}). Look at the triggers: ./run doctor names strange ones."
STOPPED = "Nothing more is sealed."
THE_NOTE = 1  # the one row's number
# In one statement, since another process may seal or delete between two.
STANDING = """SELECT s.sequence, s.mac, r.sequence AS noted, r.mac AS noted_mac, r.proof,
    (SELECT min(sequence) FROM audit_seal) AS lowest, b.sequence AS boundary_sequence, b.mac AS boundary_mac,
    b.entry_id AS boundary_entry_id, b.proof AS boundary_proof
    FROM (SELECT 1 AS one) only_one
    LEFT JOIN (SELECT sequence, mac FROM audit_seal ORDER BY sequence DESC LIMIT 1) s ON 1 = 1
    LEFT JOIN audit_reach r ON r.id = 1 LEFT JOIN audit_boundary b ON b.id = 1"""
log = structlog.get_logger()
_trouble = ""


class Damaged(Exception):
    """Seals are missing that stood before. The sentence holds no name."""


def trouble() -> str:
    """What is wrong with the audit log, and whether it stops the sealing; nothing when all is well."""
    return _trouble


class Head(NamedTuple):
    """The newest seal: note it somewhere else, and later it proves that the audit log up to it is still whole."""

    sequence: int
    entry_id: int
    mac: str
    at: datetime | None  # of the entry that it seals

    def __str__(self) -> str:
        return head_of(self.sequence, self.mac)


async def run(stop: asyncio.Event) -> None:
    """Seals new entries until `stop` is set, and then the rest. Over a cut it seals nothing, and says so."""
    wake, floor, seen = live.hub().wake("audit"), 0, None
    looked, gone = 0, ""
    while True:
        wake.clear()
        last = stop.is_set()  # asked before: what is written while we seal would be left over
        try:
            await _still_there(seen)
            floor = max(floor, await seal_all(floor) - BEHIND)
            seen = await head()
            gone, looked = gone or await taken_out(looked), seen.entry_id if seen else 0
            _alarm(gone)
        except Damaged as damage:
            _alarm(f"{damage} {STOPPED}")
        except Exception as error:  # the database is away: the entries wait, and nothing else may suffer
            log.error("audit not sealed", error=type(error).__name__)
        if last:
            return _alarm("")
        with suppress(TimeoutError):
            await asyncio.wait_for(_either(wake, stop), LOOK_SECONDS)
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), GATHER_SECONDS)


def _alarm(sentence: str) -> None:
    """Logs it once; /readyz and the desk show it for as long as it lasts."""
    global _trouble
    if sentence and sentence != _trouble:
        log.error("audit log damaged", fault=sentence)
    _trouble = sentence


async def _still_there(seen: Head | None) -> None:
    """A running server remembers the last seal that it saw, so not even an older copy of the note helps an attacker."""
    if seen is None or await AuditSeal.exists(sequence=seen.sequence, mac=seen.mac):
        return
    if not (await boundary.standing()).explains(str(seen)):
        raise Damaged(f"Seal {seen.sequence} stood a moment ago, and is gone or was made anew.")


async def taken_out(floor: int = 0) -> str:
    """Whether entries that were committed are gone: our own newest, or those that entries above this vouch for. Not
    those whose time was over."""
    vouched = await AuditEntry.filter(id__gt=floor).order_by("-id").limit(BATCH).values_list("vouches", flat=True)
    mine = chain.from_iterable(list(entries)[-BATCH:] for entries in unvouched().values())
    known = set(list(mine)[-BATCH:]).union(*(str(entries).split() for entries in vouched))
    if gone := await boundary.missing(known):
        return TAKEN_OUT.format(len(gone))
    return ""


async def seal_all(floor: int = 0) -> int:
    """Seals every entry above this number that has no seal, oldest first. Returns the highest number that is sealed.

    Raises Damaged when earlier seals are missing.
    """
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


async def without_their_head(entries: list[AuditEntry]) -> list[AuditEntry]:
    """Those of ours whose head is not in the chain now."""
    held = {entry.written_after for entry in entries} - {NO_SEAL}
    seals = await AuditSeal.filter(sequence__in=sorted({number_in(head) for head in held})) if held else []
    lost = held - {head_of(seal.sequence, seal.mac) for seal in seals}
    if lost:
        begins = await boundary.standing()  # read last: it may have moved meanwhile
        lost = {head for head in lost if not begins.explains(head)}
    return [entry for entry in entries if entry.written_after in lost and is_ours(entry)]


def lost_entries_sentence(lost: list[AuditEntry]) -> str:
    more = f" and {len(lost) - 1} more were" if len(lost) > 1 else " was"
    highest = max(number_in(entry.written_after) for entry in lost)
    first = min(entry.id for entry in lost)
    return f"Entry {first}{more} written when seal {highest} stood. It is gone or was made anew, and others with it."


async def standing_now() -> dict[str, Any]:
    """The newest seal, and the note of the newest seal."""
    [row] = await query(STANDING)
    return row


def cut_off(standing: dict[str, Any]) -> str:
    """Whether seals were cut off, by the note that only the key can move; nothing when it agrees with the chain."""
    newest, noted = standing["sequence"] or 0, standing["noted"]
    if noted is None:
        return "" if newest == 0 else "The note of the newest seal was removed."
    proofs = _proofs(noted, standing["noted_mac"])
    if not any(hmac.compare_digest(standing["proof"].encode(), proof.encode()) for proof in proofs):
        return "The note of the newest seal was changed."
    if newest < noted:
        which = f"Seals {newest + 1} to {noted} were" if noted - newest > 1 else f"Seal {noted} was"
        return f"{which} cut off: Muster had noted {noted if noted - newest > 1 else 'it'} as the newest."
    if newest > noted:
        return f"The seals after {noted} were not made by Muster, or its note is an older one."
    return "" if standing["mac"] == standing["noted_mac"] else f"Seal {noted} is not the one that Muster had noted."


def is_ours(entry: AuditEntry) -> bool:
    """Whether the mark it was written with is still right."""
    marks = (entry.mark_under(key, entry.mark[:8]) for key in keys.ring().sub_keys(MARKS))
    return any(hmac.compare_digest(mark.encode(), entry.mark.encode()) for mark in marks)


@run_tx
async def _seal_some(floor: int) -> list[int]:
    standing, entries = await standing_now(), await unsealed(floor)
    if fault := cut_off(standing) or boundary.fault_at_the_beginning(standing):
        raise Damaged(fault)
    if lost := await without_their_head(entries):
        raise Damaged(lost_entries_sentence(lost))
    sequence, before, seals = standing["sequence"] or 0, standing["mac"] or "", []
    for entry in entries:
        sequence += 1
        before = macs(sequence, entry, before)[0]
        seals.append(AuditSeal(sequence=sequence, entry_id=entry.id, mac=before))
    if seals:
        await AuditSeal.bulk_create(seals)  # first: who comes second learns of it by the number, and looks again
        await _note(sequence, before)
    return [entry.id for entry in entries]


async def _note(sequence: int, mac: str) -> None:
    proof = _proofs(sequence, mac)[0]
    if not await AuditReach.filter(id=THE_NOTE).update(sequence=sequence, mac=mac, proof=proof):
        await AuditReach.create(id=THE_NOTE, sequence=sequence, mac=mac, proof=proof)


async def unsealed(floor: int) -> list[AuditEntry]:
    rows = await query(
        "SELECT id FROM audit_entry WHERE id > ? AND NOT EXISTS"
        " (SELECT 1 FROM audit_seal WHERE audit_seal.entry_id = audit_entry.id) ORDER BY id LIMIT ?",
        [floor, BATCH],
    )
    return await AuditEntry.filter(id__in=[row["id"] for row in rows]).order_by("id")


def macs(sequence: int, entry: AuditEntry, before: str) -> list[str]:
    """The seal under each key of ours, the newest first."""
    said = f"{sequence}|{before}|{entry.id}|{entry.mark}|{entry.canonical()}".encode()
    return [hmac.new(key, said, hashlib.sha256).hexdigest() for key in keys.ring().sub_keys("audit seals")]


def _proofs(sequence: int, mac: str) -> list[str]:
    """Of the note of this seal, under each key of ours, the newest first."""
    said = f"{sequence}|{mac}"
    return [hmac.new(key, said.encode(), hashlib.sha256).hexdigest() for key in keys.ring().sub_keys("audit reach")]


async def _either(*events: asyncio.Event) -> None:
    """Until one of them is set."""
    tasks = [asyncio.create_task(event.wait()) for event in events]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()

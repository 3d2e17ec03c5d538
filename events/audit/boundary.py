"""Where the audit log begins: at a boundary below which all was deleted, since its twelve months were over.

The boundary is one row with the number and the seal of the last link that was deleted, and a proof under the key.
Nobody without the key can make one, or move it: a false one is reported, and counts as none.
"""

import hashlib
import hmac
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from events.ground import keys
from events.ground.database import query, within_tx

from .audit import AuditEntry
from .seal import AuditBoundary, head_of, number_in

THE_ONE = 1  # the one row's number
FALSE = "The boundary at which the audit log begins was changed: Muster did not make it."
NO_BOUNDARY = "The audit log begins at seal {}, and no boundary of Muster's says that those before it were deleted."
PUT = """INSERT INTO audit_boundary (id, sequence, mac, entry_id, proof) VALUES (?, ?, ?, ?, ?)
    ON CONFLICT (id) DO UPDATE SET sequence = excluded.sequence, mac = excluded.mac, entry_id = excluded.entry_id,
    proof = excluded.proof WHERE audit_boundary.sequence = ? RETURNING id"""
TOGETHER = 500  # marks looked for at once


class Boundary(NamedTuple):
    """Nothing was deleted yet where its number is 0."""

    sequence: int = 0
    mac: str = ""
    entry_id: int = 0  # the highest number of an entry that was deleted
    fault: str = ""

    def explains(self, head: str) -> bool:
        """Whether this head is not in the chain any more because its time was over."""
        number = number_in(head)
        return number < self.sequence or (number == self.sequence and head == head_of(self.sequence, self.mac))


async def standing() -> Boundary:
    row = await AuditBoundary.get_or_none(id=THE_ONE)
    return _of(row.sequence, row.mac, row.entry_id, row.proof) if row else Boundary()


async def missing(vouched: Iterable[str]) -> set[str]:
    """Of entries for which others vouch, as "12:mark": those that are not there, although their time is not over."""
    marks = {entry.partition(":")[2]: entry for entry in vouched}
    there: set[Any] = set()
    for first in range(0, len(marks), TOGETHER):
        part = list(marks)[first : first + TOGETHER]
        there.update(await AuditEntry.filter(mark__in=part).values_list("mark", flat=True))
    gone = {mark: entry for mark, entry in marks.items() if mark not in there}
    begins = await standing() if gone else Boundary()  # read last: it may have moved meanwhile
    return {entry for entry in gone.values() if not _was_over(entry, begins)}


def fault_at_the_beginning(row: Mapping[str, Any]) -> str:
    """What is wrong where the chain begins; nothing when all is well. `row`: as `audit_seal.standing_now` reads it."""
    said = [row[f"boundary_{column}"] for column in ("sequence", "mac", "entry_id", "proof")]
    boundary = _of(*said) if said[0] is not None else Boundary()
    if boundary.fault or row["lowest"] is None or row["lowest"] == boundary.sequence + 1:
        return boundary.fault
    return NO_BOUNDARY.format(row["lowest"])


def _was_over(entry: str, begins: Boundary) -> bool:
    number = entry.partition(":")[0]
    return number.isdecimal() and int(number) <= begins.entry_id


@within_tx
async def move(before: Boundary, sequence: int, mac: str, entry_id: int) -> bool:
    """False if another process has moved it."""
    to = Boundary(sequence, mac, max(before.entry_id, entry_id))
    values = [THE_ONE, *to[:3], _proofs(to)[0]]
    return bool(await query(PUT, [*values, before.sequence]))


def _of(sequence: int, mac: str, entry_id: int, proof: str) -> Boundary:
    said = Boundary(sequence, mac, entry_id)
    ours = any(hmac.compare_digest(proof.encode(), known.encode()) for known in _proofs(said))
    return said if ours else Boundary(fault=FALSE)


def _proofs(boundary: Boundary) -> list[str]:
    """Under each key of ours, the newest first."""
    said = "|".join(str(part) for part in boundary[:3]).encode()
    return [hmac.new(key, said, hashlib.sha256).hexdigest() for key in keys.ring().sub_keys("audit boundary")]

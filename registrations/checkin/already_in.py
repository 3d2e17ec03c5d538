"""What is answered of a ticket that is in: since when and where, and whether it is a repeat that worries nobody.

A guest who holds their ticket to a phone again is no fraud: where the same phone has let them in within a minute, its
answer says how long ago (`twice`), and the phone asks calmly. So it does where a lead has said that it was a mistake.
The verdict is the same, and what other phones hear.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from events.ground import clock
from events.ground.database import moment, places, query, within_tx
from registrations.codes.verdict import REPEATED_WITHIN, SCANNED_TWICE, Verdict, is_repeat

from .received_scan import Judged
from .scan import LEAD, PAPER, STILL_STANDS, WENT_THROUGH, ScanKind

# The entries of a minute that stand. Whoever has left since comes in anew, or may not.
ENTRIES = f"""SELECT s.ticket_id, s.door_pass_id, s.door_id, s.happened_at FROM scan s JOIN door d ON d.id = s.door_id
    JOIN admission a ON a.ticket_id = s.ticket_id AND a.presence = d.presence AND a.left_at IS NULL
    WHERE s.ticket_id IN ({{tickets}}) AND s.kind = 'in' AND s.happened_at >= ?
    AND ({WENT_THROUGH}) AND {STILL_STANDS} ORDER BY s.happened_at"""  # noqa: S608  # ours


def already_in(judged: Judged, admitted_at: datetime, door: int) -> Judged:
    """Since when, and by which door: its number, since its name is sealed."""
    facts = {"at": clock.time_words(admitted_at), "door": door}
    return judged._replace(verdict=Verdict.ALREADY_IN, facts=facts)


def scanned_twice(judged: Judged, admitted_at: datetime, door: int) -> Judged:
    """A lead has said so: nobody came in by this scan, and whoever is in stays in."""
    known = already_in(judged, admitted_at, door)
    return known._replace(facts=known.facts | {"twice": LEAD})


def is_mistake(judged: Judged) -> bool:
    """Whether a lead says that somebody who is in was scanned again by mistake."""
    scan = judged.received.scan
    return scan.code == SCANNED_TWICE and scan.kind is ScanKind.IN and judged.verdict is Verdict.OK


@within_tx
async def with_repeats(judged: Sequence[Judged]) -> list[Judged]:
    """Notes how many seconds ago the same phone let them in, where that is what was scanned again."""
    asked = [scan for scan in judged if _may_repeat(scan)]
    if not asked:
        return list(judged)
    since = min(scan.received.happened_at for scan in asked) - timedelta(seconds=REPEATED_WITHIN)
    tickets = [scan.key[0] for scan in asked]
    found = await query(ENTRIES.format(tickets=places(len(tickets))), [*tickets, since])
    entries = {(row["ticket_id"], row["door_pass_id"], row["door_id"]): moment(row["happened_at"]) for row in found}
    return [_with_repeat(scan, entries.get(_where(scan))) if scan in asked else scan for scan in judged]


def _may_repeat(judged: Judged) -> bool:
    scan = judged.received.scan
    is_entry = scan.kind is ScanKind.IN and scan.source != PAPER and not scan.mark
    return judged.verdict == Verdict.ALREADY_IN and is_entry and not judged.passed and "twice" not in judged.facts


def _where(judged: Judged) -> tuple[int, int, int]:
    return judged.key[0], judged.received.by.id, judged.received.by.door_id


def _with_repeat(judged: Judged, let_in_at: datetime | None) -> Judged:
    ago = (judged.received.happened_at - let_in_at).total_seconds() if let_in_at else None
    return judged._replace(facts=judged.facts | {"twice": int(ago)}) if ago is not None and is_repeat(ago) else judged

"""Rooms whose door asks whether somebody was counted at the entrance, and the entry there that follows from one tap.

Whoever comes into such a room and is not in at the entrance is counted there at the same moment, by a row of its own,
marked *inferred*: once the steward has said so, or where nobody asked, since they are in already. Entries and exits at
the entrance decide whether they were in then, so what comes late makes the same rows. Rules: EV-01.
"""

from collections.abc import Collection, Mapping, Sequence

from registrations.codes.verdict import Verdict
from registrations.phones.door import ENTRANCES

from ..attendance_ledger import Passage, is_in, replay
from ..received_scan import Judged, Key, ReceivedScan, entrance_id
from ..scan import LONGEST_AGE, PAPER, WITH_ROOM, ScanKind, Sent
from . import limits


def entry_of(judged: Judged) -> Judged:
    """The entry at the entrance, before anybody has looked at what else is known there."""
    return judged._replace(received=judged.received.at_entrance, verdict=Verdict.OK, facts={}, owes=False, joins=False)


def is_owed(judged: Judged, past: Mapping[Key, Sequence[Passage]]) -> bool:
    """Whether who comes in by this scan was not counted at the entrance then; of who still waits for our answer, nor
    is by now."""
    there, at = past.get((judged.key[0], ENTRANCES), ()), judged.received.happened_at
    if not judged.owes or is_in(there, at):
        return False
    now = replay(there)
    return judged.received.scan.entered or now.admission is None or now.left_at is not None


async def question(judged: Judged) -> Judged:
    """What the steward is asked; but where the room is full, or the venue, no answer would let anybody in."""
    by = judged.received.by
    for place in (by, judged.received.at_entrance.by):
        if await limits.is_full(place, joins=judged.joins and place is by):
            return limits.full(judged, place)
    return judged._replace(verdict=Verdict.NOT_COUNTED, facts={}, passed=False)


def after_exit(judged: Judged, past: Mapping[Key, Sequence[Passage]]) -> Judged | None:
    """Whoever went out at the entrance, as is known only now, and came into such a room after that, is in again: the
    entry that follows, if no other is known. `past` has the exit."""
    received, there = judged.received, past[judged.key]
    if judged.key[1] != ENTRANCES or received.scan.kind is not ScanKind.OUT:
        return None
    entries = [passage for key, here in past.items() if key[0] == judged.key[0] for passage in here]
    since = [entry for entry in entries if entry.asks_entrance and entry.at > received.happened_at]
    first = min(since, key=lambda entry: entry.at, default=None)
    if first is None or is_in(there, first.at) or entrance_id(first.scan) in {entry.scan for entry in there}:
        return None
    age, source = (received.at - first.at).total_seconds(), PAPER if first.paper else ""
    scan = Sent(entrance_id(first.scan), ScanKind.IN, age=age, unsure=first.unsure, code=WITH_ROOM, source=source)
    by = received.by._replace(longest_age=LONGEST_AGE)  # the entry's own time was held within what is possible
    return Judged(ReceivedScan(scan, by, received.at, inferred=True), Verdict.OK, {}, judged.guest, passed=True)


def unfounded(past: Mapping[Key, Collection[Passage]], ticket: int, gone: Passage) -> list[Passage]:
    """Entries at the entrance that followed from entries into rooms which were undone, as `gone` is now. One stays
    where anything else was scanned with the ticket at that time or since: somebody has seen them there."""
    rest = [passage for key, there in past.items() if key[0] == ticket for passage in there if passage != gone]
    rooms = {entrance_id(passage.scan) for passage in rest}
    followed = [entry for entry in rest if entry.with_room and entry.scan not in rooms]
    return [entry for entry in followed if not any(other.at >= entry.at for other in rest if other not in followed)]

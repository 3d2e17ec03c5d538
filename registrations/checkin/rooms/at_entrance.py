"""Whoever is in a room is in the building: the entry at the entrance that follows from one into a room.

Whoever goes through a room's door and is not in at the entrance is counted there at the same moment, by a row of its
own, marked *inferred*. A room's door may ask before: then it is once the steward has said so, or where nobody asked,
since they are in already. Entries and exits at the entrance decide whether they were in then, so what comes late makes
the same rows. So everybody inside is in by an admission at the entrances, and the list for an evacuation misses nobody.
Rules: EV-01, SG-15.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime

from registrations.codes.room import FOR_EVERYBODY
from registrations.codes.verdict import Verdict
from registrations.phones.door import ENTRANCES

from ..attendance_ledger import Passage, is_in, replay
from ..received_scan import Judged, Key, ReceivedScan, entrance_id
from ..scan import LONGEST_AGE, PAPER, WITH_ROOM, ScanKind, Sent
from . import limits

EVER = datetime.min.replace(tzinfo=UTC)


def entry_of(judged: Judged) -> Judged:
    """The entry at the entrance, before anybody has looked at what else is known there."""
    return judged._replace(received=judged.received.at_entrance, verdict=Verdict.OK, facts={}, joins=False)


def is_owed(judged: Judged, past: Mapping[Key, Sequence[Passage]]) -> bool:
    """Whether who comes in by this scan was not counted at the entrance then; of who still waits for our answer, nor
    is by now."""
    there, at = past.get((judged.key[0], ENTRANCES), ()), judged.received.happened_at
    if not judged.received.at_room or is_in(there, at):
        return False
    now = replay(there)
    return judged.received.scan.entered or now.admission is None or now.left_at is not None


async def question(judged: Judged) -> Judged:
    """What the steward is asked; but where the room is full, or the venue, no answer would let anybody in."""
    by = judged.received.by
    for place in (by, judged.received.at_entrance.by):
        if await limits.is_full(place, joins=judged.joins and place is by):
            return await limits.full(judged, place)
    return judged._replace(verdict=Verdict.NOT_COUNTED, facts={}, passed=False)


def after_exit(judged: Judged, past: Mapping[Key, Sequence[Passage]]) -> Judged | None:
    """Whoever went out at the entrance, as is known only now, and went through a room's door after that, is in again:
    the entry that follows, if no other is known. `past` has the exit."""
    received = judged.received
    if judged.key[1] != ENTRANCES or received.scan.kind is not ScanKind.OUT:
        return None
    return _missing(judged, past, received.happened_at)


def after_undo(judged: Judged, past: Mapping[Key, Sequence[Passage]]) -> Judged | None:
    """Who went through a room's door and is in at no entrance any more: the entry that follows, if one does. `past` is
    without what was undone."""
    by = judged.received.by
    if by.entrance is None and by.presence != ENTRANCES:
        return None
    door = by.entrance.door if by.entrance else by.door_id
    there = by._replace(door_id=door, presence=ENTRANCES, room=FOR_EVERYBODY, entrance=None)
    return _missing(judged._replace(received=judged.received._replace(by=there)), past, EVER)


def _missing(judged: Judged, past: Mapping[Key, Sequence[Passage]], since: datetime) -> Judged | None:
    received, ticket = judged.received, judged.key[0]
    there = past.get((ticket, ENTRANCES), ())
    at_rooms = [passage for key, here in past.items() if key[0] == ticket for passage in here if passage.at_room]
    after = [passage for passage in at_rooms if passage.at > since and not is_in(there, passage.at)]
    first = min(after, key=lambda passage: passage.at, default=None)
    if first is None or entrance_id(first.scan) in {entry.scan for entry in there}:
        return None
    age, source = (received.at - first.at).total_seconds(), PAPER if first.paper else ""
    scan = Sent(entrance_id(first.scan), ScanKind.IN, age=age, unsure=first.unsure, code=WITH_ROOM, source=source)
    by = received.by._replace(longest_age=LONGEST_AGE)  # the passage's own time was held within what is possible
    return Judged(ReceivedScan(scan, by, received.at, inferred=True), Verdict.OK, {}, judged.guest, passed=True)


def unfounded(past: Mapping[Key, Collection[Passage]], ticket: int, gone: Passage) -> list[Passage]:
    """Entries at the entrance that followed from entries into rooms which were undone, as `gone` is now. One stays
    where anything else was scanned with the ticket at that time or since: somebody has seen them there."""
    rest = [passage for key, there in past.items() if key[0] == ticket for passage in there if passage != gone]
    rooms = {entrance_id(passage.scan) for passage in rest}
    followed = [entry for entry in rest if entry.with_room and entry.scan not in rooms]
    return [entry for entry in followed if not any(other.at >= entry.at for other in rest if other not in followed)]

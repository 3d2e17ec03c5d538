"""Whoever comes into a room has left the one where they were: a person is in one place at a time, among the rooms that
are marked so. Nobody scans that exit. It follows from the entry, and is a row of its own at the room that they left.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from events.ground.database import within_tx
from registrations.codes.verdict import Verdict

from . import reconciling
from .attendance_ledger import Passage, replay, without_known
from .received_scan import Judged, Key, ReceivedScan, keep
from .scan import Scan, ScanKind, Sent

Rooms = Mapping[Key, list[Passage]]  # what went through each of these rooms with one ticket
MOST_TIMES = 8  # that an exit follows, and is undone again
LONGEST = 10.0**9  # seconds: the entry's own time was held within what is possible already


class Left(NamedTuple):
    room: Key
    door: int
    entry: Passage  # into another room


def exit_ids(entry: str, door: int) -> list[str]:
    """The first, and those of the same exit where it was undone and follows again."""
    facts = [f"moved on by {entry} from {door}" + (f", time {n}" if n else "") for n in range(MOST_TIMES)]
    return [hashlib.sha256(fact.encode()).hexdigest()[:32] for fact in facts]


def owed(rooms: Rooms) -> list[Left]:
    """The exits that nobody scanned: of each entry to which the next that follows is into another room. A tick on paper
    of an entry that is known otherwise is no second one."""
    rooms = {room: list(without_known(passages)) for room, passages in rooms.items()}
    return [left for room, passages in rooms.items() for left in _owed_at(room, passages, rooms)]


def _owed_at(room: Key, passages: Sequence[Passage], rooms: Rooms) -> Iterator[Left]:
    elsewhere = [entry for other, there in rooms.items() if other != room for entry in there if not entry.out]
    for entry in [passage for passage in passages if not passage.out]:
        after = [other for other in elsewhere if _order(other) > _order(entry)]
        moved_on = min(after, key=_order, default=None)
        if moved_on and not _has_ended(entry, moved_on, passages):
            yield Left(room, entry.door, moved_on)


def _has_ended(entry: Passage, moved_on: Passage, passages: Sequence[Passage]) -> bool:
    """There is another act at this room between the two, or the exit that follows is there already."""
    known = exit_ids(moved_on.scan, entry.door)
    return any(here.scan in known or (_order(entry) < _order(here) and here.at <= moved_on.at) for here in passages)


def _order(passage: Passage) -> tuple[float, str]:
    """Entries at the same moment have an order too, so that somebody is in one of the two rooms."""
    return passage.at.timestamp(), passage.scan


@within_tx
async def out_of_other_rooms(settled: Sequence[Judged]) -> list[Judged]:
    """The exits that follow from these scans, whose rows are not kept yet. Admissions are written."""
    moved = {scan.key[0]: scan for scan in settled if scan.passed and scan.received.by.one_place}
    if not moved:
        return []
    past = await reconciling.passages(moved)
    for scan in settled:
        if scan.passed and scan.key[0] in moved:
            past[scan.key].append(reconciling.passage_of(scan.received))
    found: list[Judged] = []
    for ticket, scan in moved.items():
        rooms = _rooms(past, ticket)
        undone, exits = await _without_exits_by(_known_otherwise(rooms), scan, rooms), await _leave(scan, rooms)
        await _open_doubles(undone, exits, scan, rooms)
        found += [*undone, *exits]
    return found


def _known_otherwise(rooms: Rooms) -> list[Passage]:
    """Ticks on paper of entries that a scan tells of, which may have come later: nobody left a room by such a tick."""
    return [passage for there in rooms.values() for passage in there if passage not in without_known(there)]


async def _without_exits_by(
    entries: Sequence[Passage], judged: Judged, rooms: dict[Key, list[Passage]]
) -> list[Judged]:
    """Undoes the exits that followed from these entries, and takes them out of `rooms`."""
    undone: list[Judged] = []
    for key, passages in rooms.items():
        ids = {known for entry in entries for passage in passages for known in exit_ids(entry.scan, passage.door)}
        followed = [passage for passage in passages if passage.out and passage.scan in ids]
        undone += [undo_with(judged, key, passage) for passage in followed]
        rooms[key] = [passage for passage in passages if passage not in followed]
        if followed:
            await reconciling.hold({key: replay(rooms[key])})
    return undone


async def _open_doubles(undone: Sequence[Judged], exits: Sequence[Judged], judged: Judged, rooms: Rooms) -> None:
    """Of two entries between which nothing lies any more."""
    for by in (undo.received.by for undo in undone):
        key = (judged.key[0], by.presence)
        after = replay([*rooms[key], *_passages(exits, key)])
        await reconciling.open_doubles(key[0], by.door_id, after.doubles, judged.received.at)


@within_tx
async def after_undo(judged: Judged, gone: Passage) -> None:
    """With an entry that was undone goes the exit that followed from it; and who is in two rooms now has left one. Two
    entries that nothing lies between any more are a conflict."""
    if not gone.one_place or judged.guest is None:
        return
    past = await reconciling.passages([judged.guest.ticket_id])
    rooms = _rooms(past, judged.guest.ticket_id)
    for key, passages in rooms.items():
        rooms[key] = [passage for passage in passages if passage.scan != gone.scan]
    taken_back = await _without_exits_by([gone], judged, rooms)
    exits = await _leave(judged, rooms)
    await _open_doubles(taken_back, exits, judged, rooms)
    await keep([*taken_back, *exits])


def _rooms(past: Rooms, ticket: int) -> dict[Key, list[Passage]]:
    return {key: there for key, there in past.items() if key[0] == ticket and there and there[0].one_place}


async def _leave(judged: Judged, rooms: Rooms) -> list[Judged]:
    exits = [found for left in owed(rooms) if (found := await _exit(judged, left))]
    for key in {left.key for left in exits}:
        before, after = replay(rooms[key]), replay([*rooms[key], *_passages(exits, key)])
        await reconciling.hold({key: after})
        await reconciling.explain(judged, before, after)
    return exits


def _passages(exits: Sequence[Judged], key: Key) -> list[Passage]:
    return [reconciling.passage_of(left.received) for left in exits if left.key == key]


async def _exit(judged: Judged, left: Left) -> Judged | None:
    """None where it was undone so often that its ids are used up: then they are in two rooms until somebody scans."""
    at, entry = judged.received.at, left.entry
    ids = exit_ids(entry.scan, left.door)
    taken: list[Any] = await Scan.filter(client_id__in=ids).values_list("client_id", flat=True)
    if (free := next((free for free in ids if free not in taken), None)) is None:
        return None
    scan = Sent(free, ScanKind.OUT, age=(at - entry.at).total_seconds(), unsure=entry.unsure)
    by = judged.received.by._replace(door_id=left.door, presence=left.room[1], longest_age=LONGEST)
    received = ReceivedScan(scan, by, at, inferred=True)
    return Judged(received, Verdict.OUT, {}, judged.guest, passed=True, moved=True)


def undo_with(judged: Judged, room: Key, passage: Passage) -> Judged:
    """The undo of what followed from an entry that is undone, by the same phone."""
    undo_id = hashlib.sha256(f"undone with the entry: {passage.scan}".encode()).hexdigest()[:32]
    scan = judged.received.scan._replace(id=undo_id, kind=ScanKind.UNDO, undoes=passage.scan, code="")
    by = judged.received.by._replace(door_id=passage.door, presence=room[1])
    return judged._replace(
        received=ReceivedScan(scan, by, judged.received.at, inferred=True), verdict=Verdict.UNDONE, facts={},
        passed=False, moved=True, conflict=None,
    )  # fmt: skip

"""Whoever comes into a room has left the one where they were: a person is in one place at a time, among the rooms that
are marked so. Nobody scans that exit. It follows from the entry, and is a row of its own at the room that they left.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from events.ground.database import within_tx
from registrations.codes.verdict import Verdict

from . import reconciling
from .attendance_ledger import Passage, replay, without_known
from .received_scan import Judged, Key, ReceivedScan, keep
from .scan import ScanKind, Sent

Rooms = Mapping[Key, list[Passage]]  # what went through each of these rooms with one ticket
LONGEST = 10.0**9  # seconds: the entry's own time was held within what is possible already


class Left(NamedTuple):
    room: Key
    door: int
    entry: Passage  # into another room


def exit_id(entry: str, door: int) -> str:
    return hashlib.sha256(f"moved on by {entry} from {door}".encode()).hexdigest()[:32]


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
    known = exit_id(moved_on.scan, entry.door)
    return any(here.scan == known or (_order(entry) < _order(here) and here.at <= moved_on.at) for here in passages)


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
    return [left for ticket, scan in moved.items() for left in await _leave(scan, _rooms(past, ticket))]


@within_tx
async def after_undo(judged: Judged, gone: Passage) -> None:
    """With an entry that was undone goes the exit that followed from it; and who is in two rooms now has left one. Two
    entries that nothing lies between any more are a conflict."""
    if not gone.one_place or judged.guest is None:
        return
    past = await reconciling.passages([judged.guest.ticket_id])
    rooms = _rooms(past, judged.guest.ticket_id)
    taken_back: list[Judged] = []
    for key, passages in rooms.items():
        followed = [passage for passage in passages if passage.scan == exit_id(gone.scan, passage.door)]
        taken_back += [_undo_of(judged, key, passage) for passage in followed]
        rooms[key] = [passage for passage in passages if passage not in followed and passage.scan != gone.scan]
        if followed:
            await reconciling.hold({key: replay(rooms[key])})
    exits = await _leave(judged, rooms)
    for undone in taken_back:
        key, by = (judged.guest.ticket_id, undone.received.by.presence), undone.received.by
        after = replay([*rooms[key], *_passages(exits, key)])
        await reconciling.open_doubles(key[0], by.door_id, after.doubles, judged.received.at)
    await keep([*taken_back, *exits])


def _rooms(past: Rooms, ticket: int) -> dict[Key, list[Passage]]:
    return {key: there for key, there in past.items() if key[0] == ticket and there and there[0].one_place}


async def _leave(judged: Judged, rooms: Rooms) -> list[Judged]:
    exits = [_exit(judged, left) for left in owed(rooms)]
    for key in {left.key for left in exits}:
        before, after = replay(rooms[key]), replay([*rooms[key], *_passages(exits, key)])
        await reconciling.hold({key: after})
        await reconciling.explain(judged, before, after)
    return exits


def _passages(exits: Sequence[Judged], key: Key) -> list[Passage]:
    return [reconciling.passage_of(left.received) for left in exits if left.key == key]


def _exit(judged: Judged, left: Left) -> Judged:
    at, entry = judged.received.at, left.entry
    scan = Sent(exit_id(entry.scan, left.door), ScanKind.OUT, age=(at - entry.at).total_seconds(), unsure=entry.unsure)
    by = judged.received.by._replace(door_id=left.door, presence=left.room[1], longest_age=LONGEST)
    received = ReceivedScan(scan, by, at, inferred=True)
    return Judged(received, Verdict.OUT, {}, judged.guest, passed=True, moved=True)


def _undo_of(judged: Judged, room: Key, passage: Passage) -> Judged:
    undo_id = hashlib.sha256(f"undone with the entry: {passage.scan}".encode()).hexdigest()[:32]
    scan = judged.received.scan._replace(id=undo_id, undoes=passage.scan, code="")
    by = judged.received.by._replace(door_id=passage.door, presence=room[1])
    return judged._replace(
        received=ReceivedScan(scan, by, judged.received.at, inferred=True), verdict=Verdict.UNDONE, facts={}, moved=True
    )

"""Works out who is in from all entries and exits at the doors of a presence group, in whatever order they arrived.

The earliest entry keeps the admission. If two times overlap within their uncertainty, the first one received does.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple


class Passage(NamedTuple):
    """One person through a door: the scan, and its calculated time."""

    scan: str
    out: bool
    at: datetime
    unsure: float = 0.0  # seconds, either way
    anew: bool = False  # a lead said that they had left without a scan
    made_up: bool = False  # an entry that nobody scanned: it follows from an exit
    with_room: bool = False  # an entry at the entrance that nobody scanned: it follows from one into a room
    door: int = 0
    once: bool = False  # this door lets nobody in a second time
    paper: bool = False  # ticked on a sheet, and typed up
    at_room: bool = False  # at a room's door: whoever went through it was in the building
    one_place: bool = False  # it is of a room that nobody is in while they are in another one marked so


class Double(NamedTuple):
    """Two entries of one ticket with no exit between them, always in the order of the scans' ids."""

    first: str
    second: str
    uncertain: bool  # which came first


class Attendance(NamedTuple):
    admission: Passage | None  # the entry that keeps the admission
    left_at: datetime | None  # None: still in
    doubles: tuple[Double, ...] = ()


def surely_before(passage: Passage, other: Passage) -> bool:
    return passage.at + timedelta(seconds=passage.unsure) < other.at - timedelta(seconds=other.unsure)


def replay(passages: Sequence[Passage]) -> Attendance:
    """Replays passages, given in the order in which they were received."""
    passages = without_known(passages)
    admission = _earliest(passage for passage in passages if not passage.out)
    stays: list[list[Passage]] = []
    left_at = None
    for passage in sorted(passages, key=lambda passage: passage.at):  # equal times stay in the order in which they came
        if passage.out:
            left_at = (left_at or passage.at) if stays else None
        elif not stays or passage.anew or (left_at and not passage.once):
            stays.append([passage])
            left_at = None
        else:
            stays[-1].append(passage)
            left_at = None
    return Attendance(admission, left_at, tuple(double for stay in stays for double in _doubles(stay)))


def without_known(passages: Sequence[Passage]) -> Sequence[Passage]:
    """Without ticks on paper of entries that are known otherwise: their times do not contradict each other, so they are
    the same entry (EV-06)."""
    known = [passage for passage in passages if not (passage.out or passage.paper)]
    if len(known) == len(passages):
        return passages
    left: list[Passage] = []
    for passage in passages:
        if not passage.paper or all(surely_before(passage, entry) or surely_before(entry, passage) for entry in known):
            left.append(passage)
            known += [passage] if passage.paper else []
    return left


def is_in(passages: Sequence[Passage], at: datetime) -> bool:
    """Whether the person is in at that moment."""
    before = [passage for passage in passages if passage.at <= at]
    attendance = replay(before)
    return attendance.admission is not None and attendance.left_at is None


def _earliest(entries: Iterable[Passage]) -> Passage | None:
    admission: Passage | None = None
    for entry in entries:
        if admission is None or surely_before(entry, admission):
            admission = entry
    return admission


def _doubles(stay: Sequence[Passage]) -> list[Double]:
    """Finds entries without an exit between them. One that was made up contradicts none that was scanned; one that
    follows from an entry into a room contradicts only who surely came to the entrance after it."""
    scanned = [entry for entry in stay if not entry.made_up]
    return [_double(scanned[0], entry) for entry in scanned[1:] if _contradicts(scanned[0], entry)]


def _contradicts(first: Passage, entry: Passage) -> bool:
    return not entry.with_room and (not first.with_room or surely_before(first, entry))


def _double(passage: Passage, other: Passage) -> Double:
    uncertain = not (surely_before(passage, other) or surely_before(other, passage))
    return Double(min(passage.scan, other.scan), max(passage.scan, other.scan), uncertain)

"""Counts by many limits and for many people in one look and one write, exactly as if one had come after the other."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from typing import TypeVar

from events.ground.database import among, given, query, within_tx
from events.ground.limits import TURNED_AWAY, Counted, Limit, Window, ends_at, hashed, moment, widened

T = TypeVar("T")
Row = tuple[str, int]  # subject and slot


class Tally:
    """All tries of some subjects, by their hashes, and those that are added. Nobody else's can be added."""

    def __init__(self, hashes: Mapping[tuple[str, str], str], read: Mapping[Row, int]) -> None:
        self.hashes, self.read = hashes, read
        self.added = list[Row]()
        self.here = Counter(read)
        self.seconds = dict[Row, int]()  # of their slots

    def has_room(self, limit: Limit, subject: str, real: datetime) -> bool:
        """Whether one more is within the limit. Counts nothing."""
        seconds, slot, into = moment(limit, real)
        for within, whose in widened(limit, subject):
            known = self.hashes[within.what, whose]
            here, before = self.here[known, slot], self.here[known, slot - 1]
            if here >= Window(known, slot, into, seconds, here, before).room(within):
                return False
        return True

    def count(self, limit: Limit, subject: str, real: datetime) -> bool:
        """As the `count` of one limit."""
        has_room = self.has_room(limit, subject, real)
        if has_room:
            self._add(widened(limit, subject), real)
        elif limit.tried:
            self._add([(TURNED_AWAY[limit.tried], "")], real)
        return has_room

    def _add(self, counted: Iterable[Counted], real: datetime) -> None:
        for limit, subject in counted:
            seconds, slot, _ = moment(limit, real)
            row = self.hashes[limit.what, subject], slot
            self.added.append(row)
            self.here[row] += 1
            self.seconds[row] = seconds

    def book(self, limit: Limit, subject: str, real: datetime, ahead: int) -> timedelta:
        """Counts this try at once, and returns how long it has to wait until it is within the limit, in whole windows.

        If all windows ahead are full too, it gets the last of them and counts for nobody.
        """
        for windows in range(ahead):
            if self.count(limit, subject, real + windows * limit.within):
                return windows * limit.within
        return ahead * limit.within


@within_tx
async def together(counted: Iterable[Counted], decide: Callable[[Tally], T]) -> T:
    """What `decide` says, which counts by these limits and subjects alone, and what it has counted is kept.

    If anybody else has counted meanwhile it is asked once more, so that of many at once exactly the limit gets through.
    Of transactions that count by several rows one has to come after the other, or two wait for each other.
    """
    each = [wider for own in counted for wider in widened(*own)]
    each += [(TURNED_AWAY[limit.tried], "") for limit, _ in each if limit.tried]
    hashes = {(limit.what, subject): hashed(limit, subject) for limit, subject in each}
    while True:
        tally = Tally(hashes, await _read(list(hashes.values())))
        decided = decide(tally)
        if await _kept(tally):
            return decided


READ = "SELECT subject, slot, tries FROM attempt WHERE {wanted}"


async def _read(subjects: list[str]) -> dict[Row, int]:
    wanted, values = among("subject", "text", subjects)
    rows = await query(READ.format(wanted=wanted), values) if subjects else []
    return {(row["subject"], row["slot"]): row["tries"] for row in rows}


TALLIED = {"subject": "text", "slot": "bigint", "more": "int", "ends_at": "timestamptz", "was": "int"}
KEEP_TALLY = """{given} INSERT INTO attempt (subject, slot, tries, ends_at)
    SELECT subject, slot, more, ends_at FROM given WHERE true ORDER BY subject, slot
    ON CONFLICT (subject, slot) DO UPDATE SET tries = attempt.tries + excluded.tries
    WHERE attempt.tries = (SELECT was FROM given WHERE given.subject = attempt.subject AND given.slot = attempt.slot)
    RETURNING subject, slot"""


async def _kept(tally: Tally) -> bool:
    """False if a row is not as it was read: then nothing is kept, and it stays as it is until the transaction ends."""
    more = dict(sorted(Counter(tally.added).items()))
    if not more:
        return True
    rows = [(*row, count, ends_at(row[1], tally.seconds[row]), tally.read.get(row, 0)) for row, count in more.items()]
    sql, values = given(TALLIED, rows)
    kept = [(row["subject"], row["slot"]) for row in await query(KEEP_TALLY.format(given=sql), values)]
    if len(kept) == len(more):
        return True
    await _take_back({row: more[row] for row in kept})
    return False


TAKE_BACK = """{given} UPDATE attempt SET tries = attempt.tries - given.less FROM given
    WHERE attempt.subject = given.of AND attempt.slot = given.place RETURNING id"""


@within_tx
async def take_back(counted: Iterable[Row]) -> None:
    """Takes back what `together` has just counted."""
    await _take_back(Counter(counted))


async def _take_back(less: Mapping[Row, int]) -> None:
    if less:
        columns = {"of": "text", "place": "bigint", "less": "int"}
        sql, values = given(columns, [(*row, count) for row, count in less.items()])
        await query(TAKE_BACK.format(given=sql), values)

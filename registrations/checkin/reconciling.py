"""Scans that need a second look at everything that went through the doors of a presence group with the same ticket:
scans made offline, sent late, on the way out, or by a lead's override. Whoever was let in stays in; what cannot be
right becomes a conflict.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from events.audit import audit
from events.audit.action import Action
from events.ground import clock
from events.ground.database import moment, places, query, rows_of, within_tx
from registrations.codes.verdict import LEFT_WITHOUT_SCAN, OVERRIDES, Standing, Verdict
from registrations.phones.door import ENTRANCES, Policy
from registrations.tickets.ticket import Ticket

from .already_in import already_in, is_mistake, scanned_twice
from .attendance_ledger import Attendance, Double, Passage, is_in, replay
from .conflict import ConflictKind, Outcome
from .conflicts import open_rows
from .received_scan import Judged, Key, ReceivedScan
from .rooms import at_entrance, limits
from .scan import CAME_IN_ELSEWHERE, PAPER, STILL_STANDS, WENT_THROUGH, WITH_ROOM, ScanKind, was_seen

PAST = f"""SELECT s.client_id, s.ticket_id, s.door_id, s.kind, s.happened_at, s.unsure, s.code, s.inferred, s.source,
    s.offline, d.presence, d.policy, d.one_place FROM scan s JOIN door d ON d.id = s.door_id
    WHERE s.ticket_id IN ({{tickets}}) AND {WENT_THROUGH} AND {STILL_STANDS} ORDER BY s.id"""  # noqa: S608  # ours
HOLD = """INSERT INTO admission (ticket_id, presence, door_id, client_id, admitted_at, left_at) VALUES {rows}
    ON CONFLICT (ticket_id, presence) DO UPDATE SET door_id = excluded.door_id, client_id = excluded.client_id,
    admitted_at = excluded.admitted_at, left_at = excluded.left_at RETURNING id"""
EXPLAIN = """UPDATE conflict SET settled_at = ?, settled_by = ?, outcome = ?
    WHERE settled_at IS NULL AND first_scan = ? AND second_scan = ? RETURNING id"""


class Found(NamedTuple):
    """What a second look decides."""

    judged: list[Judged]  # the scan itself, and before it the entry that follows from it, if one does
    doubles: tuple[Double, ...] = ()


@within_tx
async def settle(careful: Sequence[Judged]) -> list[Judged]:
    """Writes admissions and conflicts. The scans' rows are not kept yet. No ticket may be twice among them."""
    past = await passages({scan.key[0] for scan in careful})
    found = {scan.key: _look(scan, past[scan.key]) for scan in careful}
    uncounted = [scan for scan in careful if _passes(found[scan.key]) and at_entrance.is_owed(scan, past)]
    asking = [scan for scan in careful if scan not in uncounted and _asks_place(scan, found[scan.key], past)]
    others = [scan for scan in careful if scan not in asking and scan not in uncounted]
    settled = await _settled(others, past, found)  # who leaves makes room
    for key in await limits.without_place(asking):
        found[key] = Found([await limits.full(scan) for scan in asking if scan.key == key])
    settled += await _settled(asking, past, found)
    for scan in uncounted:  # one by one: each needs a place in two
        settled += await _settled(await _with_entrance(scan, past, found), past, found)
    for scan in careful:
        here = [*past[scan.key], *_passages(found[scan.key].judged)]
        if entry := at_entrance.after_exit(scan, {**past, scan.key: here}):
            looked = _came_in(entry, here, overrides=False)
            settled += await _settled([entry], {entry.key: here}, {entry.key: looked})
    return settled


def _passes(found: Found) -> bool:
    return any(judged.passed for judged in found.judged)


def _asks_place(scan: Judged, found: Found, past: Mapping[Key, list[Passage]]) -> bool:
    return limits.binds(scan.received) and _comes_in(found, past[scan.key])


async def _with_entrance(scan: Judged, past: Mapping[Key, list[Passage]], found: dict[Key, Found]) -> list[Judged]:
    """Counts them at the entrance and in the room, or, if they may not come in at one of the two, at neither. The
    question, if nobody has answered it yet."""
    if not scan.received.counts_both:
        found[scan.key] = Found([await at_entrance.question(scan)])
        return [scan]
    entry, overrides = at_entrance.entry_of(scan), scan.received.scan.code in OVERRIDES
    they_are_in = overrides or scan.received.is_there
    here = past[entry.key]
    looked = _came_in(entry, here, overrides=overrides) if they_are_in else Found([_asked(entry, here)])
    if not looked.judged[0].passed:  # who left may not come in again
        found[scan.key] = Found([looked.judged[0]._replace(received=scan.received)])
        return [scan]
    for asks, where in ((scan, found[scan.key]), (entry, looked)):
        by = asks.received.by
        if _asks_place(asks, where, past) and await limits.is_full(by, joins=asks.joins):
            found[scan.key] = Found([await limits.full(scan, by)])
            return [scan]
    found[entry.key] = looked
    return [entry, scan]


def _comes_in(found: Found, past: list[Passage]) -> bool:
    """Whether they are in by it, and were not before. Whoever has left since needs no place."""
    return not _are_in(replay(past)) and _are_in(replay([*past, *_passages(found.judged)]))


def _are_in(attendance: Attendance) -> bool:
    return attendance.admission is not None and attendance.left_at is None


@within_tx
async def _settled(
    careful: Sequence[Judged], past: Mapping[Key, list[Passage]], found: Mapping[Key, Found]
) -> list[Judged]:
    holds: dict[Key, Attendance] = {}
    settled: list[Judged] = []
    for scan in careful:
        looked, before = found[scan.key], replay(past[scan.key])
        after = replay([*past[scan.key], *_passages(looked.judged)])
        moved = (before.admission, before.left_at) != (after.admission, after.left_at)
        if moved:
            holds[scan.key] = after
            await note_move(scan, before, after)
        await explain(scan, before, after)
        settled += [judged._replace(moved=moved) for judged in looked.judged]
    await hold(holds)
    await open_conflicts(settled)
    for scan in careful:
        await open_doubles(scan.key[0], scan.received.by.door_id, found[scan.key].doubles, scan.received.at)
    return settled


async def passages(tickets: Iterable[int]) -> dict[Key, list[Passage]]:
    """All passages with these tickets that were not undone, by ticket and presence group, in the order received."""
    ids = sorted(tickets)
    found: dict[Key, list[Passage]] = defaultdict(list)
    for row in await query(PAST.format(tickets=places(len(ids))), ids):
        if at := moment(row["happened_at"]):
            is_out, inferred, once = row["kind"] == ScanKind.OUT, bool(row["inferred"]), row["policy"] == Policy.ONCE
            passage = _passage(row["client_id"], is_out, at, row["unsure"], row["code"], inferred=inferred)
            passage = passage._replace(door=row["door_id"], once=once, one_place=bool(row["one_place"]))
            seen = was_seen(row["code"], inferred=inferred, offline=bool(row["offline"]))
            at_room = row["presence"] != ENTRANCES and seen
            passage = passage._replace(paper=row["source"] == PAPER, at_room=at_room)
            found[row["ticket_id"], row["presence"]].append(passage)
    return found


def _passages(judged: Iterable[Judged]) -> list[Passage]:
    return [passage_of(scan.received) for scan in judged if scan.passed]


def passage_of(received: ReceivedScan) -> Passage:
    scan, by = received.scan, received.by
    is_out, inferred = scan.kind is ScanKind.OUT, received.inferred
    passage = _passage(scan.id, is_out, received.happened_at, received.unsure, scan.code, inferred=inferred)
    passage = passage._replace(door=by.door_id, once=by.policy is Policy.ONCE, one_place=by.one_place)
    return passage._replace(paper=scan.source == PAPER, at_room=received.at_room)


def _passage(scan: str, is_out: bool, at: datetime, unsure: float, code: str, *, inferred: bool) -> Passage:
    made_up = inferred and not is_out and code == CAME_IN_ELSEWHERE
    with_room = inferred and not is_out and code == WITH_ROOM
    return Passage(scan, is_out, at, unsure, code == LEFT_WITHOUT_SCAN, made_up, with_room)


def _look(judged: Judged, past: list[Passage]) -> Found:
    if judged.received.scan.lets_nobody_in:  # whatever is true of the ticket, nobody went through by this scan
        if (held := replay(past).admission) and is_mistake(judged):
            return Found([scanned_twice(judged, held.at, held.door)])
        moves = judged.verdict in (Verdict.OK, Verdict.LEAD_MEETS) or judged.received.scan.kind is ScanKind.OUT
        return Found([judged._replace(verdict=Verdict.TURNED_AWAY, facts={}) if moves else judged])
    if judged.received.scan.kind is ScanKind.OUT:
        return Found(_leave(judged, past))
    entered, verdict = judged.received.scan.entered, judged.verdict
    overrides = judged.received.scan.code in OVERRIDES  # a phone without the lead's override has lost it by now
    if overrides and verdict in (Verdict.TOO_EARLY, Verdict.TOO_LATE, Verdict.LEAD_MEETS):
        judged = judged._replace(verdict=Verdict.OK, facts={})
    if judged.verdict is not Verdict.OK:
        return _not_good(judged, past) if entered else Found([judged])
    return _came_in(judged, past, overrides=overrides) if entered or overrides else Found([_asked(judged, past)])


def _asked(judged: Judged, past: list[Passage]) -> Judged:
    """Nobody has passed yet, so our answer decides."""
    by, at = judged.received.by, judged.received.happened_at
    admission = replay(past).admission
    if admission is None:
        return judged._replace(passed=True)
    later = any(other.at > at for other in past if not other.out)
    if by.policy is Policy.ONCE or later or is_in(past, at):
        return already_in(judged, admission.at, admission.door)
    return judged._replace(passed=True)


def _came_in(scan: Judged, past: list[Passage], *, overrides: bool) -> Found:
    """They came in, and that stays. It is a double entry unless it was the first, or they had left before it."""
    mine = passage_of(scan.received)
    after = replay([*past, mine])
    doubles = _doubles_of(mine, after)
    first = after.admission == mine or not doubles or overrides
    judged = scan if first or after.admission is None else already_in(scan, after.admission.at, after.admission.door)
    return Found([_in_doubt(judged._replace(passed=True), bool(doubles))], doubles)


def _not_good(judged: Judged, past: list[Passage]) -> Found:
    """A phone let them in without knowing better: they are inside, and somebody has to be told at once."""
    mine = passage_of(judged.received)
    kind = ConflictKind.NOT_VALID if judged.verdict in set(Standing) else ConflictKind.HOURS
    doubles = _doubles_of(mine, replay([*past, mine]))
    return Found([_in_doubt(judged._replace(passed=True, conflict=kind), True)], doubles)


def _doubles_of(mine: Passage, after: Attendance) -> tuple[Double, ...]:
    """One double is enough. If this scan is now the first of several, the others are shown already."""
    return tuple(double for double in after.doubles if mine.scan in (double.first, double.second))[:1]


def _in_doubt(judged: Judged, doubtful: bool) -> Judged:
    return judged._replace(facts=judged.facts | {"conflict": True}) if doubtful else judged


def _leave(judged: Judged, past: list[Passage]) -> list[Judged]:
    """Nobody is kept from leaving, whatever their ticket has become meanwhile."""
    scan, at = judged.received.scan, judged.received.happened_at
    facts = {"at": clock.time_words(at)}
    if is_in(past, at):
        return [judged._replace(verdict=Verdict.OUT, facts=facts, passed=True)]
    before = replay([other for other in past if other.at <= at])
    if before.left_at:
        facts = {"at": clock.time_words(before.left_at)}  # an entry between the two may still be on its way
        return [judged._replace(verdict=Verdict.ALREADY_OUT, facts=facts, passed=scan.entered)]
    if scan.code == CAME_IN_ELSEWHERE or (scan.offline and scan.tap):
        left = judged._replace(received=judged.received._replace(inferred=True))
        return [_entry_before(left), left._replace(verdict=Verdict.OUT, facts=facts, passed=True)]
    return [judged._replace(verdict=Verdict.CAME_IN_ELSEWHERE, facts={}, passed=scan.entered)]


def _entry_before(judged: Judged) -> Judged:
    """They came in somehow: an entry at the same moment, which nobody scanned."""
    made = hashlib.sha256(f"entry before {judged.received.scan.id}".encode()).hexdigest()[:32]
    entry = judged.received._replace(
        scan=judged.received.scan._replace(id=made, kind=ScanKind.IN, code=CAME_IN_ELSEWHERE)
    )
    return judged._replace(received=entry, verdict=Verdict.OK, facts={}, passed=True)


@within_tx
async def note_move(judged: Judged, before: Attendance, after: Attendance) -> None:
    """Records that the admission goes to another scan."""
    if before.admission is None or after.admission is None or before.admission.scan == after.admission.scan:
        return
    by, door = judged.received.by, after.admission.door
    scans = {"from_scan": before.admission.scan, "to_scan": after.admission.scan}
    ticket = Ticket(id=judged.key[0])
    await audit.record(
        Action.ADMISSION_MOVED, ticket, by=by, at=judged.received.at, event_id=by.event_id, door=door, **scans
    )


@within_tx
async def explain(judged: Judged, before: Attendance, after: Attendance) -> None:
    """Closes an open conflict when an exit that was sent late turns out to lie between its two entries."""
    still = {(double.first, double.second) for double in after.doubles}
    for double in before.doubles:
        if (double.first, double.second) not in still:
            by, pair = judged.received.by.actor, [double.first, double.second]
            await query(EXPLAIN, [judged.received.at, by, Outcome.EXIT_BETWEEN.value, *pair])


async def hold(holds: dict[Key, Attendance]) -> None:
    held = [(key, holds[key].admission, holds[key].left_at) for key in sorted(holds)]
    rows = [(*key, entry.door, entry.scan, entry.at, left) for key, entry, left in held if entry]
    if rows:
        await query(HOLD.format(rows=rows_of(len(rows), 6)), [value for row in rows for value in row])


async def open_conflicts(judged: Sequence[Judged]) -> None:
    """Opens conflicts for scans that cannot be right by themselves."""
    alone = [(scan, scan.conflict) for scan in judged if scan.conflict]
    await open_rows([(scan.key[0], scan.received.by.door_id, kind, (scan.received.scan.id, ""), False, scan.received.at)
                     for scan, kind in alone])  # fmt: skip


async def open_strangers(door_id: int, scans: Iterable[str], at: datetime) -> None:
    """Opens conflicts for entries without a valid ticket."""
    await open_rows([(0, door_id, ConflictKind.NO_TICKET, (scan, ""), False, at) for scan in scans])


async def open_walk_in(ticket: int, door_id: int, scan: str, at: datetime) -> None:
    """Opens a conflict for somebody who came in without a place. Call it before the scan is settled: of one scan alone
    there is one conflict, and this one says what it was."""
    await open_rows([(ticket, door_id, ConflictKind.WALK_IN, (scan, ""), False, at)])


async def open_doubles(ticket: int, door: int, doubles: Iterable[Double], at: datetime) -> None:
    """Opens a conflict for each new pair, at the door where it was noticed. A known pair, settled or not, stays as it
    is."""
    twice = ConflictKind.TWICE
    await open_rows([(ticket, door, twice, (double.first, double.second), double.uncertain, at) for double in doubles])

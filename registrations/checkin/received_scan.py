"""A received scan: when it happened, what was decided, and the row that is kept of it."""

import hashlib
import json
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple, get_type_hints

from events.ground import keys
from events.ground.database import advisory_lock, inserted, query, within_tx
from registrations.codes.room import FOR_EVERYBODY
from registrations.codes.verdict import NOT_COUNTED_CODES, OVERRIDES
from registrations.phones.door import A_TAP, ENTRANCES, Device, Policy
from registrations.phones.scan_answer import Guest

from .conflict import ConflictKind
from .scan import BOTH, LEAD, LEADS_CODES, WITH_ROOM, ScanKind, Sent, was_seen

GRACE = 5.0  # seconds beyond the last contact that are no impossible time: the two cross on the way
NOBODY, NO_KNOWN_CARD = 0, "a card that is none"
QUARANTINE_LOCK = 8420  # the class of PostgreSQL's advisory locks with two numbers, beside those of `presence`
AT_ONCE = 1000  # rows: SQLite takes 32,766 values in a statement
Key = tuple[int, int]  # a ticket in a presence group


class ReceivedScan(NamedTuple):
    """A scan, the phone that it came from, and when it came."""

    scan: Sent
    by: Device
    at: datetime
    inferred: bool = False  # no phone sent it: it follows from what one did
    card_of: int | None = None  # the pass of the lead whose card it was; NOBODY where it was none then
    by_another: bool = False  # at a room: they are in at the entrance by another ticket of theirs
    anyway: bool = False  # at the entrance: they are in the building, and no limit keeps them out

    @property
    def happened_at(self) -> datetime:
        """Arrival minus age, but never before the phone last had nothing to send. No phone's clock is trusted."""
        return self.at - timedelta(seconds=min(self.scan.age, self.by.longest_age))

    @property
    def after_the_end(self) -> "ReceivedScan":
        """The same, of a pass that has ended."""
        return self._replace(by=self.by._replace(live=False, lead=None))

    @property
    def usurps(self) -> bool:
        """A lead's reason without a lead's override: the phone has none now, and nobody tapped for it offline."""
        offline = self.scan.offline and self.scan.tap == LEAD
        return self.scan.code in LEADS_CODES and self.by.lead is None and not offline

    @property
    def decided_by(self) -> int | str:
        """The pass of the lead whose PIN was typed, or whose card it was; or that a tap stood for it."""
        if self.card_of is not None:
            return self.card_of or NO_KNOWN_CARD
        return A_TAP if self.scan.offline or self.by.lead is None else self.by.lead

    @property
    def at_room(self) -> bool:
        """Whoever goes through by it, in or out, was in the building then, and so counts at the entrance too."""
        is_passage = self.scan.kind in (ScanKind.IN, ScanKind.OUT) and not self.scan.lets_nobody_in
        seen = was_seen(self.scan.code, inferred=self.inferred, offline=self.scan.offline)
        return self.by.entrance is not None and is_passage and seen

    @property
    def is_there(self) -> bool:
        """Nothing that the entrance says would keep them out: they are past the door, or in by another ticket, a lead
        lets them in whatever it says, or the room's door does not ask."""
        scan, entrance = self.scan, self.by.entrance
        is_let_in = scan.kind is ScanKind.OUT or scan.code in NOT_COUNTED_CODES
        return scan.entered or is_let_in or self.by_another or (entrance is not None and not entrance.asks)

    @property
    def counts_both(self) -> bool:
        """Nobody is asked about the entrance: the steward has said that both count, or looks at two people who come
        together, or a lead lets them in; or they are in already."""
        scan = self.scan
        return self.at_room and (self.is_there or scan.code in {BOTH, *OVERRIDES} or scan.mark != "")

    @property
    def at_entrance(self) -> "ReceivedScan":
        """The entry at the entrance that follows from this one into a room, at the same moment. Nobody scanned it."""
        door, _, limit, once = self.by.entrance or (0, False, 0, False)
        policy = Policy.ONCE if once else Policy.IN_AND_OUT
        by = self.by._replace(door_id=door, presence=ENTRANCES, limit=limit, policy=policy, one_place=False)
        scan = self.scan._replace(id=entrance_id(self.scan.id), kind=ScanKind.IN, code=WITH_ROOM, mark="", beside="")
        by = by._replace(room=FOR_EVERYBODY, entrance=None)
        return self._replace(scan=scan, by=by, inferred=True, card_of=None, anyway=self.is_there)

    @property
    def held(self) -> bool:
        """The time the phone gave is impossible, so the nearest possible one counts."""
        return self.scan.held or self.scan.age - self.scan.unsure > self.by.longest_age + GRACE

    @property
    def unsure(self) -> float:
        """Seconds either way. An impossible time says only that it lies between the last contact and now; one that was
        pulled to that contact may be as much earlier as it was pulled, and as the two can cross."""
        if self.held:
            return max(self.scan.unsure, self.by.longest_age)
        pulled = self.scan.age - self.by.longest_age
        return max(self.scan.unsure, min(self.scan.unsure + pulled, GRACE))


class Judged(NamedTuple):
    """A scan with its verdict, before its row is written. `facts` are stored, so they hold nobody's name."""

    received: ReceivedScan
    verdict: str
    facts: dict[str, Any]
    guest: Guest | None = None
    passed: bool = False  # somebody went through by it
    careful: bool = False  # its verdict is only where a second look begins
    moved: bool = False  # the admission has changed, so phones are to hear of it
    conflict: ConflictKind | None = None  # this scan alone cannot be right
    joins: bool = False  # the room is for others: they come in where a place is left that is not kept for those

    @property
    def counts(self) -> bool:
        """Somebody went through by it, or it changed who is in, or opened a conflict."""
        return self.passed or self.moved or self.conflict is not None or "conflict" in self.facts

    @property
    def key(self) -> Key:
        """What the database admits once: a ticket in a presence group."""
        return self.guest.ticket_id if self.guest else 0, self.received.by.presence


def passed_anyway_id(scan_id: str) -> str:
    """The id of the row that says: we answered no, but the phone had let them through by itself; or had turned them
    away, where its scans are quarantined."""
    return hashlib.sha256(f"through after all {scan_id}".encode()).hexdigest()[:32]


def entrance_id(scan_id: str) -> str:
    """The id of the row that says: whoever came into the room by this scan is counted at the entrance too."""
    return hashlib.sha256(f"counted at the entrance with {scan_id}".encode()).hexdigest()[:32]


@within_tx
async def hold_ended(passes: Collection[int]) -> None:
    """Nobody else keeps or decides on scans of these ended passes before the transaction ends. So they are numbered as
    they commit: an organiser who decides on them sees all up to a number, and the rest later.

    The lock is not the pass's row: whoever ends a lead's pass holds that after the event's, and a scan comes to the
    event last."""
    for pass_id in sorted(passes):
        await advisory_lock(QUARANTINE_LOCK, pass_id)


@within_tx
async def keep(judged: Sequence[Judged]) -> None:
    """Writes the rows in the order in which the scans happened, so that their ids follow it."""
    for start in range(0, len(judged), AT_ONCE):
        rows, values = inserted(COLUMNS, [_row(scan) for scan in judged[start : start + AT_ONCE]])
        await query(f"INSERT INTO scan {rows}", values)


class Row(NamedTuple):
    """The columns of `scan`, but for its number."""

    client_id: str
    door_id: int
    door_pass_id: int
    ticket_id: int | None
    kind: str
    age: float
    arrived_at: datetime
    happened_at: datetime
    verdict: str
    undoes: str | None
    proof_mark: str
    length: int | None
    answer: str
    offline: bool
    shown: str
    tap: str
    initials: str
    code: str
    unsure: float
    held: bool
    passed: bool
    inferred: bool
    source: str
    decided_by: int | None


TYPES = {int: "int", int | None: "int", str: "text", str | None: "text", float: "float8", bool: "bool",
         datetime: "timestamptz"}  # fmt: skip
COLUMNS = {name: TYPES[hint] for name, hint in get_type_hints(Row).items()} | {"answer": "jsonb"}


def _who_typed(judged: Judged) -> int | None:
    """The lead by whose PIN it was decided online."""
    scan, by = judged.received.scan, judged.received.by
    return by.lead if scan.code in LEADS_CODES and not scan.offline else None


def _row(judged: Judged) -> Row:
    received = judged.received
    scan, by, at, card_of = received.scan, received.by, received.at, received.card_of
    ticket_id = judged.guest.ticket_id if judged.guest else None
    mark = keys.keyed_hash("proofs", scan.proof.hex()) if scan.proof and ticket_id is None else ""
    return Row(
        client_id=scan.id,
        door_id=by.door_id,
        door_pass_id=by.id,
        ticket_id=ticket_id,
        kind=scan.kind.value,
        age=scan.age,
        arrived_at=at,
        happened_at=received.happened_at,
        verdict=str(judged.verdict),
        undoes=scan.undoes,
        proof_mark=mark,
        length=scan.length,
        answer=json.dumps(judged.facts),
        offline=scan.offline,
        shown=scan.shown,
        tap=scan.tap,
        initials=scan.initials,
        code=scan.code,
        unsure=received.unsure,
        held=received.held,
        passed=judged.passed,
        inferred=received.inferred,
        source=scan.source,
        decided_by=card_of if card_of is not None else _who_typed(judged),
    )

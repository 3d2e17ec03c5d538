"""Who was at simulated doors, what their phones did, and who went through, in true time.

Nothing here is read from the server.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from registrations.checkin import quarantine, received_scan
from registrations.phones.door import Door, DoorPass, Policy

Row = dict[str, Any]
Key = tuple[int, int]  # a guest in a presence group
AGAIN = ("left_without_scan", "code_shared")
EXACT = 0.01  # seconds
CROSSES = 6.0  # seconds
ALONE_BY = frozenset({"id_seen", "lead"})


@dataclass
class Guest:
    n: int
    ticket_id: int
    registration_id: int
    proof: str
    id: bytes
    key: bytes
    dead_at: float | None = None  # when the approval was withdrawn


@dataclass
class Hours:
    """Of a door, in seconds of the day."""

    opens: float = 0.0
    closes: float = float("inf")

    def word(self, at: float) -> str:
        return "too_early" if at < self.opens else "too_late" if at >= self.closes else ""

    def near(self, at: float) -> bool:
        """Too near to opening or closing to be held to a second."""
        return self.may_turn(at, 2)

    def may_turn(self, at: float, unsure: float) -> bool:
        return min(abs(at - self.opens), abs(at - self.closes)) < unsure


@dataclass
class SimPhone:
    """What a phone remembers; a crash takes the run of the page, and never the queue."""

    name: str
    door_pass: DoorPass
    door: Door
    hours: Hours
    online: bool = True
    run: int = 0
    clock_off: float = 0.0
    queue: list[Row] = field(default_factory=list)
    own: dict[int, str] = field(default_factory=dict)
    last: tuple[str, float] | None = None
    rows: dict[bytes, bytes] = field(default_factory=dict)
    salt: bytes = b""
    version: int = 0
    list_at: float = 0.0
    revoked: bool = False  # which the phone hears at its next contact
    gone: bool = False  # it has heard
    override_until: float = -1.0  # of the lead's override


@dataclass
class Telling:
    """One arrival of a scan, which makes a row."""

    arrived: float
    sure: bool  # the age that was told was true
    floor: float  # the phone had nothing to send then
    unsure: float
    off: float = 0.0  # by which the age was wrong in truth: on its way, or by a clock that was set
    trip: float = 0.0  # how long it may have been on its way


@dataclass
class Deed:
    """What the world knows of one scan."""

    row: Row
    phone: SimPhone
    guest: Guest | None
    at: float
    pass_id: int
    answer: dict[str, Any] | None = None
    fate: str = ""  # counted, apart or discarded, once it has arrived
    offline_first: bool = False
    was_accepted: bool = False  # under another id, which no phone knows
    was_late: bool = False  # what its phone had done by itself was kept apart, though it was answered before
    tellings: dict[str, Telling] = field(default_factory=dict)

    @property
    def id(self) -> str:
        return str(self.row["id"])

    @property
    def key(self) -> Key:
        return self.guest.n if self.guest else 0, self.phone.door.presence

    @property
    def names(self) -> set[str]:
        """By which the server may keep it."""
        mine = {self.id, received_scan.passed_anyway_id(self.id)}
        return mine | {quarantine.accepted_id(name) for name in mine}

    def heard(self, telling: Telling) -> None:
        if not self.tellings:
            self.tellings[self.id], self.offline_first = telling, bool(self.row.get("offline"))
        elif (through(self.row) or self.row.get("tap") == "no") and not self.offline_first:
            self.tellings.setdefault(received_scan.passed_anyway_id(self.id), telling)

    @property
    def is_told(self) -> bool:
        """The server has heard what its phone did by itself."""
        return self.offline_first or len(self.tellings) > 1

    def window(self, name: str) -> tuple[float, float]:
        """Between which times the row of this name may be kept: by what its age was wrong, and where the phone's word
        that nothing was left crossed it, as late as that. Where the phone was wrong of its age, any possible time."""
        told = self.tellings[name]
        if not told.sure:
            return told.floor - CROSSES, told.arrived + EXACT
        crossed = min(told.floor, self.at + received_scan.GRACE + told.off)
        return self.at - told.off - EXACT, max(self.at + told.off, crossed) + EXACT


@dataclass
class Passing:
    """One person through a door."""

    deed: Deed
    names: set[str]
    out: bool
    sure: bool
    alone: bool  # the phone let them through by itself
    unsure: float
    made_up: bool = False  # nobody scanned it: it follows from an exit, or from an entry into another room

    @property
    def at(self) -> float:
        return self.deed.at

    @property
    def anew(self) -> bool:
        return self.deed.row.get("code") == "left_without_scan" and not self.out

    @property
    def on_paper(self) -> bool:
        return self.deed.row.get("source") == "paper"

    @property
    def once(self) -> bool:
        return self.deed.phone.door.policy is Policy.ONCE

    @property
    def window(self) -> tuple[float, float]:
        """Whichever of its tellings counts."""
        windows = [self.deed.window(name) for name in self.deed.tellings]
        return min(least for least, _ in windows), max(most for _, most in windows)

    def surely_before(self, other: "Passing") -> bool:
        return self.sure and other.sure and self.at + self.unsure + other.unsure < other.at - 0.01

    def may_be(self, other: "Passing") -> bool:
        """At the same moment, as far as anybody can tell."""
        return not (self.surely_before(other) or other.surely_before(self))

    def may_be_kept_with(self, other: "Passing") -> bool:
        """At the same moment, or kept as if: a phone's word that nothing was left may have crossed one of them."""
        (begins, ends), (others_begins, others_ends) = self.window, other.window
        return self.may_be(other) or (begins <= others_ends and others_begins <= ends)


def through(row: Row) -> bool:
    """The guest is past the door: the phone said so by itself, or somebody's tap did."""
    if not row.get("offline") or row["kind"] not in ("in", "out"):
        return False
    return row["shown"] == ("out" if row["kind"] == "out" else "ok") or row.get("tap") in ALONE_BY


def is_one_place(passings: Sequence[Passing]) -> bool:
    return any(passing.deed.phone.door.one_place for passing in passings)


def moved_on(here: Sequence[Passing], elsewhere: Sequence[Passing]) -> list[Passing]:
    """The exits from this room that nobody scanned: of each entry that is followed by none of its own acts before the
    next entry elsewhere."""
    exits = []
    for entry in [passing for passing in here if not passing.out]:
        after = [other for other in elsewhere if other.at > entry.at]
        moved = min(after, key=lambda other: other.at, default=None)
        if moved and not any(entry.at < passing.at <= moved.at for passing in here):
            exits.append(replace(moved, out=True, made_up=True, names=set()))
    return exits


def without_known(passings: Sequence[Passing]) -> list[Passing]:
    """A tick on paper that may be an entry which somebody scanned is that entry."""
    known = [passing for passing in passings if not (passing.out or passing.on_paper)]
    kept = []
    for passing in passings:
        if not passing.on_paper or not any(entry.sure and passing.may_be(entry) for entry in known):
            kept.append(passing)
            known += [passing] if passing.on_paper else []
    return kept


@dataclass
class Stays:
    inside: list[Passing]
    left: Passing | None
    doubles: list[Passing]  # entries while somebody was in with the same ticket


def stays(passings: Iterable[Passing]) -> Stays:
    found = Stays([], None, [])
    for passing in sorted(passings, key=lambda passing: (passing.at, not passing.made_up)):
        if passing.out:
            found.left = found.left or (passing if found.inside else None)
            continue
        if passing.anew or (found.left and not passing.once):
            found.inside = []
        if any(not entry.made_up for entry in found.inside) and not passing.made_up:
            found.doubles.append(passing)
        found.inside.append(passing)
        found.left = None
    return found

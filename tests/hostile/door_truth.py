"""What really happened at simulated doors, in true time, and what each guest was owed by it.

Kept from what the phones did and the guests have. Nothing here is read from the server.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from registrations.checkin import quarantine, received_scan
from registrations.phones.door import Door, DoorPass

Row = dict[str, Any]
Key = tuple[int, int]  # a guest at a door
AGAIN = ("left_without_scan", "code_shared")
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
        return min(abs(at - self.opens), abs(at - self.closes)) < 2


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
    tellings: dict[str, Telling] = field(default_factory=dict)

    @property
    def id(self) -> str:
        return str(self.row["id"])

    @property
    def key(self) -> Key:
        return self.guest.n if self.guest else 0, self.phone.door.id

    @property
    def names(self) -> set[str]:
        """By which the server may keep it."""
        mine = {self.id, received_scan.passed_anyway_id(self.id)}
        return mine | {quarantine.accepted_id(name) for name in mine}

    def heard(self, telling: Telling) -> None:
        if not self.tellings:
            self.tellings[self.id], self.offline_first = telling, bool(self.row.get("offline"))
        elif through(self.row) and not self.offline_first:
            self.tellings.setdefault(received_scan.passed_anyway_id(self.id), telling)


@dataclass
class Passing:
    """One person through a door."""

    deed: Deed
    names: set[str]
    out: bool
    sure: bool
    alone: bool  # the phone let them through by itself
    unsure: float
    made_up: bool = False  # nobody scanned it: it follows from an exit

    @property
    def at(self) -> float:
        return self.deed.at

    @property
    def anew(self) -> bool:
        return self.deed.row.get("code") == "left_without_scan" and not self.out

    def surely_before(self, other: "Passing") -> bool:
        return self.sure and other.sure and self.at + self.unsure + other.unsure < other.at - 0.01


def through(row: Row) -> bool:
    """The guest is past the door: the phone said so by itself, or somebody's tap did."""
    if not row.get("offline") or row["kind"] not in ("in", "out"):
        return False
    return row["shown"] == ("out" if row["kind"] == "out" else "ok") or row.get("tap") in ALONE_BY


@dataclass
class Stays:
    inside: list[Passing]
    left: Passing | None
    doubles: list[Passing]  # entries while somebody was in with the same ticket


def stays(passings: Iterable[Passing], *, once: bool) -> Stays:
    found = Stays([], None, [])
    for passing in sorted(passings, key=lambda passing: (passing.at, not passing.made_up)):
        if passing.out:
            found.left = found.left or (passing if found.inside else None)
            continue
        if passing.anew or (found.left and not once):
            found.inside = []
        if any(not entry.made_up for entry in found.inside) and not passing.made_up:
            found.doubles.append(passing)
        found.inside.append(passing)
        found.left = None
    return found


class Truth:
    """The ledger of the world: who went through where, and what is too doubtful to hold anybody to."""

    def __init__(self) -> None:
        self.passings: dict[Key, list[Passing]] = defaultdict(list)
        self.shaky: set[Key] = set()
        self.undone: set[str] = set()
        self.strangers: list[Deed] = []  # let in by what is no ticket

    def of(self, key: Key) -> list[Passing]:
        return [passing for passing in self.passings[key] if passing.deed.id not in self.undone or passing.made_up]

    def certain(self, key: Key) -> bool:
        return key not in self.shaky and all(passing.sure for passing in self.of(key))

    def passed(self, deed: Deed) -> bool:
        return any(passing.deed is deed and not passing.made_up for passing in self.passings[deed.key])

    def passes(self, deed: Deed, *, made_up: bool) -> None:
        """With the entry that must have been before it, where they were not seen to come in."""
        telling = list(deed.tellings.values())[-1]
        alone, out = through(deed.row), deed.row["kind"] == "out"
        new = Passing(deed, deed.names, out, telling.sure, alone, telling.unsure)
        if made_up:
            names = {hashlib.sha256(f"entry before {name}".encode()).hexdigest()[:32] for name in deed.names}
            entry = Passing(deed, names, False, new.sure, alone, new.unsure, made_up=True)
            self.passings[deed.key].append(entry)
        self.passings[deed.key].append(new)

    def hears(self, deed: Deed) -> None:
        """The phone and the server have spoken of it."""
        verdict = (deed.answer or {}).get("verdict", "")
        over = deed.phone.revoked or deed.pass_id != deed.phone.door_pass.id
        if deed.fate in ("counted", "discarded") and over and not deed.offline_first:
            self.shaky.add(deed.key)  # decided on before its phone said what it had done by itself
        deed.fate = deed.fate or ("apart" if verdict == "device_revoked" else "counted")
        if deed.fate == "counted" and verdict != "device_revoked":
            self._counts(deed, verdict)

    def accepts(self, deed: Deed, deeds: dict[str, Deed]) -> None:
        """An organiser has said that it counts, though its phone was over."""
        if deed.row["kind"] == "undo":
            self.shaky.add(deeds[deed.row["undoes"]].key)
        elif through(deed.row):
            self._counts(deed, "")
        elif deed.row.get("tap") != "no":
            self.shaky.add(deed.key)  # judged only now, and its phone never hears how

    def _counts(self, deed: Deed, verdict: str) -> None:
        if verdict == "undone":
            self.undone.add(str(deed.row["undoes"]))
        is_late = bool(deed.tellings) and not deed.offline_first and deed.pass_id != deed.phone.door_pass.id
        waits = is_late or deed.phone.revoked  # what its phone did by itself is kept apart, and may be discarded
        if deed.guest is None and through(deed.row) and deed not in self.strangers and not waits:
            self.strangers.append(deed)
        if deed.guest is None or self.passed(deed) or not (verdict in ("ok", "out") or through(deed.row)):
            return
        unseen = deed.row["kind"] == "out" and not self.is_in(deed.key, deed.at)
        if unseen and not self.certain(deed.key):
            self.shaky.add(deed.key)
        self.passes(deed, made_up=unseen and (verdict == "out" or not verdict))

    def is_in(self, key: Key, at: float) -> bool:
        found = stays([passing for passing in self.of(key) if passing.at <= at], once=False)
        return bool(found.inside) and found.left is None

    # what the server owes: None where it is held to nothing

    def owed(self, deed: Deed, now: float) -> str | None:
        """The answer to a scan that is sent as it happens."""
        phone, guest, row = deed.phone, deed.guest, deed.row
        if phone.revoked:
            return "device_revoked"
        if row["kind"] == "undo":
            return self._owed_undo(deed, now)
        if guest is None:
            return "unknown"
        if row["kind"] == "out":
            return self._owed_exit(deed)
        if guest.dead_at is not None:
            return "ask_lead"
        if phone.hours.near(now):
            return None
        code = row.get("code") if phone.override_until > now else None
        closed = phone.hours.word(now)
        if closed and code not in ("early", "late"):
            return closed
        if not self.certain(deed.key):
            return None
        barred = self.is_in(deed.key, now) or (phone.door.policy == "once" and self._entries(deed.key))
        return "already_in" if barred and not code else "ok"

    def _entries(self, key: Key) -> Sequence[Passing]:
        return [passing for passing in self.of(key) if not passing.out]

    def _owed_exit(self, deed: Deed) -> str | None:
        if not self.certain(deed.key):
            return None
        if self.is_in(deed.key, deed.at):
            return "out"
        if stays(self.of(deed.key), once=False).left:
            return "already_out"
        return "out" if deed.row.get("code") == "came_in_elsewhere" else "came_in_elsewhere"

    def _owed_undo(self, deed: Deed, now: float) -> str | None:
        undone = str(deed.row["undoes"])
        mine = [
            passing
            for passings in self.passings.values()
            for passing in passings
            if passing.deed.pass_id == deed.pass_id
        ]
        gone = next(
            (passing for passings in self.passings.values() for passing in passings if passing.deed.id == undone), None
        )
        if gone is None or undone in self.undone or gone.out or not all(passing.sure for passing in mine):
            return None
        lead = deed.row.get("code") and deed.phone.override_until > now
        if lead:
            return "undone"
        if gone.deed.pass_id != deed.pass_id or now - gone.at > 61 + gone.unsure:
            return "undo_needs_lead" if gone.deed.pass_id == deed.pass_id else "nothing_to_undo"
        last = all(passing.at <= gone.at for passing in mine if passing.deed.id not in self.undone)
        return "undone" if last and now - gone.at < 59 else None

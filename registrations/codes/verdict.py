"""Every answer that a door can give: how it looks, who gives it, what it needs of a ticket, and who may override it.

Twin: scanner/verdict.mjs, and the signs of the phone. Change tests/vectors/make.py first, then both.
"""

from enum import StrEnum
from typing import NamedTuple


class Verdict(StrEnum):
    """The closed list. Those from UNKNOWN to OK stand in the order in which they are checked."""

    DEVICE_REVOKED = "device_revoked"
    INVALID = "invalid"  # not a code of ours, or misread: the phone says so, no ticket is looked for
    UNKNOWN = "unknown"
    REVOKED = "revoked"
    CANCELLED = "cancelled"
    NOT_APPROVED = "not_approved"
    WAITLISTED = "waitlisted"
    WRONG_DOOR = "wrong_door"  # the room is for others
    TOO_EARLY = "too_early"
    TOO_LATE = "too_late"
    ALREADY_IN = "already_in"
    LEAD_MEETS = "lead_meets"  # they are not for a steward: they arrive by another entrance, or under an alias
    SPEAK_TO_LEAD = "speak_to_lead"  # the room is full, or the venue
    NOT_COUNTED = "not_counted"  # a question: who comes into this room has to be counted at the entrance, and is not
    OK = "ok"
    ASK_LEAD = "ask_lead"  # what a phone hears of the four between UNKNOWN and TOO_EARLY
    OUT = "out"
    ALREADY_OUT = "already_out"
    CAME_IN_ELSEWHERE = "came_in_elsewhere"  # a question: somebody leaves who was never seen to come in
    TURNED_AWAY = "turned_away"  # the steward had pressed "Not let in"
    UNDONE = "undone"
    UNDO_NEEDS_LEAD = "undo_needs_lead"
    NOTHING_TO_UNDO = "nothing_to_undo"
    CHECK_ID = "check_id"  # the list is not fresh: ok, once a work ID was seen
    OLD_LIST = "old_list"
    ISSUED_SINCE = "issued_since"  # a row kept in reserve
    NOT_ON_PHONE = "not_on_phone"  # our shape, and no row
    CLOCK_DOUBTED = "clock_doubted"
    OFFLINE = "offline"  # no answer, and no list
    ERROR = "error"  # a failure of ours, never an admission


class Sign(StrEnum):
    """Colour, shape, sound and buzz of an answer (DR-31)."""

    GREEN = "green"
    AMBER = "amber"
    RED = "red"
    BLUE = "blue"


LEFT_WITHOUT_SCAN = "left_without_scan"
SCANNED_TWICE = "scanned_twice"  # of a ticket that is in: the same person again, by mistake
REPEATED_WITHIN = 60  # seconds
# Why a lead lets somebody in where no place is left: somebody went out unseen, they speak or help or assist there, or
# there is room for one more.
ROOM_CODES = frozenset({"left_unseen", "must_be_there", "has_room"})
WRONG_DOOR_CODES = frozenset({"changed_workshop", "belongs_here"})  # for a room that is for others
NOT_COUNTED_CODES = frozenset({"counted_there", "works_here"})  # by which they come in, whatever the entrance says
ADMITS_MET = "met"
SENDS_ON = frozenset({"other_entrance", "refused"})  # what a lead decides of whom they meet, and nobody comes in by it
ADMITS_NOBODY = SENDS_ON | {SCANNED_TWICE}
UNDO_CODES = frozenset({"wrong_person", "wrong_door", "test", "did_not_enter"})  # to take back after the first minute


class Rule(NamedTuple):
    """Everything that is fixed about one verdict."""

    sign: Sign
    word: str  # what the phone shows largest
    server: bool = False  # the server gives it
    device: bool = False  # a phone gives it by itself, offline
    reads: str = ""  # fields of the sealed row that a phone needs for it, one letter each
    overrides: frozenset[str] = frozenset()  # reasons by which a door lead, and nobody else, may decide otherwise
    heard_as: Verdict | None = None  # what phones are told in its place


_ASK, _NOT = "ASK THE LEAD", "NOT A TICKET"
_AGAIN = frozenset({SCANNED_TWICE, LEFT_WITHOUT_SCAN, "wrong_person_before", "code_shared"})
_NO_NAME = Rule(Sign.AMBER, _ASK, server=True, device=True, reads="s", heard_as=Verdict.ASK_LEAD)

RULES: dict[Verdict, Rule] = {
    Verdict.DEVICE_REVOKED: Rule(Sign.RED, "PHONE SIGNED OUT", server=True),
    Verdict.INVALID: Rule(Sign.RED, _NOT, server=True, device=True),
    Verdict.UNKNOWN: Rule(Sign.RED, _NOT, server=True),
    Verdict.REVOKED: _NO_NAME,
    Verdict.CANCELLED: _NO_NAME,
    Verdict.NOT_APPROVED: _NO_NAME,
    Verdict.WAITLISTED: _NO_NAME,
    Verdict.WRONG_DOOR: Rule(
        Sign.AMBER, "NOT THIS ROOM", server=True, device=True, reads="sw", overrides=WRONG_DOOR_CODES
    ),
    Verdict.TOO_EARLY: Rule(
        Sign.AMBER, "TOO EARLY", server=True, device=True, reads="s", overrides=frozenset({"early"})
    ),
    Verdict.TOO_LATE: Rule(Sign.AMBER, "CLOSED", server=True, device=True, reads="s", overrides=frozenset({"late"})),
    Verdict.ALREADY_IN: Rule(Sign.AMBER, "ALREADY IN", server=True, device=True, reads="sil", overrides=_AGAIN),
    Verdict.LEAD_MEETS: Rule(
        Sign.AMBER, _ASK, server=True, device=True, reads="silm", overrides=SENDS_ON | {ADMITS_MET}
    ),
    Verdict.SPEAK_TO_LEAD: Rule(Sign.AMBER, _ASK, server=True, device=True, reads="silj", overrides=ROOM_CODES),
    Verdict.NOT_COUNTED: Rule(
        Sign.BLUE, "ONE QUESTION", server=True, device=True, reads="silu", overrides=NOT_COUNTED_CODES
    ),
    Verdict.OK: Rule(Sign.GREEN, "COME IN", server=True, device=True, reads="sil"),
    Verdict.ASK_LEAD: Rule(Sign.AMBER, _ASK),
    Verdict.OUT: Rule(Sign.BLUE, "OUT", server=True, device=True, reads="sil"),
    Verdict.ALREADY_OUT: Rule(Sign.BLUE, "ALREADY OUT", server=True, device=True, reads="sl"),
    Verdict.CAME_IN_ELSEWHERE: Rule(Sign.BLUE, "ONE QUESTION", server=True, device=True, reads="sil"),
    Verdict.TURNED_AWAY: Rule(Sign.BLUE, "NOT LET IN", server=True),
    Verdict.UNDONE: Rule(Sign.BLUE, "UNDONE", server=True, device=True),
    Verdict.UNDO_NEEDS_LEAD: Rule(Sign.AMBER, _ASK, server=True, device=True, overrides=UNDO_CODES),
    Verdict.NOTHING_TO_UNDO: Rule(Sign.BLUE, "NOTHING TO UNDO", server=True),
    Verdict.CHECK_ID: Rule(Sign.AMBER, "CHECK ID, THEN IN", device=True, reads="sil"),
    Verdict.OLD_LIST: Rule(Sign.AMBER, _ASK, device=True, reads="sil"),
    Verdict.ISSUED_SINCE: Rule(Sign.AMBER, _ASK, device=True, reads="s"),
    Verdict.NOT_ON_PHONE: Rule(Sign.AMBER, _ASK, device=True),
    Verdict.CLOCK_DOUBTED: Rule(Sign.AMBER, _ASK, device=True, reads="sil"),
    Verdict.OFFLINE: Rule(Sign.BLUE, "CANNOT TELL", device=True),
    Verdict.ERROR: Rule(Sign.BLUE, "CANNOT TELL", server=True, device=True),
}
# To let somebody in:
OVERRIDES = frozenset().union(*(RULES[verdict].overrides for verdict in RULES)) - UNDO_CODES - ADMITS_NOBODY


class Standing(StrEnum):
    """Where the person's request and ticket stand, whatever the door and the hour."""

    OK = "ok"
    REVOKED = "revoked"
    CANCELLED = "cancelled"
    NOT_APPROVED = "not_approved"
    WAITLISTED = "waitlisted"


class Known(NamedTuple):
    """All that a verdict needs of a ticket, on the server or inside the sealed row on a phone."""

    standing: Standing
    inside: bool
    wrong_door: bool = False  # somebody else's room
    meets: bool = False  # the lead meets them, and no steward
    full: bool = False  # nobody more may come in here: the database says so as it admits, a phone by its list
    uncounted: bool = False  # the room asks whether they were counted at the entrance, and they are not


class Window(NamedTuple):
    """When a door lets people in, in epoch seconds of the server: from `opens` on, up to but not at `closes`."""

    opens: int | None
    closes: int | None


def judge(known: Known | None, window: Window, at: int) -> Verdict:
    """Depends on nothing but its arguments, so that server and phone cannot differ. `at` is by the server's clock."""
    if known is None:
        return Verdict.UNKNOWN
    if known.standing is not Standing.OK:
        return Verdict(known.standing)
    checks = (
        (known.wrong_door, Verdict.WRONG_DOOR),
        (window.opens is not None and at < window.opens, Verdict.TOO_EARLY),
        (window.closes is not None and at >= window.closes, Verdict.TOO_LATE),
        (known.inside, Verdict.ALREADY_IN),
        (known.meets, Verdict.LEAD_MEETS),
        (known.full, Verdict.SPEAK_TO_LEAD),
        (known.uncounted, Verdict.NOT_COUNTED),
    )
    return next((verdict for hit, verdict in checks if hit), Verdict.OK)


def is_repeat(ago: float | None) -> bool:
    """Of a ticket that is already in: whether the phone asks calmly, since it let them in itself, so many seconds ago.
    None: another phone did, or they have left since."""
    return ago is not None and 0 <= ago <= REPEATED_WITHIN

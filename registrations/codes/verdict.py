"""The verdict on one scan: a fixed order of checks, of which the first that hits wins.

Twin: scanner/verdict.mjs. Change tests/vectors/make.py first, then both.
"""

from enum import StrEnum
from typing import NamedTuple


class Verdict(StrEnum):
    """Every answer a door can give. The first fourteen stand in the order in which they are checked."""

    DEVICE_REVOKED = "device_revoked"  # the page says so before anything is judged
    INVALID = "invalid"  # not a code of ours, or misread: the phone says so, no ticket is looked for
    UNKNOWN = "unknown"
    REVOKED = "revoked"
    CANCELLED = "cancelled"
    NOT_APPROVED = "not_approved"
    WAITLISTED = "waitlisted"
    WRONG_DOOR = "wrong_door"
    TOO_EARLY = "too_early"
    TOO_LATE = "too_late"
    ALREADY_IN = "already_in"
    SPEAK_TO_LEAD = "speak_to_lead"
    NEEDS_ANSWER = "needs_answer"
    OK = "ok"
    ISSUED_SINCE = "issued_since"  # offline only: a reserve row
    NOT_ON_PHONE = "not_on_phone"  # offline only: our shape, no row
    ERROR = "error"  # a failure of ours, never an admission


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
    doors: frozenset[int] | None  # None: every door
    inside: bool
    hold: bool = False  # the lead meets this person; no steward is told why
    asks: bool = False  # one question first


class Window(NamedTuple):
    """When a door lets people in, in epoch seconds of the server: from `opens` on, up to but not at `closes`."""

    opens: int | None
    closes: int | None


def judge(known: Known | None, door: int, window: Window, at: int) -> Verdict:
    """Asks nothing but its arguments, so that server and phone cannot differ. `at` is the server's reckoning."""
    if known is None:
        return Verdict.UNKNOWN
    if known.standing is not Standing.OK:
        return Verdict(known.standing)
    checks = (
        (known.doors is not None and door not in known.doors, Verdict.WRONG_DOOR),
        (window.opens is not None and at < window.opens, Verdict.TOO_EARLY),
        (window.closes is not None and at >= window.closes, Verdict.TOO_LATE),
        (known.inside, Verdict.ALREADY_IN),
        (known.hold, Verdict.SPEAK_TO_LEAD),
        (known.asks, Verdict.NEEDS_ANSWER),
    )
    return next((verdict for hit, verdict in checks if hit), Verdict.OK)

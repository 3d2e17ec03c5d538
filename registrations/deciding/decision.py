"""What organisers can decide, and what becomes of it."""

from collections.abc import Collection
from datetime import datetime, timedelta
from enum import StrEnum

from events.ground import wording
from events.ground.refusal import Refused
from events.mail import quiet_hours
from events.mail.outbox import EPOCH
from registrations.people.registration import TO_DECIDE, State

UNDO_FOR = timedelta(seconds=30)  # of the machine's time: so long the email of a single decision waits


def shown_with(seen: State) -> Collection[State]:
    """What stands on the same list: the queue has those of two states."""
    return TO_DECIDE if seen in TO_DECIDE else {seen}


class Decision(StrEnum):
    APPROVE = "approve"
    OFFER = "offer"  # a place, to somebody on the waiting list, who has to answer
    WAIT = "wait"
    NOT_OFFER = "not_offer"


class Result(StrEnum):
    """What became of one decision."""

    DONE = "done"
    DECIDED = "decided"  # by someone else, or gone, in the meantime
    FULL = "full"  # no place was left
    TAKES_OVER = "takes_over"  # a guest's place: that is looked at alone
    FIRST = "first"  # of two approvals: another organiser has to give the second


class AlreadyDecided(Refused):
    def __init__(self) -> None:
        super().__init__(wording.ALREADY_DECIDED)


def email_due(at: datetime, real: datetime, undoable: bool) -> datetime:
    """The machine's time before which the email of a decision is not sent: one may be undone, and by night it waits."""
    wait = max(UNDO_FOR if undoable else timedelta(), quiet_hours.wait(at))
    return real + wait if wait else EPOCH

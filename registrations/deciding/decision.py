"""What organisers can decide, and what becomes of it."""

from enum import StrEnum

from events.ground import wording
from events.ground.refusal import Refused


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


class AlreadyDecided(Refused):
    def __init__(self) -> None:
        super().__init__(wording.ALREADY_DECIDED)

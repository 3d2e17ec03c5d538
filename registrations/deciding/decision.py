"""What organisers can decide, and what becomes of it."""

from collections.abc import Collection
from datetime import datetime, timedelta
from enum import StrEnum

from events.ground import wording
from events.ground.database import is_postgres, places, query, within_tx
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


DECIDE = """UPDATE registration SET state = ?, state_before = state, decided_at = ?{also} WHERE id IN (
    SELECT id FROM registration WHERE id IN ({ids}) AND state IN ({seen}) ORDER BY id {held})
    RETURNING id, state_before"""


@within_tx
async def move_all(ids: Collection[int], state: State, seen: State, at: datetime, also: str = "") -> dict[int, State]:
    """Moves those of one list that still stand on it; the states that they had, by id. `also`: what else is set."""
    held = "FOR NO KEY UPDATE" if is_postgres() else ""  # in order, or two that share some would wait for each other
    shown = sorted(shown_with(seen))
    sql = DECIDE.format(ids=places(len(ids)), seen=places(len(shown)), held=held, also=also)
    return {row["id"]: State(row["state_before"]) for row in await query(sql, [state, at, *ids, *shown])}

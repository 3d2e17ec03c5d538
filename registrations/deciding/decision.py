"""What organisers can decide, and what becomes of it."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from events.event import event_with
from events.ground import wording
from events.ground.database import find_rows, given, within_tx
from events.ground.refusal import Refused
from events.mail import quiet_hours
from events.mail.outbox import EPOCH
from registrations.people.registration import TO_DECIDE, Registration, State

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
    CHANGED = "changed"  # since they were shown to whoever decides
    FULL = "full"  # no place was left
    TAKES_OVER = "takes_over"  # a guest's place: that is looked at alone
    LOOK = "look"  # at another organisation or address of theirs: that is decided alone too
    HAS_ONE = "has_one"  # the address that they move to has a request of its own by now
    FIRST = "first"  # of two approvals: another organiser has to give the second


class AlreadyDecided(Refused):
    def __init__(self) -> None:
        super().__init__(wording.ALREADY_DECIDED)


async def refuse_after(event_id: int, at: datetime) -> None:
    """Raises Refused once the event is over: nobody would hear of a decision any more."""
    if (await event_with(event_id)).is_over(at):
        raise Refused(wording.IS_OVER)


def email_due(at: datetime, real: datetime, undoable: bool) -> datetime:
    """The machine's time before which the email of a decision is not sent: one may be undone, and by night it waits."""
    wait = max(UNDO_FOR if undoable else timedelta(), quiet_hours.wait(at))
    return real + wait if wait else EPOCH


# The order in which people get a place, for `ORDER BY` with the table's name: who asked first comes first. Whoever let
# an offer lapse, and has not asked to stay since, comes after all others.
TURN = """CASE WHEN {of}lapsed_at IS NULL THEN 0 ELSE 1 END, coalesce({of}lapsed_at, {of}waits_from, {of}requested_at),
    {of}id"""


def by_turn(person: Registration) -> tuple[bool, datetime, int]:
    """The same as a key to sort by."""
    return person.lapsed_at is not None, person.lapsed_at or person.waits_from or person.requested_at, person.id


# Of whoever comes to the waiting list anew: an offer that they let lapse puts them last, from this moment on.
LAST_IF_LAPSED = "waits_from = CASE WHEN lapsed_at IS NULL THEN waits_from ELSE ? END, lapsed_at = NULL"
READ = {
    "is_id": "int", "is_state": "text", "is_kind": "text", "is_generation": "int", "is_confirmed": "timestamptz",
    "is_sealed": "bytea",
}  # fmt: skip  # what an organiser decided on
DECIDE = """{given} UPDATE registration SET state = ?, state_before = state, decided_at = ?{also} WHERE id IN (
    SELECT r.id FROM given JOIN registration r ON r.id = is_id AND r.state = is_state AND r.kind = is_kind
        AND r.generation = is_generation
        AND (r.confirmed_at = is_confirmed OR (r.confirmed_at IS NULL AND is_confirmed IS NULL))
        AND (r.person_sealed = is_sealed OR (r.person_sealed IS NULL AND is_sealed IS NULL))
    ORDER BY r.id FOR NO KEY UPDATE OF r) RETURNING *"""  # in order, or two that share some wait for each other


@within_tx
async def move_all(
    people: Sequence[Registration],
    state: State,
    seen: State,
    at: datetime,
    also: str = "",
    values_of_also: Sequence[Any] = (),
) -> dict[int, Registration]:
    """Moves those of one list that still stand there as they were read; the moved rows as they were before, by id.
    `also`: what else is set."""
    listed = [person for person in people if person.state in shown_with(seen)]
    if not listed:
        return {}
    rows, values = given(READ, [_as_read(person) for person in listed])
    moved = await find_rows(Registration, DECIDE.format(given=rows, also=also), [*values, state, at, *values_of_also])
    for row in moved:
        row.state = row.state_before or seen
    return {row.id: row for row in moved}


def is_as_read(now: Registration, read: Registration) -> bool:
    """Whether this row still says what an organiser decides on."""
    return _as_read(now) == _as_read(read)


def _as_read(person: Registration) -> tuple[Any, ...]:
    return (
        person.id, person.state, person.kind.value, person.generation, person.confirmed_at, person.person_sealed,
    )  # fmt: skip

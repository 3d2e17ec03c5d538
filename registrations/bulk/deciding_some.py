"""A bulk act decides on some of its people, or takes what it has decided back.

No decision on many leads somebody to a place whom the queue asks to look at first: a person decides who comes. Nor does
one put them on the waiting list, which offers places by itself.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from events.accounts.staff import Staff
from events.audit.audit import Actor
from events.event import Event, event_with
from events.ground.database import within_tx
from events.mail.outbox import EPOCH
from registrations.deciding import several_decisions, two_approvals, undone_decisions
from registrations.deciding.decision import Decision, by_turn, shown_with
from registrations.deciding.several_decisions import BECOMES, decide_people
from registrations.deciding.similar_requests import signals, to_review
from registrations.people.address_change import moving_of
from registrations.people.registration import HOLDS_A_PLACE, TO_DECIDE, Registration, State, held_in_order

from .bulk_act import BulkAct, BulkKind, Outcome

GIVES_A_PLACE = (BulkKind.APPROVE, BulkKind.OFFER)
NEEDS_A_LOOK = (BulkKind.APPROVE, BulkKind.WAIT)  # whoever is offered a place was put on the waiting list by then


async def need_a_look(event: Event, act: BulkAct, ids: Sequence[int]) -> frozenset[int]:
    """Who of these waits until somebody has looked at them: as beside a request in the queue."""
    if act.kind not in NEEDS_A_LOOK or act.seen not in TO_DECIDE:
        return frozenset()
    people = await several_decisions.in_order(event, ids)
    moving = await moving_of(people)
    return frozenset(to_review(people, await signals(event.id, people, moving)) | moving.keys())


@within_tx
async def decide(
    act: BulkAct, versions: Mapping[int, int], look: Collection[int], by: Actor, at: datetime
) -> dict[int, Outcome]:
    """`versions`: those that these had when the act was made, by id. All are held first, in the order in which
    everybody holds them, so that none waits for the event's row while somebody else does for theirs."""
    if act.seen is None:
        return dict.fromkeys(versions, Outcome.DECIDED)
    held = await held_in_order(list(versions))
    became = {id_: _why_left(act.seen, held.get(id_), versions[id_], id_ in look) for id_ in versions}
    if act.kind in GIVES_A_PLACE and not (await event_with(act.event_id)).places_left:
        needs_one = [id_ for id_, row in held.items() if row.state not in HOLDS_A_PLACE and not row.comes_with_id]
        became |= {id_: Outcome.FULL for id_ in needs_one if became[id_] is None}
    alone = await several_decisions.decided_alone(held.values())
    became |= {id_: Outcome(alone[id_].value) for id_ in alone if became[id_] is None}
    people = [row for row in sorted(held.values(), key=by_turn) if became[row.id] is None]
    due = act.emails_at or EPOCH
    results = await decide_people(people, Decision(act.kind.value), by, at, due, act.seen)
    return {id_: left or Outcome(results[id_].value) for id_, left in became.items()}


def _why_left(seen: State, row: Registration | None, version: int, needs_look: bool) -> Outcome | None:
    """None where they are to be decided on."""
    if row is None or row.state not in shown_with(seen):
        return Outcome.DECIDED
    if row.version != version:
        return Outcome.CHANGED
    return Outcome.LOOK if needs_look else None


@within_tx
async def take_back(act: BulkAct, ids: Sequence[int], by: Staff, at: datetime) -> dict[int, Outcome]:
    """Of whoever still stands where they were put, while none of their emails has gone out. Who has the first of two
    approvals, of whoever began the act, stands where they were before."""
    held, became = await held_in_order(ids), dict.fromkeys(ids, Outcome.TOO_LATE)
    for row in held.values():
        if await _is_taken_back(act, row, by, at):
            became[row.id] = Outcome.UNDONE
    return became


async def _is_taken_back(act: BulkAct, row: Registration, by: Staff, at: datetime) -> bool:
    if row.state is BECOMES[Decision(act.kind.value)][0]:
        emails = await undone_decisions.undoable(row)
        is_of_act = bool(emails) and emails[0].next_try_at == act.emails_at  # else somebody decided the same since
        return is_of_act and await undone_decisions.undo_decision(row, by, at)
    gave_first = act.kind is BulkKind.APPROVE and act.seen is not None and row.state in shown_with(act.seen)
    return gave_first and await two_approvals.take_back(row, by, at, given_by=act.asked_by_id)

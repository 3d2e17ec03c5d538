"""Organisers decide on many at once: those who were ticked on one list. Fifty share a transaction, unless each has to
be looked at alone: for a place that a guest hands over, another address, two approvals, or places that are short.
"""

from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from datetime import datetime

from events.audit import audit
from events.audit.action import Action
from events.audit.audit import Actor
from events.event import Event
from events.ground import live
from events.ground.database import after_commit, among, find_rows, run_tx
from events.mail.outbox import EPOCH
from registrations.people.registration import HOLDS_A_PLACE, Registration, State, held_in_order
from registrations.tickets import ticketing
from registrations.tickets.ticketing import EventFull

from . import approving, taking_over
from .approving import EachAlone
from .decision import LAST_IF_LAPSED, Decision, Result, by_turn, is_as_read, move_all, refuse_after, shown_with
from .new_addresses import HasOne
from .vetting import DECIDED_BY_EMAIL, decide, queue_email

TOGETHER = 50  # decisions that share a transaction: as long scans at the door wait for the event's row


async def decide_several(
    event: Event, ids: Collection[int], decision: Decision, by: Actor, at: datetime, due: datetime = EPOCH
) -> dict[int, Result]:
    """Decides the queue's requests. The first to ask gets the last place."""
    decided = await decide_people(await in_order(event, ids), decision, by, at, due)
    return dict.fromkeys(ids, Result.DECIDED) | decided


async def decide_shown(
    people: Sequence[Registration],
    shown: Mapping[int, str],
    decision: Decision,
    by: Actor,
    at: datetime,
    due: datetime = EPOCH,
    seen: State = State.CONFIRMED,
) -> dict[int, Result]:
    """The same for these, in order, with the marks by their ids that they had on a list: whoever is not as they were
    shown there stays, to be looked at first."""
    as_shown = [person for person in people if shown[person.id] in person.marks]
    left = {person.id: _why_left(person, seen) for person in people}
    if len(shown) > 1:
        left |= (alone := await decided_alone(as_shown))
        as_shown = [person for person in as_shown if person.id not in alone]
    decided = await decide_people(as_shown, decision, by, at, due, seen)
    return dict.fromkeys(shown, Result.DECIDED) | left | decided


async def decided_alone(people: Collection[Registration]) -> dict[int, Result]:
    """Who of these is in no decision on many, by their ids: it would end a hand-over, or a second look, at once, and
    could not be undone."""
    looked_at = {person.id: Result.LOOK for person in people if person.state is State.RECHECKING}
    return looked_at | dict.fromkeys(await taking_over.takers(people), Result.TAKES_OVER)


def _why_left(person: Registration, seen: State) -> Result:
    return Result.CHANGED if person.state in shown_with(seen) else Result.DECIDED


async def decide_people(
    people: Sequence[Registration],
    decision: Decision,
    by: Actor,
    at: datetime,
    due: datetime = EPOCH,
    seen: State = State.CONFIRMED,
) -> dict[int, Result]:
    """Decides these requests of one list, in order, as they were read: fifty in a transaction, or each in its own if
    places are short. Leave those out before whom `decided_alone` names, unless it is one person. `seen`: the state in
    which that list showed them. Raises Refused once the event is over."""
    for event_id in {person.event_id for person in people}:
        await refuse_after(event_id, at)
    results = dict[int, Result]()
    for some in (people[n : n + TOGETHER] for n in range(0, len(people), TOGETHER)):
        results |= await _decide_some(some, decision, by, at, due, seen)
    untouched = [person.id for person in people if results[person.id] is Result.DECIDED]
    now = await Registration.filter(id__in=untouched) if untouched else []
    return results | {row.id: _why_left(row, seen) for row in now}


async def _decide_some(
    people: Sequence[Registration], decision: Decision, by: Actor, at: datetime, due: datetime, seen: State
) -> dict[int, Result]:
    taking = await taking_over.takers(people) if decision is Decision.APPROVE else ()
    results = dict.fromkeys(taking, Result.TAKES_OVER)  # each is approved on a page that says whose place it is
    people = [person for person in people if person.id not in results]
    if not people:
        return results
    if decision is Decision.APPROVE:
        with suppress(EventFull, EachAlone):
            return results | await approving.approve_all(people, seen, by, at, due)
    elif decision in DECIDED_TOGETHER:
        return results | await _decide_together(people, decision, by, at, due, seen)
    for registration in people:
        registration.state = registration.state if registration.state in shown_with(seen) else seen
        try:
            results[registration.id] = await decide_alone(registration, decision, by, at, due)
        except HasOne:  # those before them are decided, and those after them are decided too
            results[registration.id] = Result.HAS_ONE
    return results


@run_tx
async def decide_alone(
    registration: Registration,
    decision: Decision,
    by: Actor,
    at: datetime,
    due: datetime,
    takes_over: int | None = None,
) -> Result:
    """As it was read: the row is held first, after that of a guest whose place it takes over."""
    await taking_over.hold_both(registration)
    now = (await held_in_order([registration.id])).get(registration.id)
    if now is None or not is_as_read(now, registration):
        return _why_left(now, registration.state) if now else Result.DECIDED
    return await decide(registration, decision, by, at, due, takes_over)


BECOMES = {
    Decision.APPROVE: (State.APPROVED, Action.APPROVED),
    Decision.OFFER: (State.OFFERED, Action.OFFERED),
    Decision.WAIT: (State.WAITING, Action.PUT_ON_WAITING_LIST),
    Decision.NOT_OFFER: (State.NOT_OFFERED, Action.NOT_OFFERED),
}
DECIDED_TOGETHER = {Decision.WAIT, Decision.NOT_OFFER}


@run_tx
async def _decide_together(
    people: Sequence[Registration], decision: Decision, by: Actor, at: datetime, due: datetime, seen: State
) -> dict[int, Result]:
    """Decides those that are still to be decided; approvals are `approving`'s."""
    state, action = BECOMES[decision]
    also = (f", {LAST_IF_LAPSED}", [at]) if decision is Decision.WAIT else ("", [])
    moved = await move_all(people, state, seen, at, *also)
    mine = [person for person in people if person.id in moved]
    if mine:
        await queue_email(DECIDED_BY_EMAIL[state], *mine, at=at, due=due)
        await taking_over.fall_away(*mine, by=by, at=at, due=due)
        await audit.record_all([(action, person, {}) for person in mine], by=by, at=at)
        after_commit(live.publish, f"event:{mine[0].event_id}")
        leave = [before for before in moved.values() if before.state in HOLDS_A_PLACE]
        await ticketing.tell_devices(*mine, leave=leave)
    return {person.id: Result.DONE if person.id in moved else Result.DECIDED for person in people}


async def in_order(event: Event, ids: Collection[int]) -> list[Registration]:
    """The order in which several are decided: see `TURN`."""
    wanted, values = among("id", "int", set(ids))
    sql = f"SELECT * FROM registration WHERE event_id = ? AND {wanted}"  # noqa: S608  # ours
    found = await find_rows(Registration, sql, [event.id, *values]) if ids else []
    return sorted(found, key=by_turn)

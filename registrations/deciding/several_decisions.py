"""Organisers decide on many at once: those who were ticked on one list. Fifty share a transaction, unless each has to
be looked at alone: for a place that a guest hands over, another address, two approvals, or places that are short.
"""

from collections.abc import Collection, Sequence
from contextlib import suppress
from datetime import datetime

from events.audit import audit
from events.audit.action import Action
from events.audit.audit import Actor
from events.event import Event, event_with
from events.ground import live
from events.ground.database import after_commit, find_rows, is_postgres, places, query, run_tx
from events.mail import outbox
from events.mail.outbox import EPOCH
from registrations.people.address_change import confirmed_of
from registrations.people.registration import HOLDS_A_PLACE, Registration, State
from registrations.tickets import ticketing
from registrations.tickets.ticketing import EventFull

from . import taking_over
from .decision import Decision, Result, shown_with
from .vetting import DECIDED_BY_EMAIL, decide, queue_email

TOGETHER = 50  # decisions that share a transaction: as long scans at the door wait for the event's row


async def decide_several(
    event: Event, ids: Collection[int], decision: Decision, by: Actor, at: datetime, due: datetime = EPOCH
) -> dict[int, Result]:
    """Decides the queue's requests. The first to ask gets the last place."""
    decided = await decide_people(await in_order(event, ids), decision, by, at, due)
    return dict.fromkeys(ids, Result.DECIDED) | decided


async def decide_people(
    people: Sequence[Registration],
    decision: Decision,
    by: Actor,
    at: datetime,
    due: datetime = EPOCH,
    seen: State = State.CONFIRMED,
) -> dict[int, Result]:
    """Decides these requests of one list, in order: fifty in a transaction, or each in its own if places are short.
    `seen`: the state in which that list showed them."""
    results = dict[int, Result]()
    for some in (people[n : n + TOGETHER] for n in range(0, len(people), TOGETHER)):
        results |= await _decide_some(some, decision, by, at, due, seen)
    return results


async def _decide_some(
    people: Sequence[Registration], decision: Decision, by: Actor, at: datetime, due: datetime, seen: State
) -> dict[int, Result]:
    taking = await taking_over.takers(people) if decision is Decision.APPROVE else ()
    results = dict.fromkeys(taking, Result.TAKES_OVER)  # each is approved on a page that says whose place it is
    people = [person for person in people if person.id not in results]
    if not people:
        return results
    if decision is not Decision.OFFER and not (decision is Decision.APPROVE and await _by_two(people)):
        with suppress(EventFull, SomebodyMoves):
            return results | await _decide_together(people, decision, by, at, due, seen)
    for registration in people:
        registration.state = registration.state if registration.state in shown_with(seen) else seen
        results[registration.id] = await decide(registration, decision, by, at, due)
    return results


async def _by_two(people: Sequence[Registration]) -> bool:
    """Each is approved alone then: it may be a first approval that is given."""
    return (await event_with(people[0].event_id)).two_approvals


BECOMES = {
    Decision.APPROVE: (State.APPROVED, Action.APPROVED),
    Decision.OFFER: (State.OFFERED, Action.OFFERED),
    Decision.WAIT: (State.WAITING, Action.PUT_ON_WAITING_LIST),
    Decision.NOT_OFFER: (State.NOT_OFFERED, Action.NOT_OFFERED),
}
DECIDE = """UPDATE registration SET state = ?, state_before = state, decided_at = ?{also} WHERE id IN (
    SELECT id FROM registration WHERE id IN ({ids}) AND state IN ({seen}) ORDER BY id {held})
    RETURNING id, state_before"""
ANEW = {Decision.WAIT: ", lapsed_at = NULL, waits_from = NULL"}  # nothing is left of an earlier time on the list


class SomebodyMoves(Exception):
    """Among those who are approved is one for whom another address takes effect: each is approved alone."""


@run_tx
async def _decide_together(
    people: Sequence[Registration], decision: Decision, by: Actor, at: datetime, due: datetime, seen: State
) -> dict[int, Result]:
    """Decides those that are still to be decided. Refused where there are not places for all of these, or one moves."""
    state, action = BECOMES[decision]
    held = "FOR NO KEY UPDATE" if is_postgres() else ""  # in order, or two that share some would wait for each other
    shown = sorted(shown_with(seen))
    sql = DECIDE.format(ids=places(len(people)), seen=places(len(shown)), held=held, also=ANEW.get(decision, ""))
    values = [state, at, *(person.id for person in people), *shown]
    moved: dict[int, State] = {row["id"]: row["state_before"] for row in await query(sql, values)}
    places_held = sum(before in HOLDS_A_PLACE for before in moved.values())
    mine = [person for person in people if person.id in moved]
    results = {person.id: Result.DONE if person.id in moved else Result.DECIDED for person in people}
    if not mine:
        return results
    if decision is Decision.APPROVE and await confirmed_of(moved):
        raise SomebodyMoves
    if decision is Decision.APPROVE:
        tickets = [ticket.id for ticket in await ticketing.issue_all(mine, at, held=places_held)]
        await outbox.put("ticket", *tickets, cause="approved", at=at, event_id=mine[0].event_id, due=due)
    else:
        await queue_email(DECIDED_BY_EMAIL[state], *mine, at=at, due=due)
    await taking_over.fall_away(*mine, by=by, at=at, due=due)
    await audit.record_all([(action, person, {}) for person in mine], by=by, at=at)
    after_commit(live.publish, f"event:{mine[0].event_id}")
    if decision is not Decision.APPROVE:
        await ticketing.tell_devices(*mine, freed=places_held)
    return results


IN_ORDER = (
    "SELECT * FROM registration WHERE event_id = ? AND id IN ({ids}) ORDER BY coalesce(waits_from, requested_at), id"
)


async def in_order(event: Event, ids: Collection[int]) -> list[Registration]:
    """The order in which several are decided: whoever asked first comes first."""
    return await find_rows(Registration, IN_ORDER.format(ids=places(len(ids))), [event.id, *ids]) if ids else []

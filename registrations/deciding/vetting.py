"""Organisers decide who comes. Each decision is a move that only one caller can make, with its email and its entry."""

import secrets
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from events.audit import audit
from events.audit.action import Action
from events.audit.audit import Actor, Detail
from events.event import Event
from events.ground import live
from events.ground.database import after_commit, find_rows, is_postgres, places, query, run_tx
from events.mail import outbox, quiet_hours
from events.mail.outbox import EPOCH
from registrations.people import erased
from registrations.people.address_change import confirmed_of
from registrations.people.link_answers import LinkAnswers
from registrations.people.registration import EMPTY, HOLDS_A_PLACE, LIVE, TO_DECIDE, Registration, State
from registrations.tickets import request_emails, ticketing
from registrations.tickets.ticket import Ticket
from registrations.tickets.ticketing import EventFull

from . import new_addresses, offers, taking_over
from .decision import AlreadyDecided as AlreadyDecided
from .decision import Decision as Decision
from .decision import Result as Result
from .decision import shown_with

TOLD_OF_CANCELLING = LIVE - {State.REQUESTED, State.NOT_OFFERED}  # the others expect nothing of us
TOGETHER = 50  # decisions that share a transaction: as long scans at the door wait for the event's row
UNDO_FOR = timedelta(seconds=30)  # of the machine's time: so long the email of a single decision waits


DECIDED_BY_EMAIL = {State.APPROVED: "ticket", State.WAITING: "waiting", State.NOT_OFFERED: "not_offered"}


def email_due(at: datetime, real: datetime, undoable: bool) -> datetime:
    """The machine's time before which the email of a decision is not sent: one may be undone, and by night it waits."""
    wait = max(UNDO_FOR if undoable else timedelta(), quiet_hours.wait(at))
    return real + wait if wait else EPOCH


@run_tx
async def approve(
    registration: Registration, by: Actor, at: datetime, due: datetime = EPOCH, takes_over: int | None = None
) -> Ticket:
    """Gives a place, of which the event has one left or a guest hands it over, and queues the ticket. Raises Refused
    when there is none or someone else has decided.

    `due`, here and below, is the machine's time before which the email is not sent. `takes_over`: see `taking_over`.
    """
    held = await _decide(registration, {*TO_DECIDE, State.WAITING, State.OFFERED}, State.APPROVED, at)
    await new_addresses.take_effect(registration, by, at)
    held = await taking_over.take_effect(registration, takes_over, by, at, due) or held
    ticket = await ticketing.issue(registration, at, held=held)
    await outbox.put("ticket", ticket.id, cause="approved", at=at, event_id=registration.event_id, due=due)
    await _note(Action.APPROVED, registration, by, at)
    return ticket


@run_tx
async def put_on_waiting_list(registration: Registration, by: Actor, at: datetime, due: datetime = EPOCH) -> None:
    held = await _decide(registration, TO_DECIDE, State.WAITING, at, lapsed_at=None, waits_from=None)
    await _send("waiting", registration, at=at, due=due)
    await taking_over.fall_away(registration, by=by, at=at, due=due)
    await _note(Action.PUT_ON_WAITING_LIST, registration, by, at)
    await ticketing.tell_devices(registration, freed=int(held))


@run_tx
async def not_offer(registration: Registration, by: Actor, at: datetime, due: datetime = EPOCH) -> None:
    """Records only the outcome: the reason is written nowhere, and the email is the same for all."""
    held = await _decide(registration, {*TO_DECIDE, State.WAITING}, State.NOT_OFFERED, at)
    await _send("not_offered", registration, at=at, due=due)
    await taking_over.fall_away(registration, by=by, at=at, due=due)
    await _note(Action.NOT_OFFERED, registration, by, at)
    await ticketing.tell_devices(registration, freed=int(held))


async def offer_out_of_turn(registration: Registration, by: Actor, at: datetime, due: datetime = EPOCH) -> None:
    """Of which nothing is undone: the email goes out at once, whatever is `due`."""
    await offers.offer(registration, by, at)


Verb = Callable[..., Awaitable[object]]  # of the request, by whom, when, and before when its email is not sent
DECISIONS: dict[Decision, Verb] = {
    Decision.APPROVE: approve,
    Decision.OFFER: offer_out_of_turn,
    Decision.WAIT: put_on_waiting_list,
    Decision.NOT_OFFER: not_offer,
}


async def decide(
    registration: Registration,
    decision: Decision,
    by: Actor,
    at: datetime,
    due: datetime = EPOCH,
    takes_over: int | None = None,
) -> Result:
    """Decides on the state that the organiser saw. A caller who saw an older one gets DECIDED."""
    verb: Verb = partial(approve, takes_over=takes_over) if decision is Decision.APPROVE else DECISIONS[decision]
    try:
        await verb(registration, by, at, due)
    except AlreadyDecided:
        return Result.DECIDED
    except EventFull:
        return Result.FULL
    return Result.DONE


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
    if decision is not Decision.OFFER:
        with suppress(EventFull, SomebodyMoves):
            return results | await _decide_together(people, decision, by, at, due, seen)
    for registration in people:
        registration.state = registration.state if registration.state in shown_with(seen) else seen
        results[registration.id] = await decide(registration, decision, by, at, due)
    return results


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
        await _send(DECIDED_BY_EMAIL[state], *mine, at=at, due=due)
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


@run_tx
async def reconsider(registration: Registration, by: Actor, at: datetime) -> None:
    """Corrects a mis-click: the request goes back to the queue, and an email that has not gone out is not sent."""
    await _move(registration, {State.NOT_OFFERED}, State.CONFIRMED, decided_at=None)
    await request_emails.drop_all(registration, at)
    await _note(Action.RECONSIDERED, registration, by, at)
    await ticketing.tell_devices(registration)


@run_tx
async def withdraw(registration: Registration, by: Actor, at: datetime) -> None:
    """Takes an approval back. Ticket, links and queued emails die at once, the place is free, and the person is
    vetted anew."""
    await _move(registration, {State.APPROVED}, State.CONFIRMED, decided_at=None, withdrawn_at=at)
    await taking_over.fall_away(registration, by=by, at=at)
    await request_emails.drop_all(registration, at)
    await ticketing.revoke(registration, at)
    await _send("cancelled", registration, at=at)
    await _note(Action.WITHDRAWN, registration, by, at)


@run_tx
async def cancel(registration: Registration, by: Actor, at: datetime) -> None:
    """Ends a request. The address may ask again; `restoring` brings it back. A person with a place loses it and the
    ticket.

    Of one that nobody confirmed nothing personal is kept: it may be somebody else's address.
    """
    before = registration.state
    emptied = EMPTY if before is State.REQUESTED else {}
    await _move(registration, LIVE, State.CANCELLED, decided_at=at, **emptied)
    if before is State.REQUESTED:
        await erased.note(registration, at)
        await LinkAnswers.filter(registration_id=registration.id).update(answers_sealed=None)
    await request_emails.drop_all(registration, at)
    if before in TOLD_OF_CANCELLING:
        await _send("cancelled", registration, at=at)
    await taking_over.fall_away(registration, by=by, at=at)
    await _note(Action.CANCELLED, registration, by, at)
    await (ticketing.revoke(registration, at) if before in HOLDS_A_PLACE else ticketing.tell_devices(registration))


HELD = "UPDATE registration SET state = state WHERE id = ? AND state = ? RETURNING *"
CORRECT = "UPDATE registration SET person_sealed = ? WHERE id = ? RETURNING id"


@run_tx
async def correct(
    registration: Registration, mended: Mapping[str, str], by: Actor, at: datetime, **details: Detail
) -> None:
    """Corrects what they told us, by the names of a person's fields. The ticket stays as it is, and door phones get
    the name anew. `details` go into the audit log: never what was corrected.

    Only for a request that is still as it was seen: no name returns to a row that was emptied meanwhile.
    """
    held = await find_rows(Registration, HELD, [registration.id, registration.state])
    if registration.state not in LIVE or not held or not held[0].full_name:
        raise AlreadyDecided
    await query(CORRECT, [held[0].sealed(replace(held[0].person, **mended)), registration.id])
    await _note(Action.CORRECTED, registration, by, at, **details)
    await ticketing.tell_devices(registration)


async def _decide(
    registration: Registration, before: Collection[State], after: State, at: datetime, **also: None
) -> bool:
    """A move that can be undone for as long as its email waits. Says whether they held a place before it."""
    held = registration.state in HOLDS_A_PLACE
    await _move(registration, before, after, decided_at=at, state_before=registration.state, **also)
    return held


async def _move(
    registration: Registration, before: Collection[State], after: State, **also: datetime | str | None
) -> None:
    also = {"state_before": None} | also
    if registration.state not in before or not await registration.become(after, **also):
        raise AlreadyDecided


async def _send(template: str, *moved: Registration, at: datetime, due: datetime = EPOCH) -> None:
    """Queues the email of a move to each. The move was ours alone, so its cause only has to differ from those of
    earlier moves."""
    cause, ids = f"{template} {secrets.token_hex(8)}", [registration.id for registration in moved]
    await outbox.put(template, *ids, cause=cause, at=at, event_id=moved[0].event_id, due=due)


async def _note(action: Action, registration: Registration, by: Actor, at: datetime, **details: Any) -> None:
    await audit.record(action, registration, by=by, at=at, **details)
    after_commit(live.publish, f"event:{registration.event_id}")

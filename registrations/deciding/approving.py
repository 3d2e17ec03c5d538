"""Approvals that wait at the same time share a transaction. Each is refused for itself, and takes no other along."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import NamedTuple

from events.audit import audit
from events.audit.action import Action
from events.audit.audit import Actor, Deed
from events.event import event_with
from events.ground import live, source
from events.ground.batching import batched
from events.ground.database import after_commit
from events.mail import outbox
from events.mail.outbox import Queued
from registrations.people.address_change import confirmed_of
from registrations.people.registration import HOLDS_A_PLACE, Registration, State
from registrations.tickets import ticketing

from . import taking_over
from .decision import Result, is_as_read, move_all

MOST_TOGETHER = 50  # as long scans at the door wait for the event's row


class EachAlone(Exception):
    """For one of those who are approved another address takes effect, or the event asks for two approvals."""


class Approval(NamedTuple):
    """Of one request, as a list with this state showed it, by one organiser."""

    registration: Registration
    seen: State
    by: Actor
    at: datetime
    due: datetime  # the machine's time before which the email is not sent
    source: str  # as `source.hashed` has it


async def approve_all(
    people: Sequence[Registration], seen: State, by: Actor, at: datetime, due: datetime
) -> dict[int, Result]:
    """Approves those that are still to be decided, in this order. Refused where there are not places for all of
    these. Raises EachAlone where they may not share."""
    here = source.hashed()
    results = await _approve_in_batches([Approval(person, seen, by, at, due, here) for person in people])
    return {person.id: result for person, result in zip(people, results, strict=True)}


async def _approve_waiting(given: Sequence[Approval]) -> list[Result]:
    """Those of each list in turn, always in the same order: or two processes could wait for each other."""
    lists: dict[tuple[int, State], list[Approval]] = {}
    for approval in given:
        lists.setdefault((approval.registration.event_id, approval.seen), []).append(approval)
    moved = {of_list: iter(await _approve_of_list(lists[of_list])) for of_list in sorted(lists)}
    return [next(moved[approval.registration.event_id, approval.seen]) for approval in given]


_approve_in_batches = batched(_approve_waiting, MOST_TOGETHER)


async def _approve_of_list(given: Sequence[Approval]) -> list[Result]:
    """Of two that approve the same request the first has done it, if it was shown as it stands."""
    at = max(approval.at for approval in given)
    moved = await move_all([approval.registration for approval in given], State.APPROVED, given[0].seen, at)
    if await confirmed_of(moved) or (await event_with(given[0].registration.event_id)).two_approvals:
        raise EachAlone
    held = {before.id for before in moved.values() if before.state in HOLDS_A_PLACE}
    results, mine = list[Result](), list[Approval]()
    for approval in given:
        before = moved.get(approval.registration.id)
        is_first = before is not None and is_as_read(before, approval.registration) and bool(moved.pop(before.id))
        results.append(Result.DONE if is_first else Result.DECIDED)
        mine += [approval] if is_first else []
    if mine:
        await _give_tickets(mine, at, held)
        await _end_hand_overs(mine)
    return results


async def _end_hand_overs(approvals: Sequence[Approval]) -> None:
    """Of whoever asked in this moment to take over a place: they have one of their own. A guest who is looked at again
    goes on handing over theirs."""
    taking = await taking_over.takers([approval.registration for approval in approvals])
    for approval in approvals:
        if approval.registration.id in taking:
            await taking_over.fall_away(approval.registration, by=approval.by, at=approval.at, due=approval.due)


async def _give_tickets(approvals: Sequence[Approval], at: datetime, held: Collection[int]) -> None:
    tickets = await ticketing.issue_all([approval.registration for approval in approvals], at, held=held)
    event_id = approvals[0].registration.event_id
    await outbox.put_each(
        [
            Queued("ticket", ticket.id, "approved", event_id, approval.at, approval.due)
            for ticket, approval in zip(tickets, approvals, strict=True)
        ]
    )
    await audit.record_each(
        [
            Deed(Action.APPROVED, approval.registration, {}, approval.by, approval.at, None, approval.source)
            for approval in approvals
        ]
    )
    after_commit(live.publish, f"event:{event_id}")

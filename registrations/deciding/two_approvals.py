"""Where the event says so, two different organisers approve whoever is of no checked organisation.

Rules: SG-03. The first approval is a row: who, when, and a hash of what was sealed then. Whoever gives a place uses it
in the same transaction, if it is of another organiser and of the same answers, address and state, and of the same
place where they take one over; else nothing is decided, and theirs becomes the first. So whatever changes between the
two ends the first, and needs to know nothing of it. Only what could lead back to the same (a decline that is
reconsidered, a place that is withdrawn, a request that is restored, another address that is stopped again) ends it by
name. A new data key seals anew, and ends it too.
"""

import hashlib
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from events.accounts.staff import names_of
from events.audit import audit
from events.audit.action import Action
from events.audit.audit import Actor
from events.event import Event, event_with
from events.ground import clock, live
from events.ground.database import after_commit, find_row, find_rows, places, query, run_tx, within_tx
from events.ground.refusal import Refused
from registrations.people.address_change import WAITS_IN, AddressChange, confirmed_of
from registrations.people.checked import need_two
from registrations.people.hand_over import by_receiver
from registrations.people.registration import Registration, State

from .first_approval import FirstApproval

COUNTED = {State.CONFIRMED, State.RECHECKING, State.WAITING, State.CANCELLED}  # an offer had two when it was made
OPEN = "registration_id IN ({ids}) AND ended_at IS NULL"
END = f"UPDATE first_approval SET ended_at = ? WHERE {OPEN.format(ids='?')} RETURNING id"  # noqa: S608  # ours
USE = "UPDATE first_approval SET ended_at = ?, seconded_by_id = ? WHERE id = ? AND ended_at IS NULL RETURNING id"
TAKE_BACK = f"UPDATE first_approval SET ended_at = ? WHERE {OPEN.format(ids='?')} AND given_by_id = ? RETURNING id"  # noqa: S608
AS_SEEN = "SELECT * FROM registration WHERE id = ? AND state = ? FOR NO KEY UPDATE"
REOPEN = """UPDATE first_approval SET ended_at = NULL, seconded_by_id = NULL
    WHERE registration_id = ? AND seconded_by_id IS NOT NULL AND ended_at = ? RETURNING id"""


class NeedsAnother(Refused):
    """Raised where a place would be given with one approval alone."""

    def __init__(self) -> None:
        super().__init__("Two organisers have to approve this person. Nothing was changed.")


@within_tx
async def use(registration_id: int, before: State, by: Actor, at: datetime) -> dict[str, Any]:
    """Once the move of a request from `before` to a place is ours, and nothing else of it is written. Who gave the
    first approval, for the entry; nothing where one is enough. Raises NeedsAnother if there is none of another
    organiser, for what stands now."""
    row = await Registration.get(id=registration_id)
    event = await event_with(row.event_id)
    if before not in COUNTED or not await needing(event, [row], before):
        return {}
    first, second = await _open(row.id), _id_of(by)
    if first is None or not second or first.given_by_id == second or first.seen != await _seen(row, before):
        raise NeedsAnother
    if not await query(USE, [at, second, first.id]):
        raise NeedsAnother
    return {"first": f"staff:{first.given_by_id}"}


@run_tx
async def give_first(registration: Registration, by: Actor, at: datetime) -> bool:
    """Makes this approval the first of two; one that they gave before counts once.

    False if another organiser has given the first in this moment, or the request is not in the state that was seen."""
    rows = await find_rows(Registration, AS_SEEN, [registration.id, registration.state])
    if not rows:
        return False
    [row], event = rows, await event_with(registration.event_id)
    seen, first = await _seen(row, row.state), await _open(row.id)
    if not await needing(event, rows, row.state):
        return False
    if first is not None and first.seen == seen:
        return first.given_by_id == _id_of(by)
    await query(END, [at, row.id])
    await FirstApproval.create(registration=row, given_by_id=_id_of(by), given_at=at, seen=seen)
    await audit.record(Action.FIRST_APPROVED, row, by=by, at=at)
    after_commit(live.publish, f"event:{event.id}")
    return True


@run_tx
async def take_back(registration: Registration, by: Actor, at: datetime, *, given_by: int | None = None) -> bool:
    """Their own first approval, or that of the account `given_by`, as long as nobody has given the second. False too if
    another decision, or a change, has overtaken it: then that is what an undo is about."""
    row, first = await Registration.get(id=registration.id), await _open(registration.id)
    if first is None or first.seen != await _seen(row, row.state):
        return False
    if not await query(TAKE_BACK, [at, registration.id, given_by or _id_of(by)]):
        return False
    await audit.record(Action.FIRST_TAKEN_BACK, registration, by=by, at=at)
    after_commit(live.publish, f"event:{registration.event_id}")
    return True


@within_tx
async def end(registration: Registration, at: datetime) -> None:
    """Where a request comes back to a state in which somebody may have approved it before."""
    await query(END, [at, registration.id])


@within_tx
async def reopen(registration: Registration, decided_at: datetime) -> None:
    """The approval of that moment is undone as if it had not been made: the first stands as before."""
    await query(REOPEN, [registration.id, decided_at])


class Standing(NamedTuple):
    """How many of two approvals somebody has."""

    by: str = ""  # who gave the first
    at: datetime | None = None
    by_id: int = 0

    def __str__(self) -> str:
        if self.at is None:
            return "Needs two approvals"
        there = clock.local(self.at)
        return f"1 of 2 approvals: {self.by}, {there.day} {there:%B}"


async def standing(event: Event, people: Sequence[Registration]) -> dict[int, Standing]:
    """Of those who need two, by the request's id. Of an ended request only where somebody has given the first."""
    counted = [person for person in people if person.state in COUNTED]
    two = await needing(event, counted)
    firsts = await _all_open([person.id for person in two])
    names = await names_of({f"staff:{first.given_by_id}" for first in firsts.values()})
    found = dict[int, Standing]()
    for person in two:
        first = firsts.get(person.id)
        if first is not None and first.seen == await _seen(person, person.state):
            by = names.get(f"staff:{first.given_by_id}", "an organiser")
            found[person.id] = Standing(by, first.given_at, first.given_by_id)
        elif person.state is not State.CANCELLED:
            found[person.id] = Standing()
    return found


async def needing(event: Event, people: Sequence[Registration], before: State | None = None) -> list[Registration]:
    """Whom of these two have to approve, by the address that a ticket would go to. `before`: the state from which they
    have just been moved."""
    if not event.two_approvals:
        return []
    moving = await confirmed_of([row.id for row in people if (before or row.state) in WAITS_IN])
    emails = {row.id: moving[row.id].address if row.id in moving else row.email for row in people}
    two = await need_two(event, emails.values())
    return [row for row in people if emails[row.id] in two]


async def _seen(row: Registration, state: State) -> str:
    change: AddressChange | None = None
    if state in WAITS_IN:
        change = (await confirmed_of([row.id])).get(row.id)
    hand_over = (await by_receiver([row.id])).get(row.id)
    said = f"{state}|{row.kind}|{change.id if change else 0}|{hand_over.id if hand_over else 0}|".encode()
    return hashlib.sha256(said + bytes(row.person_sealed or b"")).hexdigest()


async def _open(registration_id: int) -> FirstApproval | None:
    return await find_row(FirstApproval, OPEN.format(ids="?"), [registration_id])


async def _all_open(ids: Collection[int]) -> dict[int, FirstApproval]:
    sql = f"SELECT * FROM first_approval WHERE {OPEN.format(ids=places(len(ids)))}"  # noqa: S608  # ours
    found = await find_rows(FirstApproval, sql, list(ids)) if ids else []
    return {first.registration_id: first for first in found}


def _id_of(by: Actor) -> int:
    """Of an organiser; 0 of anybody else, who gives no approval."""
    kind, _, number = by.actor.partition(":")
    return int(number) if kind == "staff" else 0

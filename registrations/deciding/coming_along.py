"""Who comes along with a guest: organisers note it for whoever telephones, and part the two again. What ends the
guest's place ends that of their companions in the same act; the other way round the guest keeps theirs.

Rules: EV-05. Requests move before tickets, and tickets before the event's row, as in all acts.
"""

import secrets
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from events.audit import audit
from events.audit.action import Action
from events.audit.audit import Actor
from events.event import Event
from events.ground import live, wording
from events.ground.database import after_commit, find_rows, places, query, run_tx, within_tx
from events.ground.refusal import Refused
from events.mail import outbox
from events.mail.outbox import EPOCH
from registrations.people import companions
from registrations.people.companions import MOST
from registrations.people.registration import (
    HOLDS_A_PLACE,
    KNOWS_OF_A_PLACE,
    MANAGED,
    Registration,
    State,
    held_in_order,
    of_address,
)
from registrations.tickets import request_emails, ticketing

NOT_TOGETHER = (
    "These two cannot be noted as coming together, so nothing was changed. The guest needs a place, at most"
    f" {MOST} people come along with a guest, nobody comes along with two, and nobody who comes along has people with"
    " them, or hands over or takes over a place."
)
ENDED = """SELECT c.* FROM registration c JOIN registration g ON g.id = c.comes_with_id
    WHERE g.id IN ({ids}) AND g.state NOT IN ('approved', 'rechecking') ORDER BY c.id FOR NO KEY UPDATE OF c"""
FORGET = "UPDATE registration SET comes_with_id = NULL WHERE id IN ({ids}) RETURNING id"
NOT_UNDONE = """UPDATE registration SET state_before = NULL
    WHERE id IN ({ids}) AND state IN ('waiting', 'not_offered', 'confirmed') RETURNING id"""


class WithTheGuest(NamedTuple):
    """A guest whose own act ended the place of somebody who came along."""

    guest_id: int

    @property
    def actor(self) -> str:
        return f"person:{self.guest_id}"


async def guest_at(event: Event, email: str) -> Registration | None:
    """Whoever has a place there, by their address in its normal form."""
    found = await of_address(event, email)
    return found if found is not None and found.state in KNOWS_OF_A_PLACE else None


@run_tx
async def link(companion: Registration, guest: Registration, by: Actor, at: datetime) -> None:
    """The one comes along with the other. Raises Refused where that may not be. Phones are told of both: each row says
    whether somebody comes with them."""
    await _hold_tickets(guest.id, companion.id)
    if await companions.join(guest.id, companion.id) is None:
        raise Refused(NOT_TOGETHER)
    await ticketing.tell_devices(guest, companion)
    await audit.record(Action.COMES_ALONG, companion, by=by, at=at, guest=audit.about(guest))
    after_commit(live.publish, f"event:{companion.event_id}")


@run_tx
async def unlink(companion: Registration, by: Actor, at: datetime) -> None:
    """They come by themselves. Raises Refused if they do already."""
    guest = await companions.guest_of(companion)
    theirs = [guest, *await companions.companions_of(guest)] if guest else [companion]
    await _hold_tickets(*(person.id for person in theirs))
    if await companions.part(companion) is None:
        raise Refused(wording.MOVED_ON_AT_DESK)
    await ticketing.tell_devices(*theirs)
    await audit.record(Action.COMES_ALONE, companion, by=by, at=at)
    after_commit(live.publish, f"event:{companion.event_id}")


@within_tx
async def _hold_tickets(*ids: int) -> None:
    """Requests before tickets, and both before the event's row, which a place that is counted or not comes to."""
    await held_in_order(list(ids))
    await ticketing.lock_tickets(list(ids))


@within_tx
async def hold(guest: Registration) -> None:
    """Somebody whose place may end, and who comes along with them: in the order in which everybody holds several.
    Before anything of them moves."""
    theirs = await companions.companions_of(guest)
    if theirs:
        await held_in_order([guest.id, *(companion.id for companion in theirs)])


@within_tx
async def end_with(moved: Sequence[Registration], by: Actor | None, at: datetime, due: datetime = EPOCH) -> None:
    """Whoever comes along with one of these who has no place any more has none either, and is told; nor do they wait
    for one. Call it once the moves are ours. A decision that ended somebody is not undone. `by`: None for the act of
    the guest."""
    ids = [person.id for person in moved]
    ended = await find_rows(Registration, ENDED.format(ids=places(len(ids)) or "NULL"), ids)
    if not ended:
        return
    guests = {companion.comes_with_id or 0 for companion in ended}
    await query(NOT_UNDONE.format(ids=places(len(guests))), list(guests))
    theirs = [companion.id for companion in ended]
    await ticketing.lock_tickets([*guests, *theirs])  # before the first of them takes a version of the list
    for companion in ended:
        if companion.state in MANAGED:
            await _end(companion, by or WithTheGuest(companion.comes_with_id or 0), at, due)
    await query(FORGET.format(ids=places(len(theirs))), theirs)
    after_commit(live.publish, f"event:{ended[0].event_id}")


async def _end(companion: Registration, by: Actor, at: datetime, due: datetime) -> None:
    """Their row is held. Until their ticket has ended it says that they come along: their place was not counted."""
    before = companion.state
    if not await companion.become(State.CANCELLED, decided_at=at, state_before=None):
        raise Refused(wording.MOVED_ON)
    await request_emails.drop_all(companion, at)
    cause = f"cancelled {secrets.token_hex(8)}"
    await outbox.put("cancelled", companion.id, cause=cause, at=at, event_id=companion.event_id, due=due)
    await audit.record(Action.ENDED_WITH_GUEST, companion, by=by, at=at)
    if before in HOLDS_A_PLACE:
        await ticketing.revoke(companion, at)
    else:
        await ticketing.tell_devices(companion)

"""A place that changes hands: when an organiser approves the colleague, or nothing comes of it.

Rules: SG-07. Each verb moves requests before it ends the hand-over, and ends it before the event's row is held, so that
two of them never wait for each other. Whoever ends the hand-over decides the race; all others find it over.
"""

import secrets
from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

from tortoise.expressions import F

from events.audit import audit
from events.audit.action import Action
from events.audit.audit import Actor
from events.ground import live
from events.ground.database import after_commit, find_row, query, within_tx
from events.ground.refusal import Refused
from events.mail import outbox
from events.mail.outbox import EPOCH
from registrations.codes.arrived import has_arrived
from registrations.people.hand_over import HandOver, by_receiver, end, with_any_of
from registrations.people.registration import KNOWS_OF_A_PLACE, Registration, State, held_in_order
from registrations.tickets import request_emails, ticketing

from . import coming_along
from .decision import AlreadyDecided

HANDED_OVER, PLACE_KEPT, NOT_HANDED_OVER = "handed_over", "place_kept", "not_handed_over"
NOT_ANSWERED = "not_answered"
HAS_COME = (
    "Whoever hands this place over has come in with their ticket, so nothing was decided. The place cannot change hands"
    " any more."
)
ADMITTED = f"SELECT 1 AS found FROM registration r WHERE r.id = ? AND {has_arrived('r.id')}"  # noqa: S608  # ours
NOT_UNDONE = """UPDATE registration SET state_before = NULL
    WHERE id IN (?, ?) AND state IN ('waiting', 'not_offered') RETURNING id"""
FINAL = "UPDATE registration SET state_before = NULL WHERE id = ? RETURNING id"


async def takers(people: Collection[Registration]) -> set[int]:
    """Who of these takes over a place: by their ids."""
    return set(await by_receiver([person.id for person in people]))


async def has_come(registration_id: int) -> bool:
    """Whether they have arrived."""
    return bool(await query(ADMITTED, [registration_id]))


@within_tx
async def hold_both(registration: Registration) -> None:
    """Somebody who is to be decided on, and the guest whose place they take over. Before anything of either moves."""
    hand_over = await find_row(HandOver, "receiver_id = ?", [registration.id])
    if hand_over is not None:
        await held_in_order([hand_over.registration_id, registration.id])


async def as_shown(receiver: Registration, seen: int | None) -> HandOver | None:
    """By which they take over a place, if they do. Raises AlreadyDecided if an organiser was shown another: `seen` is
    0 for none, None for whichever stands."""
    hand_over = (await by_receiver([receiver.id])).get(receiver.id)
    if seen is not None and seen != (hand_over.id if hand_over else 0):
        raise AlreadyDecided
    return hand_over


@within_tx
async def take_effect(hand_over: HandOver, receiver: Registration, by: Actor, at: datetime, due: datetime) -> None:
    """They get the place of the guest, whose request and ticket end. Call it once the move to approved is ours; it
    cannot be undone then.

    Raises AlreadyDecided if it is over by now, and Refused if the guest has come in with the ticket.
    """
    await _end_giver(hand_over, receiver, by, at)
    giver = Registration(id=hand_over.registration_id, event_id=receiver.event_id)
    await coming_along.end_with([giver], by, at, due)
    await query(FINAL, [receiver.id])
    cause, event_id = f"handed over {hand_over.id}", receiver.event_id
    await outbox.put(HANDED_OVER, hand_over.registration_id, cause=cause, at=at, event_id=event_id, due=due)


async def _end_giver(hand_over: HandOver, receiver: Registration, by: Actor, at: datetime) -> None:
    giver = await find_row(Registration, "id = ?", [hand_over.registration_id])
    ends = {"decided_at": at, "state_before": None}
    if giver is None or giver.state not in KNOWS_OF_A_PLACE or not await giver.become(State.CANCELLED, **ends):
        raise AlreadyDecided
    if not await end(hand_over):  # taken back in this moment
        raise AlreadyDecided
    await request_emails.drop_all(giver, at)
    await ticketing.lock_tickets([giver.id])  # as whoever scans one does: they are in, or will not be let in
    if await has_come(giver.id):
        raise Refused(HAS_COME)
    await ticketing.pass_on(giver, at)
    await Registration.filter(id=giver.id).update(generation=F("generation") + 1)
    await audit.record(Action.HANDED_OVER, giver, by=by, at=at, to=audit.about(receiver))


@within_tx
async def fall_away(*moved: Registration, by: Actor | None, at: datetime, due: datetime = EPOCH) -> None:
    """Nothing comes of a hand-over in which these people of one event hand over, or take over. Call it once their moves
    are ours. The other side is told; a decision that ended one is not undone. `by`: None for their own act. Nor has
    anybody a place any more who comes along with one of them whose place has ended."""
    await coming_along.end_with(moved, by, at, due)
    people = {person.id: person for person in moved}
    for hand_over in await with_any_of(people):
        if not await end(hand_over):
            continue
        giver = people.get(hand_over.registration_id)
        receiver = people.get(hand_over.receiver_id or 0)
        await query(NOT_UNDONE, [hand_over.registration_id, hand_over.receiver_id or 0])
        event_id = moved[0].event_id
        if giver is None:
            await tell(PLACE_KEPT, hand_over.registration_id, event_id, at, due)
        elif receiver is None and hand_over.receiver_id:  # whoever has not answered is told nothing more
            await tell(NOT_HANDED_OVER, hand_over.receiver_id, event_id, at, due)
        subject = Registration(id=hand_over.registration_id, event_id=event_id)
        who = by or Themselves((giver or receiver or subject).id)
        await audit.record(Action.HAND_OVER_ENDED, subject, by=who, at=at)
        after_commit(live.publish, f"event:{event_id}")


class Themselves(NamedTuple):
    """Somebody who acts for themselves, where the entry is about somebody else."""

    id: int

    @property
    def actor(self) -> str:
        return f"person:{self.id}"


@within_tx
async def tell(template: str, subject_id: int, event_id: int, at: datetime, due: datetime = EPOCH) -> None:
    """Queues this email to a guest or a colleague: the hand-over was ended by us alone, so its cause only has to
    differ."""
    await outbox.put(template, subject_id, cause=f"ended {secrets.token_hex(8)}", at=at, event_id=event_id, due=due)

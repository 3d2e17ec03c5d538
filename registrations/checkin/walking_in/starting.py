"""A door lead asks for a place for somebody at the door, or an organiser enters them at the desk. The door never learns
whether we know the address.

Rules: SG-06, SE-04, SE-09. Nothing that was typed stays on the phone: it hears of a walk-in by a random id.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from events.accounts.staff import Staff
from events.audit import audit
from events.audit.action import Action
from events.event import Event, EventState, event_with
from events.ground import clock, limits, live, tokens, wording
from events.ground.database import after_commit, run_tx, within_tx
from events.ground.refusal import Refused
from registrations.asking import made_or_found
from registrations.checkin.reference_lookup import EARLIEST
from registrations.people.no_address import NO_SUCH_ADDRESS, made_up
from registrations.people.person import Person
from registrations.people.registration import LIVE, OrganisationKind, Registration, State
from registrations.phones.door import Device, epoch, topic
from registrations.phones.scan_answer import Answer
from registrations.tickets.ticket import Ticket

from .walk_in import LET_IN, NOT_IN, Reason, Stage, WalkIn

SHOWN_FOR = timedelta(hours=12)
SHOWN = 5


class Asked(NamedTuple):
    """What was typed of them; the address in its normal form, empty where they have none of their own."""

    full_name: str
    organisation: str
    email: str
    reason: Reason


@run_tx
async def start(asked: Asked, by: Device, at: datetime, real: datetime) -> Answer:
    """Needs a door lead's phone that has just heard a PIN. The answer is the same whether the address has a request or
    not; an organiser sees which. `real` is the machine's time."""
    if not by.leads or by.lead is None:
        await audit.record(Action.WALK_IN_REFUSED, by=by, at=at, event_id=by.event_id, door=by.door_id)
        return {"error": "role", "sentence": wording.WALK_IN_BY_LEADS}
    event = await Event.get(id=by.event_id)
    if event.state is EventState.DRAFT or event.is_over(at) or (by.opens_at and at < by.opens_at - EARLIEST):
        return {"error": "closed", "sentence": wording.WALK_IN_LATER}
    if event.doors_closing_at is not None:  # the phone erases itself, and would never see the reference
        return {"error": "closed", "sentence": wording.WALK_INS_OVER}
    if not await limits.count(limits.WALK_INS, str(event.id), real):
        return {"error": "slow", "sentence": wording.WALK_INS_SLOW}
    walk_in = await _asked_for(event, asked, by.id, at)
    await audit.record(
        Action.WALK_IN_ASKED, walk_in.registration, by=by, at=at, event_id=event.id, door=by.door_id, lead=by.lead,
        reason=asked.reason.name.lower(), known=not walk_in.is_new,
    )  # fmt: skip
    tell(event.id)
    return {"walk_in": walk_in.public_id}


def why_not_at_desk(event: Event, at: datetime) -> str:
    """Why an organiser can enter nobody now; '' while they can."""
    if event.state is EventState.DRAFT or clock.local(at).date() < event.day:
        return wording.WALK_IN_ON_THE_DAY
    if event.is_over(at):
        return wording.IS_OVER
    return wording.WALK_INS_CLOSED if event.doors_closing_at is not None else ""


@run_tx
async def start_at_desk(event: Event, asked: Asked, by: Staff, at: datetime) -> WalkIn:
    """An organiser enters somebody who has come, to decide on them as on those of a door. Without an address of their
    own nothing is emailed to them. Raises Refused before the day, once the door is being closed, and after the
    event."""
    event = await event_with(event.id)
    if refusal := why_not_at_desk(event, at):
        raise Refused(refusal)
    walk_in = await _asked_for(event, asked if asked.email else asked._replace(email=made_up()), None, at)
    if not asked.email:
        await Registration.filter(id=walk_in.registration_id).update(undeliverable=NO_SUCH_ADDRESS)
    await audit.record(
        Action.WALK_IN_ENTERED, walk_in.registration, by=by, at=at, event_id=event.id,
        reason=asked.reason.name.lower(), known=not walk_in.is_new,
    )  # fmt: skip
    tell(event.id)
    return walk_in


@within_tx
async def _asked_for(event: Event, asked: Asked, door_pass_id: int | None, at: datetime) -> WalkIn:
    """Of a request that somebody has confirmed nothing changes, and what was typed of it is not kept. One that is asked
    for twice waits once, for the phone that asked last."""
    person = Person(full_name=asked.full_name, email=asked.email, organisation=asked.organisation)
    registration, is_new = await made_or_found.one_live(event, person, OrganisationKind.OTHER, at)
    waiting = await WalkIn.get_or_none(registration_id=registration.id, stage=Stage.WAITING)
    if waiting is None:
        return await WalkIn.create(
            public_id=tokens.new_public_id(), event=event, registration=registration, is_new=is_new,
            door_pass_id=door_pass_id, reason=asked.reason, asked_at=at,
        )  # fmt: skip
    waiting.registration = registration
    if door_pass_id is not None:  # who was asked for at a door goes on waiting there
        waiting.door_pass_id, waiting.reason = door_pass_id, asked.reason
        await waiting.save(update_fields=["door_pass_id", "reason"])
    return waiting


def tell(event_id: int) -> None:
    """The board and the counts of each desk, once this act is committed."""
    after_commit(live.publish, topic(event_id))
    after_commit(live.publish, f"event:{event_id}")


async def of_phone(by: Device, at: datetime) -> list[dict[str, Any]]:
    """What became of those that this lead's phone asked for, newest first: numbers, as the desk has them, times and
    references, nobody's name."""
    if not by.leads:
        return []
    mine = WalkIn.filter(event_id=by.event_id, door_pass_id=by.id, asked_at__gt=at - SHOWN_FOR)
    found = await mine.order_by("-id").limit(SHOWN).select_related("registration")
    let_in = [walk_in.registration_id for walk_in in found if walk_in.stage is Stage.APPROVED]
    tickets = Ticket.filter(registration_id__in=let_in, revoked_at=None, registration__state=State.APPROVED)
    references = {ticket.registration_id: ticket.reference for ticket in await tickets} if let_in else {}
    return [_shown(walk_in, references) for walk_in in found]


def _shown(walk_in: WalkIn, references: Mapping[int, str]) -> dict[str, Any]:
    """Let in, but no ticket any more: the organisers have withdrawn it since, or there never was one. Or nobody can
    decide any more. One that was declined tells of no reference, though the same person was let in before."""
    reference = references.get(walk_in.registration_id) if walk_in.stage is Stage.APPROVED else None
    withdrawn = walk_in.stage in LET_IN and reference is None
    ended = withdrawn or walk_in.stage in NOT_IN or walk_in.registration.state not in LIVE
    stage = Stage.DECLINED if ended else walk_in.stage
    shown = {"number": walk_in.id, "asked": epoch(walk_in.asked_at), "stage": stage.value}
    return shown | ({"reference": reference} if reference else {})

"""What people do with their own request or place: give it up, have the ticket sent again, or say no to photographs."""

import secrets
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

from events.audit import audit
from events.audit.action import Action
from events.event import Event
from events.ground import limits, live, tokens, wording
from events.ground.database import after_commit, run_tx
from events.ground.refusal import Refused
from events.ground.tokens import Match, Purpose
from events.mail import outbox
from registrations.deciding import coming_along, taking_over
from registrations.people import choices
from registrations.people.registration import HOLDS_A_PLACE, KNOWS_OF_A_PLACE, MANAGED, Registration, State
from registrations.tickets import ticketing
from registrations.tickets.ticket import Ticket

from . import own_needs


@run_tx
async def give_up(registration: Registration, at: datetime) -> bool:
    """Ends their request as they saw it. A person with a place loses the ticket, and the place is free.

    False if it had ended already: a second press. Raises Refused if it is no longer as they saw it.
    """
    before = registration.state
    await coming_along.hold(registration)
    if before not in MANAGED or not await registration.become(State.CANCELLED, decided_at=at, state_before=before):
        if await Registration.filter(id=registration.id, state__in=MANAGED).exists():
            raise Refused(wording.MOVED_ON)
        return False
    await taking_over.fall_away(registration, by=None, at=at)
    held_a_place = before in HOLDS_A_PLACE
    if held_a_place:
        await ticketing.revoke(registration, at)
    cause = f"gave up {secrets.token_hex(8)}"  # once more, if they were restored since
    await outbox.put("given_up", registration.id, cause=cause, at=at, event_id=registration.event_id)
    await audit.record(Action.GAVE_UP, registration, by=None, at=at, held_a_place=held_a_place)
    after_commit(live.publish, f"event:{registration.event_id}")
    if not held_a_place:
        await ticketing.tell_devices(registration)
    return True


class GivenUp(NamedTuple):
    event: Event
    held_a_place: bool


async def given_up(purpose: Purpose, token: str) -> GivenUp | None:
    """What the owner of this link gave up, so that it opens nothing any more. None if nobody did."""
    public_id = tokens.public_id_of(token)
    found = await Registration.get_or_none(public_id=public_id, state=State.CANCELLED) if public_id else None
    if found is None or found.state_before is None:  # an organiser cancelled it
        return None
    held_a_place = found.state_before in HOLDS_A_PLACE  # losing it made the link an old one
    if tokens.match(purpose, token, found.generation - held_a_place) is not Match.CURRENT:
        return None
    return GivenUp(await Event.get(id=found.event_id), held_a_place)


async def send_ticket_again(registration: Registration, at: datetime, real: datetime) -> bool:
    """Sends it once a minute and five times an hour at most. False if that is why it is not on its way.

    Raises Refused if they have no ticket any more: an undone approval leaves no email on its way.
    """
    ticket = await Ticket.get_or_none(registration_id=registration.id, revoked_at=None)
    within = ticket is None or await limits.count(limits.TICKET_EMAILS, str(ticket.id), real)
    if within:
        await _queue(registration, f"again {int(real.timestamp()) // 60}", at)
    return within


@run_tx
async def _queue(registration: Registration, cause: str, at: datetime) -> None:
    ticket = await ticketing.hold(registration)
    if ticket is None:
        raise Refused(wording.MOVED_ON)
    if await outbox.put("ticket", ticket.id, cause=cause, at=at, event_id=registration.event_id):
        await audit.record(Action.RESENT, registration, by=None, at=at)


@run_tx
async def decline_photos(registration: Registration, at: datetime, real: datetime) -> None:
    """They are not asked again, and what they agreed to before is withdrawn. Nothing more is noted of whoever has no
    place any more. An email says that something was chosen."""
    event, held = await own_needs.hold(registration, MANAGED)
    before, has_place = held.choices, held.state in KNOWS_OF_A_PLACE
    told = replace(before, photos=None, declined_photos=has_place)
    if before is choices.UNREADABLE or told == before or not (has_place or before.photos):
        return
    await own_needs.choose(held, told, event, at)
    action = Action.CONSENT_WITHDRAWN if before.photos else Action.CHOSE
    await own_needs.tell_of_a_choice(held, action, at, real, is_first=not before.has_answered_photos)

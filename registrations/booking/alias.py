"""Somebody who is known by the name on their badge alone: organisers note it for whoever asks, and never why.

At a door the lead meets them, and no phone, list or roll call is given another name of theirs. Rules: SG-13.
"""

from dataclasses import replace
from datetime import datetime

from events.audit import audit
from events.audit.action import Action
from events.audit.audit import Actor
from events.ground import live, wording
from events.ground.database import after_commit, run_tx
from events.ground.refusal import Refused
from registrations.people.choices import UNREADABLE
from registrations.people.registration import KNOWS_OF_A_PLACE, Registration
from registrations.tickets import ticketing

from .own_needs import hold, put_choices

NO_NAME = (
    "They have no name of their own for the badge, so nothing was changed. They can enter one on their booking page."
)


@run_tx
async def note(registration: Registration, is_on: bool, by: Actor, at: datetime) -> None:
    """Raises Refused without a name for the badge, and where what they chose does not open."""
    event, held = await hold(registration, KNOWS_OF_A_PLACE, wording.MOVED_ON_AT_DESK)
    if held.choices is UNREADABLE:
        raise Refused(wording.MOVED_ON_AT_DESK)
    if is_on and not held.person.badge_name:
        raise Refused(NO_NAME)
    await put_choices(held, replace(held.choices, alias=is_on), event)
    await audit.record(Action.ALIAS_NOTED if is_on else Action.ALIAS_ENDED, held, by=by, at=at)
    await ticketing.tell_devices(held)
    after_commit(live.publish, f"event:{held.event_id}")

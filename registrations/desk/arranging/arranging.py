"""The access lead reads what guests need and notes how far each thing is: arranged, asked back, or not possible.

Rules: EV-04.
"""

import secrets
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

from events.accounts import reading
from events.accounts.staff import Staff
from events.audit import audit
from events.audit.action import Action
from events.event import Event
from events.ground import wording
from events.ground.database import find_rows, run_tx
from events.ground.refusal import Refused
from events.mail import outbox
from registrations.booking import own_needs
from registrations.booking.needs_emails import OF_STEP
from registrations.people import needs
from registrations.people.names.surname import order
from registrations.people.needs import IN_WORDS, NEXT, STILL_TO_DO, Adjustment, Needs, Step
from registrations.people.registration import KNOWS_OF_A_PLACE, Registration

GUESTS = f"""SELECT * FROM registration WHERE event_id = ? AND needs_sealed IS NOT NULL
    AND state IN ({", ".join(f"'{state}'" for state in sorted(KNOWS_OF_A_PLACE))}) ORDER BY id"""  # noqa: S608  # ours
DONE_ALREADY = "This is so already, or it is not asked for any more. Nothing was done. Look at the list again."
NO_REPLY = "Write what they are to read. Nothing was done."


class Wanted(NamedTuple):
    """By one guest."""

    person: Registration
    told: Needs

    @property
    def steps(self) -> dict[Adjustment, Step]:
        """In the order in which they were offered."""
        return {what: Step(step) for what in Adjustment if (step := self.told.adjustments.get(what))}

    @property
    def mark(self) -> str:
        return own_needs.mark_of(self.person)

    @property
    def is_open(self) -> bool:
        return not STILL_TO_DO.isdisjoint(self.steps.values())


async def wanted(event: Event, by: Staff, at: datetime, real: datetime) -> list[Wanted]:
    """All who need something, those for whom something is still to be done first. That they were read is recorded."""
    people = [Wanted(person, person.needs) for person in await guests(event)]
    found = [guest for guest in people if guest.told.adjustments or guest.told is needs.UNREADABLE]
    await reading.needs_read(event, "adjustments", len(found), by=by, at=at, real=real)
    return sorted(found, key=lambda guest: (not guest.is_open, order(guest.person.full_name), guest.person.id))


async def guests(event: Event) -> Sequence[Registration]:
    """Who has a place and has told us something."""
    return await find_rows(Registration, GUESTS, [event.id])


@run_tx
async def move(
    person: Registration, what: Adjustment, after: Step, reply: str, by: Staff, at: datetime, seen: str | None = None
) -> None:
    """Takes one thing that they need a step on, and queues an email about it. `reply`: what they read of it on their
    page.

    Raises Refused if that does not follow from the step where it is, if what they need is not as it was shown any more
    (`seen`: `own_needs.mark_of` that; None asks for nothing), and once the event is over.
    """
    event, held = await own_needs.hold(person, refused=DONE_ALREADY)
    if event.is_over(at):
        raise Refused(wording.IS_OVER)
    if seen is not None and seen != own_needs.mark_of(held):
        raise Refused(DONE_ALREADY)
    before = held.needs
    step = before.adjustments.get(what)
    if step is None or after not in NEXT[Step(step)]:
        raise Refused(DONE_ALREADY)
    if after in IN_WORDS and not reply:
        raise Refused(NO_REPLY, 422)
    steps = {**before.adjustments, what.value: after.value}
    replies = {**before.replies, what.value: reply}  # an earlier one, such as a question, is over
    await own_needs.put_needs(held, replace(before, adjustments=steps, replies=replies), event)
    await outbox.put(OF_STEP[after], held.id, cause=secrets.token_hex(8), at=at, event_id=held.event_id)
    await audit.record(Action.NEED_MOVED, held, by=by, at=at, step=after.value)

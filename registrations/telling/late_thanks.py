"""Thanks guests of whom it is known only after all others were thanked that they came, and asks them for feedback.

Once each, as long as feedback is open. `at` is the event's time, `real` the machine's.
"""

from datetime import datetime

from events.event import Event, event_with
from events.ground import clock
from events.ground.database import run_tx
from registrations.feedback import asking as feedback
from registrations.feedback.box import OPEN_FOR, last_day

from . import late_comers, mailings
from .mailing import THANKS, Mailing


async def turn(at: datetime, real: datetime) -> None:
    """For each event whose guests were thanked, and that still asks how it was."""
    begun = Mailing.filter(template=THANKS.template, stopped_at=None, is_filled=True, begun_at__gt=at - OPEN_FOR)
    for mailing in await begun:
        event = await event_with(mailing.event_id)
        if _is_open(mailing, event, at) and await late_comers.find(mailing):
            await _thank(mailing.id, event, at, real)


def _is_open(mailing: Mailing, event: Event, at: datetime) -> bool:
    """For the day on which the event was; the day before the last, so that they have one to answer."""
    is_wanted = THANKS.template not in event.emails_off and mailing.cause == mailings.cause_of(event)
    return is_wanted and clock.local(at).date() < last_day(event)


@run_tx
async def _thank(mailing_id: int, event: Event, at: datetime, real: datetime) -> None:
    if late := await late_comers.add(mailing_id, event, at, real):
        await feedback.ask_later(event, late, at)

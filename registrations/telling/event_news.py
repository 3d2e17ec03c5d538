"""What organisers change of an event, told to whoever has planned with it: heard of in the act's own transaction."""

import secrets
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from events.event import NEWS, Event, EventState
from events.ground.database import within_tx
from events.ground.refusal import Refused
from events.programme import changing
from events.programme.programme import guests_programme
from registrations.tickets.ticket_email import doors_words

from . import mailings
from . import saying_where as saying_where  # by which the programme is looked at
from .mailing import EVENT_CHANGED, VENUE_RELEASED, Mailing

SAID_ALREADY = "The programme is shown already, and {}. Nothing was changed."
CHANGES_WAIT = timedelta(minutes=10)  # so that two changes in a row are one email, and one taken back is none
VENUE = "venue"  # of which only this is kept: that guests knew another one
TOLD: Mapping[str, Callable[[Event], str]] = {
    "day": lambda event: event.day_words,
    "hours": lambda event: event.hours_words,
    "doors": doors_words,
}  # what people who wait or have a place were told, by its name


@within_tx
async def tell(before: Event, after: Event, at: datetime, real: datetime) -> None:
    """Begins the mailings that follow from a change of the event, or adds to one that still waits."""
    if after.state is EventState.DRAFT or after.is_over(at):
        return
    if after.venue_released_at and not before.venue_released_at:
        await mailings.begin(after, VENUE_RELEASED, mailings.cause_at(after.venue_released_at), at, real)
    knew = {name: words(before) for name, words in TOLD.items() if words(before) != words(after)}
    if before.venue_released_at and before.venue != after.venue:
        knew[VENUE] = ""
    if knew:
        await _tell_of_change(after, knew, at, real)


async def _tell_of_change(event: Event, knew: dict[str, str], at: datetime, real: datetime) -> None:
    waiting = Mailing.filter(event_id=event.id, template=EVENT_CHANGED.template, stopped_at=None, waits_until__gt=real)
    if (mailing := await waiting.select_for_update().order_by("-id").first()) is None:
        cause = secrets.token_hex(8)  # each change is one of its own
        await mailings.begin(event, EVENT_CHANGED, cause, at, real, wait=CHANGES_WAIT, told_before=knew)
        return
    mailing.told_before = knew | mailing.told_before  # what they knew first
    mailing.filled_to, mailing.is_filled = 0, False  # for whoever has come in since; nobody gets it twice
    await mailing.save(update_fields=["told_before", "filled_to", "is_filled"])
    await mailings.fill_part(mailing, at)


def differing(mailing: Mailing, event: Event) -> dict[str, str]:
    """What people knew, of what is otherwise now, by its name. Nothing once all was changed back."""
    now = {name: words(event) for name, words in TOLD.items()}
    return {name: knew for name, knew in mailing.told_before.items() if name == VENUE or now[name] != knew}


@within_tx
async def refuse_what_is_told(before: Event, after: Event, at: datetime, real: datetime) -> None:
    """A venue that is entered while everybody can read it in the programme (SG-01)."""
    shown = await guests_programme(after) if after.venue and after.venue != before.venue else None
    if shown and (told := changing.telling(after, shown)):
        raise Refused(SAID_ALREADY.format(told))


NEWS += [refuse_what_is_told, tell]

"""An event moves to another day: whether it can, and what moves with it.

Its hours are the same by a clock at the venue. The programme and emails by the clock count from its day, and so does
deletion, so that they move by themselves; hours of doors and passes of phones follow (FOLLOWERS).
"""

from collections.abc import Awaitable, Callable
from datetime import date, datetime, timedelta

from events.ground import clock

from .event import Event, EventState

HOURS = ("doors_open_at", "starts_at", "ends_at")
FARTHEST = timedelta(days=3 * 365)
BEGUN = "The doors have opened, or the day is over: the event cannot be moved to another day any more"
PAST = "The day must be in the future"
TOO_SOON = "The doors would have opened already. Choose a later day, or enter later hours first"
TOO_FAR = "The day must be within the next three years"
HAS_OPENED: list[Callable[[Event, datetime], Awaitable[bool]]] = []  # whether a door of the event has opened before it


async def refusal(event: Event, day: date, at: datetime) -> str:
    """Why the event cannot be moved to this day, for organisers; '' where it can."""
    if event.state is not EventState.DRAFT and await has_begun(event, at):
        return BEGUN
    return wrong_day(event, day, at)


def wrong_day(event: Event, day: date, at: datetime) -> str:
    """The same of the day alone: for an event that has these hours, whatever became of it."""
    today = clock.local(at).date()
    if day < today:
        return PAST
    if day > today + FARTHEST:
        return TOO_FAR
    moved = hours_on(event, day)
    return TOO_SOON if at >= moved.get("doors_open_at", moved.get("starts_at", clock.at_venue(day, 23, 59))) else ""


async def has_begun(event: Event, at: datetime) -> bool:
    """Somebody may be inside, or was there."""
    opens = event.doors_open_at or event.starts_at or clock.at_venue(event.day, 0, 0)
    return event.is_over(at) or at >= opens or any([await has_opened(event, at) for has_opened in HAS_OPENED])


def hours_on(event: Event, day: date) -> dict[str, datetime]:
    """Those that are known, at the same time by a clock at the venue."""
    days, known = (day - event.day).days, {name: getattr(event, name) for name in HOURS}
    return {name: clock.days_later(moment, days) for name, moment in known.items() if moment}

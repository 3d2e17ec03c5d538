"""Until when people change their own booking: so many days before the event, or until it is over."""

from datetime import date, datetime, timedelta

from events.event import Event
from events.ground import clock


def last_day(event: Event) -> date | None:
    """None: until the event is over."""
    return None if event.changes_until is None else event.day - timedelta(days=event.changes_until)


def last_day_words(event: Event) -> str:
    """Friday 12 April 2019, or nothing."""
    last = last_day(event)
    return f"{last:%A} {last.day} {last:%B %Y}" if last else ""


def until_words(event: Event, at: datetime, what: str = "booking") -> str:
    """For whoever can change it; nothing once that is too late."""
    if not are_taken(event, at):
        return ""
    return f"You can change your {what} until {last_day_words(event) or 'the event is over'}."


def are_taken(event: Event, at: datetime) -> bool:
    """A day ends at midnight at the venue."""
    last = last_day(event)
    return not event.is_over(at) and (last is None or clock.local(at).date() <= last)

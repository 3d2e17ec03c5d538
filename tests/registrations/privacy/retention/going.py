"""What goes of one class, as the turn would delete it, and when."""

from datetime import date, datetime, timedelta

from events.ground import clock
from registrations.privacy.retention import deleting, past_events
from registrations.privacy.retention.classes import BY_CODE


async def went(code: str, at: datetime, real: datetime | None = None) -> int:
    """How many rows of the class went."""
    return await deleting.delete(BY_CODE[code], at, real or clock.real())


async def keys_went(at: datetime) -> int:
    """How many events gave up their data key, whose files are destroyed then."""
    given_up = await went("data_key", at)
    await past_events.destroy_files()
    return given_up


def long_after(days: int) -> datetime:
    """The first minute of that day after the event."""
    return clock.at_venue(date(2019, 4, 15) + timedelta(days=days), 0, 0)

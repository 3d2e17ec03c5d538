"""By night nothing goes out but what somebody is waiting for: at the venue from 20:00 to 08:00."""

from datetime import datetime, timedelta

from events.ground import clock

FROM, TO = 20, 8  # o'clock


def wait(at: datetime) -> timedelta:
    """How long what becomes due at this time of the event waits for the morning. Nothing by day."""
    there = clock.local(at)
    if TO <= there.hour < FROM:
        return timedelta()
    morning = there.date() + timedelta(days=there.hour >= FROM)
    return clock.at_venue(morning, TO, 0) - at


def later(at: datetime, lasts: timedelta) -> datetime:
    """When so much time will have passed by day: the hours of the night do not count."""
    while True:
        at += wait(at)
        evening = clock.at_venue(clock.local(at).date(), FROM, 0)
        if at + lasts <= evening:
            return at + lasts
        lasts -= evening - at
        at = evening

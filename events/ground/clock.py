"""The only reader of the system's clock: the event's time, which a rehearsal may shift, and the machine's own."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")
_shift = timedelta(0)


def real() -> datetime:
    """The machine's time in UTC, for what guards the machine: sessions, TOTP, leases, limits, pairing."""
    return datetime.now(UTC)


def now() -> datetime:
    """The event's time in UTC: the machine's, or the rehearsal's moved one. It ticks either way."""
    return real() + _shift


def moved() -> timedelta:
    """How far the event's time is ahead of the machine's. Always nothing outside a rehearsal."""
    return _shift


def move_to(moment: datetime | None) -> None:
    """Lets `now` tick on from this moment (None: the machine's own time again). Rehearsal and tests only."""
    global _shift
    _shift = moment - real() if moment else timedelta(0)


def local(moment: datetime) -> datetime:
    """The same instant as a clock at the venue shows it, summer time included."""
    return moment.astimezone(LONDON)


def within(day: date, moment: datetime) -> datetime:
    """The same moment, or the last minute of this day at the venue."""
    return min(moment, at_venue(day, 23, 59))


def at_venue(day: date, hours: int, minutes: int) -> datetime:
    """The instant, in UTC, at which a clock at the venue shows this time on this day."""
    return datetime(day.year, day.month, day.day, hours, minutes, tzinfo=LONDON).astimezone(UTC)


def days_later(moment: datetime, days: int) -> datetime:
    """The instant at which a clock at the venue shows the same time so many days later."""
    return (local(moment) + timedelta(days=days)).astimezone(UTC)


def day_words(moment: datetime) -> str:
    """Monday 15 April 2019."""
    there = local(moment)
    return f"{there:%A} {there.day} {there:%B %Y}"


def time_words(moment: datetime) -> str:
    """09:30, in 24 hours, at the venue."""
    return f"{local(moment):%H:%M}"

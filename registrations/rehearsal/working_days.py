"""When the people of the rehearsal's past did what they did: organisers in working hours, everybody by day."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from events.ground import clock

WEEKS = 2  # so long before the rehearsal begins the first request came
OPENED = (8, 30)
SITTINGS = ((10, 0), (15, 30))  # when organisers decide: so many times on a working day
SATURDAY = 5
IN_THE_EVENING, AT_WEEKENDS = (12, 47, 80, 112, 145), (15, 100, 245, 390, 560)  # minutes after 19:00, and after 10:00
EACH_HOUR = (4, 17, 26, 38, 51)


class Calendar:
    """Of the days before a moment, by the venue's clock."""

    def __init__(self, until: datetime) -> None:
        self.until = until
        self.today = clock.local(until).date()
        before = [self.today - timedelta(days=n) for n in range(7 * WEEKS, 0, -1)]
        self.working_days = [day for day in before if day.weekday() < SATURDAY]

    @property
    def opened(self) -> datetime:
        return self.on(len(self.working_days), *OPENED)

    def on(self, days_before: int, hour: int, minute: int) -> datetime:
        """At this time of the last working day but so many: 1 is the last one before today."""
        return clock.at_venue(self.working_days[-days_before], hour, minute)

    def sittings(self) -> list[datetime]:
        return [clock.at_venue(day, *at) for day in self.working_days for at in SITTINGS]

    def asking(self) -> list[datetime]:
        """Moments at which somebody may ask for a place, all of them between the opening and `until`."""
        first, length = self.working_days[0], (self.today - self.working_days[0]).days + 1
        found = [moment for n in range(length) for moment in _moments(first + timedelta(days=n))]
        return [moment for moment in found if self.opened < moment < self.until - timedelta(minutes=30)]


def _moments(day: date) -> Iterator[datetime]:
    if day.weekday() < SATURDAY:
        for hour in range(8, 18):
            for minute in EACH_HOUR:
                yield clock.at_venue(day, hour, minute + (day.day * 7 + hour * 3) % 7)
    evening = clock.at_venue(day, 19, 0), IN_THE_EVENING
    begins, minutes = evening if day.weekday() < SATURDAY else (clock.at_venue(day, 10, 0), AT_WEEKENDS)
    yield from (begins + timedelta(minutes=later) for later in minutes)


def spread(moments: list[datetime], number: int) -> list[datetime]:
    """So many of them, in order, evenly."""
    return [moments[n * len(moments) // number] for n in range(number)]

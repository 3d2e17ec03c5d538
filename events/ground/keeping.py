"""How long something is kept, and counted from what: said once, so that code, pages and documents say the same."""

from dataclasses import dataclass
from datetime import timedelta

NOTICE: list[str] = []  # the times that the privacy notice tells, in the order in which they are told


@dataclass(frozen=True)
class Period:
    """In words '90 days after the event'."""

    time: timedelta
    since: str  # 'after the event'

    def __str__(self) -> str:
        return f"{span(self.time)} {self.since}"


def span(time: timedelta) -> str:
    """In words, in the largest unit that says it exactly; 365 days are 12 months, and three days 72 hours."""
    if time == timedelta(days=365):
        return "12 months"
    minutes = int(time.total_seconds() // 60)
    for number, unit in ((minutes // 1440, "day"), (minutes // 60, "hour")):
        if number * {"day": 1440, "hour": 60}[unit] == minutes and (unit == "hour" or number > 3):
            return f"{number} {unit}" if number == 1 else f"{number} {unit}s"
    return f"{minutes} minutes"

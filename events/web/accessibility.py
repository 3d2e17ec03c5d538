"""What the accessibility statement says of its own tests: with what, and when somebody last went over it.

Whoever changes how pages are tested, or takes a newer axe, reads templates/events/accessibility.html again and sets
these. Tests hold the version of axe to the one that is installed.
"""

from datetime import date, timedelta

PREPARED = date(2026, 11, 30)
REVIEWED = date(2026, 11, 30)
TOOLS = {"Chromium": "156", "axe": "4.12.1"}
GOOD_FOR = timedelta(days=365)  # regulation 8 of SI 2018/952: it is kept under regular review


def is_due(today: date) -> bool:
    return today > REVIEWED + GOOD_FOR


def in_words(day: date) -> str:
    return f"{day.day} {day:%B %Y}"

"""Says on a page until when an email waits. The time goes along in its address, sealed so that nobody writes their own,
and says nothing of anybody: the same for every address that was typed."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from events.ground import clock
from events.web.sealed_query import opened, sealed

LATE = "late"


def along(path: str, wait: timedelta, at: datetime) -> str:
    """The path of the page, with the time if there is one to say."""
    if not wait:
        return path
    return f"{path}{'&' if '?' in path else '?'}{LATE}={sealed(LATE, (at + wait).isoformat())}"


def words(query: Mapping[str, str], at: datetime) -> str:
    """15:40 on Monday 8 April 2019; nothing once that is over."""
    until = opened(LATE, query.get(LATE, ""))
    if not until or (due := datetime.fromisoformat(until)) < at:
        return ""
    return f"{clock.time_words(due)} on {clock.day_words(due)}"

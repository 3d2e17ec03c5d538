"""Who reads about people at the desk, and how much: each page is an entry; leads hear of odd reading (SE-12, SE-20).

`at` is the event's time; `real` is the machine's, by which pages are counted.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from tortoise.models import Model

from events.audit import audit
from events.audit.action import Action
from events.event import Event
from events.ground import clock, limits
from events.ground.database import run_tx
from events.ground.limits import Limit
from events.ground.refusal import Refused

from .staff import Staff

PAGES = Limit("pages of lists read by one person", 60, timedelta(hours=1))
PEOPLE = Limit("people looked at by one person", 120, timedelta(hours=1))
AT_MOST = Limit("pages about people for one person", 1000, timedelta(hours=1))
SPELL = Limit("alerts about one person's reading", 1, timedelta(hours=12))
COUNTED = (PAGES, PEOPLE, AT_MOST, SPELL)
NIGHT_FROM, NIGHT_UNTIL = 22, 6  # hours at the venue
SLOW_DOWN = "You have opened very many pages about people in the last hour. Wait a while, then go on."


@run_tx
async def listed(
    event: Event, name: str, ids: Iterable[int], *, by: Staff, at: datetime, real: datetime,
    action: Action = Action.LISTED, filters: Mapping[str, str | int] | None = None,
) -> None:  # fmt: skip
    """Records that a page of this list was shown, with these people on it. `filters` hold nothing that was typed.

    Raises Refused when this person has opened more in an hour than anybody can read.
    """
    await _within_reason(by, real)
    shown = list(ids)
    await audit.record(action, event, by=by, at=at, event_id=event.id, list=name, ids=shown, **(filters or {}))
    if shown:
        await _look_for_odd_reading(PAGES, "pages of lists", event, by, at, real)


@run_tx
async def needs_read(event: Event, name: str, number: int, *, by: Staff, at: datetime, real: datetime) -> None:
    """Records that this list of what guests need was shown, with so many people on it. It says not who they are: that
    somebody stands on it tells something of their health. Raises Refused as `listed` does."""
    await _within_reason(by, real)
    await audit.record(Action.NEEDS_READ, event, by=by, at=at, event_id=event.id, list=name, number=number)
    if number:
        await _look_for_odd_reading(PAGES, "pages of lists", event, by, at, real)


@run_tx
async def looked_at(
    person: Model, event: Event, *, by: Staff, at: datetime, real: datetime, action: Action = Action.VIEWED
) -> None:
    """Records that one person's details, or what somebody wrote, were shown. Raises Refused as `listed` does."""
    await _within_reason(by, real)
    await audit.record(action, person, by=by, at=at, event_id=event.id)
    await _look_for_odd_reading(PEOPLE, "people", event, by, at, real)


@run_tx
async def looked_at_log(event: Event, rows: int, *, filtered: bool, by: Staff, at: datetime) -> None:
    """A page of the audit log was shown; what was typed into its filter is kept nowhere."""
    await audit.record(Action.AUDIT_VIEWED, event, by=by, at=at, event_id=event.id, rows=rows, filtered=filtered)


@run_tx
async def looked_at_reads(event: Event, rows: int, *, days: int, by: Staff, at: datetime) -> None:
    """Records that the page was shown which says who read how much."""
    await audit.record(Action.READS_VIEWED, event, by=by, at=at, event_id=event.id, rows=rows, days=days)


async def _within_reason(by: Staff, real: datetime) -> None:
    if not await limits.count(AT_MOST, str(by.id), real):
        raise Refused(SLOW_DOWN, 429)


async def _look_for_odd_reading(limit: Limit, what: str, event: Event, by: Staff, at: datetime, real: datetime) -> None:
    """Alerts once for each spell of odd reading, and not again for half a day."""
    many = not await limits.count(limit, str(by.id), real)
    if not (many or is_night(at)) or not await limits.count(SPELL, str(by.id), real):
        return
    why = f"More than {limit.tries} {what} in an hour" if many else f"At {clock.time_words(at)}, out of hours"
    await audit.record_and_alert(
        Action.READ_ODDLY, by=by, at=at, event_id=event.id, old={}, new={"What was noticed": why}, many=many
    )


def is_night(at: datetime) -> bool:
    hour = clock.local(at).hour
    return hour >= NIGHT_FROM or hour < NIGHT_UNTIL

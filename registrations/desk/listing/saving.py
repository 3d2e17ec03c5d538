"""Organisers save a filter, for themselves or for all who organise the event, and remove it again."""

from collections.abc import Sequence
from datetime import datetime

from events.accounts.staff import Staff
from events.audit import audit
from events.audit.action import Action
from events.event import Event, held_event
from events.ground.database import find_rows, run_tx
from events.ground.refusal import Refused
from registrations.people.person import fold

from .saved_filter import Listed, SavedFilter

MOST = 20  # of one list, that somebody sees
TOO_MANY = f"There are {MOST} saved filters of this list already. Remove one of them first."
SAID = {"filter-saved": "The filter is saved."}  # on the list, by what its query string says
TAKEN = "You have a filter with this name already. Enter another, or remove that one first"
GONE = "Somebody has removed this filter already."
THEIRS = """SELECT * FROM saved_filter WHERE event_id = ? AND of = ? AND (is_shared OR saved_by = ?)
    ORDER BY name, id"""


class NameTaken(Refused):
    def __init__(self) -> None:
        super().__init__(TAKEN)


async def seen_by(staff: Staff, event: Event, of: Listed) -> Sequence[SavedFilter]:
    """Their own and those that are shared, by name."""
    return await find_rows(SavedFilter, THEIRS, [event.id, of.value, staff.actor])


@run_tx
async def keep(event: Event, of: Listed, name: str, query: str, by: Staff, at: datetime, *, shared: bool) -> None:
    """Raises Refused where there are as many as one may have, and NameTaken where they see one of this name."""
    await held_event(event.id)  # or two who save at once would both be the last
    seen = await seen_by(by, event, of)
    if len(seen) >= MOST:
        raise Refused(TOO_MANY)
    if fold(name) in {fold(row.name) for row in seen}:
        raise NameTaken
    made = await SavedFilter.create(
        event_id=event.id, of=of, name=name, query=query, is_shared=shared, saved_by=by.actor, saved_at=at
    )
    if shared:
        await audit.record(Action.FILTER_SHARED, made, by=by, at=at, event_id=event.id, list=of.value)


@run_tx
async def remove(event: Event, id_: int, by: Staff, at: datetime) -> None:
    """Of their own, or of those that are shared: whoever organises may. Raises Refused where there is none."""
    found = await SavedFilter.get_or_none(id=id_, event_id=event.id)
    if found is None or not (found.is_shared or found.saved_by == by.actor):
        raise Refused(GONE)
    if not await SavedFilter.filter(id=found.id).delete():
        raise Refused(GONE)
    if found.is_shared:
        await audit.record(Action.FILTER_REMOVED, found, by=by, at=at, event_id=event.id, list=found.of.value)

"""Organisers tick what is done of an event's closing, and take it back. Of two who tick at once one is noted.

Rules: EV-12.
"""

from collections.abc import Mapping
from datetime import datetime

from events.accounts.staff import Staff
from events.audit import audit
from events.audit.action import Action
from events.event import Event
from events.ground import clock
from events.ground.database import query, run_tx
from events.ground.refusal import Refused

from .closing_tick import ClosingTick, Ticked

TOO_EARLY = "The day of the event has not come yet, so there is nothing to tick."
TICK = """INSERT INTO closing_tick (event_id, day, item, ticked_at, ticked_by) VALUES (?, ?, ?, ?, ?)
    ON CONFLICT (event_id, day, item) DO NOTHING RETURNING *"""


async def ticks(event: Event) -> Mapping[Ticked, ClosingTick]:
    return {tick.item: tick for tick in await ClosingTick.filter(event_id=event.id, day=event.day)}


@run_tx
async def tick(event: Event, item: Ticked, by: Staff, at: datetime) -> bool:
    """False where somebody has ticked it already. Raises Refused before the event's day."""
    if clock.local(at).date() < event.day:
        raise Refused(TOO_EARLY)
    rows = await query(TICK, [event.id, event.day, item.value, at, by.actor])
    for row in rows:
        await _note(Action.CLOSING_TICKED, event, row["id"], item, by, at)
    return bool(rows)


@run_tx
async def take_back(event: Event, item: Ticked, by: Staff, at: datetime) -> bool:
    """False where it is not ticked any more."""
    found = await ClosingTick.get_or_none(event_id=event.id, day=event.day, item=item)
    if found is None or not await ClosingTick.filter(id=found.id).delete():
        return False
    await _note(Action.CLOSING_TICK_TAKEN_BACK, event, found.id, item, by, at)
    return True


async def _note(action: Action, event: Event, id_: int, item: Ticked, by: Staff, at: datetime) -> None:
    await audit.record(action, ClosingTick(id=id_), by=by, at=at, event_id=event.id, item=item.value)

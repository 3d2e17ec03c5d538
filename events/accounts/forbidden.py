"""A page that somebody may not open: each try is an entry of the audit log (SE-09)."""

from datetime import datetime

from events.audit import audit
from events.audit.action import Action
from events.audit.audit import Actor
from events.ground.database import run_tx


@run_tx
async def note(route: str, event_id: int, by: Actor, at: datetime) -> None:
    """`route` is the page's name in the roles table, with nothing of what was asked for."""
    await audit.record(Action.FORBIDDEN, by=by, at=at, event_id=event_id, route=route)

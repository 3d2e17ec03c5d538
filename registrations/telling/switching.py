"""Organisers switch emails by the clock off, and on again."""

from datetime import datetime

from events.audit import audit
from events.audit.action import Action
from events.audit.audit import Actor
from events.event import Event, held_event
from events.ground import live
from events.ground.database import after_commit, run_tx

from .mailing import MailingKind


@run_tx
async def switch(event: Event, kind: MailingKind, on: bool, by: Actor, at: datetime) -> bool:
    """False if it is so already. One that waits to be sent is not sent any more once it is off."""
    event = await held_event(event.id)
    if on == (kind.template not in event.emails_off):
        return False
    off = {*event.emails_off} - {kind.template} if on else {*event.emails_off, kind.template}
    await Event.filter(id=event.id).update(emails_off=sorted(off))
    how = "on" if on else "off"
    await audit.record(
        Action.EMAILS_SWITCHED, event, by=by, at=at, event_id=event.id, template=kind.template, switched=how
    )
    after_commit(live.publish, f"event:{event.id}")
    return True

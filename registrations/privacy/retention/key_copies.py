"""Asks the leads about their copies of a data key that was destroyed on the server, until each of them has answered."""

from datetime import datetime

from events.accounts.lead_alerts import leads_of
from events.accounts.staff import Staff
from events.audit import audit
from events.audit.action import Action
from events.event import Event
from events.ground.database import query, run_tx, within_tx
from events.ground.refusal import Refused
from events.mail import outbox

from .deletion import Deletion
from .key_copy import Answer, KeyCopy

ALERT = "key_copies"  # the template
DATA_KEY = "data_key"  # the class of data under which it is counted that a key went
STILL_THERE = "The data key of this event is not destroyed yet, so there is nothing to say about copies of it."
ASK = """INSERT INTO key_copy (event_id, staff_id, day, asked_at, reminded) VALUES (?, ?, ?, ?, 0)
    ON CONFLICT (event_id, staff_id, day) DO NOTHING RETURNING id"""


@within_tx
async def ask_leads(event: Event, at: datetime) -> None:
    """Those who were not asked yet: all of them once the key is destroyed, later whoever becomes a lead."""
    for role in await leads_of(event.id):
        for row in await query(ASK, [event.id, role.staff_id, event.day, at]):
            await _write_to(role.staff_id, event.id, row["id"], 0, at)


async def _write_to(staff_id: int, event_id: int, copy_id: int, stage: int, at: datetime) -> None:
    await outbox.put(ALERT, staff_id, cause=f"key copies {copy_id} {stage}", at=at, event_id=event_id)


@run_tx
async def answer(event: Event, said: Answer, by: Staff, at: datetime) -> None:
    """A lead says what became of their copies; they may say it anew. Raises Refused while the key is there."""
    if (await Event.get(id=event.id)).data_key:
        raise Refused(STILL_THERE)
    await query(ASK, [event.id, by.id, event.day, at])  # a lead who was not asked yet may answer too
    copy = await KeyCopy.get(event_id=event.id, staff_id=by.id, day=event.day)
    await KeyCopy.filter(id=copy.id).update(answer=said, answered_at=at)
    await audit.record(Action.KEY_COPIES_ANSWERED, copy, by=by, at=at, event_id=event.id, answer=said.value)


async def remind(at: datetime) -> int:
    """Reminds each lead who has not answered, once a week. Whoever has become a lead meanwhile is asked."""
    destroyed = Deletion.filter(kind=DATA_KEY, event__data_key="").order_by("event_id").select_related("event")
    return sum([await _remind(deletion.event, at) for deletion in await destroyed if deletion.event])


@run_tx
async def _remind(event: Event, at: datetime) -> int:
    await ask_leads(event, at)
    leads = {role.staff_id for role in await leads_of(event.id)}
    waiting = KeyCopy.filter(event_id=event.id, day=event.day, answer=None, staff_id__in=leads) if leads else None
    return sum([await _remind_one(copy, at) for copy in await waiting.order_by("id")] if waiting else [])


async def _remind_one(copy: KeyCopy, at: datetime) -> bool:
    """Of several servers one reminds, and each week's reminder comes once; of the newest only, if the server was
    away."""
    stage = copy.reminders_due(at)
    if not await KeyCopy.filter(id=copy.id, answer=None, reminded__lt=stage).update(reminded=stage):
        return False
    await audit.record(Action.KEY_COPIES_REMINDED, copy, by=None, at=at, event_id=copy.event_id)
    await _write_to(copy.staff_id, copy.event_id, copy.id, stage, at)
    return True

"""Organisers write what they would do better next time, and take it out again."""

from datetime import datetime

from events.accounts.staff import Staff
from events.audit import audit
from events.audit.action import Action
from events.event import DESTROYED, Event, held_event
from events.ground import data_keys, tokens
from events.ground.database import run_tx
from events.ground.refusal import Refused

from .lesson import SEALED_AS, Lesson

MOST = 100
TOO_MANY = f"There are {MOST} notes already. Take one of them out first."
GONE = "Somebody has taken this note out already."


async def lessons(event: Event) -> list[Lesson]:
    return await Lesson.filter(event_id=event.id).order_by("id")


@run_tx
async def write(event: Event, words: str, by: Staff, at: datetime) -> Lesson:
    """Raises Refused once the event's data key is destroyed, and where there are too many."""
    held, public_id = await held_event(event.id), tokens.new_public_id()  # or two at once would both be the last
    if not held.data_key:
        raise Refused(DESTROYED)
    if await Lesson.filter(event_id=event.id).count() >= MOST:
        raise Refused(TOO_MANY)
    sealed = data_keys.seal(held.data_key, SEALED_AS, public_id, words)
    made = await Lesson.create(
        event_id=event.id, public_id=public_id, words_sealed=sealed, written_at=at, written_by=by.actor
    )
    await audit.record(Action.LESSON_WRITTEN, made, by=by, at=at, event_id=event.id)
    return made


@run_tx
async def take_out(event: Event, id_: int, by: Staff, at: datetime) -> None:
    """Raises Refused where it is gone."""
    if not await Lesson.filter(id=id_, event_id=event.id).delete():
        raise Refused(GONE)
    await audit.record(Action.LESSON_TAKEN_OUT, Lesson(id=id_), by=by, at=at, event_id=event.id)

"""Organisers remove what somebody wrote, for good: it names or describes a person. `at` is the event's time."""

from datetime import datetime

from events.audit import audit
from events.audit.action import Action
from events.audit.audit import Actor
from events.event import Event
from events.ground.database import run_tx

from . import asking
from .results import shown_texts


@run_tx
async def remove(event: Event, question: str, text: str, by: Actor, at: datetime) -> bool:
    """One of those that are shown, once. False if it is not there: somebody was quicker. The audit log does not say
    what it said."""
    held = await asking.held_box(event.id)
    contents = held.contents if held else None
    if held is None or contents is None or text not in (shown_texts(contents, question) or ()):
        return False
    contents.shown.texts[question].remove(text)
    contents.removed[question] += 1
    await asking.put_back(held, contents)
    await audit.record(Action.FEEDBACK_REMOVED, held, by=by, at=at, event_id=event.id, question=question)
    return True

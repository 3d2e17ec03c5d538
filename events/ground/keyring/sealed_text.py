"""A text of a row in its own column, sealed under the data key of its event, and opened where somebody reads it."""

from typing import Any

from events.ground import data_keys
from events.ground.refusal import Refused

DESTROYED = "The data key of this event is destroyed, since its day is long past: nothing can be kept sealed for it."


class SealedText:
    """Of an event itself: nothing where none is set, or where what is set cannot be opened."""

    def __init__(self, what: str) -> None:
        self.what = what

    def __get__(self, event: Any, _: type) -> str:
        closed = getattr(event, f"{self.what}_sealed")
        of = (f"event:{event.id}", f"event.{self.what}", event.slug)
        return (data_keys.opened_in(*of, closed) if closed else "") or ""

    def __set__(self, event: Any, text: str) -> None:
        setattr(event, f"{self.what}_sealed", sealed(event, self.what, text))


def sealed(event: Any, what: str, text: str) -> bytes | None:
    """What the column for this text keeps in the row of this event, which is new or held. Raises Refused once its data
    key is destroyed."""
    if text and not event.data_key:
        raise Refused(DESTROYED)
    return data_keys.seal(event.data_key, f"event.{what}", event.slug, text) if text else None

"""Holders of a pass that is none of the staff's: what they try of the staff's is refused, and recorded (SE-09)."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Protocol

from events.audit import audit
from events.audit.audit import Action, Actor


class Holder(Actor, Protocol):
    """Known, and of one event."""

    @property
    def event_id(self) -> int: ...


Finder = Callable[[Mapping[str, str]], Awaitable[Holder | None]]
FINDERS: list[Finder] = []  # each looks for its own pass among the cookies; the composition names them


async def is_one(cookies: Mapping[str, str], route: str, at: datetime) -> bool:
    """True, once the try stands in the record, for whoever holds such a pass."""
    for find in FINDERS:
        if holder := await find(cookies):
            await audit.record(Action.FORBIDDEN, by=holder, at=at, event_id=holder.event_id, route=route)
            return True
    return False

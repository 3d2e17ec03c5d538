"""Who holds a pass that is not for staff: what they try on the staff's pages is refused and recorded (SE-09)."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Protocol

from events.audit.audit import Actor

from . import forbidden


class ForeignPass(Actor, Protocol):
    """Known, and of one event."""

    @property
    def event_id(self) -> int: ...


Finder = Callable[[Mapping[str, str]], Awaitable[ForeignPass | None]]
FINDERS: list[Finder] = []  # each looks for its own pass among the cookies; the composition names them


async def record_try(cookies: Mapping[str, str], route: str, at: datetime) -> bool:
    """Records the try in the audit log. True if the caller holds such a pass."""
    for find in FINDERS:
        if foreign := await find(cookies):
            await forbidden.note(route, foreign.event_id, foreign, at)
            return True
    return False

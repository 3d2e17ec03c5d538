"""Something of an event's closing for a path that has it in its braces."""

from typing import Any

from registrations.reporting import learning
from registrations.reporting.closing_tick import Ticked
from tests.people import MONDAY


async def of_closing(world: Any, caller: str, path: str) -> dict[str, str]:
    """A note of a lead's, and what anybody may tick."""
    if "{id" not in path:
        return {"item": Ticked.COUNTS.value}
    note = await learning.write(world.event, "More signs to the door", world.staff["lead"], MONDAY)
    return {"id": str(note.id)}

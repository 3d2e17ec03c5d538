"""Something of an event's closing for a path that has it in its braces."""

from typing import Any

from registrations.reporting import learning
from registrations.reporting.closing_tick import Ticked
from tests.people import MONDAY
from tests.registrations.certificates.giving import of_certificates
from tests.registrations.feedback.guests import of_feedback


async def of_after(world: Any, caller: str, path: str) -> dict[str, str]:
    """What stands in the braces of a path about what comes after an event."""
    makers = {"/certificate": of_certificates, "/feedback/": of_feedback}
    make = next((maker for part, maker in makers.items() if part in path), of_closing)
    return await make(world, caller, path)


async def of_closing(world: Any, caller: str, path: str) -> dict[str, str]:
    """A note of a lead's, and what anybody may tick."""
    if "{id" not in path:
        return {"item": Ticked.COUNTS.value}
    note = await learning.write(world.event, "More signs to the door", world.staff["lead"], MONDAY)
    return {"id": str(note.id)}

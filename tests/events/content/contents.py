"""What stands in the braces of paths of what an event looks like: its colour."""

from typing import Any

from events.web.colour import accent

A_COLOUR = accent("#0b7a75")


async def of_content(world: Any, caller: str, path: str) -> dict[str, str]:
    return {"name": A_COLOUR.name if A_COLOUR else ""}

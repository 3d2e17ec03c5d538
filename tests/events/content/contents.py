"""What stands in the braces of paths of what an event looks like: its colour, and the logo of a host."""

from typing import Any

from events.content import logos
from events.content.picture import Picture
from events.web.colour import accent
from tests.events.content.pictures import plain
from tests.people import MONDAY

A_COLOUR = accent("#0b7a75")


async def of_content(world: Any, caller: str, path: str) -> dict[str, str]:
    name = A_COLOUR.name if A_COLOUR else ""
    if "logos" not in path:
        return {"name": name}
    host, by = world.event.hosts[0]["name"], world.staff["lead"]
    logo = await logos.put(world.event, host, Picture(plain(), 480, 80), "", by=by, at=MONDAY)
    return {"id": str(logo.id), "mark": logo.mark}

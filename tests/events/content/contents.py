"""What stands in the braces of paths of what an event looks like: its colour, and the logo of a host."""

from typing import Any

from events.accounts.staff import Staff
from events.content import logos
from events.content.picture import Picture
from events.event import Event
from events.web.colour import accent
from tests.events.content.pictures import plain
from tests.people import MONDAY

A_COLOUR = accent("#0b7a75")


async def of_content(world: Any, caller: str, path: str) -> dict[str, str]:
    return {word: values[0] for word, values in (await looks_like(world.event, world.staff["lead"])).items()}


async def looks_like(event: Event, by: Staff) -> dict[str, list[str]]:
    """By the word in braces."""
    logo = await logos.put(event, event.hosts[0]["name"], Picture(plain(), 480, 80), "", by=by, at=MONDAY)
    return {"id": [str(logo.id)], "mark": [logo.mark], "name": [A_COLOUR.name if A_COLOUR else ""]}

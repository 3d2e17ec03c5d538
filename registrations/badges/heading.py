"""What stands small above the name on each badge of an event, if organisers want it: its title, and the hosts' logos.

The logos are those of the public page, which were drawn anew when they came: nothing outside is fetched. Rules: EV-02.
"""

from typing import Any, NamedTuple

from events.content.logo import HostLogo, logos_of
from events.event import Event

from .badge import printable
from .last_paper import Layout


class Logo(NamedTuple):
    png: bytes
    ratio: float  # so many times as wide as high


class Heading(NamedTuple):
    title: str = ""
    logos: tuple[Logo, ...] = ()

    @property
    def facts(self) -> dict[str, Any]:
        """What the template has to know of it."""
        return {"title": self.title, "logos": [{"png": [*logo.png], "ratio": logo.ratio} for logo in self.logos]}


NO_HEADING = Heading()


async def heading_of(event: Event, layout: Layout) -> Heading:
    return Heading(printable(event.title) if layout.title else "", await _logos(event) if layout.logos else ())


async def _logos(event: Event) -> tuple[Logo, ...]:
    """In the order of the hosts."""
    shown = await logos_of(event)
    pictures = {row.id: bytes(row.picture) for row in await HostLogo.filter(id__in=[logo.id for logo in shown])}
    return tuple(Logo(pictures[logo.id], logo.width / logo.height) for logo in shown if logo.id in pictures)

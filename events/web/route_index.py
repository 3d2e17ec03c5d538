"""Finds a route by two fixed words of its path, so that a request is not tried against every route of the product."""

from collections.abc import Sequence
from typing import Any

from starlette.routing import BaseRoute, Router
from starlette.types import Receive, Scope, Send

AREA, SUBJECT = 1, 3  # places in a path: /desk/launch/people has both


class RouteIndex(Router):
    """Starlette's router, which tries all routes in turn, over those alone that can match, in the same order."""

    def __init__(self, routes: Sequence[BaseRoute], **given: Any) -> None:
        super().__init__(routes, redirect_slashes=False, **given)  # or we would send people to whatever Host they name
        self.areas = {_word(route, AREA) for route in routes}
        self.subjects = {_word(route, SUBJECT) for route in routes}
        self.parts: dict[tuple[str, str], Router] = {}

    async def app(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await super().app(scope, receive, send)
            return
        scope["router"] = self
        await self.part_of(scope["path"]).app(scope, receive, send)

    def part_of(self, path: str) -> Router:
        """The routes for this area and subject. All words that no route names count as one."""
        words = [*path.split("/", SUBJECT + 1), "", "", ""]
        area = words[AREA] if words[AREA] in self.areas else ""
        subject = words[SUBJECT] if words[SUBJECT] in self.subjects else ""
        if (area, subject) not in self.parts:
            fitting = [route for route in self.routes if _fits(route, area, subject)]
            self.parts[area, subject] = Router(fitting, redirect_slashes=False)
        return self.parts[area, subject]


def _word(route: BaseRoute, place: int) -> str:
    """The fixed word there. None where any word may stand, or where the path has ended."""
    words = str(getattr(route, "path", "")).split("/")
    return words[place] if len(words) > place and "{" not in words[place] else ""


def _fits(route: BaseRoute, area: str, subject: str) -> bool:
    return _word(route, AREA) in ("", area) and _word(route, SUBJECT) in ("", subject)

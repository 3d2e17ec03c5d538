"""Finds a route by two fixed words of its path, so that a request is not tried against every route of the product."""

from collections.abc import Sequence

from starlette.exceptions import HTTPException
from starlette.routing import BaseRoute, Match, Route
from starlette.types import Scope

AREA, SUBJECT = 1, 3  # places in a path: /desk/launch/people has both


class RouteIndex:
    """Takes the route that Starlette's router takes, which tries all in turn. Nor does it redirect to a path with a
    slash more or less: we would send people to whatever Host they name."""

    def __init__(self, routes: Sequence[BaseRoute]) -> None:
        self.routes = routes
        self.areas = {_word(route, AREA) for route in routes}
        self.subjects = {_word(route, SUBJECT) for route in routes}
        self.parts: dict[tuple[str, str], list[BaseRoute]] = {}

    def find(self, scope: Scope) -> BaseRoute:
        """The first route that matches; it and what stands in the braces of its path are put into the scope. Raises
        HTTPException: 404, or 405 where only another method is answered."""
        other: Route | None = None
        for route in self.part_of(scope["path"]):
            if not isinstance(route, Route):
                if route.matches(scope)[0] is Match.FULL:
                    return _put(scope, route)
            elif (found := route.path_regex.match(scope["path"])) is not None:
                if route.methods is None or scope["method"] in route.methods:
                    said = found.groupdict()
                    scope["path_params"] = {name: route.param_convertors[name].convert(said[name]) for name in said}
                    return _put(scope, route)
                other = other or route
        if other is None:
            raise HTTPException(404)
        _put(scope, other)
        raise HTTPException(405, headers={"Allow": ", ".join(other.methods or ())})

    def part_of(self, path: str) -> list[BaseRoute]:
        """The routes for this area and subject. All words that no route names count as one."""
        words = [*path.split("/", SUBJECT + 1), "", "", ""]
        area = words[AREA] if words[AREA] in self.areas else ""
        subject = words[SUBJECT] if words[SUBJECT] in self.subjects else ""
        if (area, subject) not in self.parts:
            self.parts[area, subject] = [route for route in self.routes if _fits(route, area, subject)]
        return self.parts[area, subject]


def _put(scope: Scope, route: BaseRoute) -> BaseRoute:
    scope["route"] = route
    return route


def _word(route: BaseRoute, place: int) -> str:
    """The fixed word there. None where any word may stand, or where the path has ended."""
    words = str(getattr(route, "path", "")).split("/")
    return words[place] if len(words) > place and "{" not in words[place] else ""


def _fits(route: BaseRoute, area: str, subject: str) -> bool:
    return _word(route, AREA) in ("", area) and _word(route, SUBJECT) in ("", subject)

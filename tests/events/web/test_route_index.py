"""The index sends every request where trying all routes in turn would."""

from collections.abc import Iterator
from itertools import product

import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Match, Route

from events.web.route_index import RouteIndex
from server import all_routes

WORDS = ["", "1", "people", "desk", "board", "a b", "%2F", "é"]


async def nothing(request: Request) -> Response:
    return PlainTextResponse("")


def found(routes: list[BaseRoute], path: str, method: str) -> tuple[Match, BaseRoute | None]:
    """As Starlette chooses: the first that matches whole, else the first whose method is another."""
    scope = {"type": "http", "path": path, "method": method}
    matches = [(match, route) for route in routes if (match := route.matches(scope)[0]) is not Match.NONE]
    whole = [(match, route) for match, route in matches if match is Match.FULL]
    return (whole or matches or [(Match.NONE, None)])[0]


def paths() -> set[str]:
    """Of every route, with other words in its braces, cut short, made longer, a slash too many; and of any words."""
    return {*near_routes(), *("/" + "/".join(words) for words in product(WORDS, repeat=4))}


def near_routes() -> Iterator[str]:
    for route in all_routes():
        words = str(getattr(route, "path", "")).split("/")
        for other in WORDS:
            said = [other if "{" in word else word for word in words]
            yield from ("/".join(said), "/".join(said[:-1]), "/".join([*said, other]), "/" + "/".join(said))


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT"])
def test_each_path_finds_the_route_that_all_in_turn_would(method: str) -> None:
    routes = all_routes()
    index = RouteIndex(routes)
    ways = {path: (found(index.part_of(path).routes, path, method), found(routes, path, method)) for path in paths()}
    assert {path: way for path, way in ways.items() if way[0] != way[1]} == {}
    taken = {id(route) for (match, route), _ in ways.values() if match is Match.FULL}
    assert len(taken) > (0 if method == "PUT" else 40), "the control: routes are found at all"


def test_a_request_is_tried_against_few_routes() -> None:
    index = RouteIndex(all_routes())
    tried = {
        path: len(index.part_of(path).routes) for path in ("/desk/launch/people", "/door/api/scans", "/nowhere/at/all")
    }
    assert max(tried.values()) < len(index.routes) / 5, tried


def test_of_two_that_match_the_first_is_taken() -> None:
    routes = [Route("/{any}/x/people", nothing), Route("/desk/x/{any}", nothing)]
    for order in (routes, routes[::-1]):
        tried = RouteIndex(order).part_of("/desk/x/people").routes
        assert found(tried, "/desk/x/people", "GET") == (Match.FULL, order[0])

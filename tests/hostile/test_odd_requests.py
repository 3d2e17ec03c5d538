"""Requests that no browser of ours would send: whatever stands in an address or a body, it is never our failure."""

import re
from itertools import product
from urllib.parse import quote, urlencode

import httpx2
import pytest
from starlette.routing import Route

from events import live
from events.database import Database
from tests.browser import browsing
from tests.hostile.gateway import PARAMETER, ROUTES, Filled, filled

ODD_WORDS = ["a\0b", "x" * 3000, "..", "\r\nSet-Cookie: a=b"]
ODD_NUMBERS = ["0", "2147483648", "1" * 500]
ODD_ANSWERS = ["\0\u202e\ud800", "9" * 30, "=" * 400]
ODD_QUERY = "?" + "&".join(
    f"{name}={quote(value)}"
    for name, value in product(("page", "state", "kind", "sort", "find", "said", "next", "seen", "text"), ("\0", "-1"))
)
URLENCODED = "application/x-www-form-urlencoded"
ODD_BODIES: list[tuple[str, bytes]] = [
    (URLENCODED, b"\xff\xfe=\xff&%00=%00&a=%ED%A0%80&=&&&"),
    ("multipart/form-data; boundary=x", b"--x\r\nContent-Disposition: form-data; name=a\r\n\r\n1"),
    ("application/json", b'{"code": "\\ud800\\u0000", "reference": "\\ud800", "scans": [null, 1, "x", {"id": 5}]}'),
    ("application/json", b'{"code": null, "reference": 5, "scans": [{"id": "' + b"f" * 32 + b'", "age": 1e999}]}'),
    ("application/json", b"[" * 20_000),
]  # fmt: skip


@pytest.fixture
async def world(database: Database) -> Filled:
    live.hub().close()
    return await filled()


def odd_urls(route: Route, values: dict[str, list[str]]) -> list[str]:
    """One of the words in braces is odd, the others are as they should be."""
    names = re.findall(r"{(\w+)(:\w+)?}", route.path)
    found = []
    for odd_one, kind in names:
        for odd in ODD_NUMBERS if kind == ":int" else ODD_WORDS:
            words = {name: quote(odd, safe="") if name == odd_one else values.get(name, ["x"])[0] for name, _ in names}
            found.append(PARAMETER.sub(lambda one, words=words: words[one[1]], route.path))  # type: ignore[misc]
    return found


def proper_url(route: Route, values: dict[str, list[str]]) -> str:
    return PARAMETER.sub(lambda one: values.get(one[1], ["x"])[0], route.path)


def is_an_end(route: Route) -> bool:
    """After it the browser is nobody any more."""
    return "sign-out" in route.path or route.path.endswith("/end")


async def failures(client: httpx2.AsyncClient, requests: list[httpx2.Request]) -> list[tuple[str, str]]:
    statuses = [(one, (await client.send(one)).status_code) for one in requests]
    return [(one.method, one.url.path) for one, status in statuses if status >= 500]


async def test_no_odd_address_is_our_failure(database: Database, world: Filled) -> None:
    async with browsing(database) as client:
        client.cookies.update(world.everybody)
        urls = [url for route in ROUTES for url in odd_urls(route, world.values)]
        asked = [client.build_request("GET", url) for url in urls]
        asked += [client.build_request("GET", proper_url(route, world.values) + ODD_QUERY) for route in ROUTES]
        assert len(asked) > 200
        assert await failures(client, asked) == []


async def test_no_odd_body_is_our_failure(database: Database, world: Filled) -> None:
    """Bodies that are none, and every field of all our forms with an answer that is none."""
    posts = sorted((one for one in ROUTES if "POST" in (one.methods or set())), key=is_an_end)
    async with browsing(database) as client:
        client.cookies.update(world.everybody)
        pages = [(await client.get(proper_url(route, world.values))).text for route in ROUTES]
        names = sorted(set(re.findall(r'<(?:input|select|textarea)[^>]* name="([^"]+)"', "".join(pages))))
        assert len(names) > 20
        answers = [
            urlencode(dict.fromkeys(names[at : at + 90], odd), errors="surrogatepass").encode()
            for at in range(0, len(names), 90)
            for odd in ODD_ANSWERS
        ]
        bodies = [*ODD_BODIES, *((URLENCODED, one) for one in answers)]
        asked = [
            client.build_request("POST", proper_url(route, world.values), content=body, headers={"content-type": kind})
            for route in posts
            for kind, body in bodies
        ]
        assert await failures(client, asked) == []

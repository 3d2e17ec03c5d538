"""Around every answer: forms from other sites, large bodies, headers on errors, and a log that says little.

Rules: SE-11.
"""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx2
import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp

from events.ground import settings
from events.ground.database import Database
from events.ground.refusal import Refused
from events.web import rendering, routing
from events.web.middleware import HEADERS, SameOriginOnly
from events.web.routing import ANYONE, page
from server import MAX_BODY, MODELS, make_app
from tests.browser import BASE, heading
from tests.conftest import SETTINGS

OURS = "https://places.example.org"
TOKEN = "abcdefghijklmnopqrstuvwxyz234567abcdefghij"


async def take(request: Request) -> Response:
    return PlainTextResponse(f"{len(await routing.answers(request))} fields")


async def fail(request: Request) -> Response:
    raise ValueError("Key (email)=(ada@wardens.example.org) already exists, token " + TOKEN)


async def refuse(request: Request) -> Response:
    raise Refused("There is no place left.", 409)


ROUTES = [
    page("/take", take, who=ANYONE, methods=["POST"]),
    page("/fail/{token}", fail, who=ANYONE),
    page("/refuse", refuse, who=ANYONE),
]


def product() -> ASGIApp:
    """All of it, without a database: nothing here looks into one."""
    return make_app(Database("sqlite://:memory:", MODELS), extra=ROUTES)


@asynccontextmanager
async def asking(
    headers: dict[str, str] | None = None, app: ASGIApp | None = None
) -> AsyncIterator[httpx2.AsyncClient]:
    """Not a browser: it says of itself only what the test says."""
    transport = httpx2.ASGITransport(app or product(), raise_app_exceptions=False)
    async with httpx2.AsyncClient(transport=transport, base_url=BASE, headers=headers) as client:
        yield client


FORGERIES = [
    # what the browser says of the form's origin                                      may it?
    ({"sec-fetch-site": "same-origin", "origin": OURS, "cookie": "a=b"}, True),
    ({"sec-fetch-site": "none", "cookie": "a=b"}, True),
    ({"sec-fetch-site": "same-site", "origin": "https://other.example.org", "cookie": "a=b"}, False),
    ({"sec-fetch-site": "cross-site", "origin": "https://evil.example", "cookie": "a=b"}, False),
    ({"sec-fetch-site": "cross-site", "origin": OURS, "cookie": "a=b"}, False),
    ({"sec-fetch-site": "cross-site"}, False),
    ({"sec-fetch-site": ""}, False),
    ({"origin": OURS, "cookie": "a=b"}, True),
    ({"origin": "null", "cookie": "a=b"}, False),
    ({"origin": "null"}, False),
    ({"origin": "", "cookie": "a=b"}, False),
    ({"origin": "http://places.example.org", "cookie": "a=b"}, False),
    ({"origin": "https://places.example.org:8443", "cookie": "a=b"}, False),
    ({"origin": "https://places.example.org.evil.example", "cookie": "a=b"}, False),
    ({"origin": "https://evil.example", "host": "evil.example", "cookie": "a=b"}, False),
    ({"referer": OURS + "/", "cookie": "a=b"}, False),
    ({"cookie": "a=b"}, False),
    ({}, True),  # a script of nobody's session
]


@pytest.mark.parametrize(("headers", "may"), FORGERIES)
async def test_what_changes_something_has_to_come_from_our_own_pages(headers: dict[str, str], may: bool) -> None:
    async with asking(headers) as client:
        answer = await client.post("/take", data={"x": "1"})
    assert (answer.status_code, answer.text) == (
        (200, "1 fields") if may else (403, "This form was sent from another site. Nothing was changed.")
    )


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        (f"/confirm/{TOKEN}", {"origin": "null", "cookie": "a=b"}, 404),  # let through, to a link that nobody was sent
        (f"/confirm/{TOKEN}/again", {"origin": "null", "cookie": "a=b"}, 404),
        (f"/confirm/{TOKEN}", {"origin": "https://evil.example", "cookie": "a=b"}, 403),
        (f"/confirm/{TOKEN}", {"origin": "null", "sec-fetch-site": "cross-site"}, 403),
        (f"/confirm/{TOKEN[1:]}", {"origin": "null", "cookie": "a=b"}, 403),
    ],
)
async def test_a_form_behind_a_link_may_hide_where_it_comes_from(
    database: Database, path: str, headers: dict[str, str], status: int
) -> None:
    """Browsers without sec-fetch-site say `null` of a page that has no referrer; the link in its path is its leave."""
    async with asking(headers, make_app(database)) as client:
        assert (await client.post(path, data={})).status_code == status


async def test_a_page_behind_a_link_tells_our_own_files_nothing(database: Database) -> None:
    async with asking(app=make_app(database)) as client:
        expected = {f"/ticket/{TOKEN}": "no-referrer", "/e/day/invited/ABCD": "no-referrer", "/privacy": "same-origin"}
        told = {path: (await client.get(path)).headers["referrer-policy"] for path in expected}
    assert told == expected


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "TRACE", "PROPFIND"])
async def test_every_method_but_the_safe_ones_is_guarded(method: str, lines: Any) -> None:
    async with asking({"sec-fetch-site": "cross-site"}) as client:
        assert (await client.request(method, "/healthz")).status_code == 403
    assert [(line["event"], line["level"]) for line in lines()] == [
        ("foreign form refused", "warning"),
        ("request", "info"),
    ]


@pytest.mark.parametrize("method", ["GET", "HEAD"])
async def test_a_link_on_another_site_may_lead_to_us(method: str) -> None:
    async with asking({"sec-fetch-site": "cross-site", "origin": "https://evil.example"}) as client:
        assert (await client.request(method, "/healthz")).status_code == 200


@pytest.mark.parametrize(
    ("base_url", "origin"),
    [
        ("https://Places.Example.org", "https://places.example.org"),
        ("https://places.example.org:443", "https://places.example.org"),
        ("https://places.example.org:8443/muster", "https://places.example.org:8443"),
        ("http://127.0.0.1:8415", "http://127.0.0.1:8415"),
        ("http://[::1]:8415", "http://[::1]:8415"),
    ],
)
async def test_our_own_origin_is_known_however_the_setting_spells_it(base_url: str, origin: str) -> None:
    guarded = SameOriginOnly(PlainTextResponse("done"), origins=[base_url])
    async with asking({"origin": origin, "cookie": "a=b"}, guarded) as client:
        assert (await client.post("/")).text == "done"
    async with asking({"origin": origin + "1", "cookie": "a=b"}, guarded) as client:
        assert (await client.post("/")).status_code == 403


async def in_pieces(size: int) -> AsyncIterator[bytes]:
    for _ in range(size // 1024):
        yield b"a=" + b"x" * 1021 + b"&"


@pytest.mark.parametrize("told", [True, False], ids=["with its length", "in pieces of unknown length"])
async def test_a_body_that_is_too_large_is_refused_however_it_comes(told: bool) -> None:
    async with asking({"content-type": "application/x-www-form-urlencoded"}) as client:
        small = b"x" * 1024 if told else in_pieces(1024)
        large = b"x" * (MAX_BODY + 1024) if told else in_pieces(MAX_BODY + 1024)
        assert (await client.post("/take", content=small)).status_code == 200
        answer = await client.post("/take", content=large)
    assert answer.status_code == 413
    assert missing_headers(answer) == set()


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({f"field{n}": "x" for n in range(101)}, (400, "We could not read that")),
        ({"a": "x" * MAX_BODY}, (413, "That was too large")),
    ],
    ids=["too many", "one too long"],
)
async def test_a_form_of_too_many_or_too_long_fields_is_a_page_that_says_so(
    fields: dict[str, str], says: tuple[int, str]
) -> None:
    async with asking() as client:
        answer = await client.post("/take", data=fields)
        assert (answer.status_code, heading(answer)) == says
        assert (await client.post("/take", data={"a": "x" * 60_000})).status_code == 200


GUARDS = {
    "content-security-policy", "x-content-type-options", "referrer-policy", "cross-origin-opener-policy",
    "permissions-policy", "x-robots-tag", "cache-control", "strict-transport-security",
}  # fmt: skip


def missing_headers(answer: httpx2.Response) -> set[str]:
    return GUARDS - set(answer.headers)


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/healthz", 200),
        ("GET", "/nothing", 404),
        ("GET", "/static/muster.css", 200),
        ("GET", "/static/nothing.css", 404),
        ("GET", "/static/../server.py", 404),
        ("GET", "/static/%2e%2e/%2e%2e/server.py", 404),
        ("POST", "/healthz", 405),
        ("GET", "/take", 405),
        ("GET", "/refuse", 409),
        ("GET", "/fail/x", 500),
        ("TRACE", "/healthz", 405),
    ],
)
async def test_every_answer_carries_the_headers(method: str, path: str, status: int) -> None:
    async with asking() as client:
        answer = await client.request(method, path)
    assert (answer.status_code, missing_headers(answer)) == (status, set())
    assert "unsafe-inline" not in answer.headers["content-security-policy"]


async def test_pages_are_not_kept_and_files_are_asked_after() -> None:
    async with asking() as client:
        shown, file = await client.get("/nothing"), await client.get("/static/muster.css")
        again = await client.get("/static/muster.css", headers={"if-none-match": file.headers["etag"]})
    assert [answer.headers["cache-control"] for answer in (shown, file, again)] == ["no-store", "no-cache", "no-cache"]
    assert (again.status_code, again.content) == (304, b"")


async def test_over_plain_http_no_browser_is_told_to_insist_on_https() -> None:
    settings.choose(SETTINGS.model_copy(update={"base_url": "http://127.0.0.1:8415"}))
    async with asking() as client:
        assert missing_headers(await client.get("/healthz")) == {"strict-transport-security"}


async def test_a_failure_says_nothing_to_whoever_asked_and_little_to_the_log(lines: Any) -> None:
    async with asking() as client:
        answer = await client.get(f"/fail/{TOKEN}")
    assert (answer.status_code, heading(answer)) == (500, "Sorry, there is a problem with the service")
    said = lines()
    assert [(line["event"], line.get("error"), line.get("route")) for line in said] == [
        ("failed", "ValueError", "tests.events.web.test_middleware.fail"),
        ("unhandled", "ValueError", None),
        ("request", None, "tests.events.web.test_middleware.fail"),
    ]
    assert said[0]["place"].startswith("test_middleware.py:")
    for secret in ("ada@", TOKEN, "already exists", "/fail/"):
        assert secret not in answer.text + json.dumps(said)


async def test_where_the_error_page_fails_too_there_is_still_an_answer(
    lines: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rendering, "templates", lambda: 1 / 0)
    async with asking() as client:
        answer = await client.get("/fail/x")
    assert (answer.status_code, answer.text) == (500, "There is a problem with the service. Try again later.")
    assert missing_headers(answer) == set()
    assert [(line["event"], line.get("error")) for line in lines()][1:] == [
        ("unhandled", "ZeroDivisionError"),
        ("request", None),
    ]


async def test_a_line_for_each_request_names_the_route_and_never_the_path(lines: Any) -> None:
    async with asking() as client:
        await client.get("/healthz?email=ada@wardens.example.org")
        await client.get(f"/ticket-of-nobody/{TOKEN}")
        await client.get("/static/muster.css")
    assert [{key: line[key] for key in line if key not in {"timestamp", "ms"}} for line in lines()] == [
        {"event": "request", "level": "info", "route": route, "method": "GET", "status": status}
        for route, status in (("events.operating.health_pages.healthz", 200), ("none", 404), ("static", 200))
    ]


def test_the_content_policy_lets_nothing_in_from_elsewhere() -> None:
    """Whole: a line that is loosened or taken out is a change that somebody has decided."""
    assert HEADERS["content-security-policy"].split("; ") == [
        "default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self' data:", "connect-src 'self'",
        "font-src 'self'", "form-action 'self'", "base-uri 'none'", "frame-ancestors 'none'", "object-src 'none'",
    ]  # fmt: skip
    assert HEADERS["cross-origin-resource-policy"] == "same-origin"

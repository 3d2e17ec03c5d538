"""Requests that no browser of ours would send: whatever stands in an address or a body, it is never our failure.

Rules: GU-20.
"""

import re
from urllib.parse import quote, urlencode

import httpx2
import pytest
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message
from structlog.testing import capture_logs

from events.ground import live
from events.ground.database import Database
from events.web.routing import ANYONE, page
from server import make_app
from tests.browser import browsing
from tests.hostile.gateway import PARAMETER, ROUTES, Filled, filled

ODD_WORDS = ["a\0b", "x" * 3000, "..", "\r\nSet-Cookie: a=b"]
ODD_NUMBERS = ["0", "2147483648", "1" * 500, "9" * 4400]
ODD_HEADERS = [{"referer": "http://["}, {"referer": "x" * 3000}, {"host": "["}, {"host": ""}]
ODD_NEXTS = ["http://[", "//x", "//[", "//\u2100", "/\\x", "/\t/x", "javascript:alert(1)"]
ODD_ANSWERS = ["\0\u202e\ud800", "9" * 30, "=" * 400]
ASKED = (
    *("page", "state", "kind", "sort", "find", "said", "next", "seen", "text", "done", "decided", "code"),
    *("actor", "action", "subject", "before"),
)
ODD_QUERIES = [
    "?" + "&".join(f"{name}={quote(value)}" for name in ASKED) for value in ("\0", "-1", "a" * 3000, "a_" * 40 + " 1")
]
CHARSETS = [
    "utf-7",
    "unicode_escape",
    "raw_unicode_escape",
    "punycode",
    "idna",
    "undefined",
    "hex",
    "utf-16",
    "nonsense",
]
HALVES = [
    "utf-7",
    "unicode_escape",
    "raw_unicode_escape",
]  # half a character comes out of these, the rest as it was or not at all
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
            found.append(PARAMETER.sub(lambda match, words=words: words[match[1]], route.path))  # type: ignore[misc]
    return found


def in_charset(charset: str, names: list[str]) -> tuple[str, bytes]:
    """Each field says half a character, twice over, as far as the charset knows how to."""
    fields = "".join(
        f'--x\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n+2AA- \\ud800 \xa0-\r\n' for name in names
    )
    return f"multipart/form-data; boundary=x; charset={charset}", f"{fields}--x--\r\n".encode("latin-1")


def proper_url(route: Route, values: dict[str, list[str]]) -> str:
    return PARAMETER.sub(lambda match: values.get(match[1], ["x"])[0], route.path)


def is_an_end(route: Route) -> bool:
    """After it the browser is nobody any more."""
    return "sign-out" in route.path or route.path.endswith("/end")


async def failures(client: httpx2.AsyncClient, requests: list[httpx2.Request]) -> list[tuple[str, str]]:
    statuses = [(request, (await client.send(request)).status_code) for request in requests]
    return [(request.method, request.url.path) for request, status in statuses if status >= 500]


@pytest.mark.sweep
async def test_no_odd_address_is_our_failure(database: Database, world: Filled) -> None:
    async with browsing(database) as client:
        client.cookies.update(world.everybody)
        urls = [url for route in ROUTES for url in odd_urls(route, world.values)]
        asked = [client.build_request("GET", url) for url in urls]
        asked += [
            client.build_request("GET", proper_url(route, world.values) + query)
            for route in ROUTES
            for query in ODD_QUERIES
        ]
        assert len(asked) > 200
        assert await failures(client, asked) == []


@pytest.mark.sweep
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_no_odd_header_is_our_failure(database: Database, world: Filled) -> None:
    """For somebody who is signed in, and for somebody who is sent to sign in and should come back.

    None of these headers is asked of the database, so one kind is enough; and HEAD runs what GET runs.
    """
    async with browsing(database) as client:
        for cookies in (world.everybody, world.anonymous):
            client.cookies.clear()
            client.cookies.update(cookies)
            asked = [
                client.build_request(method, proper_url(route, world.values), headers=headers)
                for route in ROUTES
                for method in sorted((route.methods or set()) - {"HEAD"})
                for headers in ODD_HEADERS
                if not is_an_end(route)
            ]
            assert len(asked) > 200
            assert await failures(client, asked) == []


async def test_a_request_that_is_our_failure_is_found(database: Database) -> None:
    """The control of all the others here."""

    async def stumbles(request: Request) -> Response:
        raise ValueError

    async with browsing(database, extra=[page("/stumbles", stumbles, who=ANYONE)]) as client:
        asked = [client.build_request("GET", path) for path in ("/", "/stumbles")]
        assert await failures(client, asked) == [("GET", "/stumbles")]


async def test_an_odd_place_to_go_on_to_is_the_desk(database: Database, world: Filled) -> None:
    async with browsing(database) as client:
        client.cookies.update(world.everybody)
        sent = {odd: await client.get("/staff/sign-in", params={"next": odd}) for odd in [*ODD_NEXTS, "/staff/account"]}
    places = {odd: (answer.status_code, answer.headers["location"]) for odd, answer in sent.items()}
    assert places == dict.fromkeys(ODD_NEXTS, (303, "/desk")) | {"/staff/account": (303, "/staff/account")}


async def test_a_number_of_thousands_of_digits_is_nobodys(database: Database, world: Filled) -> None:
    async with browsing(database) as client:
        client.cookies.update(world.everybody)
        [event] = world.values["event"]
        assert (await client.get(f"/desk/{event}/people/{'9' * 4400}")).status_code == 404


async def test_the_record_has_nothing_for_an_odd_filter(database: Database, world: Filled) -> None:
    async with browsing(database) as client:
        client.cookies.update(world.everybody)
        [event] = world.values["event"]
        for name, value in (("actor", "a" * 3000), ("subject", "a" * 3000 + " 1"), ("actor", "\0")):
            answer = await client.get(f"/desk/{event}/audit", params={name: value})
            assert (answer.status_code, "Nothing was found." in answer.text) == (200, True)


async def test_who_hangs_up_while_sending_is_no_failure(database: Database, world: Filled) -> None:
    posts = [route for route in ROUTES if "POST" in (route.methods or set())]
    app = make_app(database)
    with capture_logs() as logs:
        for route in posts:
            for kind in (URLENCODED, "multipart/form-data; boundary=x", "application/json"):
                await hang_up(app, proper_url(route, world.values), kind, world.everybody)
    assert [log for log in logs if log["log_level"] == "error"] == []
    assert len([log for log in logs if log["event"] == "request"]) == 3 * len(posts)


async def hang_up(app: ASGIApp, path: str, kind: str, cookies: dict[str, str]) -> None:
    """Sends half a body, and is gone."""
    sent: list[Message] = [
        {"type": "http.request", "body": b"--x\r\n{", "more_body": True},
        {"type": "http.disconnect"},
    ]
    cookie = "; ".join(f"{name}={value}" for name, value in cookies.items())
    said = {"host": "places.example.org", "content-type": kind, "cookie": cookie, "sec-fetch-site": "same-origin"}
    scope = {
        "type": "http", "http_version": "1.1", "method": "POST", "scheme": "https", "path": path, "query_string": b"",
        "root_path": "", "headers": [(name.encode(), value.encode()) for name, value in said.items()],
        "client": ("192.0.2.1", 1), "server": ("places.example.org", 443),
    }  # fmt: skip

    async def receive() -> Message:
        return sent.pop(0) if len(sent) > 1 else sent[0]

    async def send(message: Message) -> None:
        """Nobody hears it."""

    await app(scope, receive, send)


@pytest.mark.sweep
async def test_no_odd_body_is_our_failure(database: Database, world: Filled) -> None:
    """Bodies that are none, and every field of all our forms with an answer that is none.

    A charset is read before anything is asked of the database: both kinds get what comes out of it. Half a character
    goes into every field; from the other charsets comes a whole text or nothing, so some fields are enough for them.
    """
    posts = sorted((route for route in ROUTES if "POST" in (route.methods or set())), key=is_an_end)
    async with browsing(database) as client:
        client.cookies.update(world.everybody)
        pages = [(await client.get(proper_url(route, world.values))).text for route in ROUTES]
        names = sorted(set(re.findall(r'<(?:input|select|textarea)[^>]* name="([^"]+)"', "".join(pages))))
        assert len(names) > 20
        charsets = CHARSETS if database.file else HALVES
        answers = [
            urlencode(dict.fromkeys(names[at : at + 90], odd), errors="surrogatepass").encode()
            for at in range(0, len(names), 90)
            for odd in ODD_ANSWERS
        ]
        bodies = [*ODD_BODIES, *((URLENCODED, answer) for answer in answers)]
        bodies += [
            in_charset(charset, names[at : at + 90])
            for at in range(0, len(names), 90)
            for charset in (charsets if at == 0 else HALVES)
        ]
        asked = [
            client.build_request("POST", proper_url(route, world.values), content=body, headers={"content-type": kind})
            for route in posts
            for kind, body in bodies
        ]
        assert await failures(client, asked) == []

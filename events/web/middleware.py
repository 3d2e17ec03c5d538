"""Around every answer: security headers, no forms from other sites, a log line without personal data."""

import re
import time
from collections.abc import Iterable, Mapping
from urllib.parse import urlsplit

import structlog
from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from events.ground.logs import place_of

log = structlog.get_logger()
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "font-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; object-src 'none'"
)
PERMISSIONS = "camera=(), microphone=(), geolocation=()"
FOR_PASSKEYS = f"{PERMISSIONS}, publickey-credentials-get=(self), publickey-credentials-create=(self)"
HEADERS = {
    "content-security-policy": CSP,
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": f"{PERMISSIONS}, publickey-credentials-get=(), publickey-credentials-create=()",
    "x-robots-tag": "noindex, nofollow",
    "cache-control": "no-store",
}


STATIC = "/static/"
BEHIND_A_LINK = re.compile(r"/[a-z2-7]{42}(/|$)|^/e/[^/]+/invited/.")  # a token of a link, or an invitation's code


class SecurityHeaders:
    """Adds the headers that an answer has not set itself: the door's page brings a CSP of its own.

    Browsers may keep our files, and check them each time, so that no page meets a module of an older version. Pages
    behind a link or an invitation send no referrer, not even to us: the link would be sent along with each request for
    a file.
    """

    def __init__(self, app: ASGIApp, *, secure: bool) -> None:
        self.app = app
        hsts = {"strict-transport-security": "max-age=31536000; includeSubDomains"} if secure else {}
        self.headers = _raw(HEADERS | hsts)
        self.of_our_files = _raw(HEADERS | hsts | {"cache-control": "no-cache"})
        self.behind_a_link = _raw(HEADERS | hsts | {"referrer-policy": "no-referrer"})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                set_itself = {name for name, _ in message["headers"]}
                ours = self._headers_of(scope["path"])
                message["headers"] = [*message["headers"], *(header for header in ours if header[0] not in set_itself)]
            await send(message)

        await self.app(scope, receive, with_headers if scope["type"] == "http" else send)

    def _headers_of(self, path: str) -> list[tuple[bytes, bytes]]:
        if path.startswith(STATIC):
            return self.of_our_files
        return self.behind_a_link if BEHIND_A_LINK.search(path) else self.headers


def _raw(headers: Mapping[str, str]) -> list[tuple[bytes, bytes]]:
    """The headers as bytes, made once and not for each answer."""
    return [(name.encode(), value.encode()) for name, value in headers.items()]


class OneHost:
    """Whoever names two hosts could have a proxy read the one and us the other; HTTP/1.1 asks for one."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            hosts = sum(name == b"host" for name, _ in scope["headers"])
            if hosts > 1 or (hosts == 0 and scope["http_version"] != "1.0"):
                await PlainTextResponse("A request names one host.", 400)(scope, receive, send)
                return
        await self.app(scope, receive, send)


class SameOriginOnly:
    """A request that changes something has to come from our own pages. GET changes nothing, and may come from
    anywhere."""

    def __init__(self, app: ASGIApp, *, origins: Iterable[str]) -> None:
        self.app, self.origins = app, frozenset(origin_of(origin) for origin in origins)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or self.allowed(scope):
            await self.app(scope, receive, send)
            return
        log.warning("foreign form refused", method=scope["method"])
        await PlainTextResponse("This form was sent from another site. Nothing was changed.", 403)(scope, receive, send)

    def allowed(self, scope: Scope) -> bool:
        if scope["method"] in SAFE:
            return True
        headers = Headers(scope=scope)
        if (site := headers.get("sec-fetch-site")) is not None:
            return site in {"same-origin", "none"}
        if (origin := headers.get("origin")) is not None:
            if origin == "null" and BEHIND_A_LINK.search(scope["path"]):
                return True  # such a page says no more of itself, and acts by its link alone, which no other site knows
            return origin in self.origins  # from settings, never from the Host header
        return "cookie" not in headers  # no browser: scripts pass, but never with somebody's session


def origin_of(url: str) -> str:
    """The origin as browsers write it: lower case, no path, no default port."""
    parts = urlsplit(url)
    port = {"https": 443, "http": 80}.get(parts.scheme)
    named = f":{parts.port}" if parts.port not in (None, port) else ""
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    return f"{parts.scheme}://{host}{named}"


class RequestLog:
    """Logs one line a request: the route's name, never its path (a token may be in it), status and milliseconds.

    Errors end here: the server's own log would print their text, which may hold an address. Usually the request has
    been answered by then; if even the error page failed, a plain sentence is the answer.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        began, status = time.perf_counter(), 0

        async def noting(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self.app(scope, receive, noting)
        except Exception as error:
            if status != 503:  # the database is away, which has been said
                log.error("unhandled", error=type(error).__name__, place=place_of(error.__traceback__))
            if not status:
                await PlainTextResponse("There is a problem with the service. Try again later.", 500)(
                    scope, receive, noting
                )
        finally:
            route = getattr(scope.get("route"), "name", None) or "none"
            took = round((time.perf_counter() - began) * 1000, 1)
            log.info("request", route=route, method=scope["method"], status=status, ms=took)

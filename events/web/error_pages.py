"""What people read when something is refused, missing or broken: never why a thing is missing, never what failed."""

from urllib.parse import urlsplit

import structlog
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from events.ground import wording
from events.ground.logs import place_of
from events.ground.outage import is_away
from events.ground.refusal import Refused

from .rendering import render
from .routing import route_name

RETRY_AFTER = 5  # seconds
TOO_LARGE = 413
FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")
log = structlog.get_logger()


async def not_found(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 404
    known = {403: "errors/forbidden.html", 404: "errors/not_found.html", 405: "errors/not_found.html"}
    facts = {"back": _back(request)} if status == TOO_LARGE else {}
    answer = render(
        request, known.get(status, "errors/bad_request.html"), status, **wording.error_words(status), **facts
    )
    if isinstance(error, HTTPException) and error.headers:
        answer.headers.update(error.headers)
    return answer


class LargeFormsRefused:
    """Starlette answers a body that is too large by three words as plain text, whatever answers inside. Whoever sent a
    form gets a page in their place."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_replaced = False

        async def in_our_words(message: Message) -> None:
            nonlocal is_replaced
            if message["type"] == "http.response.start" and _is_bare(message) and _is_form(scope):
                is_replaced = True
                answer = await not_found(Request(scope), HTTPException(TOO_LARGE))
                await answer(scope, receive, send)
            elif not is_replaced:
                await send(message)

        await self.app(scope, receive, in_our_words)


def _is_bare(message: Message) -> bool:
    kind = Headers(raw=message["headers"]).get("content-type", "")
    return message["status"] == TOO_LARGE and kind.startswith("text/plain")


def _is_form(scope: Scope) -> bool:
    return Headers(scope=scope).get("content-type", "").startswith(FORMS)


def _back(request: Request) -> str:
    """The page of ours that a form came from, or nothing."""
    came = urlsplit(request.headers.get("referer", ""))
    is_ours = came.netloc == request.headers.get("host") and came.path.startswith("/")
    return f"{came.path}?{came.query}".removesuffix("?") if is_ours and not came.path.startswith("//") else ""


async def refused(request: Request, error: Exception) -> Response:
    said = error if isinstance(error, Refused) else Refused("")
    answer = render(request, "errors/refused.html", said.status, sentence=said.sentence)
    if said.retry_after:
        answer.headers["retry-after"] = str(said.retry_after)
    return answer


async def hung_up(request: Request, error: Exception) -> Response:
    """The sender is gone: nobody hears this, and nothing of ours failed."""
    return Response(status_code=400)


async def failed(request: Request, error: Exception) -> Response:
    """Does not say what went wrong. The log has the kind of error and the place, never its text (it may hold data)."""
    place = place_of(error.__traceback__)
    if is_away(error):
        log.warning("database away", route=route_name(request), error=type(error).__name__, place=place)
        return _away(request)
    log.error("failed", route=route_name(request), error=type(error).__name__, place=place)
    return render(request, "errors/problem.html", 500)


def _away(request: Request) -> Response:
    """The database comes back by itself: people are asked to wait, and a phone at the door treats this as no answer."""
    if "application/json" in request.headers.get("accept", ""):
        answer: Response = JSONResponse({"error": "away"}, 503)
    else:
        answer = render(request, "errors/away.html", 503)
    answer.headers["retry-after"] = str(RETRY_AFTER)
    return answer

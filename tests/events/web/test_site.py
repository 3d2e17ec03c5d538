"""One app around all pages: each error has the answer of its kind, and what is too long is refused before it acts."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx2
import pytest
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Mount
from starlette.types import Receive, Scope, Send

from events.web.routing import ANYONE, page
from events.web.site import Site

MOST = 100
acted = list[str]()


class Stop(LookupError):
    """Is answered by what is made for a LookupError."""


async def act(request: Request) -> Response:
    acted.append(request.path_params["what"])
    match request.path_params["what"]:
        case "stop":
            raise Stop
        case "break":
            raise ZeroDivisionError
        case "read":
            return PlainTextResponse(f"{len(await request.body())}")
        case "stream":
            return StreamingResponse(pieces())
    return PlainTextResponse("done")


async def pieces() -> AsyncIterator[str]:
    yield "first"
    raise ZeroDivisionError


async def files(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["path"].endswith("/gone"):
        raise HTTPException(404)
    await PlainTextResponse(scope["path"])(scope, receive, send)


async def excuse(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 418
    return PlainTextResponse(f"{type(error).__name__} at {request.scope['path']}", status)


EXCUSES = dict.fromkeys([HTTPException, LookupError, Exception], excuse)
ROUTES = [page("/act/{what}", act, who=ANYONE, methods=["GET", "POST"]), Mount("/files", files)]


@asynccontextmanager
async def asking(*, raises: bool = False) -> AsyncIterator[httpx2.AsyncClient]:
    acted.clear()
    site = Site(ROUTES, EXCUSES, most=MOST, lifespan=None)
    transport = httpx2.ASGITransport(site, raise_app_exceptions=raises)
    async with httpx2.AsyncClient(transport=transport, base_url="https://places.example.org") as client:
        yield client


@pytest.mark.parametrize(
    ("method", "path", "status", "text"),
    [
        ("GET", "/act/well", 200, "done"),
        ("HEAD", "/act/well", 200, ""),
        ("GET", "/act/stop", 418, "Stop at /act/stop"),
        ("GET", "/nowhere", 404, "HTTPException at /nowhere"),
        ("PUT", "/act/well", 405, "HTTPException at /act/well"),
        ("GET", "/files/a/b", 200, "/files/a/b"),
        ("GET", "/files/gone", 404, "HTTPException at /files/gone"),
    ],
)
async def test_each_path_is_answered_and_each_kind_of_error_has_its_own_answer(
    method: str, path: str, status: int, text: str
) -> None:
    async with asking(raises=True) as client:
        answer = await client.request(method, path)
    assert (answer.status_code, answer.text) == (status, text)


async def test_what_nobody_expected_is_answered_and_raised_again_for_the_log() -> None:
    async with asking() as client:
        answer = await client.get("/act/break")
    assert (answer.status_code, answer.text) == (418, "ZeroDivisionError at /act/break")
    for path in ("/act/break", "/act/stream"):
        async with asking(raises=True) as client:
            with pytest.raises(ZeroDivisionError):
                await client.get(path)


async def test_a_body_that_is_too_long_is_refused_before_anything_is_done() -> None:
    async with asking() as client:
        longest = await client.post("/act/read", content=b"x" * MOST)
        refused = [await client.request(method, "/act/well", content=b"x" * (MOST + 1)) for method in ("GET", "POST")]
    assert (longest.status_code, longest.text) == (200, str(MOST))
    assert [(answer.status_code, answer.text) for answer in refused] == [(413, "Content Too Large")] * 2
    assert acted == ["read"]


async def test_a_body_in_pieces_is_refused_once_too_much_of_it_has_come() -> None:
    async def body(pieces: int) -> AsyncIterator[bytes]:
        for _ in range(pieces):
            yield b"x" * (MOST // 4)

    async with asking() as client:
        answers = [await client.post("/act/read", content=body(pieces)) for pieces in (4, 5)]
    assert [answer.status_code for answer in answers] == [200, 413]

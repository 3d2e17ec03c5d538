"""The product as one app: a request finds its page, the page its answer, and each error a page too.

Starlette's own app does the same by a dozen wrappers, through each of which goes each request and each part of its
answer.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from starlette.datastructures import State
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Router
from starlette.types import Message, Receive, Scope, Send

from .route_index import RouteIndex
from .routing import Page

Excuse = Callable[[Request, Exception], Awaitable[Response]]


class Site:
    """`excuses` answers for errors, by their kind or what that is a kind of; what only Exception fits is raised again
    once it is answered. `most`: bytes of a body."""

    def __init__(
        self, routes: Sequence[BaseRoute], excuses: Mapping[type[Exception], Excuse], *, most: int, lifespan: Any
    ) -> None:
        self.state, self.excuses, self.most = State(), excuses, most
        self.index, self.life = RouteIndex(routes), Router(lifespan=lifespan)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope["app"] = self
        if scope["type"] != "http":
            await self.life(scope, receive, send)
            return
        request, failure = Request(scope, self._limited(receive)), None
        try:
            answer = await self._answer(request, send)
        except Exception as error:
            kind = next(kind for kind in type(error).__mro__ if kind in self.excuses)
            answer, failure = await self.excuses[kind](request, error), error if kind is Exception else None
        if answer is not None:
            await answer(scope, receive, send)
        if failure is not None:
            raise failure

    async def _answer(self, request: Request, send: Send) -> Response | None:
        """None where what is no page has answered for itself."""
        if _length(request.scope) > self.most:
            return PlainTextResponse("Content Too Large", 413)
        route = self.index.find(request.scope)
        if isinstance(route, Page):
            return await route.answer(request)
        await route.handle({**request.scope, **route.matches(request.scope)[1]}, request.receive, send)
        return None

    def _limited(self, receive: Receive) -> Receive:
        """A body may come in pieces of unknown length too."""
        came = 0

        async def within_limit() -> Message:
            nonlocal came
            message = await receive()
            came += len(message.get("body", b""))
            if came > self.most:
                raise HTTPException(413)
            return message

        return within_limit


def _length(scope: Scope) -> int:
    """Of the body, as its sender says; the server has seen to it that it is a number."""
    return next((int(value) for name, value in scope["headers"] if name == b"content-length"), 0)

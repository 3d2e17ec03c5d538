"""Keeps finished pages that are the same for everybody, or are but for some words, and the event that such pages read,
until something that they show may have changed."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Hashable, Mapping
from contextvars import Context
from datetime import date
from functools import partial, wraps
from typing import Any, TypeVar

from markupsafe import escape
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from events.web.routing import ANYONE, Page, Work, page

from .event import PUBLIC, Event, public_event_of
from .ground import clock, live
from .web import rendering
from .web.placeholders import Placeholders, Template

LASTS = 1.0  # seconds: a command of the terminal changes an event too, and no process hears of it
Key = tuple[Hashable, ...]
Finished = dict[Key, asyncio.Task[Any]]
T = TypeVar("T")


class Shelf:
    """What this process keeps. News empties it at once; without news it empties itself every second."""

    def __init__(self) -> None:
        self._hub: live.Hub | None = None
        self._news = asyncio.Event()
        self._until = 0.0
        self._finished: Finished = {}

    def finished(self) -> Finished:
        """Where to put what is made after this call. What was begun before some news goes where nobody looks any
        more."""
        if self._hub is not live.hub():
            self._hub = live.hub()
            self._news = self._hub.wake(PUBLIC)
            self._news.set()
        if self._news.is_set() or time.monotonic() >= self._until:
            self._news.clear()
            self._until, self._finished = time.monotonic() + LASTS, {}
        return self._finished


SHELF = Shelf()


def public_page(path: str, work: Work) -> Page:
    """A page of `work` that is the same for everybody: it must not depend on the person or the request."""

    @wraps(work)
    async def kept(request: Request) -> Response:
        return await finished(lambda: work(request), request.scope["path"])

    return page(path, kept, who=ANYONE)


async def finished(work: Callable[[], Awaitable[Response]], *named: Hashable) -> Response:
    """What this work makes: all who ask for what has the same names get the same, and nothing of them stands on it."""
    if rendering.BANNER.facts:  # which shows the minute
        return await work()
    made = await _once(work, (*named, _today()))
    answer = Response(made.body, made.status_code)
    answer.raw_headers = [*made.raw_headers]  # its own: what stands around it writes into them
    return answer


async def with_words(
    drawn: Callable[[Mapping[str, str]], Awaitable[Response]], words: Mapping[str, str], *named: Hashable
) -> Response:
    """What `drawn` makes of these words of one person, which stand in the page as they are: all else is the same for
    all who have the same names and lack the same words.

    It is drawn with placeholders, and kept with these. So `drawn` must take all that is somebody's from what it is
    given, and do nothing with it but put it out.
    """
    if rendering.BANNER.facts:
        return await drawn(words)
    there = {name: bool(word) for name, word in words.items()}
    status, template = await _once(partial(_cut, drawn, there), (*named, *there.items(), _today()))
    return HTMLResponse(template.fill({name: escape(word) for name, word in words.items()}), status)


async def _cut(
    drawn: Callable[[Mapping[str, str]], Awaitable[Response]], there: Mapping[str, bool]
) -> tuple[int, Template]:
    placeholders = Placeholders(there)
    made = await drawn(placeholders.words)
    return made.status_code, placeholders.cut(bytes(made.body).decode())


def _today() -> date:
    """All that these pages know of the clock: after it all is over."""
    return clock.local(clock.now()).date()


async def public_event(slug: str) -> Event:
    """The event as the public pages show it, for all who read it at once: nobody changes it. Raises DoesNotExist."""
    return await _once(partial(public_event_of, slug), (Event, slug))


async def _once(work: Callable[[], Awaitable[T]], key: Key) -> T:
    known = SHELF.finished()
    if (making := known.get(key)) is None:  # whoever comes while it is made waits for it
        making = known[key] = asyncio.create_task(_made(work, known, key), context=Context())  # of nobody's request
    made: T = making.result() if making.done() else await asyncio.shield(making)
    return made


async def _made(work: Callable[[], Awaitable[T]], known: Finished, key: Key) -> T:
    """Does not keep failures and what was not found: anybody can ask for any number of those."""
    try:
        return await work()
    except BaseException:
        del known[key]
        raise

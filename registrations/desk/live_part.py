"""A live part of a page: drawn once for all who watch it, and sent to each as it changes."""

import asyncio
import json
from collections.abc import AsyncGenerator, Awaitable, Callable, Hashable
from contextlib import suppress
from contextvars import Context
from typing import NamedTuple
from weakref import WeakKeyDictionary

from events.accounts.staff import Role, Session
from events.ground import clock, live
from events.ground.database import find_row
from events.ground.live import Hub

OF_AN_OPEN_ACCOUNT = "id = ? AND staff_id IN (SELECT id FROM staff WHERE disabled_at IS NULL)"


class Part(NamedTuple):
    """What is drawn. Everybody who draws the same key sees the same."""

    key: Hashable
    topic: str  # whose news it shows
    draw: Callable[[], Awaitable[str]]  # HTML
    at_most_every: float  # seconds, however much happens
    at_least_every: float  # a stream that says nothing for longer is taken for broken


class Watcher(NamedTuple):
    """Sees the part while they are signed in, in this role."""

    session_id: int
    role_id: int

    async def may_go_on(self) -> bool:
        """Whether they may go on watching. It does not count as a use of the session: an open page keeps nobody
        signed in."""
        session = await find_row(Session, OF_AN_OPEN_ACCOUNT, [self.session_id])
        if session is None or not session.is_live(clock.real()):
            return False
        return await Role.exists(id=self.role_id, staff_id=session.staff_id)


class Drawing:
    """Draws a part anew when there is news, until the last watcher has left."""

    def __init__(self, part: Part, hub: Hub) -> None:
        self.part, self.hub = part, hub
        drawings(hub)[part.key] = self
        self.html: str | None = None  # while it is drawn anew, nothing
        self.newest: str | None = None
        self.watchers = 0
        self.wake = asyncio.Event()  # to draw
        self.drawn = asyncio.Event()  # another one for each drawing
        self.task = asyncio.create_task(self._go_on(), context=Context())  # whoever came first may leave first

    async def _go_on(self) -> None:
        try:
            with self.hub.waking(self.part.topic) as self.wake:
                while self.watchers and not self.hub.closed:
                    self.wake.clear()
                    self.html = None
                    self._show(await self.part.draw())
                    await asyncio.sleep(self.part.at_most_every)
                    with suppress(TimeoutError):
                        await asyncio.wait_for(self.wake.wait(), self.part.at_least_every)
        finally:
            del drawings(self.hub)[self.part.key]
            self.drawn.set()

    def _show(self, html: str) -> None:
        self.html, self.newest = html, f"data: {json.dumps({'html': html})}\n\n"
        self.drawn.set()
        self.drawn = asyncio.Event()

    async def watched(self) -> AsyncGenerator[str, None]:
        """Yields each drawing from now on, the first within `at_most_every`. Raises what went wrong in it."""
        self.watchers += 1
        self.wake.set()
        shown = self.newest
        try:
            while not self.hub.closed:
                drawn = self.drawn
                if self.newest is not None and self.newest is not shown:
                    shown = self.newest
                    yield shown
                elif self.task.done():
                    self.task.result()
                    return
                else:
                    await drawn.wait()
        finally:
            self.watchers -= 1
            self.wake.set()


_drawings: WeakKeyDictionary[Hub, dict[Hashable, Drawing]] = WeakKeyDictionary()


def drawings(hub: Hub) -> dict[Hashable, Drawing]:
    """The drawings that somebody watches now, in this process."""
    return _drawings.setdefault(hub, {})


async def changes(part: Part, watcher: Watcher) -> AsyncGenerator[str, None]:
    """The part at once, then whenever it changes. Ends with the watcher's session or role."""
    yield "retry: 3000\n\n"
    hub = live.hub()
    if hub.closed:
        return
    drawing = drawings(hub).get(part.key) or Drawing(part, hub)
    async for drawn in drawing.watched():
        if not await watcher.may_go_on():
            return
        yield drawn


async def shown(part: Part) -> str:
    """The part as it stands now, for a page that begins with it. What somebody watches is drawn already."""
    drawing = drawings(live.hub()).get(part.key)
    if drawing is not None and drawing.html is not None and not drawing.wake.is_set():
        return drawing.html
    return await part.draw()


async def together(*streams: AsyncGenerator[str, None]) -> AsyncGenerator[str, None]:
    """What each of them says, as it comes, until the first ends. Raises what went wrong in one."""
    waiting = {asyncio.ensure_future(anext(stream)): stream for stream in streams}
    try:
        while True:
            for said in (await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED))[0]:
                stream = waiting.pop(said)
                try:
                    line = said.result()
                except StopAsyncIteration:
                    return
                waiting[asyncio.ensure_future(anext(stream))] = stream
                yield line
    finally:
        for said in waiting:
            said.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
        for stream in streams:
            await stream.aclose()

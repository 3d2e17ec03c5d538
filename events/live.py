"""Who listens to what: publish after a commit, streams of server-sent events out."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from typing import Any

BEAT_SECONDS = 15.0
BACKLOG = 100

Facts = dict[str, Any]


class Hub:
    """The listeners of this process. Facts are small and name nobody; a lost one costs a reload."""

    def __init__(self) -> None:
        self._queues: dict[str, set[asyncio.Queue[str | None]]] = {}
        self._wakes: dict[str, set[asyncio.Event]] = {}
        self._closed = False
        self.abroad: Callable[[str, Facts], None] | None = None  # tells the other processes, where there are any

    def publish(self, topic: str, facts: Facts | None = None) -> None:
        self.deliver(topic, facts or {})
        if self.abroad is not None:
            self.abroad(topic, facts or {})

    def deliver(self, topic: str, facts: Facts) -> None:
        """To this process's own listeners only."""
        for queue in self._queues.get(topic, ()):
            with suppress(asyncio.QueueFull):  # a listener who does not keep up reads the whole state at the next beat
                queue.put_nowait(json.dumps(facts))
        for event in self._wakes.get(topic, ()):
            event.set()

    def wake(self, topic: str) -> asyncio.Event:
        """An event that is set at each publication: for turns of ours that sleep until there is work."""
        event = asyncio.Event()
        self._wakes.setdefault(topic, set()).add(event)
        return event

    async def stream(self, topic: str) -> AsyncIterator[str]:
        """One listener's server-sent events, until it leaves or the process stops."""
        queue: asyncio.Queue[str | None] = asyncio.Queue(BACKLOG)
        self._queues.setdefault(topic, set()).add(queue)
        try:
            yield "retry: 3000\n\n"
            while not self._closed:
                try:
                    text = await asyncio.wait_for(queue.get(), BEAT_SECONDS)
                except TimeoutError:
                    yield ": beat\n\n"
                    continue
                if text is None:
                    return
                yield f"data: {text}\n\n"
        finally:
            self._queues[topic].discard(queue)

    def close(self) -> None:
        """Ends every stream, so that the process can stop at once."""
        self._closed = True
        for queues in self._queues.values():
            for queue in queues:
                with suppress(asyncio.QueueFull):
                    queue.put_nowait(None)
        for events in self._wakes.values():
            for event in events:
                event.set()

    @property
    def closed(self) -> bool:
        return self._closed


_hub = Hub()


def hub() -> Hub:
    return _hub


def start_anew() -> Hub:
    """A fresh hub for a fresh event loop: at start-up and in tests."""
    global _hub
    _hub = Hub()
    return _hub


def publish(topic: str, facts: Facts | None = None) -> None:
    """Call it through after_commit."""
    _hub.publish(topic, facts)

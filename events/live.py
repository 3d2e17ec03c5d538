"""Who listens to what: publish after a commit, server-sent events out, other processes by way of PostgreSQL."""

import asyncio
import json
import secrets
from collections import deque
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import structlog

from .database import Database, connection

if TYPE_CHECKING:
    import asyncpg

BEAT_SECONDS = 15.0
BACKLOG = 100
CHANNEL, NAME_OF_CONNECTION = "muster", "muster live"
LONGEST_PAYLOAD = 7999  # bytes, PostgreSQL's own limit
RECONNECT_SECONDS = 1.0
POOLS_OWN = {"min_size", "max_size", "max_queries", "max_inactive_connection_lifetime", "loop", "connection_class"}
log = structlog.get_logger()

Facts = dict[str, Any]


class Backlog:
    """What one listener has not taken yet. Who does not keep up loses the oldest of it, never the newest."""

    def __init__(self) -> None:
        self.changed = asyncio.Event()
        self._texts: deque[str] = deque(maxlen=BACKLOG)

    def put(self, text: str) -> None:
        if not self._texts or self._texts[-1] != text:  # twice the same in a row says no more than once
            self._texts.append(text)
        self.changed.set()

    def take(self) -> list[str]:
        self.changed.clear()
        taken = list(self._texts)
        self._texts.clear()
        return taken


class Hub:
    """The listeners of this process. Facts are small and name nobody; {} says: look again."""

    def __init__(self) -> None:
        self._name = secrets.token_hex(8)
        self._backlogs: dict[str, set[Backlog]] = {}
        self._wakes: dict[str, set[asyncio.Event]] = {}
        self._closed = False
        self.abroad: Backlog | None = None  # for the other processes, where there are any

    def publish(self, topic: str, facts: Facts | None = None) -> None:
        self.deliver(topic, facts or {})
        if self.abroad is not None:
            said = json.dumps({"from": self._name, "topic": topic, "facts": facts or {}})
            short = json.dumps({"from": self._name, "topic": topic, "facts": {}})
            self.abroad.put(said if len(said) <= LONGEST_PAYLOAD else short)

    def deliver(self, topic: str, facts: Facts) -> None:
        """To this process's own listeners only."""
        for backlog in self._backlogs.get(topic, ()):
            backlog.put(json.dumps(facts))
        for event in self._wakes.get(topic, ()):
            event.set()

    def hear(self, payload: str) -> None:
        """What another process has published; our own comes back too, and was delivered at once."""
        said = json.loads(payload)
        if said["from"] != self._name:
            self.deliver(said["topic"], said["facts"])

    def look_again(self) -> None:
        """To everybody: something may have been missed."""
        for topic in {*self._backlogs, *self._wakes}:
            self.deliver(topic, {})

    def wake(self, topic: str) -> asyncio.Event:
        """An event that is set at each publication: for turns of ours that sleep until there is work."""
        event = asyncio.Event()
        self._wakes.setdefault(topic, set()).add(event)
        return event

    @contextmanager
    def waking(self, topic: str) -> Iterator[asyncio.Event]:
        """The same for as long as one listener is there."""
        event = self.wake(topic)
        try:
            yield event
        finally:
            self._wakes[topic].discard(event)

    async def stream(self, topic: str) -> AsyncIterator[str]:
        """One listener's server-sent events, until it leaves or the process stops."""
        mine = Backlog()
        self._backlogs.setdefault(topic, set()).add(mine)
        try:
            yield "retry: 3000\n\n"
            while not self._closed:
                if not await first_of(mine.changed, within=BEAT_SECONDS):
                    yield ": beat\n\n"
                for text in mine.take():
                    yield f"data: {text}\n\n"
        finally:
            self._backlogs[topic].discard(mine)

    def close(self) -> None:
        """Ends every stream, so that the process can stop at once."""
        self._closed = True
        for backlogs in self._backlogs.values():
            for backlog in backlogs:
                backlog.changed.set()
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


async def first_of(*events: asyncio.Event, within: float) -> bool:
    """Waits until one of them is set; False when none was in so many seconds."""
    if any(event.is_set() for event in events):
        return True
    waits = [asyncio.create_task(event.wait()) for event in events]
    try:
        done, _ = await asyncio.wait(waits, timeout=within, return_when=asyncio.FIRST_COMPLETED)
        return bool(done)
    finally:
        for wait in waits:
            wait.cancel()


async def listen(database: Database, stop: asyncio.Event) -> None:
    """The turn that joins our hub with those of other processes on one PostgreSQL database. SQLite has no others."""
    if database.sqlite_file is not None:
        return
    import asyncpg

    mine = hub()
    mine.abroad = Backlog()
    while not stop.is_set():
        try:
            await _join(mine, mine.abroad, stop)
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            log.warning("other processes are not heard", error=type(error).__name__)
        await first_of(stop, within=RECONNECT_SECONDS)


async def _join(mine: Hub, abroad: Backlog, stop: asyncio.Event) -> None:
    """For as long as one connection lasts. It is asked for a sign of life at each beat."""
    ours = await _own_connection()
    try:
        ours.add_termination_listener(lambda _: abroad.changed.set())
        await ours.add_listener(CHANNEL, lambda _, _pid, _channel, payload: mine.hear(str(payload)))
        mine.look_again()
        while not ours.is_closed():
            await first_of(stop, abroad.changed, within=BEAT_SECONDS)
            await _tell(ours, abroad)
            if stop.is_set():
                return
    finally:
        ours.terminate()


async def _tell(ours: "asyncpg.Connection", abroad: Backlog) -> None:
    said = abroad.take()
    try:
        notify = "SELECT pg_notify($1, one) FROM unnest($2::text[]) AS one"
        await ours.execute(notify, CHANNEL, said, timeout=BEAT_SECONDS)
    except BaseException:
        for one in said:  # for the next connection
            abroad.put(one)
        raise


async def _own_connection() -> "asyncpg.Connection":
    """Beside the pool, which takes its listeners away from a connection that is given back."""
    import asyncpg

    pool: Any = connection()
    await pool.execute_query("SELECT 1")  # only then does it know where it is connected to
    chosen = {name: value for name, value in pool._template.items() if name not in POOLS_OWN}
    chosen["server_settings"] = {**(chosen.get("server_settings") or {}), "application_name": NAME_OF_CONNECTION}
    ours: asyncpg.Connection = await asyncpg.connect(password=pool.password, timeout=BEAT_SECONDS, **chosen)
    return ours

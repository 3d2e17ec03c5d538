"""Who listens to what: a nudge after each commit, for streams and turns here and, on PostgreSQL, in other processes."""

import asyncio
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import structlog

from .database import Database, connection

if TYPE_CHECKING:
    import asyncpg

CHANNEL, NAME_OF_CONNECTION = "muster", "muster live"
BEAT_SECONDS = 15.0
RECONNECT_SECONDS = 1.0
POOLS_OWN = {"min_size", "max_size", "max_queries", "max_inactive_connection_lifetime", "loop", "connection_class"}
log = structlog.get_logger()


class Abroad:
    """Topics that other processes have not been told of yet."""

    def __init__(self) -> None:
        self.changed = asyncio.Event()
        self._topics: set[str] = set()

    def put(self, *topics: str) -> None:
        self._topics.update(topics)
        self.changed.set()

    def take(self) -> list[str]:
        self.changed.clear()
        taken, self._topics = sorted(self._topics), set()
        return taken


class Hub:
    """The listeners of this process. A nudge only says: look again. Many nudges before somebody looks count as one."""

    def __init__(self) -> None:
        self._name = secrets.token_hex(8)
        self._wakes: dict[str, set[asyncio.Event]] = {}
        self._closed = False
        self.abroad: Abroad | None = None  # for the other processes, where there are any

    def publish(self, topic: str) -> None:
        """Nudges the listeners of a topic. A topic names things by their ids, and no person."""
        self._nudge(topic)
        if self.abroad is not None:
            self.abroad.put(topic)

    def payload(self, topic: str) -> str:
        """What other processes receive. It names this process, since every process hears its own too."""
        return f"{self._name} {topic}"

    def hear(self, payload: str) -> None:
        """Nudges for what some process has published. Our own message comes back too, and was heard at once."""
        name, _, topic = payload.partition(" ")
        if name != self._name:
            self._nudge(topic)

    def look_again(self) -> None:
        """Nudges everybody: something may have been missed, or the end has come."""
        for topic in self._wakes:
            self._nudge(topic)

    def _nudge(self, topic: str) -> None:
        for event in self._wakes.get(topic, ()):
            event.set()

    def wake(self, topic: str) -> asyncio.Event:
        """An event that each publication sets, for turns of ours that sleep until there is work."""
        event = asyncio.Event()
        self._wakes.setdefault(topic, set()).add(event)
        return event

    @contextmanager
    def waking(self, topic: str) -> Iterator[asyncio.Event]:
        """The same for as long as one listener is there: a page that shows changes."""
        event = self.wake(topic)
        try:
            yield event
        finally:
            self._wakes[topic].discard(event)

    def close(self) -> None:
        """Ends every stream, so that the process can stop at once: each stream checks `closed` when it wakes."""
        self._closed = True
        self.look_again()

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


def publish(topic: str) -> None:
    """Call it through after_commit."""
    _hub.publish(topic)


async def first_of(*events: asyncio.Event, within: float) -> bool:
    """Waits until one of them is set; False when none was in so many seconds."""
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
    mine.abroad = Abroad()
    while not stop.is_set():
        try:
            await _join(mine, mine.abroad, stop)
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError) as error:
            log.warning("other processes are not heard", error=type(error).__name__)
        await first_of(stop, within=RECONNECT_SECONDS)


async def _join(mine: Hub, abroad: Abroad, stop: asyncio.Event) -> None:
    """Listens for as long as one connection lasts, and checks at each beat that it is alive."""
    ours = await own_connection()
    try:
        ours.add_termination_listener(lambda _: abroad.changed.set())
        await ours.add_listener(CHANNEL, lambda _, _pid, _channel, payload: mine.hear(str(payload)))
        mine.look_again()
        while not ours.is_closed():
            await first_of(stop, abroad.changed, within=BEAT_SECONDS)
            await _notify(ours, mine, abroad)
            if stop.is_set():
                return
    finally:
        ours.terminate()


async def _notify(ours: "asyncpg.Connection", mine: Hub, abroad: Abroad) -> None:
    topics = abroad.take()
    try:
        notify = "SELECT pg_notify($1, payload) FROM unnest($2::text[]) AS payload"
        await ours.execute(notify, CHANNEL, [mine.payload(topic) for topic in topics], timeout=BEAT_SECONDS)
    except BaseException:
        abroad.put(*topics)  # for the next connection
        raise


async def own_connection() -> "asyncpg.Connection":
    """A connection beside the pool, which removes the listeners of a connection that is given back."""
    import asyncpg

    pool: Any = connection()
    await pool.execute_query("SELECT 1")  # only then does it know where it is connected to
    chosen = {name: value for name, value in pool._template.items() if name not in POOLS_OWN}
    chosen["server_settings"] = {**(chosen.get("server_settings") or {}), "application_name": NAME_OF_CONNECTION}
    ours: asyncpg.Connection = await asyncpg.connect(password=pool.password, timeout=BEAT_SECONDS, **chosen)
    return ours

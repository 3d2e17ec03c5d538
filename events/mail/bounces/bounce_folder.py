"""The only IMAP room: the folder of a mailbox in which we look for what came back. Always encrypted, always verified.

Nothing is deleted: what was read is marked as seen, and also flagged where we could not understand it.
"""

import asyncio
import socket
import ssl
import threading
from collections.abc import Callable
from contextlib import suppress
from imaplib import IMAP4, IMAP4_SSL
from typing import Any, TypeVar

from events.ground.settings import Settings

from .report import MOST

ANSWERS_WITHIN = 20.0  # seconds for each answer of the server
T = TypeVar("T")

NO_ANSWER = "The mailbox of bounces does not answer. What came back waits there."
BAD_CERTIFICATE = "The certificate of the mailbox of bounces cannot be trusted. Mend it, or MUSTER_BOUNCES_HOST."
NO_SIGN_IN = (
    "The mailbox of bounces refuses to let us sign in. Look at MUSTER_BOUNCES_USER and MUSTER_BOUNCES_PASSWORD."
)
NO_FOLDER = "The mailbox of bounces has no such folder that we may change. Look at MUSTER_BOUNCES_FOLDER."


class FolderTrouble(Exception):
    """What came back cannot be read now. The sentence holds nothing of it."""


class Stopped(Exception):
    """The process is stopping."""


class BounceFolder:
    """One connection. Its methods block, and raise FolderTrouble: each is for `apart`."""

    def __init__(self, chosen: Settings) -> None:
        self.chosen = chosen
        self._imap: IMAP4_SSL | None = None

    def open(self) -> None:
        try:
            self._imap = IMAP4_SSL(
                self.chosen.bounces_host,
                self.chosen.bounces_port,
                ssl_context=ssl.create_default_context(),
                timeout=ANSWERS_WITHIN,
            )
        except ssl.SSLError:
            raise FolderTrouble(BAD_CERTIFICATE) from None
        except (OSError, IMAP4.error):
            raise FolderTrouble(NO_ANSWER) from None
        self._ask(NO_SIGN_IN, self._sign_in)
        self._ask(NO_FOLDER, self._imap.select, f'"{self.chosen.bounces_folder}"')

    def _sign_in(self) -> Any:
        assert self._imap is not None  # noqa: S101  # open() has made it
        user, password = self.chosen.bounces_user, self.chosen.bounces_password.get_secret_value()
        return self._imap.login(user, password)

    def unread(self) -> list[str]:
        """The numbers of what nobody has seen yet, oldest first. They keep their meaning in this connection."""
        lines = self._uid("SEARCH", "UNSEEN")
        return [number for line in lines if line for number in line.decode().split()]

    def fetch(self, uid: str) -> bytes | None:
        """The beginning of one message, left as unseen; None if it is gone."""
        parts = self._uid("FETCH", uid, f"(BODY.PEEK[]<0.{MOST}>)")
        return next((part[1] for part in parts if isinstance(part, tuple)), None)

    def mark(self, uid: str, *, flagged: bool) -> None:
        """As seen; a person may look at one that is flagged."""
        self._uid("STORE", uid, "+FLAGS.SILENT", r"(\Seen \Flagged)" if flagged else r"(\Seen)")

    def close(self) -> None:
        """Says goodbye, if there is somebody to say it to."""
        if self._imap is not None:
            with suppress(OSError, IMAP4.error):
                self._imap.logout()
            self._end(self._imap)

    def drop(self) -> None:
        """Without a word, and at once: the thread that waits for an answer gets none, and ends the connection."""
        if self._imap is not None:
            with suppress(OSError):
                self._imap.socket().shutdown(socket.SHUT_RDWR)

    def _end(self, imap: IMAP4_SSL) -> None:
        with suppress(OSError):
            imap.shutdown()

    def _uid(self, *words: str) -> list[Any]:
        assert self._imap is not None  # noqa: S101  # open() has made it
        return self._ask(NO_ANSWER, self._imap.uid, *words)

    def _ask(self, trouble: str, command: Callable[..., Any], *words: str) -> list[Any]:
        """What the server answers. Whatever else it says, or does not, is this trouble; silence is none of its own."""
        try:
            answer, said = command(*words)
        except IMAP4.readonly:
            raise FolderTrouble(trouble) from None
        except (OSError, IMAP4.abort):
            if self._imap is not None:
                self._end(self._imap)
            raise FolderTrouble(NO_ANSWER) from None
        except (IMAP4.error, UnicodeError):
            raise FolderTrouble(trouble) from None
        if answer != "OK":
            raise FolderTrouble(trouble)
        return list(said)


async def apart(stop: asyncio.Event, work: Callable[..., T], *words: Any, **named: Any) -> T:
    """Does it in a thread, and raises Stopped at the stop. The thread then ends with the process, whatever it waits
    for: one of asyncio's would hold the process up."""
    loop = asyncio.get_running_loop()
    done: asyncio.Future[T] = loop.create_future()

    def tell(how: Callable[[Any], None], what: Any) -> None:
        with suppress(RuntimeError):  # the loop is gone
            loop.call_soon_threadsafe(lambda: None if done.done() else how(what))

    def run() -> None:
        try:
            tell(done.set_result, work(*words, **named))
        except BaseException as error:
            tell(done.set_exception, error)

    threading.Thread(target=run, daemon=True).start()
    stopping = asyncio.create_task(stop.wait())
    either: set[asyncio.Future[Any]] = {done, stopping}
    try:
        await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
        if not done.done():
            done.cancel()
            raise Stopped
        return done.result()
    finally:
        stopping.cancel()

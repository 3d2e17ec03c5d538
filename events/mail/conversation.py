"""What is said to a relay, and what it answers, once the connection stands: several commands may be out at once.

`aiosmtplib` waits for each answer before the next command, so it opens the connection, and we go on from there.
"""

import asyncio
from collections import deque
from contextlib import suppress
from typing import NamedTuple

LONGEST, MOST_LINES = 1 << 16, 100  # bytes without an end, and lines of one answer: more is no SMTP
GONE = "the connection is gone"
GOES_ON = b"-"  # after the code of each line but the last


class Answer(NamedTuple):
    """Its lines without the code that begins each."""

    code: int
    message: str


class Conversation(asyncio.Protocol):
    """Answers come in the order of the commands. One that nobody asked for ends the conversation: it could be taken for
    that to the next email. From then on whoever waits for one gets a ConnectionError."""

    def __init__(self, transport: asyncio.BaseTransport | None) -> None:
        """Takes the connection over, signed in and encrypted as it is."""
        if not isinstance(transport, asyncio.Transport) or transport.is_closing():
            raise ConnectionResetError(GONE)
        self._transport = transport
        self._unread = bytearray()
        self._lines = list[str]()  # of an answer that has not ended
        self._answers = deque[Answer]()
        self._asked = 0  # and not answered yet
        self._waits: asyncio.Future[None] | None = None
        transport.set_protocol(self)

    @property
    def is_open(self) -> bool:
        return not self._transport.is_closing()

    def say(self, *commands: bytes) -> None:
        """Each with its line end. So many answers are to be read."""
        self._asked += len(commands)
        self._transport.write(b"".join(commands))

    async def answer(self, seconds: float) -> Answer:
        """The next one. Raises TimeoutError."""
        if not self._answers:
            if not self.is_open:
                raise ConnectionResetError(GONE)
            self._waits = asyncio.get_running_loop().create_future()
            async with asyncio.timeout(seconds):
                await self._waits
        return self._answers.popleft()

    async def end(self, seconds: float) -> None:
        """Says goodbye, if there is somebody to say it to. Whoever waits for an email's text takes nothing else."""
        with suppress(OSError):
            async with asyncio.timeout(seconds):
                wants_text = False
                while self.is_open and (self._asked or self._answers):
                    wants_text = (await self.answer(seconds)).code == 354
                if not wants_text:
                    self.say(b"QUIT\r\n")
                    await self.answer(seconds)
        self.close()

    def close(self) -> None:
        self._transport.close()

    def data_received(self, data: bytes) -> None:
        self._unread += data
        *lines, rest = self._unread.split(b"\n")
        self._unread = rest
        if not all(self._take(bytes(line)) for line in lines) or len(rest) > LONGEST:
            self.close()
            self._wake()

    def _take(self, line: bytes) -> bool:
        """False for what is no answer to anything."""
        if not self._asked or not line[:3].isdigit() or len(self._lines) == MOST_LINES:
            return False
        self._lines.append(line[4:].strip().decode("utf-8", "surrogateescape"))
        if line[3:4] != GOES_ON:
            self._answers.append(Answer(int(line[:3]), "\n".join(self._lines)))
            self._lines, self._asked = [], self._asked - 1
            self._wake()
        return True

    def connection_lost(self, exc: Exception | None) -> None:
        self._wake()

    def _wake(self) -> None:
        if self._waits is not None and not self._waits.done():
            if self._answers:
                self._waits.set_result(None)
            else:
                self._waits.set_exception(ConnectionResetError(GONE))

"""Sends what is written in one turn of the loop by one call of the system, when all requests of the turn are answered.

Uvicorn writes the head of an answer and its body one after the other: without this the public page takes a third more.
"""

import asyncio
from typing import Any

HEAD_AND_BODY = 2


class InOneGo:
    """A transport that holds a head and a body until the turn of the loop ends; what is more goes at once."""

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport, self._loop, self._held = transport, loop, list[bytes]()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def write(self, data: bytes) -> None:
        if not self._held:
            self._loop.call_soon(self._send)
        self._held.append(data)
        if len(self._held) > HEAD_AND_BODY:
            self._send()

    def close(self) -> None:
        self._send()
        self._transport.close()

    def _send(self) -> None:
        if self._held:
            self._transport.write(b"".join(self._held))
            self._held.clear()

"""An email relay for the bench, in a process of its own: says yes to everything, and keeps nothing.

It shares the processor with what is measured, so it does no more than the conversation needs: one answer to all that
came at once, as RFC 2920 has it.

python -m tests.bench.relay: says its port, and ends when its input does.
"""

import asyncio
import sys

OFFERS = b"250-bench\r\n250-PIPELINING\r\n250-SIZE 10485760\r\n250 8BITMIME\r\n"
ANSWERS = {b"EHLO": OFFERS, b"DATA": b"354 go on\r\n", b"QUIT": b"221 goodbye\r\n"}
LINE, TEXT = b"\r\n", b"\r\n.\r\n"  # how each ends


class Conversation(asyncio.Protocol):
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport, self.unread, self.awaits = transport, b"", LINE
        transport.write(b"220 bench\r\n")

    def data_received(self, data: bytes) -> None:
        self.unread += data
        answers = b""
        while self.awaits in self.unread:
            came, _, self.unread = self.unread.partition(self.awaits)
            answers += self.answer(came)
        if answers:
            self.transport.write(answers)

    def answer(self, came: bytes) -> bytes:
        if self.awaits == TEXT:
            self.awaits = LINE
            return b"250 taken\r\n"
        command = came[:4].upper()
        if command == b"DATA":
            self.awaits = TEXT
        elif command == b"QUIT":
            asyncio.get_running_loop().call_soon(self.transport.close)
        return ANSWERS.get(command, b"250 fine\r\n")


async def main() -> None:
    server = await asyncio.get_running_loop().create_server(Conversation, "127.0.0.1", 0)
    sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    async with server:
        await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(main())

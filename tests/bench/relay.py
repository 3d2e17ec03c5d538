"""An email relay for the bench, in a process of its own: says yes to everything, and keeps nothing.

python -m tests.bench.relay: says its port, and ends when its input does.
"""

import asyncio
import sys
from asyncio import StreamReader, StreamWriter

ANSWERS = {b"EHLO": b"250-bench\r\n250 8BITMIME\r\n", b"DATA": b"354 go on\r\n", b"QUIT": b"221 goodbye\r\n"}


async def serve(reader: StreamReader, writer: StreamWriter) -> None:
    writer.write(b"220 bench\r\n")
    while line := await reader.readline():
        step = line[:4].upper()
        writer.write(ANSWERS.get(step, b"250 fine\r\n"))
        if step == b"DATA":
            await reader.readuntil(b"\r\n.\r\n")
            writer.write(b"250 taken\r\n")
    writer.close()


async def main() -> None:
    server = await asyncio.start_server(serve, "127.0.0.1", 0, limit=1 << 20)
    sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    async with server:
        await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(main())

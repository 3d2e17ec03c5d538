"""An IMAP server for tests, in the test's own loop, over TLS: one folder, its flags, and what can go wrong with it.

It speaks as much of RFC 3501 as whoever reads a folder needs, and refuses the rest.
"""

import asyncio
import re
import ssl
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

HANG, DROP = "hang", "drop"  # never answer; cut the connection


@dataclass
class Kept:
    """One message in the folder."""

    raw: bytes
    flags: set[str] = field(default_factory=set)


class ImapServer:
    """`messages` are by their UIDs. `says(command, answer)` once answers so in place of doing it."""

    def __init__(self, user: str, password: str, folder: str) -> None:
        self.port = 0
        self.user, self.password, self.folder = user, password, folder
        self.messages: dict[int, Kept] = {}
        self.commands: Counter[str] = Counter()
        self.most_fetched = 0  # bytes
        self.read_only = False
        self._script: dict[str, list[str]] = {}
        self._writers: list[asyncio.StreamWriter] = []
        self.asked = asyncio.Event()

    def put(self, *raws: bytes) -> None:
        for raw in raws:
            self.messages[max(self.messages, default=0) + 1] = Kept(raw)

    def says(self, command: str, *answers: str) -> None:
        self._script.setdefault(command, []).extend(answers)

    @property
    def flags(self) -> list[list[str]]:
        return [sorted(message.flags) for message in self.messages.values()]

    async def until(self, command: str) -> None:
        while not self.commands[command]:
            self.asked.clear()
            await self.asked.wait()

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.append(writer)
        writer.write(b"* OK IMAP4rev1 ready\r\n")
        while line := await reader.readline():
            tag, _, words = line.decode().rstrip("\r\n").partition(" ")
            name = re.sub(r"^UID ", "", words.upper()).partition(" ")[0]
            self.commands[name] += 1
            self.asked.set()
            scripted = self._script.get(name) or []
            answer = scripted.pop(0) if scripted else ""
            if answer == HANG:
                await asyncio.Event().wait()
            if answer == DROP:
                writer.transport.abort()
                return
            writer.write(f"{tag} {answer}\r\n".encode() if answer else self._do(tag, name, words))
            await writer.drain()
            if name == "LOGOUT":
                break
        writer.close()

    def _do(self, tag: str, name: str, words: str) -> bytes:
        doing: dict[str, Callable[[str], bytes | None]] = {
            "CAPABILITY": lambda _: b"* CAPABILITY IMAP4rev1\r\n",
            "LOGIN": lambda said: b"" if said == f'LOGIN {self.user} "{self.password}"' else None,
            "SELECT": self._select,
            "SEARCH": self._search,
            "FETCH": self._fetch,
            "STORE": self._store,
            "LOGOUT": lambda _: b"* BYE\r\n",
        }
        done = doing[name](words) if name in doing else None
        mode = "[READ-ONLY] " if name == "SELECT" and self.read_only else ""
        return (done or b"") + f"{tag} {'NO refused' if done is None else f'OK {mode}done'}\r\n".encode()

    def _select(self, said: str) -> bytes | None:
        return f"* {len(self.messages)} EXISTS\r\n".encode() if said == f'SELECT "{self.folder}"' else None

    def _search(self, said: str) -> bytes | None:
        unseen = [str(uid) for uid, message in self.messages.items() if r"\Seen" not in message.flags]
        lines = [unseen[:2], unseen[2:]]  # as one may, who has many
        answer = "".join(f"* SEARCH {' '.join(numbers)}\r\n" for numbers in lines)
        return answer.encode() if said == "UID SEARCH UNSEEN" else None

    def _fetch(self, said: str) -> bytes | None:
        found = re.fullmatch(r"UID FETCH (\d+) \(BODY\.PEEK\[\]<0\.(\d+)>\)", said)
        if found is None or int(found[1]) not in self.messages:
            return b""
        part = self.messages[int(found[1])].raw[: int(found[2])]
        self.most_fetched = max(self.most_fetched, len(part))
        return f"* 1 FETCH (UID {found[1]} BODY[]<0> {{{len(part)}}}\r\n".encode() + part + b")\r\n"

    def _store(self, said: str) -> bytes | None:
        found = re.fullmatch(r"UID STORE (\d+) \+FLAGS\.SILENT \((.+)\)", said)
        if found is None or self.read_only:
            return None
        self.messages[int(found[1])].flags.update(found[2].split())
        return b""

    def hang_up(self) -> None:
        for writer in self._writers:
            writer.transport.abort()


@asynccontextmanager
async def imap_server(
    context: ssl.SSLContext, *, user: str = "bounces", folder: str = "INBOX"
) -> AsyncIterator[ImapServer]:
    """The password is right."""
    kept = ImapServer(user, "right", folder)
    server = await asyncio.start_server(kept.talk, "127.0.0.1", 0, ssl=context)
    kept.port = server.sockets[0].getsockname()[1]
    try:
        yield kept
    finally:
        server.close()
        kept.hang_up()
        await asyncio.sleep(0)

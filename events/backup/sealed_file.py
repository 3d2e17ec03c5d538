"""The file of a backup: what it holds in a line, the copy of the database, and a MAC of both; all sealed by age.

Everybody may seal a file for a public key. Only who has the instance key makes the MAC, so a file that somebody else
put into the folder is not taken for a backup.
"""

import hashlib
import hmac
import re
from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import IO, NamedTuple, Protocol

import pyrage
from pyrage import x25519

from events.ground import keys
from events.ground.refusal import Refused

from .contents import Contents

FORMAT = b"1"
LINE = re.compile(rb"muster backup (\d+) ([0-9a-f]*) ?(.*)")  # format, key's fingerprint, what is in it
MAC, MAC_BYTES = "backups", 32
LONGEST_LINE = 1 << 16
PIECE = 1 << 18
NO_RECIPIENT = (
    "No recipient is set, and a backup is never written unsealed: set MUSTER_BACKUP_RECIPIENTS to the public keys "
    "(age1...) of whoever may open it. ./run backup key FILE makes a pair."
)
BEGINS = "AGE-SECRET-KEY-"  # each secret key
NOT_FOR_SERVERS = (
    "MUSTER_BACKUP_RECIPIENTS holds a secret key, which opens every backup and has no place on this server. Take it "
    "out, and make a new pair on another computer: ./run backup key FILE."
)
NO_IDENTITY = "{} holds no identity: a line that begins with AGE-SECRET-KEY-1."
WRONG_IDENTITY = "The identity in {} does not open this backup: it was sealed for others."
DAMAGED = "This backup was cut short or changed. Nothing of it is used: take another one."
NO_BACKUP = "This is no backup of Muster's."
NEWER_FORMAT = "A newer Muster made this backup: install that one, or a newer one."
OTHER_KEY = "This backup was made under another instance key ({}): put that key in MUSTER_KEY_FILE or MUSTER_KEY."


class Copy(Protocol):
    """The copy of the database, as it is read."""

    def read(self, size: int, /) -> bytes: ...


class Sink(Protocol):
    """Where the copy of the database goes, piece by piece."""

    def write(self, piece: bytes, /) -> object: ...


class Looked(NamedTuple):
    """A file that is whole and ours: what is in it, and the SHA-256 of each piece of the copy."""

    contents: Contents
    pieces: tuple[bytes, ...]


class Nowhere:
    """For a look at the whole file."""

    def write(self, piece: bytes, /) -> int:
        return len(piece)


def recipients_of(setting: str) -> list[x25519.Recipient]:
    """The public keys of the setting. Raises Refused when there is none, or one that is not a key."""
    written = [key.strip() for key in setting.split(",") if key.strip()]
    if not written:
        raise Refused(NO_RECIPIENT)
    if any(key.upper().startswith(BEGINS) for key in written):
        raise Refused(NOT_FOR_SERVERS)
    try:
        return [x25519.Recipient.from_str(key) for key in written]
    except pyrage.RecipientError:
        raise Refused("MUSTER_BACKUP_RECIPIENTS holds what is no public key: each begins with age1.") from None


def identities_of(file: Path) -> list[x25519.Identity]:
    """The secret keys of a file as age-keygen writes it. Raises Refused when there is none."""
    try:
        lines = [line.strip() for line in file.read_text(errors="replace").splitlines()]
        found = [x25519.Identity.from_str(line) for line in lines if line.startswith(BEGINS)]
    except OSError as error:
        raise Refused(f"{file} cannot be read ({type(error).__name__}).") from None
    except pyrage.IdentityError:
        raise Refused(NO_IDENTITY.format(file)) from None
    if not found:
        raise Refused(NO_IDENTITY.format(file))
    return found


def write(out: IO[bytes], contents: Contents, copy: Copy, recipients: Sequence[x25519.Recipient]) -> None:
    """Reads the copy to its end, and keeps no more than a piece of it in memory."""
    unsealed = _Unsealed(_pieces(contents, copy))
    try:
        pyrage.encrypt_io(unsealed, out, recipients)  # type: ignore[arg-type]
    except pyrage.EncryptError as error:
        raise unsealed.failed or error from None


def _pieces(contents: Contents, copy: Copy) -> Iterator[bytes]:
    first = f"muster backup {FORMAT.decode()} {keys.ring().fingerprints[0]} {contents.line()}\n".encode()
    mac = hmac.new(keys.ring().sub_key(MAC), digestmod=hashlib.sha256)
    for piece in chain([first], iter(lambda: copy.read(PIECE), b"")):
        mac.update(piece)
        yield piece
    yield mac.digest()


class _Unsealed:
    """A file that age reads from, of pieces that are made meanwhile."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces, self._rest = pieces, memoryview(b"")
        self.failed: Exception | None = None  # age itself would keep no more of it than its words

    def read(self, size: int) -> bytes:
        if not self._rest:
            self._rest = memoryview(self._next())
        taken, self._rest = bytes(self._rest[:size]), self._rest[size:]
        return taken

    def _next(self) -> bytes:
        try:
            return next(self._pieces, b"")
        except Exception as error:
            self.failed = error
            raise


def check(file: Path, identity: Path) -> Looked:
    """Opens the whole file and keeps no more of it than that. Raises Refused with what is wrong with it."""
    return read(file, identity, Nowhere())


def read(file: Path, identity: Path, sink: Sink, known: Looked | None = None) -> Looked:
    """Hands the copy of the database to the sink, piece by piece. Raises Refused with what is wrong with the file.

    `known`: what a look has found. Then nothing reaches the sink but what was seen to be ours, whoever has put another
    file in its place since; without it, that is known only at the end.
    """
    identities, opened = identities_of(identity), _Opened(sink, known)
    try:
        with file.open("rb") as sealed:
            pyrage.decrypt_io(sealed, opened, identities)  # type: ignore[arg-type]
        return opened.whole()
    except pyrage.DecryptError as error:
        raise Refused(_why(error, file, identity)) from None
    except _SinkFailed as failed:
        raise failed.error from None
    except OSError as error:
        missing = isinstance(error, FileNotFoundError | PermissionError | IsADirectoryError)
        raise Refused(f"{file} cannot be read ({type(error).__name__})." if missing else DAMAGED) from None


def _why(error: Exception, file: Path, identity: Path) -> str:
    """age has one error for three faults; this one alone it tells by its words."""
    if "No matching keys" in str(error):
        return WRONG_IDENTITY.format(identity)
    with file.open("rb") as sealed:
        return DAMAGED if sealed.read(18) == b"age-encryption.org" else NO_BACKUP


class _SinkFailed(Exception):
    """Of the sink, so that it is not taken for a fault of the file."""

    def __init__(self, error: Exception) -> None:
        super().__init__()
        self.error = error


class _Opened:
    """What age writes into: the line comes first, and the last bytes are the MAC."""

    def __init__(self, sink: Sink, known: Looked | None) -> None:
        self._sink, self._known, self._held = sink, known, b""
        self._piece, self._seen = bytearray(), list[bytes]()
        self._contents: Contents | None = None
        self._mac: hmac.HMAC | None = None

    def write(self, piece: bytes) -> int:
        self._held += piece
        if self._contents is None or self._mac is None:
            self._take_line()
        if self._mac is not None and len(self._held) > MAC_BYTES:
            ready, self._held = self._held[:-MAC_BYTES], self._held[-MAC_BYTES:]
            self._mac.update(ready)
            self._piece += ready
        while len(self._piece) >= PIECE:
            self._hand_on(bytes(self._piece[:PIECE]))
            del self._piece[:PIECE]
        return len(piece)

    def _hand_on(self, piece: bytes) -> None:
        number, digest = len(self._seen), hashlib.sha256(piece).digest()
        if self._known is not None and self._known.pieces[number : number + 1] != (digest,):
            raise Refused(DAMAGED)
        self._seen.append(digest)
        try:
            self._sink.write(piece)
        except Exception as error:
            raise _SinkFailed(error) from error

    def flush(self) -> None:
        """age asks for it at the end."""

    def _take_line(self) -> None:
        line, ended, rest = self._held.partition(b"\n")
        if not ended and len(self._held) <= LONGEST_LINE:
            return
        said = LINE.fullmatch(line)
        if said is None:
            raise Refused(NO_BACKUP)
        if said[1] != FORMAT:
            raise Refused(NEWER_FORMAT)
        try:
            self._mac = hmac.new(keys.ring().sub_key(MAC, said[2].decode()), digestmod=hashlib.sha256)
        except KeyError:
            raise Refused(OTHER_KEY.format(said[2].decode())) from None
        try:
            self._contents = Contents.read(said[3])
        except (ValueError, TypeError, KeyError):
            raise Refused(NO_BACKUP) from None
        if self._known is not None and self._contents != self._known.contents:
            raise Refused(DAMAGED)
        self._mac.update(line + ended)
        self._held = rest

    def whole(self) -> Looked:
        if self._contents is None or self._mac is None:
            raise Refused(NO_BACKUP)
        if not hmac.compare_digest(self._mac.digest(), self._held):
            raise Refused(DAMAGED)
        if self._piece:
            self._hand_on(bytes(self._piece))
        return Looked(self._contents, tuple(self._seen))

"""The instance keys, kept outside the database, and what is derived from them: sub-keys by purpose, sealed columns."""

import base64
import fcntl
import hashlib
import hmac
import os
import re
import secrets
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

KEY_BYTES, NONCE_BYTES, MARK_BYTES = 32, 12, 4
BLOCK = 256  # bytes: what is padded has a multiple of it
AES_256_GCM = b"\x01"  # names the algorithm of a sealed value; the next one gets the next number
SHAPE = re.compile(r"[A-Za-z0-9_-]{43}=")
MISSHAPEN = "A key is not what `server.py key new` makes: 44 characters of base64."


class KeyMissing(Exception):
    """No usable key; the sentence says what to do."""


class CannotOpen(Exception):
    """A sealed value that none of our keys opens, or that was changed."""


class UnknownAlgorithm(CannotOpen):
    """Its first byte names no algorithm of ours: a newer Muster sealed it, or it was changed."""

    def __init__(self, mark: bytes) -> None:
        super().__init__(f"sealed by algorithm {mark.hex() or 'none'}, which this version does not know")


def new_key() -> str:
    return base64.urlsafe_b64encode(secrets.token_bytes(KEY_BYTES)).decode()


class Keyring:
    """Instance keys, newest first. The newest seals and signs; older ones still open and verify."""

    def __init__(self, encoded: list[str]) -> None:
        if not encoded:
            raise KeyMissing("No key is given: `server.py key new` makes one.")
        if not all(SHAPE.fullmatch(key) for key in encoded):  # b64decode itself would skip what it does not know
            raise KeyMissing(MISSHAPEN)
        self.keys = [base64.urlsafe_b64decode(key) for key in encoded]

    @property
    def fingerprints(self) -> list[str]:
        """Names of the keys that say nothing of them: 16 hex characters each, newest first."""
        return [fingerprint(key) for key in self.keys]

    def sub_key(self, purpose: str, key_fingerprint: str | None = None) -> bytes:
        """32 bytes for one purpose, from the newest key or from the one with this fingerprint (KeyError if unknown)."""
        if key_fingerprint is None:
            return sub_key(self.keys[0], purpose)
        return sub_key(
            dict(zip(self.fingerprints, self.keys, strict=True))[key_fingerprint],
            purpose,
        )

    def sub_keys(self, purpose: str) -> list[bytes]:
        return [sub_key(key, purpose) for key in self.keys]


@lru_cache(maxsize=256)
def sub_key(key: bytes, purpose: str) -> bytes:
    return HKDF(SHA256(), 32, None, f"muster {purpose}".encode()).derive(key)


@lru_cache(maxsize=16)
def fingerprint(key: bytes) -> str:
    return hashlib.sha256(b"muster fingerprint" + key).hexdigest()[:16]


_ring: Keyring | None = None


def install(ring: Keyring | None) -> None:
    """Makes these the keys of this process. Composition and tests only."""
    global _ring
    _ring = ring


def are_installed() -> bool:
    return _ring is not None


def ring() -> Keyring:
    if _ring is None:
        raise KeyMissing("No key is installed: `server.py key new` makes one.")
    return _ring


def load(setting: str, file: Path) -> Keyring:
    """From the setting, else the file, one key a line. Raises KeyMissing with a sentence that says what to do."""
    if setting:
        return Keyring([key.strip() for key in setting.split(",") if key.strip()])
    if not file.is_file():
        raise KeyMissing(f"There is no key at {file}: `server.py key new` makes one, or set MUSTER_KEY.")
    if file.stat().st_mode & 0o077:
        raise KeyMissing(f"Others on this machine may read {file}: `chmod 600 {file}`, or make a new key.")
    try:
        return Keyring(_lines(file))
    except OSError:
        raise KeyMissing(f"{file} cannot be read: give it to the user that runs Muster.") from None


def write_new(file: Path, *, first_only: bool = False) -> None:
    """Writes a new newest key in front of the others. Nobody else can read the file, not for a moment.

    The file is complete or absent, even after a loss of power. If two processes make a key at once, both keys stay;
    or, if only a first one is wanted, the first of them alone.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    with _held(file.parent) as folder:
        if first_only and file.is_file():
            return
        lines = [new_key(), *(_lines(file) if file.is_file() else [])]
        handle, beside = tempfile.mkstemp(prefix=f".{file.name}.", dir=file.parent)  # a fresh name, mode 0600
        with os.fdopen(handle, "w") as out:
            out.write("".join(f"{line}\n" for line in lines))
            out.flush()
            os.fsync(out.fileno())
        Path(beside).replace(file)
        os.fsync(folder)


@contextmanager
def _held(folder: Path) -> Iterator[int]:
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield handle
    finally:
        os.close(handle)


def _lines(file: Path) -> list[str]:
    return [line.strip() for line in file.read_text(errors="replace").splitlines() if line.strip()]


def padded(text: str) -> str:
    """Filled up with spaces, so that the length of what is sealed tells next to nothing."""
    return text + " " * (-len(text.encode()) % BLOCK)


def seal(purpose: str, text: str, row: str = "") -> bytes:
    """AES-256-GCM under the newest key: algorithm | mark of the key | nonce | ciphertext.

    Algorithm, purpose and row are bound into it: in another row it does not open. What is of a row is padded too, and
    loses spaces at its end.
    """
    plain = padded(text) if row else text
    key = ring().sub_key(f"seal {purpose}")
    nonce = secrets.token_bytes(NONCE_BYTES)
    return AES_256_GCM + mark_of(key) + nonce + AESGCM(key).encrypt(nonce, plain.encode(), bound(purpose, row))


def open_sealed(purpose: str, sealed: bytes, row: str = "") -> str:
    """What `seal` closed under any of our keys. Raises CannotOpen for anything else."""
    if sealed[:1] != AES_256_GCM:
        raise UnknownAlgorithm(bytes(sealed[:1]))
    mark, rest = sealed[1 : 1 + MARK_BYTES], sealed[1 + MARK_BYTES :]
    for key in ring().sub_keys(f"seal {purpose}"):
        if hmac.compare_digest(mark_of(key), mark):
            try:
                plain = AESGCM(key).decrypt(rest[:NONCE_BYTES], rest[NONCE_BYTES:], bound(purpose, row)).decode()
            except (InvalidTag, ValueError):  # ValueError: too short to hold a nonce
                continue
            return plain.rstrip(" ") if row else plain
    raise CannotOpen(purpose)


def keyed_hash(purpose: str, text: str, key_fingerprint: str | None = None) -> str:
    """32 hex characters that are equal for equal texts. Nobody without the key learns the text from them.

    Made with the newest key, for what may be forgotten when a new key comes; or with the key of this fingerprint.
    """
    return _hashed(ring().sub_key(f"hash {purpose}", key_fingerprint), text)


def keyed_hashes(purpose: str, text: str) -> list[str]:
    """The same under each key of ours, the newest first: for what has to outlive a new key."""
    return [_hashed(key, text) for key in ring().sub_keys(f"hash {purpose}")]


def _hashed(key: bytes, text: str) -> str:
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()[:32]


def bound(purpose: str, row: str) -> bytes:
    return AES_256_GCM + (f"{purpose}|{row}" if row else purpose).encode()


def mark_of(key: bytes) -> bytes:
    return hashlib.sha256(b"mark" + key).digest()[:MARK_BYTES]

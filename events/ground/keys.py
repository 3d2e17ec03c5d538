"""The instance keys, kept outside the database, and what is derived from them: sub-keys by purpose, sealed columns."""

import hashlib
import hmac
import secrets

import structlog
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from .keyring.key_file import write_new as write_new
from .keyring.ring import MISSHAPEN as MISSHAPEN
from .keyring.ring import KeyMissing as KeyMissing
from .keyring.ring import Keyring as Keyring
from .keyring.ring import fingerprint as fingerprint
from .keyring.ring import load as load
from .keyring.ring import new_key as new_key
from .keyring.ring import sub_key as sub_key

NONCE_BYTES, MARK_BYTES = 12, 4
BLOCK = 256  # bytes: what is padded has a multiple of it
AES_256_GCM = b"\x01"  # names the algorithm of a sealed value; the next one gets the next number
log = structlog.get_logger()


class CannotOpen(Exception):
    """A sealed value that none of our keys opens, or that was changed."""


class UnknownAlgorithm(CannotOpen):
    """Its first byte names no algorithm of ours: a newer Muster sealed it, or it was changed."""

    def __init__(self, mark: bytes) -> None:
        super().__init__(f"sealed by algorithm {mark.hex() or 'none'}, which this version does not know")


_ring: Keyring | None = None


def install(ring: Keyring | None) -> None:
    """Makes these the keys of this process. Composition, whoever replaces keys and tests only."""
    global _ring
    _ring = ring


def are_installed() -> bool:
    return _ring is not None


def ring() -> Keyring:
    if _ring is None:
        raise KeyMissing("No key is installed: `./run key new` makes one.")
    return _ring


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
        if not hmac.compare_digest(mark_of(key), mark):
            continue
        try:
            plain = AESGCM(key).decrypt(rest[:NONCE_BYTES], rest[NONCE_BYTES:], bound(purpose, row)).decode()
        except (InvalidTag, ValueError):  # ValueError: too short to hold a nonce
            continue
        return plain.rstrip(" ") if row else plain
    raise CannotOpen(purpose)


def opened_in(named: str, purpose: str, sealed: bytes, row: str) -> str | None:
    """The same in a row with this name, like complaint:3. None if it does not open: then an error in our log names the
    row, and all others go on."""
    try:
        return open_sealed(purpose, bytes(sealed), row)
    except CannotOpen:
        log.error("a sealed value cannot be opened", row=named, purpose=purpose)
        return None


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

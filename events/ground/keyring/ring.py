"""The keys that belong together: the first seals, all of them open. And what is derived from a key."""

import base64
import hashlib
import re
import secrets
from functools import lru_cache
from pathlib import Path

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

KEY_BYTES = 32
SHAPE = re.compile(r"[A-Za-z0-9_-]{43}=")
MISSHAPEN = "A key is not what `./run key new` makes: 44 characters of base64."


class KeyMissing(Exception):
    """No usable key; the sentence says what to do."""


def new_key() -> str:
    return base64.urlsafe_b64encode(secrets.token_bytes(KEY_BYTES)).decode()


class Keyring:
    """Instance keys, newest first. The first seals and signs; all others still open and verify."""

    def __init__(self, encoded: list[str]) -> None:
        if not encoded:
            raise KeyMissing("No key is given: `./run key new` makes one.")
        self.older = len(encoded) - 1  # so many
        if not all(SHAPE.fullmatch(key) for key in encoded):  # b64decode itself would skip what it does not know
            raise KeyMissing(MISSHAPEN)
        self.keys = [base64.urlsafe_b64decode(key) for key in encoded]

    @property
    def fingerprints(self) -> list[str]:
        """Names of the keys that say nothing of them: 16 hex characters each, in their order."""
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


def fingerprint_in(line: str) -> str:
    """Of the key in this line of a file."""
    return Keyring([line]).fingerprints[0]


def load(setting: str, file: Path) -> Keyring:
    """From the setting, else the file, one key a line. Raises KeyMissing with a sentence that says what to do."""
    if setting:
        return Keyring(re.split(r"[,\s]+", setting.strip(" ,\n")))
    if not file.is_file():
        raise KeyMissing(f"There is no key at {file}: `./run key new` makes one, or set MUSTER_KEY.")
    if file.stat().st_mode & 0o077:
        raise KeyMissing(f"Others on this machine may read {file}: `chmod 600 {file}`, or make a new key.")
    try:
        return Keyring(lines_of(file))
    except OSError:
        raise KeyMissing(f"{file} cannot be read: give it to the user that runs Muster.") from None


def lines_of(file: Path) -> list[str]:
    return [line.strip() for line in file.read_text(errors="replace").splitlines() if line.strip()]

"""The marshals' key card: what its QR says, and what is derived from it.

Twin: scanner/key-card.mjs. Change tests/vectors/make.py first, then both.
"""

from typing import NamedTuple

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from . import card_code

BEGINS = "M3"
KEY_BYTES, ID_BYTES = 32, 16


class KeyDerived(NamedTuple):
    """The key opens the list of people inside that a marshal's phone holds. The id says which card it is of, and opens
    nothing."""

    key: bytes
    id: bytes


def encode(secret: bytes) -> str:
    return card_code.encode(BEGINS, secret)


def parse(text: str) -> bytes | None:
    """The secret, or None for what is no such card or was misread. Never raises."""
    return card_code.parse(BEGINS, text)


def derive(secret: bytes, salt: bytes) -> KeyDerived:
    """The salt is the event's, so a card opens nothing of another event."""
    okm = HKDF(SHA256(), KEY_BYTES + ID_BYTES, salt, b"muster marshal's key card 1").derive(secret)
    return KeyDerived(okm[:KEY_BYTES], okm[KEY_BYTES:])

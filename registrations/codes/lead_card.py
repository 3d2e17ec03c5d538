"""The card of a door lead: what its QR says, and what is derived from it.

Twin: scanner/lead-card.mjs. Change tests/vectors/make.py first, then both.
"""

from typing import NamedTuple

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from . import card_code

BEGINS = "M2"


class CardDerived(NamedTuple):
    """The id stands in the list that phones carry, and nobody finds the card from it; the proof travels in place of
    the card. Neither opens anything."""

    id: bytes
    proof: bytes


def encode(secret: bytes) -> str:
    return card_code.encode(BEGINS, secret)


def parse(text: str) -> bytes | None:
    """The secret, or None for what is no card or was misread. Never raises."""
    return card_code.parse(BEGINS, text)


def derive(secret: bytes, salt: bytes) -> CardDerived:
    """The salt is the event's list's, so a card is as unknown at another event as an invented one."""
    okm = HKDF(SHA256(), 32, salt, b"muster door lead's card 1").derive(secret)
    return CardDerived(okm[:16], okm[16:])

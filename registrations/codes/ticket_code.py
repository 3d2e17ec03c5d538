"""The ticket code in the QR and the reference beside it: how they are written, and how they are read back.

Twin: scanner/ticket-code.mjs. Change tests/vectors/make.py first, then both.
"""

import os
import re
from collections.abc import Callable
from itertools import count, islice
from typing import Literal, NamedTuple

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's base 32
REFERENCE_ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"  # no letter that looks or sounds like another: no I L O U 0 1
REFERENCE_LENGTH = 6

_OURS = re.compile(r"[ \t\r\n]*[Mm]1([0-9A-HJKMNP-TV-Za-hjkmnp-tv-z]{26})([0-9A-HJKMNP-TV-Za-hjkmnp-tv-z])[ \t\r\n]*")
_SPACES = str.maketrans("", "", " \t\r\n-")
_UPPER = str.maketrans("abcdefghijklmnopqrstuvwxyz", "ABCDEFGHIJKLMNOPQRSTUVWXYZ")
_FAIR = 256 - 256 % len(REFERENCE_ALPHABET)  # bytes from here on would favour the first letters


class Parsed(NamedTuple):
    """A secret, or why there is none: not one of our codes at all, or one of ours with a character misread."""

    secret: bytes | None
    why: Literal["", "not_ours", "misread"]


def encode(secret: bytes) -> str:
    """29 characters: exactly what a QR of version 2 holds at level Q. One more and every module shrinks."""
    if len(secret) != 16:
        raise ValueError("a ticket's secret has 16 bytes")
    number = int.from_bytes(secret) << 2  # 128 bits fill 26 characters of 5 bits but for the last two bits
    body = "".join(ALPHABET[number >> shift & 31] for shift in range(125, -1, -5))
    return f"M1{body}{check_of(body)}"


def parse(text: str) -> Parsed:
    """Never raises, whatever was held to the camera."""
    match = _OURS.fullmatch(text)
    if match is None:
        return Parsed(None, "not_ours")
    body, check = match[1].upper(), match[2].upper()
    number = 0
    for character in body:
        number = number << 5 | ALPHABET.index(character)
    if check_of(body) != check or number & 3:
        return Parsed(None, "misread")
    return Parsed((number >> 2).to_bytes(16), "")


def new_reference(random: Callable[[int], bytes] = os.urandom) -> str:
    """Drawn evenly from 30**6, about 29 bits: safe only where the server counts the tries."""
    drawn = (random(1)[0] for _ in count())
    letters = (REFERENCE_ALPHABET[byte % 30] for byte in drawn if byte < _FAIR)
    return _grouped("".join(islice(letters, REFERENCE_LENGTH)))


def normal_reference(typed: str) -> str | None:
    """The one way to write what a person typed, or None when it cannot be a reference."""
    letters = _letters(typed)
    if len(letters) != REFERENCE_LENGTH or never_used(typed):
        return None
    return _grouped(letters)


def never_used(typed: str) -> str:
    """The first character typed that no reference contains, or nothing: for "That letter is never used"."""
    return next((character for character in _letters(typed) if character not in REFERENCE_ALPHABET), "")


def _grouped(letters: str) -> str:
    return f"{letters[:3]}-{letters[3:]}"


def _letters(typed: str) -> str:
    return typed.translate(_SPACES).translate(_UPPER)


def check_of(body: str) -> str:
    """Luhn modulo 32: finds every single slip and nearly every swap of neighbours."""
    total, factor = 0, 2
    for character in reversed(body):
        addend = factor * ALPHABET.index(character)
        total += (addend >> 5) + (addend & 31)
        factor = 3 - factor
    return ALPHABET[-total % 32]

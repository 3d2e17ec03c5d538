"""The code of an invitation: how it is drawn, and how it is read back from what people type."""

import secrets

from .ticket_code import REFERENCE_ALPHABET

LENGTH, GROUP = 16, 4  # of 30 characters: 78 bits, which nobody guesses however often they try


def new_code() -> str:
    """Like 7KQM-2XRB-9TDW-HC4P."""
    return _grouped("".join(secrets.choice(REFERENCE_ALPHABET) for _ in range(LENGTH)))


def normal_code(typed: str) -> str | None:
    """The one way to write what a person typed, or None when it can be no code."""
    letters = "".join(typed.upper().split()).replace("-", "")
    return _grouped(letters) if len(letters) == LENGTH and set(letters) <= set(REFERENCE_ALPHABET) else None


def _grouped(letters: str) -> str:
    return "-".join(letters[n : n + GROUP] for n in range(0, LENGTH, GROUP))

"""The number of a certificate: how it is drawn, and how it is read back from what people type from paper."""

import re
import secrets

from .ticket_code import ALPHABET, check_of

LENGTH, GROUP = 15, 5  # 14 characters of chance, 70 bits, and one that finds a slip
_READ_AS = str.maketrans({"O": "0", "I": "1", "L": "1"})  # what people take one for the other
_BETWEEN = re.compile(r"[\s\-\u2010-\u2015]+")


def new_number() -> str:
    """Like 7K2QH-4MD9X-B0RTE."""
    drawn = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH - 1))
    return _grouped(drawn + check_of(drawn))


def normal_number(typed: str) -> str | None:
    """The one way to write what a person typed, or None when it can be no number: its last character says so."""
    letters = _BETWEEN.sub("", typed).upper().translate(_READ_AS)
    if len(letters) != LENGTH or not set(letters) <= set(ALPHABET) or check_of(letters[:-1]) != letters[-1]:
        return None
    return _grouped(letters)


def _grouped(letters: str) -> str:
    return "-".join(letters[n : n + GROUP] for n in range(0, LENGTH, GROUP))

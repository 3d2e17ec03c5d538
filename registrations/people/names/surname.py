"""The part of a full name by which lists and badges are sorted. People tell us one name, so it is worked out from how
it looks.

A particle belongs to the surname (de la Cruz, van Dijk). Names in Chinese, Japanese or Korean writing begin with it.
"""

import unicodedata

from registrations.people.person import folded

PARTICLES = frozenset(
    ["al", "ap", "ben", "bin", "bint", "da", "dal", "de", "degli", "dei", "del", "della", "den", "der", "di", "dos",
     "du", "el", "ibn", "la", "las", "le", "los", "mac", "mc", "ní", "o", "ó", "san", "st", "st.", "ten", "ter", "van",
     "von", "y", "zu"]
)  # fmt: skip
AFTER = frozenset(["jr", "jr.", "sr", "sr.", "ii", "iii", "iv", "obe", "mbe", "cbe", "phd", "md", "qc", "kc"])
SURNAME_FIRST = ("CJK UNIFIED", "HIRAGANA", "KATAKANA", "HANGUL")


def surname(full_name: str) -> str:
    """As it is written in the name. The whole name where it is one word."""
    parts = full_name.split()
    if len(parts) < 2:
        return full_name.strip()
    if _is_written_surname_first(full_name):
        return parts[0]
    while len(parts) > 2 and parts[-1].strip(",").casefold() in AFTER:
        parts.pop()
    first = len(parts) - 1
    while first > 1 and parts[first - 1].casefold() in PARTICLES:
        first -= 1
    return " ".join(parts[first:]).strip(",")


def rest(full_name: str) -> str:
    """The name without its surname, which stands in a column of its own."""
    own = surname(full_name)
    if not own:
        return ""
    before, found, after = full_name.rpartition(own) if not _is_written_surname_first(full_name) else (
        "", *full_name.partition(own)[1:]
    )  # fmt: skip
    return " ".join(f"{before} {after}".replace(",", " ").split()) if found else ""


def order(full_name: str) -> tuple[str, str]:
    """By what names are sorted: accents, capitals and apostrophes apart, a hyphen as a space."""
    return _letters(surname(full_name)), _letters(full_name)


def tray_letter(surname_in_order: str) -> str:
    """Of the tray in which a badge lies, small: with which the surname begins, as `order` has it; none for one of
    another alphabet."""
    return surname_in_order[:1] if "a" <= surname_in_order[:1] <= "z" else ""


def _letters(text: str) -> str:
    return "".join(character for character in folded(text) if character.isalnum() or character == " ")


def _is_written_surname_first(name: str) -> bool:
    letters = [character for character in name if character.isalpha()]
    return bool(letters) and all(unicodedata.name(letter, "").startswith(SURNAME_FIRST) for letter in letters)

"""What stands in a cell of a list, as we take it: a name in order, the address in it, a telephone number with its
nought."""

import re
from collections.abc import Iterable

from events.web.forms import normal_email

LOST_ITS_NOUGHT = re.compile(r"[1-9]\d{9}")
AROUND_ADDRESSES = re.compile(r"[\s<>()\[\],;:\"]+")
HONOURS = frozenset({  # after a comma they belong to the name before it
    "ba", "bem", "bsc", "cbe", "cpsychol", "dbe", "dl", "esq", "jp", "jr", "kc", "kpm", "llb", "llm", "ma", "mba",
    "mbe", "md", "mp", "mres", "msc", "obe", "phd", "qc", "qpm", "rgn", "rmn", "rn", "sr",
})  # fmt: skip


def are_surname_first(names: Iterable[str]) -> bool:
    """Whether most names of a column are written *Ashdown, Ada*: before the comma of *Ada Ashdown, Advocate* there
    stands a whole name."""
    turned = [name.count(",") == 1 and _is_one_word(name.split(",")[0]) for name in names if name]
    return sum(turned) * 2 > len(turned)


def in_order(name: str) -> str:
    """*Ada Ashdown* for *Ashdown, Ada*; the same name where the comma stands before a degree or an honour."""
    if name.count(",") != 1:
        return name
    surname, first = (part.strip() for part in name.split(","))
    is_turned = surname and first and (_is_one_word(surname) or not _is_honour(first))
    return f"{first} {surname}" if is_turned else name


def _is_one_word(surname: str) -> bool:
    """But for what is written small before it, as in *van der Berg*."""
    return sum(not word.islower() for word in surname.split()) == 1


def _is_honour(text: str) -> bool:
    return set(text.lower().replace(".", "").split()) <= HONOURS


def address_in(cell: str) -> str:
    """The normal form of the one address that a cell has, as in *Ada Ashdown <ada@example.org>*; empty for none."""
    if whole := normal_email(cell):
        return whole
    found = [part for part in AROUND_ADDRESSES.split(cell) if "@" in part]
    return (normal_email(found[0].removesuffix(".")) if len(found) == 1 else None) or ""


def with_its_nought(phone: str) -> str:
    """A spreadsheet that takes a British number for a number of its own drops the nought."""
    return f"0{phone}" if LOST_ITS_NOUGHT.fullmatch(phone) else phone

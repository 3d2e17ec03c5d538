"""The fonts of our PDFs, and which characters they have. What they have not is marked: a PDF drops nothing unseen, and
shows no boxes."""

import struct
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

from .forms import JOINERS, clean
from .rendering import TEMPLATES

FOLDER = TEMPLATES / "fonts"
FIRST = "Noto Sans"  # asked for each character before the fonts that have one script each
GAP = "[…]"


def drawable(text: str) -> str:
    """The text on one line as `clean` leaves it, with GAP in place of each run of characters that no font of ours
    has."""
    drawn, had = list[str](), True
    for character in clean(text):
        has = character in characters() and (had or not _follows(character))
        if has or had:
            drawn.append(character if has else GAP)
        had = has
    return "".join(drawn)


def _follows(character: str) -> bool:
    """It is drawn upon, or joined to, what stands before it, so it goes where that goes."""
    return character in JOINERS or unicodedata.category(character).startswith("M")


@lru_cache(maxsize=1)
def characters() -> frozenset[str]:
    """All that the fonts have, some thousands, as their own tables say it."""
    fonts = [path.read_bytes() for path in FOLDER.glob("*.ttf")]
    return frozenset(chr(point) for font in fonts for run in _runs(font) for point in run)


def _runs(font: bytes) -> Iterator[range]:
    """What an OpenType font's `cmap` says, in the two forms of it that fonts of today have: 4, and 12 beyond 65,535."""
    [count] = _numbers("H", font, 4)
    [cmap] = [_numbers("L", font, at + 8)[0] for at in range(12, 12 + 16 * count, 16) if font[at : at + 4] == b"cmap"]
    [tables] = _numbers("H", font, cmap + 2)
    for table in range(tables):
        at = cmap + _numbers("L", font, cmap + 8 + 8 * table)[0]
        [form] = _numbers("H", font, at)
        yield from _in_form_4(font, at) if form == 4 else _in_form_12(font, at) if form == 12 else ()


def _in_form_4(font: bytes, at: int) -> Iterator[range]:
    segments = _numbers("H", font, at + 6)[0] // 2
    ends, starts = (_numbers(f"{segments}H", font, at + skipped) for skipped in (14, 16 + 2 * segments))
    return (range(start, end + 1) for start, end in zip(starts, ends, strict=True) if start < 0xFFFF)


def _in_form_12(font: bytes, at: int) -> Iterator[range]:
    [groups] = _numbers("L", font, at + 12)
    pairs = (_numbers("2L", font, at + 16 + 12 * group) for group in range(groups))
    return (range(start, end + 1) for start, end in pairs)


def _numbers(form: str, font: bytes, at: int) -> tuple[int, ...]:
    return struct.unpack_from(f">{form}", font, at)

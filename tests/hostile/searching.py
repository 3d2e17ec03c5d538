"""A thief's search: finds texts and secrets in any bytes, however they are written, encoded or wrapped there."""

import base64
import html
import json
import quopri
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator
from urllib.parse import quote, quote_plus

import numpy as np
from numpy.typing import NDArray

from registrations.people.person import fold

FIRST = 6  # bytes by which something is looked for; what is shorter is found in whatever
CODES = ("utf-8", "utf-16-le", "utf-16-be")
BETWEEN_WORDS = ("", "+", "_", ".", "-", "%20")
LONG, PART = 24, 20  # letters
PIECE = 1 << 21  # bytes that are looked at together
SLOTS = 22  # bits: of so many the first bytes of all that is looked for set a few
SPREADS = np.uint64(0x9E3779B97F4A7C15)
PHONE = re.compile(r"0[\d ]{9,}")
Windows = NDArray[np.uint64]


class Search:
    """For texts in any spelling, and for secret bytes."""

    def __init__(self, said: Iterable[str], secrets: Iterable[bytes] = ()) -> None:
        small, exact = Patterns(), Patterns()
        for text in set(said):
            for part in parts_of(text):
                small.add(text, spellings(part))
                exact.add(text, in_base64(part))
        for secret in set(secrets):
            small.add(secret.hex(), {secret.hex().encode()})
            exact.add(secret.hex(), {secret, *base64_of(secret)})
        self._small, self._exact = small, exact

    def found(self, raw: bytes, *, wrapped: bool = False) -> set[str]:
        """Which of these texts stand in there, and which secrets, as hex digits. `wrapped`: lines may end within them,
        as in an email."""
        read = [raw, unwrapped(raw)] if wrapped else [raw]
        return {text for form in read for text in self._small.found(form.lower()) | self._exact.found(form)}


def unwrapped(raw: bytes) -> bytes:
    """Without the ends of lines, and without the marks that quoted-printable sets before them."""
    return re.sub(rb"=\r?\n|\r|\n[ \t]*", b"", raw)


def parts_of(text: str) -> set[str]:
    """The text, and how it begins if it is long: it may have been cut."""
    return {text, text[:PART]} if len(text) > LONG else {text}


def spellings(text: str) -> set[bytes]:
    """As files, dumps, addresses, emails and logs write it. In small letters, as what is searched is made small too."""
    found = set[bytes]()
    for form in forms(text):
        found |= {form.encode(code, "ignore") for code in (*CODES, "latin-1")}
    for form in {text, text.lower(), text.upper()}:
        found |= {form.encode(code).hex().encode() for code in CODES}
        found |= {quote(form, safe="").encode(), quote(form).encode(), quote_plus(form).encode()}
        found |= {quopri.encodestring(form.encode(), header=header) for header in (False, True)}
        found |= {json.dumps(form)[1:-1].encode(), form.encode("unicode_escape")}
        found |= {html.escape(form).encode(), form.encode("ascii", "xmlcharrefreplace")}
    return {spelling.lower() for spelling in found if len(spelling) >= FIRST}


def forms(text: str) -> set[str]:
    """With and without capitals, accents and spaces, and a telephone number as it is dialled from abroad."""
    found = {text, text.upper(), text.casefold(), fold(text)}
    found |= {unicodedata.normalize(how, form) for how in ("NFC", "NFD") for form in (text, text.upper())}
    found = {form.lower() if form.isascii() else form for form in found}
    found |= {form.replace(" ", between) for form in found if " " in form for between in BETWEEN_WORDS}
    if PHONE.fullmatch(text):
        found.add(f"44{text.replace(' ', '')[1:]}")
    return found


def in_base64(text: str) -> set[bytes]:
    written = {form.encode(code) for form in (text, text.lower(), text.upper()) for code in CODES}
    return {part for raw in written for part in base64_of(raw)}


def base64_of(raw: bytes) -> set[bytes]:
    """What is surely among the letters, wherever in three bytes it begins, in both alphabets."""
    found = set[bytes]()
    for before in range(3):
        for encode in (base64.b64encode, base64.urlsafe_b64encode):
            whole = encode(b"\0" * before + raw + b"\0" * 2)
            found.add(whole[(before * 8 + 5) // 6 : (before + len(raw)) * 8 // 6])
    return {part for part in found if len(part) > FIRST}


class Patterns:
    """Byte strings, each with what it may stand for. Numbers of six bytes are compared, and few places looked at."""

    def __init__(self) -> None:
        self._meant: defaultdict[bytes, set[str]] = defaultdict(set)
        self._by_window: defaultdict[int, set[bytes]] = defaultdict(set)
        self._windows, self._slots = np.zeros(1, np.uint64), np.zeros(1 << SLOTS, dtype=bool)

    def add(self, meaning: str, patterns: Iterable[bytes]) -> None:
        for pattern in patterns:
            self._meant[pattern].add(meaning)
            self._by_window[int.from_bytes(pattern[:FIRST], "little")].add(pattern)

    def found(self, raw: bytes) -> set[str]:
        if len(self._windows) != len(self._by_window):
            self._windows = np.array(sorted(self._by_window), dtype=np.uint64)
            self._slots[slots_of(self._windows)] = True
        return {
            meaning
            for place, window in self._places(raw)
            for pattern in self._by_window[window]
            if raw.startswith(pattern, place)
            for meaning in self._meant[pattern]
        }

    def _places(self, raw: bytes) -> Iterator[tuple[int, int]]:
        """Where one of the patterns may begin, with its first bytes as a number."""
        for begins in range(0, len(raw), PIECE):
            windows = windows_of(raw[begins : begins + PIECE + FIRST - 1])
            maybe = np.flatnonzero(self._slots[slots_of(windows)])
            if len(maybe) == 0:
                continue
            nearest = np.searchsorted(self._windows, windows[maybe]) % len(self._windows)
            for place in maybe[self._windows[nearest] == windows[maybe]].tolist():
                yield begins + place, int(windows[place])


def windows_of(raw: bytes) -> Windows:
    """The six bytes from each place on, as one number."""
    octets = np.frombuffer(raw, dtype=np.uint8)
    count = max(0, len(octets) - FIRST + 1)
    windows = np.zeros(count, dtype=np.uint64)
    for place in range(FIRST):
        windows |= octets[place : place + count].astype(np.uint64) << np.uint64(8 * place)
    return windows


def slots_of(windows: Windows) -> Windows:
    return (windows * SPREADS) >> np.uint64(64 - SLOTS)

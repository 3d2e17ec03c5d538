"""QR codes drawn by ourselves: as a picture for emails, a drawing for pages, and letters for a terminal."""

import struct
import zlib
from functools import lru_cache
from html import escape

from qrcode.constants import ERROR_CORRECT_Q
from qrcode.main import QRCode

BORDER = 4  # modules of white; part of the picture, so that a dark email reader cannot take it away
LEAST = 300  # pixels a side
MASK = 3  # any mask is valid; trying all eight would take most of the time a code takes
LETTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"  # of the mode that the standard calls alphanumeric
ALPHANUMERIC = frozenset(LETTERS)
TICKET, A_SIDE = 29, 25  # letters of a ticket code, which fill version 2 at level Q to the last bit
BEGINS = "M1"  # as each ticket code does
ZEROS = BEGINS + "0" * (TICKET - len(BEGINS))
HALVES = {(False, False): " ", (True, False): "▀", (False, True): "▄", (True, True): "█"}  # above, below
BLACK_ON_WHITE, AS_BEFORE = "\x1b[30;107m", "\x1b[0m"
_PNG = b"\x89PNG\r\n\x1a\n"


def modules(text: str) -> list[list[bool]]:
    """Rows of modules, True for black, without the border. A ticket code gives version 2 at level Q: 25 a side."""
    return [[letter == "1" for letter in row] for row in _rows(text)]


def png(text: str) -> bytes:
    """Black on opaque white, one bit a pixel: about 400 bytes, and no imaging library to write them."""
    rows = _rows(text)
    scale = -(-LEAST // (len(rows) + 2 * BORDER))
    side = (len(rows) + 2 * BORDER) * scale
    edge, blank = "0" * BORDER, _line("0" * (len(rows) + 2 * BORDER), scale) * (BORDER * scale)
    lines = b"".join(_line(edge + row + edge, scale) * scale for row in rows)
    head = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)  # one bit of grey, no palette, no transparency
    data = zlib.compress(blank + lines + blank, 3)  # 6 would take thrice as long, for 160 bytes less
    return _PNG + _chunk(b"IHDR", head) + _chunk(b"IDAT", data) + _chunk(b"IEND", b"")


def svg(text: str, title: str) -> str:
    """A drawing for a page: one path for all black, its title for people who cannot see it, no style inside (CSP)."""
    side = len(rows := modules(text)) + 2 * BORDER
    path = "".join(
        f"M{start + BORDER} {y + BORDER}h{length}v1h-{length}z"
        for y, row in enumerate(rows)
        for start, length in _runs(row)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {side} {side}" role="img" shape-rendering="crispEdges">'
        f'<title>{escape(title)}</title><path fill="#fff" d="M0 0h{side}v{side}h-{side}z"/><path d="{path}"/></svg>'
    )


def blocks(text: str) -> str:
    """For a terminal, black on white whatever its colours are: each letter is two modules, one above the other."""
    rows = modules(text)
    edge, blank = [False] * BORDER, [False] * (len(rows) + 2 * BORDER)
    framed = [*[blank] * BORDER, *([*edge, *row, *edge] for row in rows), *[blank] * (BORDER + 1)]  # an even number
    lines = [
        "".join(HALVES[pair] for pair in zip(*two, strict=True)) for two in zip(framed[::2], framed[1::2], strict=True)
    ]
    return "\n".join(f"{BLACK_ON_WHITE}{line}{AS_BEFORE}" for line in lines)


def _rows(text: str) -> list[str]:
    """Each row as ones for black and zeros."""
    if len(text) != TICKET or not text.startswith(BEGINS) or not ALPHANUMERIC.issuperset(text):
        return _drawn(text)
    drawing = f"{_ticket(text):0{A_SIDE * A_SIDE}b}"
    return [drawing[at : at + A_SIDE] for at in range(0, len(drawing), A_SIDE)]


def _drawn(text: str) -> list[str]:
    code = QRCode(error_correction=ERROR_CORRECT_Q, mask_pattern=MASK)
    code.add_data(text, optimize=0)  # in one piece: split by digits, some ticket codes would outgrow version 2
    code.make(fit=True)
    return ["".join("1" if module else "0" for module in row) for row in code.modules]


def _ticket(text: str) -> int:
    """A symbol of this one size is linear in the bits of its text: what each bit turns over is drawn once, and kept."""
    drawing = _blank()
    for pair in range(len(BEGINS), TICKET, 2):
        value = 0
        for letter in text[pair : pair + 2]:
            value = value * len(LETTERS) + LETTERS.index(letter)
        while value:
            drawing ^= _turned(pair, lowest := value & -value)
            value ^= lowest
    return drawing


@lru_cache(maxsize=256)
def _turned(pair: int, value: int) -> int:
    """The modules that one bit of the value of one pair of letters turns over."""
    letters = "".join(LETTERS[digit] for digit in divmod(value, len(LETTERS)))
    letters = letters[-len(ZEROS[pair : pair + 2]) :]
    return _blank() ^ int("".join(_drawn(ZEROS[:pair] + letters + ZEROS[pair + len(letters) :])), 2)


@lru_cache(maxsize=1)
def _blank() -> int:
    return int("".join(_drawn(ZEROS)), 2)


def _line(row: str, scale: int) -> bytes:
    """One line of pixels: a byte for "no filter", then the bits, padded with white to whole bytes."""
    return b"\x00" + b"".join([_pixels(row[at : at + 8], scale) for at in range(0, len(row), 8)])


@lru_cache(maxsize=1024)
def _pixels(eight: str, scale: int) -> bytes:
    """Of eight modules, which fill whole bytes at each scale; or of the last ones."""
    bits = eight.replace("0", "w").replace("1", "0" * scale).replace("w", "1" * scale)
    bits += "1" * (-len(bits) % 8)
    return int(bits, 2).to_bytes(len(bits) // 8)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _runs(row: list[bool]) -> list[tuple[int, int]]:
    """Where each run of black starts, and how long it is."""
    edges = [x for x in range(len(row) + 1) if (x > 0 and row[x - 1]) != (x < len(row) and row[x])]
    return [(start, end - start) for start, end in zip(edges[::2], edges[1::2], strict=True)]

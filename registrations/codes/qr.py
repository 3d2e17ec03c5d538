"""QR codes drawn by ourselves, as a picture for emails and as a drawing for pages."""

import struct
import zlib
from html import escape

from qrcode.constants import ERROR_CORRECT_Q
from qrcode.main import QRCode

BORDER = 4  # modules of white; part of the picture, so that a dark email reader cannot take it away
LEAST = 300  # pixels a side
MASK = 3  # any mask is valid; trying all eight would take most of the time a code takes
_PNG = b"\x89PNG\r\n\x1a\n"


def modules(text: str) -> list[list[bool]]:
    """Rows of modules, True for black, without the border. A ticket code gives version 2 at level Q: 25 a side."""
    code = QRCode(error_correction=ERROR_CORRECT_Q, mask_pattern=MASK)
    code.add_data(text, optimize=0)  # in one piece: split by digits, some ticket codes would outgrow version 2
    code.make(fit=True)
    return [[bool(module) for module in row] for row in code.modules]


def png(text: str) -> bytes:
    """Black on opaque white, one bit a pixel: about 400 bytes, and no imaging library to write them."""
    rows = _bordered(text)
    scale = -(-LEAST // len(rows))
    lines = b"".join(_line(row, scale) * scale for row in rows)
    side = len(rows) * scale
    head = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)  # one bit of grey, no palette, no transparency
    return _PNG + _chunk(b"IHDR", head) + _chunk(b"IDAT", zlib.compress(lines, 6)) + _chunk(b"IEND", b"")


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


def _bordered(text: str) -> list[list[bool]]:
    rows = modules(text)
    blank = [[False] * (len(rows) + 2 * BORDER)] * BORDER
    sides = [False] * BORDER
    return [*blank, *([*sides, *row, *sides] for row in rows), *blank]


def _line(row: list[bool], scale: int) -> bytes:
    """One line of pixels: a byte for "no filter", then the bits, white being 1, padded to whole bytes."""
    bits = "".join("01"[not black] * scale for black in row)
    bits += "1" * (-len(bits) % 8)
    return b"\x00" + int(bits, 2).to_bytes(len(bits) // 8)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _runs(row: list[bool]) -> list[tuple[int, int]]:
    """Where each run of black starts, and how long it is."""
    edges = [x for x in range(len(row) + 1) if (x > 0 and row[x - 1]) != (x < len(row) and row[x])]
    return [(start, end - start) for start, end in zip(edges[::2], edges[1::2], strict=True)]

"""QR codes as the library draws them: a picture for emails, a drawing for pages, and letters for a terminal."""

from html import escape
from io import BytesIO, StringIO
from itertools import groupby
from typing import Any

from PIL import Image
from qrcode.constants import ERROR_CORRECT_Q
from qrcode.main import QRCode

BORDER = 4  # modules of white; part of the picture, so that a dark email reader cannot take it away
LEAST = 300  # pixels a side
MASK = 3  # any mask is valid; trying all eight takes seven times as long
BLACK_ON_WHITE, AS_BEFORE = "\x1b[30;107m", "\x1b[0m"


def modules(text: str) -> list[list[bool]]:
    """Rows of modules, True for black, without the border. A ticket code gives version 2 at level Q: 25 a side."""
    return [[bool(module) for module in row] for row in _code(text).modules]


def png(text: str) -> bytes:
    """Black on opaque white, one bit a pixel: about 700 bytes."""
    rows, out = _code(text).get_matrix(), BytesIO()
    side = len(rows)
    small = Image.new("1", (side, side))
    small.putdata([not black for row in rows for black in row])  # a quarter of drawing each
    pixels = side * -(-LEAST // side)
    small.resize((pixels, pixels), Image.Resampling.NEAREST).save(out, "PNG", compress_level=1)
    return out.getvalue()


def svg(text: str, title: str) -> str:
    """A drawing for a page: one path for all black, its title for people who cannot see it, no style inside (CSP)."""
    rows = modules(text)
    side = len(rows) + 2 * BORDER
    path = "".join(
        f"M{run[0] + BORDER} {y}h{len(run)}v1h-{len(run)}z"
        for y, row in enumerate(rows, start=BORDER)
        for black, columns in groupby(range(len(row)), key=row.__getitem__)
        if black and (run := list(columns))
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {side} {side}" role="img" shape-rendering="crispEdges">'
        f'<title>{escape(title)}</title><path fill="#fff" d="M0 0h{side}v{side}h-{side}z"/><path d="{path}"/></svg>'
    )


def blocks(text: str) -> str:
    """For a terminal, black on white whatever its colours are: each letter is two modules, one above the other."""
    out = StringIO()
    _code(text).print_ascii(out)
    lines = out.getvalue().replace("\xa0", " ").splitlines()
    return "\n".join(f"{BLACK_ON_WHITE}{line}{AS_BEFORE}" for line in lines)


def _code(text: str) -> QRCode[Any]:
    code = QRCode(error_correction=ERROR_CORRECT_Q, border=BORDER, mask_pattern=MASK)
    code.add_data(text, optimize=0)  # in one piece: split by digits, some ticket codes would outgrow version 2
    code.make(fit=True)
    return code

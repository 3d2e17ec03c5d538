"""A picture as it was uploaded becomes one that we show: drawn anew by a program that has neither keys nor settings."""

import struct
from pathlib import Path
from typing import NamedTuple

from anyio import CapacityLimiter

from events.ground.refusal import Refused
from events.web.reading_apart import read_apart

MOST_BYTES = 2 << 20  # of the file
PROGRAM = Path(__file__).with_name("picture_apart.py")
SECONDS = 30.0
SIZE = struct.Struct(">II")
TOO_LARGE = "The picture is too large: it may have 2 MB, and 25 million pixels. Save it smaller, and upload it again"
NO_PICTURE = "This is no PNG, JPEG or WebP picture that we can read. Open it, and save it as PNG"
MOVES = "This picture moves. Save a single picture of it as PNG"
SAYS = {3: TOO_LARGE, 4: MOVES}  # by how the program ends
_drawing = CapacityLimiter(1)


class Picture(NamedTuple):
    png: bytes
    width: int
    height: int


async def drawn_anew(content: bytes) -> Picture:
    """Raises Refused for whatever is no such picture, is too large, or moves."""
    if len(content) > MOST_BYTES:
        raise Refused(TOO_LARGE, 413)
    async with _drawing:
        ended, said = await read_apart(PROGRAM, content, SECONDS)
    if ended != 0:
        raise Refused(SAYS.get(ended, NO_PICTURE), 422)
    return Picture(said[SIZE.size :], *SIZE.unpack_from(said))

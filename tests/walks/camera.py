"""A fake camera: a film of what is held before it, made of real ticket pictures, that Chromium plays in a loop."""

import io
from collections.abc import Sequence
from pathlib import Path

from PIL import Image, ImageFilter

SIZE = (640, 480)
GREY = (70, 74, 80)
A_SHOT = 15  # frames, of which Chromium shows thirty a second
MARK = 32  # pixels


def film(path: Path, shots: Sequence[bytes | None], *, frames: Sequence[int] = (), marked: bool = False) -> Path:
    """Each shot is a PNG of a QR, held a little askew and out of focus, or None for an empty hand.

    `frames`: how many each takes. `marked`: a corner that the scanner hardly ever looks at is white where a code is.
    """
    with path.open("wb") as out:
        for shot, count in zip(shots, frames or [A_SHOT] * len(shots), strict=True):
            out.write(_frame(shot, marked) * count)  # JPEGs one after the other are a film that Chromium accepts
    return path


def _frame(png: bytes | None, marked: bool) -> bytes:
    picture = Image.new("RGB", SIZE, GREY)
    if png is not None:
        code = Image.open(io.BytesIO(png)).convert("RGB").rotate(7, expand=True, fillcolor=GREY)
        picture.paste(code.resize((260, 260)), (190, 110))
        if marked:
            picture.paste("white", (0, 0, MARK, MARK))
    jpeg = io.BytesIO()
    picture.filter(ImageFilter.GaussianBlur(0.6)).save(jpeg, "JPEG", quality=70)
    return jpeg.getvalue()

"""A fake camera: a film of what is held before it, made of real ticket pictures, that Chromium plays in a loop."""

import io
from collections.abc import Sequence
from pathlib import Path

from PIL import Image, ImageFilter

SIZE = (640, 480)
GREY = (70, 74, 80)
A_SHOT = 15  # frames, of which Chromium shows thirty a second


def film(path: Path, shots: Sequence[bytes | None]) -> Path:
    """Each shot is a PNG of a QR, held a little askew and out of focus, or None for an empty hand."""
    with path.open("wb") as out:
        for shot in shots:
            out.write(_frame(shot) * A_SHOT)  # JPEGs one after the other are a film that Chromium accepts
    return path


def _frame(png: bytes | None) -> bytes:
    picture = Image.new("RGB", SIZE, GREY)
    if png is not None:
        code = Image.open(io.BytesIO(png)).convert("RGB").rotate(7, expand=True, fillcolor=GREY)
        picture.paste(code.resize((260, 260)), (190, 110))
    jpeg = io.BytesIO()
    picture.filter(ImageFilter.GaussianBlur(0.6)).save(jpeg, "JPEG", quality=70)
    return jpeg.getvalue()

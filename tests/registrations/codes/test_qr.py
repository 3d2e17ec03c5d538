"""QR codes: drawn as decided, and read by two strangers' decoders after all that email programs do to a picture.

Rules: EM-08.
"""

import io
import re
from collections.abc import Callable

import cv2
import numpy as np
import pytest
import zxingcpp
from numpy.typing import NDArray
from PIL import Image, ImageOps

from registrations.codes import qr
from registrations.codes.ticket_code import encode
from tests.qr_alone import QR_ALONE
from tests.vectors import make

CODE = encode(make.secret_of(0))
Picture = Image.Image
Decoder = Callable[[Picture], str]


def picture() -> Picture:
    return Image.open(io.BytesIO(qr.png(CODE)))


def pixels(shown: Picture) -> NDArray[np.uint8]:
    return np.asarray(shown.convert("L"), dtype=np.uint8)


def zxing(shown: Picture) -> str:
    found = zxingcpp.read_barcodes(pixels(shown), QR_ALONE)
    return found[0].text if found else ""


def opencv(shown: Picture) -> str:
    return str(cv2.QRCodeDetector().detectAndDecode(pixels(shown))[0])


def half(shown: Picture) -> Picture:
    return shown.convert("L").resize((shown.width // 2, shown.height // 2), Image.Resampling.LANCZOS)


def jpeg(shown: Picture) -> Picture:
    out = io.BytesIO()
    shown.convert("RGB").save(out, "JPEG", quality=60)
    return Image.open(out)


def on(background: int) -> Callable[[Picture], Picture]:
    """Laid on a dark email program's page, through its own transparency if it had any."""

    def composed(shown: Picture) -> Picture:
        page = Image.new("RGBA", (shown.width + 160, shown.height + 160), (background,) * 3 + (255,))
        page.alpha_composite(shown.convert("RGBA"), (80, 80))
        return page

    return composed


def broken(shown: Picture) -> Picture:
    """The middle painted over, a quarter of the whole: more than level Q can mend."""
    ruined = shown.convert("L")
    ruined.paste(255, (shown.width // 4, shown.height // 4, shown.width * 3 // 4, shown.height * 3 // 4))
    return ruined


TREATMENTS = [Image.Image.copy, half, jpeg, on(0), on(255)]


@pytest.mark.parametrize("decoder", [zxing, opencv])
@pytest.mark.parametrize("treated", TREATMENTS, ids=["as it is", "half", "jpeg", "on black", "on white"])
def test_the_picture_is_read_whatever_an_email_program_does(
    treated: Callable[[Picture], Picture], decoder: Decoder
) -> None:
    assert decoder(treated(picture())) == CODE


def test_an_inverted_picture_is_read_where_the_decoder_can() -> None:
    """An email program that inverts pictures too: dark modules become light."""
    assert zxing(on(0)(ImageOps.invert(picture().convert("L")))) == CODE


@pytest.mark.parametrize("decoder", [zxing, opencv])
def test_a_broken_picture_is_not_read(decoder: Decoder) -> None:
    assert decoder(broken(picture())) == ""


@pytest.mark.parametrize("n", range(10))
def test_any_ticket_is_version_2_at_level_q(n: int) -> None:
    code = encode(make.secret_of(n))
    rows = qr.modules(code)
    (found,) = zxingcpp.read_barcodes(pixels(Image.open(io.BytesIO(qr.png(code)))), QR_ALONE)
    assert {len(rows), *map(len, rows)} == {25}
    assert (found.text, found.ec_level, found.content_type) == (code, "Q", zxingcpp.ContentType.Text)


@pytest.mark.parametrize("secret", [bytes(16), b"\xff" * 16], ids=["all zeros", "all ones"])
def test_a_code_full_of_digits_does_not_outgrow_its_size(secret: bytes) -> None:
    assert len(qr.modules(encode(secret))) == 25


def test_the_mode_is_alphanumeric_because_29_characters_fit_no_other_way() -> None:
    assert [len(qr.modules(text)) for text in (CODE, CODE + "0", CODE.lower())] == [25, 29, 29]


def test_the_picture_is_opaque_one_bit_white_around_and_large_enough() -> None:
    shown = picture()
    scale = shown.width // 33
    inner = shown.crop((4 * scale, 4 * scale, shown.width - 4 * scale, shown.height - 4 * scale))
    edge = np.asarray(shown.convert("L")).copy()
    edge[4 * scale : -4 * scale, 4 * scale : -4 * scale] = 255
    assert (shown.mode, shown.size, "transparency" in shown.info) == ("1", (330, 330), False)
    assert edge.min() == 255
    assert (np.asarray(inner)[::scale, ::scale] == ~np.array(qr.modules(CODE))).all()


def test_the_picture_is_small_enough_to_lie_in_every_email() -> None:
    assert len(qr.png(CODE)) < 800


def test_the_drawing_has_a_title_and_the_same_modules() -> None:
    drawn = qr.svg(CODE, "Ticket code of <Ada> & Bo")
    ground, black = re.findall(r' d="([^"]+)"', drawn)
    assert re.findall(r"<title>.*</title>", drawn) == ["<title>Ticket code of &lt;Ada&gt; &amp; Bo</title>"]
    assert ground == "M0 0h33v33h-33z"
    assert painted(black) == qr.modules(CODE)
    assert [word for word in ("style", "class") if word in drawn] == []


def painted(path: str) -> list[list[bool]]:
    """The modules that a path of row runs covers."""
    rows = [[False] * 25 for _ in range(25)]
    for run in path.removesuffix("z").split("z"):
        start, length = run[1:].split("v")[0].split("h")
        x, y = (int(number) - qr.BORDER for number in start.split(" "))
        rows[y][x : x + int(length)] = [True] * int(length)
    return rows


def test_a_pairing_link_is_drawn_and_read_too() -> None:
    link = "https://muster.example.org/door/#0123456789ABCDEFGHJKMNPQRS"
    assert zxing(Image.open(io.BytesIO(qr.png(link)))) == link

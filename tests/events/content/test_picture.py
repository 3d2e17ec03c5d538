"""A picture that somebody uploads is drawn anew, small: of the file there are the pixels alone, and what was made to
hurt is refused."""

import io

import pytest
from PIL import Image

from events.content.picture import MOST_BYTES, MOVES, NO_PICTURE, TOO_LARGE, drawn_anew
from events.ground.refusal import Refused
from tests.events.content import pictures
from tests.events.content.pictures import SCRIPT, SECRET, bomb, chunks_of, moving, plain

READABLE = {
    "PNG": plain(),
    "JPEG": plain("JPEG"),
    "WebP": plain("WEBP"),
    "CMYK": plain("JPEG", "CMYK"),
    "grey": plain("JPEG", "L"),
    "palette": pictures.saved(Image.new("RGB", (600, 100), (11, 122, 117)).quantize(4)),
    "16 bits": pictures.saved(Image.new("I;16", (600, 100), 40_000)),
    "transparent": pictures.saved(Image.new("RGBA", (600, 100), (11, 122, 117, 200))),
}


@pytest.mark.parametrize("kind", READABLE)
async def test_whatever_kind_it_is_it_becomes_a_small_png_of_pixels_alone(kind: str) -> None:
    drawn = await drawn_anew(READABLE[kind])
    shown = Image.open(io.BytesIO(drawn.png))
    assert (shown.format, shown.size, (drawn.width, drawn.height)) == ("PNG", (480, 80), (480, 80))
    assert set(chunks_of(drawn.png)) == {"IHDR", "IDAT", "IEND"}
    assert shown.mode == ("RGBA" if kind == "transparent" else "RGB")
    colour = shown.convert("RGB").getpixel((200, 40))
    expected = {"grey": (89, 89, 89), "16 bits": (156, 156, 156)}.get(kind, (11, 122, 117))
    assert isinstance(colour, tuple)
    assert max(abs(channel - wanted) for channel, wanted in zip(colour, expected, strict=True)) < 8


async def test_it_says_nothing_of_where_and_with_what_it_was_taken_and_stands_upright() -> None:
    sent = pictures.with_a_place()
    drawn = await drawn_anew(sent)
    assert [SECRET.encode() in content for content in (sent, drawn.png)] == [True, False]
    assert (b"Exif" in sent, b"eXIf" in drawn.png, b"iCCP" in drawn.png) == (True, False, False)
    assert (drawn.width, drawn.height) == (40, 100)


async def test_a_page_within_a_picture_is_gone() -> None:
    sent = pictures.with_a_script()
    drawn = await drawn_anew(sent)
    assert [content.count(SCRIPT.encode()) for content in (sent, drawn.png)] == [2, 0]


REFUSED = {
    "nothing": (b"", NO_PICTURE),
    "a page": (f"<html>{SCRIPT}</html>".encode(), NO_PICTURE),
    "SVG": (b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>', NO_PICTURE),
    "GIF": (plain("GIF"), NO_PICTURE),
    "TIFF": (plain("TIFF"), NO_PICTURE),
    "PDF": (plain("PDF"), NO_PICTURE),
    "cut PNG": (plain()[:-30], NO_PICTURE),
    "cut JPEG": (plain("JPEG")[:-300], NO_PICTURE),
    "a head alone": (plain()[:8], NO_PICTURE),
    "moving PNG": (moving("PNG"), MOVES),
    "moving WebP": (moving("WEBP"), MOVES),
    "bomb": (bomb(60_000, 60_000), TOO_LARGE),
    "bomb of one line": (bomb(2**31 - 1, 1), TOO_LARGE),
    "empty pixels": (bomb(4_000, 4_000), NO_PICTURE),
    "bomb in a text": (pictures.bomb_in_a_text(), NO_PICTURE),
    "too many bytes": (plain() + bytes(MOST_BYTES), TOO_LARGE),
}


@pytest.mark.parametrize("what", REFUSED)
async def test_what_is_no_picture_or_was_made_to_hurt_is_refused_with_what_to_do(what: str) -> None:
    content, says = REFUSED[what]
    with pytest.raises(Refused) as refused:
        await drawn_anew(content)
    assert refused.value.sentence == says

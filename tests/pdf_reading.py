"""What a reader gets of a PDF: its text, its tags in reading order, and its pages as pictures."""

import ctypes
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np
import pypdfium2
import zxingcpp
from pypdfium2 import raw

from tests.qr_alone import QR_ALONE

UNSEEN = "\u200b\ufeff\ufffe\u0002"  # where a word may break, and how the reader says that one does


class Tag(NamedTuple):
    """A node of the structure tree: H1, Figure ... `alt` stands for a picture."""

    kind: str
    alt: str = ""


def opened(file: bytes) -> Any:
    assert file.startswith(b"%PDF-1.")
    return pypdfium2.PdfDocument(file)


def words(file: bytes) -> str:
    """All text in the order of the page's content, with single spaces."""
    pages = opened(file)
    text = " ".join(page.get_textpage().get_text_range() for page in pages)
    return " ".join(text.translate(dict.fromkeys(map(ord, UNSEEN))).split())


def everything(file: bytes) -> str:
    """All that a search of the file would find: its text, what stands for pictures, and what it says of itself."""
    return " ".join([words(file), *(tag.alt for tag in tags(file)), file.decode("latin-1")])


def title_and_language(file: bytes) -> tuple[str, str]:
    document = opened(file)
    assert raw.FPDFCatalog_IsTagged(document)
    return document.get_metadata_value("Title"), _text(raw.FPDFCatalog_GetLanguage, document)


def tags(file: bytes) -> list[Tag]:
    """In the order in which they are read out."""
    document = opened(file)
    tree = raw.FPDF_StructTree_GetForPage(document[0])
    tops = [raw.FPDF_StructTree_GetChildAtIndex(tree, n) for n in range(raw.FPDF_StructTree_CountChildren(tree))]
    return [tag for top in tops for tag in _below(top)]


def _below(node: Any) -> Iterator[Tag]:
    yield Tag(_text(raw.FPDF_StructElement_GetType, node), _text(raw.FPDF_StructElement_GetAltText, node))
    for n in range(raw.FPDF_StructElement_CountChildren(node)):
        if child := raw.FPDF_StructElement_GetChildAtIndex(node, n):
            yield from _below(child)


def _text(ask: Callable[..., int], thing: Any) -> str:
    length = ask(thing, None, 0)
    room = (ctypes.c_ushort * (length // 2 + 1))()
    ask(thing, room, length)
    return bytes(room)[: max(0, length - 2)].decode("utf-16-le")


def fonts(file: bytes) -> dict[str, bool]:
    """Each by its name, and whether the file brings it along."""
    page = opened(file)[0]
    used = [raw.FPDFTextObj_GetFont(part) for part in page.get_objects() if part.type == raw.FPDF_PAGEOBJ_TEXT]
    return {_name(font): bool(raw.FPDFFont_GetIsEmbedded(font)) for font in used}


def _name(font: Any) -> str:
    room = ctypes.create_string_buffer(200)
    raw.FPDFFont_GetBaseFontName(font, room, 200)
    return room.value.decode()


def picture(file: bytes, dots: int = 100, page: int = 0) -> np.ndarray[Any, Any]:
    """As a screen or printer shows it, at so many dots an inch, in greys."""
    return np.asarray(opened(file)[page].render(scale=dots / 72, grayscale=True).to_numpy())


def width_of_code(drawn: np.ndarray[Any, Any], dots: int = 100) -> float:
    """In millimetres, without the white around it, where so many dots are an inch."""
    [found] = zxingcpp.read_barcodes(np.ascontiguousarray(drawn.squeeze()), QR_ALONE)
    return (found.position.top_right.x - found.position.top_left.x) / dots * 25.4


def codes(drawn: np.ndarray[Any, Any]) -> list[str]:
    """What a scanner reads in a picture."""
    return [found.text for found in zxingcpp.read_barcodes(np.ascontiguousarray(drawn.squeeze()), QR_ALONE)]


class Box(NamedTuple):
    """Where letters stand, in millimetres from the left above."""

    left: float
    top: float
    right: float
    bottom: float

    def within(self, other: "Box", slack: float = 0.05) -> bool:
        return (
            self.left >= other.left - slack
            and self.top >= other.top - slack
            and self.right <= other.right + slack
            and self.bottom <= other.bottom + slack
        )


def page_sizes(file: bytes) -> list[tuple[float, float]]:
    """Width and height of each page, in millimetres."""
    return [(width / 72 * 25.4, height / 72 * 25.4) for width, height in (page.get_size() for page in opened(file))]


def letters(file: bytes) -> Iterator[list[Box]]:
    """Of each page, the boxes of all runs of letters, as high as the highest and lowest of them reach."""
    for page in opened(file):
        height = page.get_height()
        bounds = [part.get_bounds() for part in page.get_objects() if part.type == raw.FPDF_PAGEOBJ_TEXT]
        yield [
            Box(*(number / 72 * 25.4 for number in (left, height - top, right, height - bottom)))
            for left, bottom, right, top in bounds
        ]

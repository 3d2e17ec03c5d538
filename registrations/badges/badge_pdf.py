"""Badges as PDF at true size, many as files of a few hundred each; and one as a drawing that a page prints.

Rules: EV-01, EV-02.
"""

import io
import zipfile
from collections.abc import AsyncIterator, Iterator, Sequence
from typing import Any

from events.web import pdf

from .badge import COLOURS, Badge
from .heading import NO_HEADING, Heading
from .papers import Paper, Sizes, facts_of

TEMPLATE = "desk/badges/badges.typ"
TITLE = "Badges"  # says nothing of the event: file names and titles stand in lists of printers
A_FILE = 500  # badges: a file of 50 sheets, which every printer takes
FILE_NAME, ZIP_NAME = "badges.pdf", "badges.zip"
MADE_AT = (1980, 1, 1, 0, 0, 0)  # of the files in a ZIP: they say nothing of when
MORE = "and {} more"
Page = list[Badge | None]


async def badges_pdf(
    badges: Sequence[Badge], paper: Paper, *, both_sides: bool = False, heading: Heading = NO_HEADING
) -> bytes:
    """One file, with its badges in this order. `both_sides`: behind each badge, on the next page, stands the same one,
    for a printer that turns the sheet over its long edge. Workshops stand on the back, if it is printed."""
    return await pdf.pdf(TEMPLATE, _facts(badges, paper, heading, both_sides=both_sides))


async def badge_svg(badge: Badge, paper: Paper, heading: Heading = NO_HEADING) -> str:
    """The page of one badge as a drawing of its true size."""
    return await pdf.svg(TEMPLATE, _facts([badge], paper, heading))


async def badges_zip(
    badges: Sequence[Badge], paper: Paper, *, both_sides: bool = False, heading: Heading = NO_HEADING
) -> AsyncIterator[bytes]:
    """Files of A_FILE badges each, numbered, in one ZIP, sent as each is made: of 20,000 badges there is never more in
    memory than of some hundred."""
    sent = Sent()
    with zipfile.ZipFile(sent, "w") as archive:
        for number, some in enumerate(_parts(badges, A_FILE), 1):
            made = await badges_pdf(some, paper, both_sides=both_sides, heading=heading)
            await pdf.forget()
            archive.writestr(zipfile.ZipInfo(f"badges-{number:03}.pdf", MADE_AT), made)
            yield sent.take()
    yield sent.take()


class Sent(io.RawIOBase):
    """A file that is given away as it grows."""

    def __init__(self) -> None:
        self._waiting = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, some: Any) -> int:
        self._waiting += some
        return len(some)

    def take(self) -> bytes:
        taken = bytes(self._waiting)
        self._waiting.clear()
        return taken


def _facts(badges: Sequence[Badge], paper: Paper, heading: Heading, *, both_sides: bool = False) -> dict[str, Any]:
    fronts = [[*some, *[None] * (paper.a_page - len(some))] for some in _parts(badges, paper.a_page)]
    pages = list[list[dict[str, Any] | None]]()
    for front in fronts:
        pages.append([_said(badge, paper.sizes, plain=both_sides) for badge in front])
        if both_sides:
            pages.append([_said(badge, paper.sizes, back=True) for badge in _behind(front, paper)])
    return {"title": TITLE, **facts_of(paper), "heading": heading.facts, "pages": pages}


def _behind(front: Page, paper: Paper) -> Page:
    """Each row from the other side, so that a badge has itself behind it."""
    rows = _parts(front, paper.across)
    return [badge for row in rows for badge in reversed(row)]


def _said(badge: Badge | None, sizes: Sizes, *, plain: bool = False, back: bool = False) -> dict[str, Any] | None:
    """`plain`: without workshops, since they stand on the back."""
    if badge is None:
        return None
    lines, most = [] if plain else [workshop._asdict() for workshop in badge.workshops], sizes.most(back=back)
    if len(lines) > most:
        lines = [*lines[: most - 1], {"starts": "", "title": MORE.format(len(lines) - most + 1), "room": ""}]
    rows = sizes.rows(len(lines), back=back)
    return {**badge._asdict(), "workshops": lines, "colour": COLOURS[badge.badge_type], "rows": rows}


def _parts(all_: Sequence[Any], size: int) -> Iterator[Sequence[Any]]:
    return (all_[start : start + size] for start in range(0, len(all_), size))

"""On what badges are printed: sheets that are cut, and pages of one badge each. In millimetres, as printers know them.

Nothing that has to be read stands nearer than four millimetres to an edge. Rules: EV-02.
"""

from collections.abc import Sequence
from enum import StrEnum
from typing import Any, NamedTuple

Mark = tuple[float, float, float, int]  # from where, how long, and whether down (90) or across (0)
A4 = (210.0, 297.0)


class Rows(NamedTuple):
    """Heights; none of a row that is not there."""

    mark: float
    name: float
    organisation: float
    workshops: float
    band: float


class Sizes(NamedTuple):
    """Of one size of badge: what lies around and between its texts in millimetres, and its letters in points, from
    the largest to the smallest that is legible."""

    badge: tuple[float, float]
    inset: float
    heights: tuple[float, float, float]  # of photo mark, organisation, band of the badge type; the name has the rest
    name_on_one_line: Sequence[int]
    name_on_several: Sequence[int]
    organisation_on_one_line: Sequence[int]
    organisation_on_several: Sequence[int]
    small: int
    line: tuple[int, float, int]  # of a workshop: letters, how high it is, and whether its room stands below (2)
    least: tuple[float, float]  # heights that name and organisation keep above workshops: two lines

    def most(self, *, back: bool) -> int:
        """Workshops that there is room for. On the back they stand in place of the organisation."""
        return int(self._shared(back=back) // self.line[1])

    def rows(self, workshops: int = 0, *, back: bool = False) -> Rows:
        """How high each is, beside so many workshops, at most as many as there is room for."""
        mark, organisation, band = self.heights
        if not workshops:
            return Rows(mark, self._all(4) - sum(self.heights), organisation, 0, band)
        organisation, below = 0 if back else self.least[1], workshops * self.line[1]
        return Rows(mark, self.least[0] + self._shared(back=back) - below, organisation, below, band)

    def _shared(self, *, back: bool) -> float:
        """What workshops and a larger name have among them."""
        mark, _, band = self.heights
        return self._all(4 if back else 5) - mark - band - self.least[0] - (0 if back else self.least[1])

    def _all(self, rows: int) -> float:
        return self.badge[1] - 2 * self.inset - (rows - 1) * self.inset / 2


CARD = Sizes(
    (86, 54), 4, (5, 10, 8),
    (30, 26, 22, 19, 16), (22, 19, 16, 14, 12, 11, 10, 9, 8), (14, 12, 11, 10), (11, 10, 9, 8), 8,
    (7, 3.34, 1), (9.65, 8.66),
)  # fmt: skip
LABEL_54 = CARD._replace(badge=(101, 54))
LABEL_62 = CARD._replace(badge=(100, 62), heights=(6, 12, 9), small=9, line=(8, 3.85, 1))
A6 = Sizes(
    (105, 148), 8, (10, 27, 16),
    (54, 48, 42, 36, 32, 28), (40, 36, 32, 28, 24, 20, 16, 14, 13, 12, 11), (24, 20, 18, 16), (20, 18, 16, 14, 12), 15,
    (10, 10.4, 2), (32, 20),
)  # fmt: skip


class Paper(NamedTuple):
    words: str
    sizes: Sizes
    page: tuple[float, float]
    across: int = 1  # so many badges beside each other,
    down: int = 1  # and so many below each other

    @property
    def a_page(self) -> int:
        return self.across * self.down

    @property
    def slots(self) -> list[tuple[float, float]]:
        """Where the badges of a page begin, from the left above, row by row: in the middle of the page."""
        width, height = self.sizes.badge
        left, above = (self.page[0] - self.across * width) / 2, (self.page[1] - self.down * height) / 2
        return [(left + width * n, above + height * row) for row in range(self.down) for n in range(self.across)]

    @property
    def marks(self) -> list[Mark]:
        """Where a sheet is cut: short lines at its edges, beside the badges where there is room beside them."""
        if self.a_page == 1:
            return []
        (width, height), (left, above) = self.sizes.badge, self.slots[0]
        downward = [left + width * n for n in range(self.across + 1)]
        sideways = [above + height * n for n in range(self.down + 1)]
        return [
            *(mark for x in downward if 0 < x < self.page[0] for mark in _at_both(x, self.page[1], above, 90)),
            *(mark for y in sideways if 1 < y < self.page[1] - 1 for mark in _at_both(y, self.page[0], left, 0)),
        ]


def _at_both(where: float, length: float, margin: float, angle: int) -> list[Mark]:
    """Four millimetres from the edges of the page, where printers print; they end two before a badge that is cut
    out."""
    long = min(max(margin - 6, 3), 8)
    ends = (4, length - 4 - long)
    return [(where, end, long, angle) if angle else (end, where, long, angle) for end in ends]


class PaperName(StrEnum):
    CARD_SHEET = "card-sheet"
    A6_SHEET = "a6-sheet"
    CARD = "card"
    A6 = "a6"
    LABEL_54 = "label-54"
    LABEL_62 = "label-62"

    @property
    def paper(self) -> Paper:
        return PAPERS[self]

    @property
    def words(self) -> str:
        return PAPERS[self].words


PAPERS = {
    PaperName.CARD_SHEET: Paper("A4 sheets of ten, 86 by 54 mm each", CARD, A4, 2, 5),
    PaperName.A6_SHEET: Paper("A4 sheets of four, A6 each", A6, A4, 2, 2),
    PaperName.CARD: Paper("One a page, 86 by 54 mm", CARD, CARD.badge),
    PaperName.A6: Paper("One a page, A6 (105 by 148 mm)", A6, A6.badge),
    PaperName.LABEL_54: Paper("Label printer, 101 by 54 mm", LABEL_54, LABEL_54.badge),
    PaperName.LABEL_62: Paper("Label printer, 100 by 62 mm", LABEL_62, LABEL_62.badge),
}
OF_ONE = [name for name in PaperName if name.paper.a_page == 1]


def facts_of(paper: Paper) -> dict[str, Any]:
    """What the template has to know of it."""
    sizes = paper.sizes
    letters = (
        sizes.name_on_one_line, sizes.name_on_several, sizes.organisation_on_one_line, sizes.organisation_on_several,
    )  # fmt: skip
    return {
        "page": paper.page,
        "slots": paper.slots,
        "marks": paper.marks,
        "badge": sizes.badge,
        "inset": sizes.inset,
        "sizes": letters,
        "small": sizes.small,
        "line": sizes.line,
    }

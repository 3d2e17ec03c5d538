"""Whether letters stay where they belong: within the frame of a badge, and within the row that is theirs."""

from collections.abc import Sequence

import pytest

from registrations.badges.badge import Badge
from registrations.badges.papers import Paper, Sizes
from tests.pdf_reading import Box, letters

ASIDE = 0.6  # millimetres that a letter may be wider than the step that it takes
UPRIGHT = 2.0  # millimetres that accents may reach out of their row: as much as lies between two
LINE_UPRIGHT = 1.0  # of a workshop, which has another one above and below it
Row = tuple[float, float, float]


def astray(
    file: bytes, paper: Paper, badges: Sequence[Badge] = (), *, by_rows: bool = True, both_sides: bool = False
) -> list[Box]:
    """The runs of letters that leave what may be printed on of their badge, or reach into the row of another text;
    without rows, those that come as near as a millimetre to its frame. `badges`: of this file, if any has workshops."""
    found = list[Box]()
    for number, page in enumerate(letters(file)):
        sheet, is_back = divmod(number, 2) if both_sides else (number, 0)
        some = badges[sheet * paper.a_page : (sheet + 1) * paper.a_page]
        rows = [_rows_at(slot, paper, some, both_sides, bool(is_back)) for slot in range(paper.a_page)]
        found += [box for box in page if not _stays(box, paper, rows if by_rows else [])]
    return found


def _rows_at(slot: int, paper: Paper, some: Sequence[Badge], both_sides: bool, is_back: bool) -> list[Row]:
    down, across = divmod(slot, paper.across)
    number = down * paper.across + paper.across - 1 - across if is_back else slot
    workshops = len(some[number].workshops) if number < len(some) and is_back == both_sides else 0
    return rows_of(paper.sizes, min(workshops, paper.sizes.most(back=is_back)), back=is_back)


def _stays(box: Box, paper: Paper, rows: Sequence[Sequence[Row]]) -> bool:
    (width, height), inset = paper.sizes.badge, paper.sizes.inset - ASIDE
    slots = [Box(left, above, left + width, above + height) for left, above in paper.slots]
    mine = [number for number, slot in enumerate(slots) if _in_the_middle(box, slot)]
    if len(mine) != 1:
        return False
    slot = slots[mine[0]]
    if not rows:
        return box.within(slot, -1)
    sides = Box(slot.left + inset, slot.top, slot.right - inset, slot.bottom)
    places = [Box(sides.left, slot.top + above, sides.right, slot.top + below) for above, below, _ in rows[mine[0]]]
    reach = [slack for _, _, slack in rows[mine[0]]]
    return box.within(sides) and any(box.within(place, slack) for place, slack in zip(places, reach, strict=True))


def rows_of(sizes: Sizes, workshops: int = 0, *, back: bool = False) -> list[Row]:
    """From where to where each row reaches below the upper edge of the badge, and how far accents may leave it: photo
    mark, name, organisation, each line of each workshop, kind."""
    gap, height = sizes.inset / 2, sizes.badge[1]
    rows = sizes.rows(workshops, back=back)
    above, found = sizes.inset, list[Row]()
    for row in (rows.mark, rows.name, rows.organisation):
        if row:
            found.append((above, above + row, UPRIGHT))
            above += row + gap
    each = sizes.line[1]
    for _ in range(workshops):
        found.append((above, above + each, LINE_UPRIGHT))
        above += each
    above += gap if workshops else 0
    found.append((above, above + rows.band, UPRIGHT))
    assert above + rows.band + sizes.inset == pytest.approx(height)
    assert not workshops or (rows.name, rows.workshops) >= (sizes.least[0] - 1e-9, 0)
    return found


def _in_the_middle(box: Box, other: Box) -> bool:
    across, down = (box.left + box.right) / 2, (box.top + box.bottom) / 2
    return other.left <= across <= other.right and other.top <= down <= other.bottom

"""Whether letters stay where they belong: within the frame of a badge, and within the row that is theirs."""

from collections.abc import Sequence

from registrations.badges.papers import Paper, Sizes
from tests.pdf_reading import Box, letters

ASIDE = 0.6  # millimetres that a letter may be wider than the step that it takes
UPRIGHT = 2.0  # millimetres that accents may reach out of their row: as much as lies between two


def astray(file: bytes, paper: Paper, *, by_rows: bool = True) -> list[Box]:
    """The runs of letters that leave what may be printed on of their badge, or reach into the row of another text;
    without rows, those that come as near as a millimetre to its frame."""
    return [box for page in letters(file) for box in page if not _stays(box, paper, by_rows=by_rows)]


def _stays(box: Box, paper: Paper, *, by_rows: bool) -> bool:
    (width, height), inset = paper.sizes.badge, paper.sizes.inset - ASIDE
    slots = [Box(left, above, left + width, above + height) for left, above in paper.slots]
    mine = [slot for slot in slots if _in_the_middle(box, slot)]
    if len(mine) != 1:
        return False
    [slot] = mine
    sides = Box(slot.left + inset, slot.top, slot.right - inset, slot.bottom)
    rows = [Box(sides.left, slot.top + above, sides.right, slot.top + below) for above, below in rows_of(paper.sizes)]
    return any(box.within(row, UPRIGHT) for row in rows) and box.within(sides) if by_rows else box.within(slot, -1)


def rows_of(sizes: Sizes) -> Sequence[tuple[float, float]]:
    """From where to where each row reaches below the upper edge of the badge: photo mark, name, organisation, kind."""
    mark, organisation, band = sizes.heights
    gap, height = sizes.inset / 2, sizes.badge[1]
    name = height - 2 * sizes.inset - mark - organisation - band - 3 * gap
    above, found = sizes.inset, list[tuple[float, float]]()
    for row in (mark, name, organisation, band):
        found.append((above, above + row))
        above += row + gap
    return found


def _in_the_middle(box: Box, other: Box) -> bool:
    across, down = (box.left + box.right) / 2, (box.top + box.bottom) / 2
    return other.left <= across <= other.right and other.top <= down <= other.bottom

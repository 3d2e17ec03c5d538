"""A sheet as it is printed: as a page for the browser's printer, cut into pages here, and as a PDF. It is put together
in a thread, so that the longest list keeps nobody else waiting.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import anyio
from anyio import to_thread

from events.event import Event
from events.ground import clock
from events.web import pdf
from events.web.fonts import GAP, drawable
from events.web.rendering import date_words, when
from registrations.paper.lines import Line
from registrations.paper.printing import Made
from registrations.paper.sheet import ROLL_CALL_HEADER, ROWS_TO_WRITE_IN, Sheet, SheetKind

PDF = "desk/paper/sheet.typ"
SETTING = anyio.CapacityLimiter(1)  # of its own: tickets do not wait for a list of thousands
HAS_GAPS = f"{GAP} stands for characters that cannot be printed here. The sheet as a page shows them."
BOX = "box"
ROOM = 46  # lines of text on an A4 page, below its head
ROW, A_LINE = 1.6, 1.0  # of such lines: a row of one line, and each line more
TALL = 3.5  # a row to write in
LETTER = "[0-9A-Za-z\u00c0-\u024f\u0370-\u052f\u1e00-\u1eff'-]"  # of scripts whose letters stand apart
LONG_WORD = re.compile(f"{LETTER}{{10}}(?={LETTER}{{5}})")
MOST_IN_PDF = 2000  # lines: each takes a millisecond and 0.1 MB while it is set


class Column(NamedTuple):
    title: str
    share: int  # in a hundred of the width
    letters: int = 99  # that surely stand on one line
    is_box: bool = False


COLUMNS: Mapping[SheetKind, Sequence[Column]] = {
    SheetKind.DOOR_LIST: (
        Column("Line", 8), Column("In", 6, is_box=True), Column("Surname", 24, 17), Column("First name", 22, 16),
        Column("Organisation", 25, 20), Column("Reference", 15),
    ),
    SheetKind.WALK_IN: (
        Column("Line", 7), Column("In", 5, is_box=True), Column("Name", 21), Column("Organisation", 19),
        Column("Work email", 22), Column("Why no ticket", 12), Column("Release number, or reference", 14),
    ),
    SheetKind.RELEASE: (
        Column("Line", 8), Column("Read out", 10, is_box=True), Column("Release number", 25), Column("Time", 14),
        Column("To which door", 24), Column("Initials", 19),
    ),
    SheetKind.ROLL_CALL: (
        Column("Line", 10), Column("Safe", 8, is_box=True), Column("Surname", 34, 26),
        Column("Name on the badge", 34, 26), Column("Came in", 14),
    ),
    SheetKind.ACCESS: (
        Column("Line", 10), Column("Out", 8, is_box=True), Column("Name on the badge", 34, 26),
        Column("What helps", 48, 40),
    ),
    SheetKind.ROOM_LIST: (
        Column("Line", 10), Column("In", 8, is_box=True), Column("Name on the badge", 42, 32),
        Column("Organisation", 40, 32),
    ),
}  # fmt: skip
SAYS: Mapping[SheetKind, str] = {
    SheetKind.DOOR_LIST: (
        "Check the name against the work ID, then tick. Write the time beside the first tick of each half hour. Say"
        " nothing to anybody about who is on this list."
    ),
    SheetKind.WALK_IN: (
        "Let nobody in by yourself: telephone an organiser, who says yes or no and reads a number to you. Write it"
        " down, then tick. Ask for the work email, and write it in capitals."
    ),
    SheetKind.RELEASE: (
        "Keep this with you, away from the doors. A door lead telephones: ask for name, organisation and why they have"
        " no ticket. If you say yes, read out the next number, once, and write down the time."
    ),
    SheetKind.ROLL_CALL: ROLL_CALL_HEADER,
    SheetKind.ACCESS: (
        "They asked for help to leave the building, and agreed that marshals read this. For marshals alone: others may"
        " need help too. Follow the venue's fire marshal."
    ),
    SheetKind.ROOM_LIST: (
        "For whoever runs this workshop alone. Say nothing to anybody about who is on it, and give it back afterwards."
    ),
}


async def page_facts(event: Event, made: Made, printed_by: str) -> dict[str, Any]:
    """What the page is drawn from."""
    facts = _facts(event, made, printed_by)
    pages = await to_thread.run_sync(lambda: list(paged(_rows(made), facts["columns"], made.sheet.kind)))
    return facts | {"pages": pages}


async def as_pdf(event: Event, made: Made, printed_by: str) -> bytes:
    facts = await to_thread.run_sync(lambda: _drawable(_facts(event, made, printed_by), _rows(made)))
    return await pdf.pdf(PDF, facts, SETTING)


def file_name(sheet: Sheet) -> str:
    return f"{sheet.kind.value.replace(' ', '-')}-{sheet.number}.pdf"


def _facts(event: Event, made: Made, printed_by: str) -> dict[str, Any]:
    """The event's name, and never the venue or a door, which may tell where it is."""
    sheet, there = made.sheet, clock.local(made.sheet.printed_at)
    return {
        "title": sheet.title,
        "of_event": f"{event.title}, {event.day_words}",
        "printed": f"Printed {when(sheet.printed_at)} {there:%Z}, by {printed_by}.",
        "destroy_by": f"Destroy by {date_words(sheet.destroy_by)}.",
        "mark": f"{printed_by}, {when(sheet.printed_at)}",
        "says": f"{made.workshop}. {SAYS[sheet.kind]}" if made.workshop else SAYS[sheet.kind],
        "columns": COLUMNS[sheet.kind],
        "kind": sheet.kind,
        "tall": sheet.kind in ROWS_TO_WRITE_IN,
        "empty": "Nobody." if not sheet.lines else "",
    }


def _rows(made: Made) -> list[tuple[str, ...]]:
    """The cells of each line. A box is drawn where its column says so."""
    if made.sheet.kind is SheetKind.WALK_IN:
        return [(str(n), *[""] * 6) for n in range(1, made.sheet.lines + 1)]
    cells = CELLS[made.sheet.kind]
    return [(str(n), "", *cells(line)) for n, line in enumerate(made.lines, 1)]


def _on_door_list(line: Line) -> tuple[str, ...]:
    return line.surname, line.names, line.organisation, line.reference


def _on_release_list(line: Line) -> tuple[str, ...]:
    return line.reference, "", "", ""


def _on_roll_call(line: Line) -> tuple[str, ...]:
    return line.surname, line.badge_name, clock.time_words(line.came_in) if line.came_in else ""


def _on_access_sheet(line: Line) -> tuple[str, ...]:
    return line.badge_name, line.need


def _on_room_list(line: Line) -> tuple[str, ...]:
    return line.badge_name, line.organisation


CELLS: Mapping[SheetKind, Callable[[Line], tuple[str, ...]]] = {
    SheetKind.DOOR_LIST: _on_door_list,
    SheetKind.RELEASE: _on_release_list,
    SheetKind.ROLL_CALL: _on_roll_call,
    SheetKind.ACCESS: _on_access_sheet,
    SheetKind.ROOM_LIST: _on_room_list,
}


def paged(rows: Iterable[Sequence[str]], columns: Sequence[Column], kind: SheetKind) -> Iterator[list[Sequence[str]]]:
    """As many rows on each page as surely have room on it, however long the names are. One page where there are
    none."""
    page: list[Sequence[str]] = []
    left = float(ROOM)
    for row in rows:
        takes = TALL if kind in ROWS_TO_WRITE_IN else ROW + A_LINE * (_lines(row, columns) - 1)
        if takes > left and page:
            yield page
            page, left = [], float(ROOM)
        page.append(row)
        left -= takes
    yield page


def _lines(row: Sequence[str], columns: Sequence[Column]) -> int:
    return max(-(-_width(cell) // column.letters) or 1 for cell, column in zip(row, columns, strict=True))


def _width(text: str) -> int:
    """In letters as wide as most are."""
    if text.isascii():
        return len(text)
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)


def _breakable(text: str) -> str:
    """A long word may break after every ten letters, so that none leaves its column."""
    return LONG_WORD.sub("\\g<0>\u200b", text)


def _drawable(facts: Mapping[str, Any], rows: Sequence[Sequence[str]]) -> dict[str, Any]:
    """What Typst is given: texts that our fonts have."""
    named = [[_breakable(drawable(cell)) if cell else "" for cell in row] for row in rows]
    said = {name: drawable(text) for name, text in facts.items() if isinstance(text, str) and text}
    gaps = any(GAP in cell for row in named for cell in row)
    return {
        "empty": facts["empty"],
        **said,
        "columns": [[column.title, column.share, column.is_box] for column in facts["columns"]],
        "rows": named,
        "tall": facts["tall"],
        "gaps": HAS_GAPS if gaps else "",
    }

"""A program of its own, with little memory and time: reads a spreadsheet from its input, and prints its rows as JSON.

So a file that was made to hurt ends this program, and nothing else.
"""

import datetime
import io
import json
import resource
import sys
from typing import Any

MEMORY, SECONDS = 768 << 20, 20
MOST_ROWS, MOST_COLUMNS, LONGEST = 10_012, 120, 1000
MOST_FILLED = 100_000  # cells that say what a merged one says: no list has more


def said(value: object) -> str:
    """As somebody would have typed it: numbers without .0, dates as 2019-04-15."""
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else str(value)
    if isinstance(value, datetime.datetime | datetime.date | datetime.time):
        return value.isoformat()
    return str(value)[: LONGEST + 1]


def fill_down(rows: list[list[Any]], merged: list[tuple[tuple[int, int], tuple[int, int]]] | None) -> None:
    """A cell that reaches over several rows says the same in each of them."""
    left = MOST_FILLED
    for (top, column), (bottom, _) in merged or ():
        below = rows[top + 1 : bottom + 1] if column < len(rows[0]) else []  # it may lie beside all that is written
        if (left := left - len(below)) < 0:
            return
        for row in below:
            row[column] = rows[top][column]


def main() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    from python_calamine import CalamineWorkbook, SheetVisibleEnum

    book = CalamineWorkbook.from_filelike(io.BytesIO(sys.stdin.buffer.read()))
    shown = [sheet.name for sheet in book.sheets_metadata if sheet.visible == SheetVisibleEnum.Visible]
    for name in shown:
        sheet = book.get_sheet_by_name(name)
        if sheet.total_height > MOST_ROWS:
            sys.exit(3)
        if sheet.total_width > MOST_COLUMNS:
            sys.exit(4)
        if rows := sheet.to_python(skip_empty_area=False):
            fill_down(rows, sheet.merged_cell_ranges)
            print(json.dumps([[said(value) for value in row] for row in rows]))  # noqa: T201
            return
    print("[]")  # noqa: T201


if __name__ == "__main__":
    main()

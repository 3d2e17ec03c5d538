"""A table as a file: CSV and XLSX, in which no cell is a formula, a link or a date that nobody meant.

Rules: SE-13. All of it stays in memory: nothing is written to a disk in clear.
"""

import csv
import re
from collections.abc import Sequence
from datetime import datetime
from io import BytesIO, StringIO

import xlsxwriter

from .export import Format

Cell = str | int
BOM = "\ufeff"  # by which Excel knows UTF-8
CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f\u200b\u2060\ufeff]|\r\n?|\n")
BEGINS = r"[=+\-@|%\uff1d\uff0b\uff0d\uff20]"  # what spreadsheets take for a formula
FORMULA = re.compile(rf"\s*{BEGINS}|[\t\r\n]")
AFTER_SEPARATOR = re.compile(rf"""[;,\t]'*(?=["\s]*{BEGINS})""")  # a formula, once split there
NUMBER = re.compile(r"[\d\s.,()/:+\-\u2010-\u2013]*\d[\d\s.,()/:+\-\u2010-\u2013]*|[\d.,]+e[+-]?\d+", re.I)
MOMENT = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d")  # as we write one: may be read as what it is
MONTH = re.compile(r"(\d+[-/ ])?(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*[-/ ]?\d+", re.I)
WIDEST, NARROWEST = 60, 8  # of a column, in letters
CONTENT_TYPES = {
    Format.CSV: "text/csv; charset=utf-8",
    Format.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def made(file: Format, mark: str, titles: Sequence[str], lines: Sequence[Sequence[Cell]], at: datetime) -> bytes:
    """`mark`: the first row, which says who took the file, when, what for and until when it may be kept."""
    rows = [[mark], list(titles), *lines]
    return as_csv(rows) if file is Format.CSV else as_xlsx(rows, at)


def as_csv(rows: Sequence[Sequence[Cell]]) -> bytes:
    text = StringIO()
    csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\r\n").writerows([[plain(c) for c in row] for row in rows])
    return f"{BOM}{text.getvalue()}".encode()


def plain(cell: Cell) -> Cell:
    """As a spreadsheet shows it and does not read it: an apostrophe stands before what it would take for a formula, a
    number or a date. So telephone numbers keep their first nought, and references all their letters. Much of Europe
    splits such a file at semicolons, within cells too: what begins behind one is looked at as well."""
    if isinstance(cell, int):
        return cell
    text = CONTROL.sub(" ", cell)
    if MOMENT.fullmatch(text):
        return text
    is_read = FORMULA.match(text) or FORMULA.match(cell) or NUMBER.fullmatch(text) or MONTH.fullmatch(text)
    split = AFTER_SEPARATOR.sub(r"\g<0>'", text)
    return f"'{split}" if is_read else split


def as_xlsx(rows: Sequence[Sequence[Cell]], at: datetime) -> bytes:
    """Each text is a cell of text, whatever it begins with: also once somebody edits it."""
    content = BytesIO()
    book = xlsxwriter.Workbook(content, {"in_memory": True, "strings_to_urls": False, "strings_to_formulas": False})
    book.set_properties({"title": "", "author": "Muster", "created": at.replace(tzinfo=None)})
    sheet = book.add_worksheet("Export")
    text, quoted = book.add_format({"num_format": "@"}), book.add_format({"num_format": "@", "quote_prefix": True})
    bold = book.add_format({"num_format": "@", "bold": True})
    for n, row in enumerate(rows):
        for column, cell in enumerate(row):
            if isinstance(cell, int):
                sheet.write_number(n, column, cell)
            else:
                look = bold if n < 2 else quoted if FORMULA.match(cell) else text
                sheet.write_string(n, column, CONTROL.sub(" ", cell), look)
    for column, width in enumerate(_widths(rows[1:])):
        sheet.set_column(column, column, width)
    sheet.freeze_panes(2, 0)
    sheet.repeat_rows(0, 1)  # the mark stands on each page that is printed
    sheet.fit_to_pages(1, 0)
    sheet.set_landscape()
    book.close()
    return content.getvalue()


def _widths(rows: Sequence[Sequence[Cell]]) -> list[int]:
    longest = [max(len(str(row[n])) for row in rows) for n in range(len(rows[0]))]
    return [min(max(letters, NARROWEST), WIDEST) + 2 for letters in longest]

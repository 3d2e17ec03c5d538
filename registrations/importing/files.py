"""A file as it was uploaded becomes rows of text: XLSX, ODS or CSV. It is never written to a disk.

A spreadsheet is a zip: it is unpacked here up to a limit, and put together anew without macros, pictures and links to
other files, before anything reads it. Raises Refused for whatever is too large, or is no list.
"""

import csv
import io
import json
import re
import zipfile
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from anyio import CapacityLimiter, to_thread

from events.ground.refusal import Refused
from events.web.forms import clean
from events.web.reading_apart import read_apart
from registrations.exports.files import BEGINS, plain

from .columns import suggested

MOST_BYTES = 4 << 20  # of the file
MOST_UNPACKED, MOST_PARTS = 64 << 20, 400
MOST_ROWS, MOST_COLUMNS, LONGEST = 10_000, 100, 500  # people; columns; characters of a cell that we read
WIDEST = 1000  # cells of a row with something in its last one: no list is as wide, and each costs time
GUARDED = re.compile(rf"""^'|(?<=[;,\t])'(?='*["\s]*{BEGINS})""")  # as `plain` writes them
HEADING_WITHIN = 10  # rows, of which one has the headings
LOOKED_AT, SEPARATORS = 4000, ",;\t"  # characters of a CSV; what may stand between its cells
PROGRAM = Path(__file__).with_name("reading_apart.py")
SECONDS = 30.0
LEFT_OUT = ("externallinks/", "vbaproject", "media/", "embeddings/", "pictures/", "activex/", "ctrlprops/", "basic/",
            "scripts/", "thumbnails/", "object ", "connections.xml", "querytables/")  # fmt: skip
TOO_LARGE = "The file is too large: it may have 4 MB, and 10,000 people. Split it, and import one part after the other."
TOO_MANY_ROWS = (
    "The first sheet has more than 10,000 rows. If the list is shorter, something stands far below it: delete those "
    "rows, and save the file again. If not, split it, and import one part after the other."
)
TOO_WIDE = (
    "The first sheet has more than 100 columns. If the list has fewer, something stands far to the right of it: delete "
    "those columns, and save the file again."
)
TOO_FAR = (
    "The first sheet is too large to be read. Most often something stands far below the list, or far to the right of "
    "it: delete those rows and columns, and save the file again."
)
ENDS = {3: TOO_MANY_ROWS, 4: TOO_WIDE}  # how the program ends
NO_LIST = "This is no XLSX, ODS or CSV file that we can read. Open it, and save it as XLSX or CSV."
LOCKED = "This file is of an old Excel, or has a password. Open it, and save it as XLSX without a password."
EMPTY = "There is no list in this file: the first sheet needs a row of headings, and people below it."
_reading = CapacityLimiter(1)


class Table(NamedTuple):
    """`first_row`: the number in the file of the first row below the headings."""

    headings: list[str]
    rows: list[list[str]]
    first_row: int


async def read(content: bytes) -> Table:
    if not content:
        raise Refused(EMPTY, 422)
    if len(content) > MOST_BYTES:
        raise Refused(TOO_LARGE, 413)
    async with _reading:
        if content[:8] == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":
            raise Refused(LOCKED, 422)
        if content[:2] == b"PK":
            rows = await _of_book(await to_thread.run_sync(rebuilt, content))
        else:
            rows = await to_thread.run_sync(of_csv, content)
        return await to_thread.run_sync(table_of, rows)


def rebuilt(content: bytes) -> bytes:
    """The same spreadsheet with what we need of it, unpacked. Each part is counted while it is unpacked, whatever it
    says of its size."""
    out = io.BytesIO()
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as book, zipfile.ZipFile(out, "w") as anew:
            parts = book.infolist()
            if len(parts) > MOST_PARTS:
                raise Refused(TOO_LARGE, 413)
            left = MOST_UNPACKED
            for part in parts:
                if any(word in part.filename.lower() for word in LEFT_OUT) or part.is_dir():
                    continue
                with book.open(part) as packed:
                    text = packed.read(left + 1)
                if (left := left - len(text)) < 0:
                    raise Refused(TOO_LARGE, 413)
                anew.writestr(zipfile.ZipInfo(part.filename), text)
    except (zipfile.BadZipFile, zlib.error, RuntimeError, NotImplementedError, EOFError, OSError, ValueError):
        raise Refused(NO_LIST, 422) from None
    return out.getvalue()


async def _of_book(book: bytes) -> list[list[str]]:
    ended, said = await read_apart(PROGRAM, book, SECONDS)
    if ended in ENDS:
        raise Refused(ENDS[ended], 413)
    if ended < 0:  # it had no memory or time left
        raise Refused(TOO_FAR, 413)
    if ended != 0:
        raise Refused(NO_LIST, 422)
    rows: list[list[str]] = json.loads(said)
    return rows


def of_csv(content: bytes) -> list[list[str]]:
    """In UTF-8, UTF-16 or Windows' Latin; with commas, semicolons or tabs."""
    text = _decoded(content)
    if "\x00" in text or text.lstrip()[:1] in ("<", "{", "%") or "\ufffd" in text:
        raise Refused(NO_LIST, 422)
    separator = _separator(text[:LOOKED_AT])
    rows = list[list[str]]()
    try:
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=separator):
            if len(rows) > MOST_ROWS + HEADING_WITHIN + 1:
                raise Refused(TOO_MANY_ROWS, 413)
            while row and not row[-1]:
                row.pop()
            if len(row) > WIDEST:
                raise Refused(TOO_WIDE, 413)
            rows.append([_unguarded(cell) for cell in row[: MOST_COLUMNS + 1]])
    except csv.Error:
        raise Refused(NO_LIST, 422) from None
    return rows


def _separator(head: str) -> str:
    """That by which we know most headings in a row; of several the one that stands there most often. So no comma in
    *Ashdown, Ada* splits a list of semicolons."""
    lines = head.splitlines()[:HEADING_WITHIN]

    def known(separator: str) -> int:
        rows = csv.reader(lines, delimiter=separator)
        return max((len(suggested(row[:MOST_COLUMNS])) for row in rows), default=0)

    return max(SEPARATORS, key=lambda separator: (known(separator), head.count(separator)))


def _decoded(content: bytes) -> str:
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return content.decode("utf-16", errors="replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")


def _unguarded(cell: str) -> str:
    """Without the apostrophes that an export of ours puts before what spreadsheets would read."""
    if "'" not in cell:
        return cell
    told = GUARDED.sub("", cell)
    return told if plain(told) == cell else cell


def _row_of_headings(rows: Sequence[Sequence[str]]) -> int | None:
    """The one with most headings that we know, of those with two texts at least: what stands above it is a title. One
    alone that we know may be a word of somebody's row; below an address it counts for none, and beside one nothing
    does. Where we know none, it is the first."""
    known, somebody_above = dict[int, int](), False
    for n, row in enumerate(rows):
        is_somebody = _is_somebody(row)
        somebody_above = somebody_above or is_somebody
        if sum(bool(clean(cell)) for cell in row) > 1:
            number = 0 if is_somebody else len(suggested(row))
            known[n] = 0 if number == 1 and somebody_above else number
    return max(known, key=lambda n: (known[n], -n), default=None)


def _is_somebody(row: Sequence[str]) -> bool:
    """Whether an address stands there by itself or behind a name: no heading has one so."""
    return any("@" in cell and ("<" in cell or len(cell.split()) == 1) for cell in row)


def table_of(rows: list[list[str]]) -> Table:
    """Rows without anything are left out, but counted. Where somebody stands in place of headings, none has a text."""
    if (head := _row_of_headings(rows[:HEADING_WITHIN])) is None:
        raise Refused(EMPTY, 422)
    headings = [clean(cell)[:LONGEST] for cell in rows[head]]
    while headings and not headings[-1]:
        headings.pop()
    if len(headings) > MOST_COLUMNS:
        raise Refused(TOO_WIDE, 413)
    if _is_somebody(headings):
        headings, head = [""] * len(headings), head - 1
    if any(clean(cell) for row in rows[head + 1 :] for cell in row[len(headings) : len(headings) + 1]):
        headings.append("")  # the last one may reach over two columns
    below = [[clean(cell)[:LONGEST] for cell in row[: len(headings)]] for row in rows[head + 1 :]]
    while below and not any(below[-1]):
        below.pop()
    if not below:
        raise Refused(EMPTY, 422)
    if len(below) > MOST_ROWS:
        raise Refused(TOO_MANY_ROWS, 413)
    for row in below:
        row += [""] * (len(headings) - len(row))
    return Table(headings, below, head + 2)

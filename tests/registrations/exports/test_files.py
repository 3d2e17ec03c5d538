"""A cell is what it says: no formula, no link, no number or date that nobody meant, in CSV and in XLSX.

Rules: SE-13.
"""

import csv
import io
import re
import zipfile
from xml.etree import ElementTree

import pytest

from registrations.exports.export import Format
from registrations.exports.files import BOM, made, plain
from registrations.importing.files import of_csv
from tests.people import MONDAY

FORMULAS = [
    '=HYPERLINK("http://x")', "+1+1", "-1+1", "@SUM(1)", "\t=1", "\r=1", "\n=1", "  =1", "|cmd", "%0a", "\uff1d1",
    "\uff0b1", "\uff20A1", "\u200b=1",
]  # fmt: skip
READ_AS_NUMBERS = ["07700900982", "+44 7700 900982", "07700 900 982", "(01632) 960-001", "234-567", "23E-456", "1,000"]
READ_AS_DATES = ["15/4/2019", "2019-04-15", "3-4", "MAR-23", "DEC-23", "1 May 19"]
TEXTS = [
    "2019-04-15 09:12",
    "Ada Ashdown",
    "HK7-4QD",
    "O'Brien",
    'the "best"',
    "a, b",
    "Nguyễn",
    "山田 太郎",
    "",
    "Approved",
    "2nd floor",
]
NAMESPACE = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


@pytest.mark.parametrize("text", [*FORMULAS, *READ_AS_NUMBERS, *READ_AS_DATES])
def test_what_a_spreadsheet_would_read_stands_behind_an_apostrophe(text: str) -> None:
    assert str(plain(text)).startswith("'")


@pytest.mark.parametrize("text", TEXTS)
def test_all_other_text_stands_as_it_is(text: str) -> None:
    assert plain(text) == text


@pytest.mark.parametrize("separator", [";", ",", "\t"])
def test_split_at_whatever_separator_no_cell_is_a_formula_and_an_import_reads_what_was_there(separator: str) -> None:
    """Excel in much of Europe splits at semicolons, and takes no quotation mark for one but the first of a line."""
    texts = [f"x{known}{space}{formula}" for known in ";,\t" for space in ("", ' "', " ") for formula in FORMULAS[:4]]
    texts += [
        "=A1;=B1",
        "+44 7700 900982, +44 7700 900983",
        "a;'=1",
        "Smith,'-West",
        "-x,'b",
        "+44 1727,'or 0161",
        "'so'",
    ]
    content = made(Format.CSV, "Taken by Omar", ["Name", "Role"], [["Ada", text] for text in texts], MONDAY)
    text = content.decode("utf-8-sig")
    for cell in re.split(rf"[{separator}\r\n]", text):
        assert cell.strip('" \t')[:1] not in ("=", "+", "-", "@"), cell
    assert [row[1] for row in of_csv(content)[2:]] == texts


def test_csv_is_utf_8_with_its_mark_and_each_cell_is_quoted() -> None:
    content = made(Format.CSV, "Taken by Omar", ["Name", "Guests"], [['a "b", c', 3], ["Nguyễn\nCleo\x00", 0]], MONDAY)
    assert content.startswith(BOM.encode())
    assert content.decode("utf-8-sig") == (
        '"Taken by Omar"\r\n"Name","Guests"\r\n"a ""b"", c","3"\r\n"Nguyễn Cleo ","0"\r\n'
    )
    assert len(list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))) == 4


def test_in_xlsx_every_text_is_a_cell_of_text_and_nothing_leads_anywhere() -> None:
    texts = [*FORMULAS, *READ_AS_NUMBERS, "http://x", "mailto:a@example.org", "internal:Sheet2!A1", "x" * 40_000]
    content = made(Format.XLSX, "=Mark", ["=Title", "Guests"], [[text, 7] for text in texts], MONDAY)
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        parts = {name: book.read(name).decode() for name in book.namelist()}
    sheet = ElementTree.fromstring(parts["xl/worksheets/sheet1.xml"])  # noqa: S314  # our own
    cells = {cell.get("r", ""): cell for cell in sheet.iter(f"{NAMESPACE}c")}
    assert len(cells) == 3 + 2 * len(texts)
    assert [reference for reference, cell in cells.items() if cell.get("t") != "s" and reference[0] == "A"] == []
    assert {cells[f"B{n}"].findtext(f"{NAMESPACE}v") for n in range(3, 3 + len(texts))} == {"7"}
    assert list(sheet.iter(f"{NAMESPACE}f")) == []
    assert [
        name for name in parts if "externalLink" in name or "vba" in name.lower() or "sheet1.xml.rels" in name
    ] == []
    assert not re.search(r'TargetMode="External"|<hyperlink', "".join(parts.values()))
    assert "<si><t>=Mark</t></si>" in parts["xl/sharedStrings.xml"]
    assert 'quotePrefix="1"' in parts["xl/styles.xml"]

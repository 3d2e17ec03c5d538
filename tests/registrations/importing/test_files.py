"""A file becomes rows of text, whoever made it with whichever program; what was made to hurt is refused and hurts
nobody."""

import io
import zipfile
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date

import pytest
import xlsxwriter

from events.ground.refusal import Refused
from events.web.forms import clean
from registrations.exports import files as exported
from registrations.exports.export import Format
from registrations.importing import files
from registrations.importing.columns import suggested
from registrations.importing.files import (
    EMPTY,
    LOCKED,
    NO_LIST,
    TOO_FAR,
    TOO_LARGE,
    TOO_MANY_ROWS,
    TOO_WIDE,
    Table,
    read,
)
from tests.people import MONDAY

ADA = ["Ada Ashdown", "ada@wardens.example.org", "Wardens of Westmoor"]
HEAD = ["Name", "Email", "Organisation"]
PAGE = '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">{}</worksheet>'


def xlsx(rows: Sequence[Sequence[object]]) -> bytes:
    content = io.BytesIO()
    with xlsxwriter.Workbook(content, {"in_memory": True, "default_date_format": "yyyy-mm-dd"}) as book:
        sheet = book.add_worksheet()
        for n, row in enumerate(rows):
            sheet.write_row(n, 0, row)
        book.add_worksheet("Other").write(0, 0, "Not read")
    return content.getvalue()


def changed(book: bytes, parts: Mapping[str, str | bytes]) -> bytes:
    """The same with these parts in place of its own, or besides."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(book)) as before, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as after:
        for part in before.infolist():
            if part.filename not in parts:
                after.writestr(part.filename, before.read(part))
        for name, text in parts.items():
            after.writestr(name, text)
    return out.getvalue()


def ods(rows: str) -> bytes:
    spaces = " ".join(
        f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{what}:1.0"'
        for name, what in {"office": "office", "table": "table", "text": "text"}.items()
    )
    content = (
        f"<office:document-content {spaces}><office:body><office:spreadsheet>"
        f'<table:table table:name="S">{rows}</table:table></office:spreadsheet></office:body></office:document-content>'
    )
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as book:
        book.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        book.writestr("content.xml", content)
        book.writestr("META-INF/manifest.xml", "<manifest/>")
    return out.getvalue()


def line(*cells: str) -> str:
    said = "".join(
        f'<table:table-cell office:value-type="string"><text:p>{cell}</text:p></table:table-cell>' for cell in cells
    )
    return f"<table:table-row>{said}</table:table-row>"


@pytest.mark.parametrize(
    "content",
    [
        xlsx([HEAD, ADA]),
        ods(line(*HEAD) + line(*ADA)),
        "\r\n".join([",".join(HEAD), ",".join(ADA)]).encode(),
        "\n".join([";".join(HEAD), ";".join(f'"{cell}"' for cell in ADA)]).encode("utf-8-sig"),
        "\n".join(["\t".join(HEAD), "\t".join(ADA)]).encode("utf-16"),
    ],
    ids=["xlsx", "ods", "csv", "semicolons", "utf-16"],
)
async def test_each_kind_of_file_is_read_as_the_same_rows(content: bytes) -> None:
    assert await read(content) == Table(HEAD, [ADA], 2)


async def test_what_excel_writes_as_numbers_and_dates_is_text() -> None:
    table = await read(xlsx([["Name", "Phone", "Day"], ["Ada", 7700900982, date(2019, 4, 15)], ["Bo", True, ""]]))
    assert table.rows == [["Ada", "7700900982", "2019-04-15"], ["Bo", "Yes", ""]]


async def test_windows_latin_is_read_where_it_is_no_utf_8() -> None:
    assert (await read("Name,Email\nZoë,zoe@example.org\n".encode("cp1252"))).rows == [["Zoë", "zoe@example.org"]]


@pytest.mark.parametrize("file", list(Format))
async def test_a_file_that_was_taken_away_can_be_brought_back(file: Format) -> None:
    """The row that says who took it has one cell, and the apostrophes were ours."""
    told = ["=Ada", "+44 7700 900982", "O'Brien & Sons"]
    content = exported.made(file, "Taken by Omar", ["Name", "Telephone", "Organisation"], [told], MONDAY)
    assert await read(content) == Table(["Name", "Telephone", "Organisation"], [told], 3)


@pytest.mark.parametrize(
    "above",
    [
        [["Launch of the service"]],
        [["Launch of the service", "", "As of 3 April"], []],
        [["Who comes", "Organisation"], ["Questions to", "omar@hosts.example.org"], []],
        [["Person", "", "Where they work"]],
    ],
    ids=["one cell", "two cells", "a word that we know", "headings in two rows"],
)
async def test_a_title_above_the_headings_is_no_heading(above: list[list[str]]) -> None:
    rows = [*above, HEAD, ADA]
    content = "\n".join(",".join(row) for row in rows).encode()
    assert await read(content) == await read(xlsx(rows)) == Table(HEAD, [ADA], len(above) + 2)


async def test_headings_that_we_hardly_know_are_found_and_no_word_of_somebody_on_the_list_is_one() -> None:
    title, hardly, strange = ["Launch", "As of 3 April", ""], ["Nom", "Email", "D'où"], ["Nom", "Courriel", "Fonction"]
    guest = ["Bo Guest", "bo@guest.example.org", "Guest"]
    assert await read(xlsx([title, hardly, ADA, guest])) == Table(hardly, [ADA, guest], 3)
    assert await read(xlsx([strange, ADA, guest])) == Table(strange, [ADA, guest], 2)


async def test_nobody_is_taken_for_a_heading() -> None:
    guest = ["Bo Guest", "Bo <bo@guest.example.org>", "Guest"]
    for rows, first_row in (([ADA, guest], 1), ([["Delegates"], ADA, guest], 2)):
        table = await read(xlsx(rows))
        assert table == Table(["", "", ""], [ADA, guest], first_row)
        assert suggested(table.headings, table.rows) == {"email": 1}
    example = ["Name", "Email (name@example.org)", "Organisation"]
    assert await read(xlsx([example, ADA])) == Table(example, [ADA], 2), "the control"


async def test_a_macro_and_links_to_other_files_are_not_looked_at() -> None:
    harm: dict[str, str | bytes] = {
        "xl/vbaProject.bin": b"\xd0\xcf" * 50,
        "xl/externalLinks/externalLink1.xml": "<externalLink/>",
    }
    book = changed(xlsx([HEAD, ADA]), harm)
    assert set(harm) <= set(zipfile.ZipFile(io.BytesIO(book)).namelist()), "the control"
    with zipfile.ZipFile(io.BytesIO(files.rebuilt(book))) as rebuilt:
        assert not set(harm) & set(rebuilt.namelist())
    assert (await read(book)).rows == [ADA]


async def test_a_formula_is_its_last_value_and_is_not_reckoned() -> None:
    content = io.BytesIO()
    with xlsxwriter.Workbook(content, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, HEAD)
        sheet.write_row(1, 0, ADA)
        sheet.write_formula(1, 2, '=WEBSERVICE("http://127.0.0.1:1/")', None, "As it was")
    assert (await read(content.getvalue())).rows == [[*ADA[:2], "As it was"]]


SPARSE = PAGE.format(
    '<sheetData><row r="1"><c r="A1"><v>1</v></c></row>'
    '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
)
LARGE = SPARSE.replace("1048576", "400000").replace("XFD", "CV")  # 960 MB, once it is spread out
REPEATED = '<table:table-row table:number-rows-repeated="1048576"><table:table-cell office:value-type="string" '
REPEATED += 'table:number-columns-repeated="16384"><text:p>x</text:p></table:table-cell></table:table-row>'
ENTITIES = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">' + "".join(
    f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in zip("abcdefgh", "bcdefghi", strict=True)
)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", EMPTY),
        (b"Name,Email\n", EMPTY),
        (b"just some words\n", EMPTY),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, LOCKED),
        (b"PK\x03\x04 and nothing else", NO_LIST),
        (b"%PDF-1.7\n", NO_LIST),
        (b"<html><body>Name,Email</body></html>", NO_LIST),
        (b"Name,\x00Email\n1,2\n", NO_LIST),
        (changed(xlsx([HEAD, ADA]), {"xl/worksheets/sheet1.xml": "0" * (70 << 20)}), TOO_LARGE),
        (changed(xlsx([HEAD, ADA]), {f"xl/part{n}.xml": "x" for n in range(500)}), TOO_LARGE),
        (changed(xlsx([HEAD, ADA]), {"xl/worksheets/sheet1.xml": SPARSE}), TOO_FAR),
        (changed(xlsx([HEAD, ADA]), {"xl/worksheets/sheet1.xml": SPARSE.replace("XFD", "A")}), TOO_MANY_ROWS),
        (xlsx([[f"H{n}" for n in range(300)], ADA]), TOO_WIDE),
        (("a,b" + ",c" * 120 + "\n1,2\n").encode(), TOO_WIDE),
        (b"Name,Email\n" + b"," * 3_900_000 + b"x\n", TOO_WIDE),
        (changed(xlsx([HEAD, ADA]), {"xl/worksheets/sheet1.xml": LARGE}), TOO_FAR),
        (changed(xlsx([HEAD, ADA]), {"xl/worksheets/sheet1.xml": "<not a sheet"}), NO_LIST),
        (changed(xlsx([HEAD, ADA]), {"xl/worksheets/sheet1.xml": ENTITIES + "]>" + PAGE.format("&i;")}), EMPTY),
        (ods(line(*HEAD) + REPEATED), NO_LIST),
        (("Name,Email\n" + "Ada,a@example.org\n" * 10_001).encode(), TOO_MANY_ROWS),
        (b"x" * ((4 << 20) + 1), TOO_LARGE),
    ],
    ids=[
        "nothing", "headings alone", "words", "old excel", "no zip", "pdf", "html", "nul", "a bomb", "many parts",
        "a far cell", "a cell far below", "many columns", "many columns of text", "commas", "much memory", "broken xml",
        "entities", "repeated", "many rows", "large",
    ],
)  # fmt: skip
async def test_what_is_no_list_or_too_much_is_refused(content: bytes, says: str) -> None:
    with pytest.raises(Refused) as refused:
        await read(content)
    assert refused.value.sentence == says


def test_of_the_largest_list_no_cell_that_is_left_out_is_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    """3.9 million commas kept a thread busy for 25 seconds."""
    looked = Counter[str]()
    monkeypatch.setattr(files, "clean", lambda cell: looked.update([cell]) or clean(cell))
    rows = files.of_csv(b"Name,Email\n" + (b"," * 380 + b"x\n") * 10_000)
    with pytest.raises(Refused, match="There is no list"):
        files.table_of(rows)
    assert looked.total() < 100_000


async def test_a_part_that_is_larger_than_it_says_is_refused() -> None:
    """It would be unpacked without an end by whoever trusts the size that a zip notes."""
    book = bytearray(changed(xlsx([HEAD, ADA]), {"xl/worksheets/sheet1.xml": "0" * 1_234_567}))
    size = (1_234_567).to_bytes(4, "little")
    assert book.count(size) == 2, "in the part's own head and in the list of parts"
    with pytest.raises(Refused) as refused:
        await read(bytes(book.replace(size, (100).to_bytes(4, "little"))))
    assert refused.value.sentence == NO_LIST


async def test_a_program_that_reads_too_long_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "SECONDS", 0.01)
    with pytest.raises(Refused) as refused:
        await read(xlsx([HEAD, ADA]))
    assert refused.value.sentence == NO_LIST


async def test_a_cell_that_is_too_long_is_cut() -> None:
    """Forms ask for long answers, in columns that nobody chooses."""
    table = await read(("Name,Email\n\nAda,a@example.org\n" + "B" * 501 + ",b@example.org\n").encode())
    assert table.rows == [["", ""], ["Ada", "a@example.org"], ["B" * 500, "b@example.org"]]


async def test_a_cell_that_reaches_over_rows_says_the_same_in_each_and_a_name_over_two_columns_is_two() -> None:
    content = io.BytesIO()
    with xlsxwriter.Workbook(content, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        sheet.merge_range(0, 0, 0, 3, "Launch of the service")
        sheet.merge_range(3, 9, 4, 9, "")  # beside all that is written
        sheet.merge_range(1, 0, 2, 0, "Organisation")
        sheet.merge_range(1, 1, 1, 2, "Name")
        sheet.write_row(2, 1, ["First", "Last", "Email"])
        sheet.merge_range(3, 0, 4, 0, "Wardens of Westmoor")
        sheet.write_row(3, 1, ["Ada", "Ashdown", "ada@wardens.example.org"])
        sheet.write_row(4, 1, ["Bo", "Bell", "bo@wardens.example.org"])
        sheet.write_row(5, 1, ["Cleo", "Cray", "cleo@example.org"])
    wardens = "Wardens of Westmoor"
    assert await read(content.getvalue()) == Table(
        ["Organisation", "First", "Last", "Email"],
        [
            [wardens, "Ada", "Ashdown", "ada@wardens.example.org"],
            [wardens, "Bo", "Bell", "bo@wardens.example.org"],
            ["", "Cleo", "Cray", "cleo@example.org"],
        ],
        4,
    )
    over_two = await read(b"Email,Name,\nada@wardens.example.org,Ada,Ashdown\n")
    assert suggested(over_two.headings, over_two.rows) == {"email": 0, "first_name": 1, "last_name": 2}


@pytest.mark.parametrize(("separator", "quote"), [(";", ""), ("\t", ""), (",", '"')])
async def test_what_stands_between_cells_is_known_by_the_headings(separator: str, quote: str) -> None:
    """A list of semicolons has more commas than semicolons where names and jobs have some."""
    rows = [["Name", "Email", "Job title"], ["Ashdown, Ada", "ada@example.org", "Advice, support, training, law"]]
    lines = ["Guests, speakers, hosts, helpers", *(separator.join(f"{quote}{c}{quote}" for c in row) for row in rows)]
    assert await read("\n".join(lines).encode()) == Table(rows[0], rows[1:], 3)

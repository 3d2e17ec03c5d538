"""A PDF is tagged, in our own fonts, the same each time, and reads nothing but its facts."""

from pathlib import Path

import pytest
import typst

from events.web import fonts, pdf
from tests import pdf_reading
from tests.pdf_reading import Tag

TEMPLATE = """#let facts = json(bytes(sys.inputs.facts))
#set document(title: facts.title, date: none)
#set text(font: facts.fonts, lang: "en", region: "GB")
#heading(facts.title)
#par(facts.said)
"""
FACTS = {"title": "A page", "said": "Ada Ashdown"}


@pytest.fixture
def template(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(pdf, "TEMPLATES", tmp_path)
    file = tmp_path / "page.typ"
    file.write_text(TEMPLATE)
    return file


async def test_it_has_title_language_and_tags(template: Path) -> None:
    file = await pdf.pdf(template.name, FACTS)
    assert pdf_reading.title_and_language(file) == ("A page", "en-GB")
    assert pdf_reading.tags(file) == [Tag("Document"), Tag("H1"), Tag("P")]
    assert pdf_reading.words(file) == "A page Ada Ashdown"


async def test_it_brings_its_fonts_along(template: Path) -> None:
    file = await pdf.pdf(template.name, FACTS | {"said": "Ada שרה"})
    assert {name.partition("+")[2]: inside for name, inside in pdf_reading.fonts(file).items()} == {
        "NotoSans-Bold": True, "NotoSans-Regular": True, "NotoSansHebrew-Regular": True,
    }  # fmt: skip


async def test_the_same_facts_are_the_same_bytes(template: Path) -> None:
    before = await pdf.pdf(template.name, FACTS)
    other = await pdf.pdf(template.name, FACTS | {"said": "Bo Brook"})
    pdf._compiler.cache_clear()
    assert (await pdf.pdf(template.name, FACTS) == before, other == before) == (True, False)


@pytest.mark.parametrize(
    "said", ['#read("/etc/passwd")', "*bold* _it_ $x$ #fonts", "<label> @label", "https://evil.example", '"--" ... \\']
)
async def test_facts_are_never_read_as_markup(template: Path, said: str) -> None:
    file = await pdf.pdf(template.name, FACTS | {"said": said})
    assert pdf_reading.words(file) == f"A page {said}"
    assert b"/URI" not in file


@pytest.mark.parametrize("what", ['#read("/etc/hostname")', '#read("../outside.txt")'])
def test_a_template_reads_nothing_beside_its_own_folder(template: Path, what: str) -> None:
    (template.parent.parent / "outside.txt").write_text("outside")
    template.write_text(f"{TEMPLATE}{what}\n")
    with pytest.raises(typst.TypstError):
        pdf.typeset(template, FACTS)


def test_a_picture_without_words_is_refused(template: Path) -> None:
    drawn = '#image(bytes("<svg xmlns=\\"http://www.w3.org/2000/svg\\"/>"), format: "svg"{})\n'
    template.write_text(TEMPLATE + drawn.format(', alt: "Nothing"'))
    assert Tag("Figure", "Nothing") in pdf_reading.tags(pdf.typeset(template, FACTS))
    template.write_text(TEMPLATE + drawn.format(""))
    pdf._compiler.cache_clear()
    with pytest.raises(typst.TypstError, match="alt"):
        pdf.typeset(template, FACTS)


def test_without_fonts_it_says_who_brings_them(template: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fonts, "FOLDER", template.parent)
    for kept in (pdf._fonts, pdf._compiler):
        kept.cache_clear()
    with pytest.raises(RuntimeError, match=r"no fonts in .*: \./run puts them there"):
        pdf.typeset(template, FACTS)
    monkeypatch.undo()
    assert pdf.typeset(template, FACTS)

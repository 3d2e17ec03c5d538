"""Our fonts have what most names are written with. What they have not is marked, never dropped, and shows no box."""

import unicodedata
from pathlib import Path

import pytest
import typst
from hypothesis import given, settings
from hypothesis import strategies as st

from events.web import pdf
from events.web.fonts import GAP, characters, drawable
from events.web.forms import clean

WORDS = """#let facts = json(bytes(sys.inputs.facts))
#set document(title: "Words", date: none)
#set text(font: facts.fonts)
#heading[Words]
#facts.words.join(parbreak())
"""


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("templates") / "words.typ"
    file.write_text(WORDS)
    return file


def set_words(page: Path, *words: str) -> bytes:
    """Raises if any of it has no place in a font."""
    return pdf.typeset(page, {"words": words})


@pytest.mark.parametrize(
    "name",
    [
        "Ada Ashdown", "Zoë Ŵilliams-Ångström", "Nguyễn Thị Hương", "Ọlá Ńkẹ́", "İlker Şahin", "Łukasz Żółć",
        "Дмитро Ґалаґан", "Αλέξανδρος Παπαδόπουλος", "محمد عبد الله", "فاطمه پژوهش‌گر", "שרה כהן", "श्रीमती क्षत्रिय",
        "রহিমা খাতুন", "ਗੁਰਪ੍ਰੀਤ ਕੌਰ", "જ્યોતિ પટેલ", "தமிழ்ச்செல்வி", "O\u2019Brien “Bo” (she/her)",
    ],
)  # fmt: skip
def test_these_names_are_drawn_as_they_are(page: Path, name: str) -> None:
    assert drawable(name) == unicodedata.normalize("NFC", name)
    assert set_words(page, drawable(name))


@pytest.mark.parametrize(
    ("name", "drawn"),
    [
        ("李小明", "[…]"),
        ("김 민수", "[…] […]"),
        ("Ada 李 Ashdown", "Ada […] Ashdown"),
        ("Ada 🌸🌸", "Ada […]"),
        ("Ada 👩‍👩‍👧 Obi", "Ada […] Obi"),
        ("김\u0301\u0302a", "[…]a"),
        ("a\u0301da", "\u00e1da"),
        ("  Ada\n\x00Ashdown\u202e ", "Ada Ashdown"),
        ("", ""),
    ],
)
def test_what_no_font_has_is_marked_once_for_each_run(name: str, drawn: str) -> None:
    assert drawable(name) == drawn


def test_every_character_that_the_fonts_say_they_have_is_drawn(page: Path) -> None:
    """Typst refuses a page on which a letter has no place in any font."""
    alone = [drawable(character) for character in sorted(characters())]
    assert len(alone) > 4_500
    assert set_words(page, *alone)
    joined = [drawable(f"a{character}\u200d{character}\u200cb") for character in sorted(characters())]
    assert set_words(page, *joined)


@pytest.mark.parametrize("letter", ["李", "🌸", "\u0378"])
def test_what_is_not_marked_would_be_refused(page: Path, letter: str) -> None:
    """The control."""
    with pytest.raises(typst.TypstError, match="could not be displayed"):
        set_words(page, letter)
    assert set_words(page, drawable(letter))


@settings(deadline=None, max_examples=200)
@given(st.text(st.one_of(st.characters(), st.sampled_from(sorted(characters()))), max_size=100))
def test_any_text_is_drawn_or_marked(page: Path, text: str) -> None:
    drawn = drawable(text)
    left = [character for character in clean(text) if character in characters()]
    assert set(drawn.replace(GAP, "")) <= characters()
    assert bool(drawn) == bool(clean(text))
    assert len(drawn.replace(GAP, "")) <= len(left)
    assert set_words(page, drawn)


def test_the_tables_of_the_fonts_are_read_in_both_forms() -> None:
    assert {"A", "Ж", "Ω", "ש", "ع", "क"} <= characters(), "below 65,536"
    assert [character for character in characters() if ord(character) > 0xFFFF] != []

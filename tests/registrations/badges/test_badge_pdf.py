"""Badges on paper: of true size, each text within its own row whatever it is, and nothing on it that is not for all.

Rules: EV-01, EV-02, DP-13, SG-12.
"""

import io
import unicodedata
import zipfile

import numpy as np
import pytest

from events.web.fonts import GAP
from registrations.badges import badge_pdf
from registrations.badges.badge import COLOURS, badge_of, workshop_of
from registrations.badges.badge_pdf import badge_svg, badges_pdf, badges_zip
from registrations.badges.papers import PaperName
from registrations.codes.badge_type import BadgeType
from registrations.people.choices import NONE, UNREADABLE, Choices, Switch
from registrations.people.person import Person
from tests import pdf_reading
from tests.pdf_reading import Tag
from tests.registrations.badges.badges_to_draw import HARD, PLANNING, YES, a_badge
from tests.registrations.tickets.test_pdf_ticket import NAMES

DOTS = 254  # an inch: ten a millimetre


@pytest.mark.parametrize("name", PaperName)
async def test_pages_are_as_large_as_the_paper(name: PaperName) -> None:
    file = await badges_pdf([a_badge() for _ in range(11)], name.paper)
    sizes = pdf_reading.page_sizes(file)
    assert len(sizes) == -(-11 // name.paper.a_page)
    assert all(size == pytest.approx(name.paper.page, abs=0.05) for size in sizes)


def ends(dark: np.ndarray) -> list[float]:
    """Where each run of dark dots has its middle, in millimetres."""
    found = np.flatnonzero(dark)
    runs = np.split(found, np.flatnonzero(np.diff(found) > 1) + 1) if found.size else []
    return [round(float(run.mean()) / 10, 1) for run in runs]


@pytest.mark.parametrize(
    ("name", "down", "across"),
    [
        (PaperName.CARD_SHEET, [19.0, 105.0, 191.0], [13.5, 67.5, 121.5, 175.5, 229.5, 283.5]),
        (PaperName.A6_SHEET, [105.0], [148.5]),
    ],
)
async def test_sheets_are_cut_at_true_size(name: PaperName, down: list[float], across: list[float]) -> None:
    """Measured in the picture that a printer makes: the lines at the edges, and that they touch no badge."""
    drawn = pdf_reading.picture(await badges_pdf([], name.paper), DOTS).squeeze() < 200
    drawn_full = (
        pdf_reading.picture(await badges_pdf([a_badge()] * name.paper.a_page, name.paper), DOTS).squeeze() < 200
    )
    for edge in (drawn_full[55], drawn_full[-56]):
        assert ends(edge) == pytest.approx(down, abs=0.11)
    for edge in (drawn_full[:, 55], drawn_full[:, -56]):
        assert ends(edge) == pytest.approx(across, abs=0.11)
    for left, above in name.paper.slots:
        inset, (width, height) = name.paper.sizes.inset, name.paper.sizes.badge
        inside = drawn[
            int((above + inset) * 10) : int((above + height - inset) * 10),
            int((left + inset) * 10) : int((left + width - inset) * 10),
        ]
        assert not inside.any()
    edges = np.concatenate([drawn_full[:40].ravel(), drawn_full[:, :40].ravel()])
    assert not edges.any(), "no printer prints to the edge"


async def test_the_band_is_as_wide_as_the_badge_says() -> None:
    """The one thing that is drawn from side to side: 86 mm less four at each."""
    drawn = pdf_reading.picture(await badges_pdf([a_badge()], PaperName.CARD.paper), DOTS).squeeze() < 200
    assert (drawn.shape[1], drawn.shape[0]) == pytest.approx((860, 540), abs=1)
    assert np.flatnonzero(drawn[430])[[0, -1]] == pytest.approx([40, 819], abs=1)


@pytest.mark.parametrize("badge_type", BadgeType)
async def test_each_badge_type_is_said_in_a_word_and_a_colour_of_its_own(badge_type: BadgeType) -> None:
    badge = a_badge("Ada A", "Org", NONE, badge_type=badge_type)
    file = await badges_pdf([badge], PaperName.CARD.paper)
    assert pdf_reading.words(file) == f"Ada A Org {badge_type.words}"
    assert len(set(COLOURS.values())) == len(BadgeType)
    red, green, blue = (int(COLOURS[badge.badge_type][n : n + 2], 16) / 255 for n in (1, 3, 5))
    light = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in (red, green, blue)]
    assert 1.05 / (0.2126 * light[0] + 0.7152 * light[1] + 0.0722 * light[2] + 0.05) >= 7


async def test_workshops_stand_on_the_front_where_the_back_is_not_printed() -> None:
    badge, paper = a_badge("Ada A", "Org", NONE, PLANNING), PaperName.CARD.paper
    one = await badges_pdf([badge], paper)
    assert pdf_reading.words(one) == "Ada A Org 10:00 Safety planning, Room 2 Delegate"
    both = pdf_reading.words(await badges_pdf([badge], paper, both_sides=True))
    assert both == "Ada A Org Delegate Ada A 10:00 Safety planning, Room 2 Delegate"
    drawn = [await badge_svg(a_badge("Ada A", "Org", NONE, *said), paper) for said in ((), (PLANNING,))]
    assert len(drawn[1]) > len(drawn[0]), "a label has it too"


@pytest.mark.parametrize("name", PaperName)
@pytest.mark.parametrize("back", [False, True])
async def test_more_workshops_than_there_is_room_for_are_counted(name: PaperName, back: bool) -> None:
    most = name.paper.sizes.most(back=back)
    told = [workshop_of(f"{10 + n}:00", "Planning", "") for n in range(most + 1)]
    for some, ends in ((told[:most], f"{9 + most}:00 Planning"), (told, "and 2 more")):
        file = await badges_pdf([a_badge("Ada A", "", NONE, *some)], name.paper, both_sides=back)
        assert pdf_reading.words(file).endswith(f"{ends} Delegate")


async def test_a_long_title_is_cut_before_its_room_is() -> None:
    told = workshop_of("10:00", "Working with the police " * 4, "The long room")
    read = pdf_reading.words(await badges_pdf([a_badge("Ada A", "", NONE, told)], PaperName.CARD.paper))
    assert read.startswith("Ada A 10:00 Working with the police"), read
    assert read.endswith("…, The long room Delegate")


@pytest.mark.parametrize("name", PaperName)
async def test_forty_letters_are_not_cut_nor_sixty_where_there_is_room(name: PaperName) -> None:
    for said in ("forty letters", "sixty letters", "one word of sixty"):
        read = _letters(pdf_reading.words(await badges_pdf([a_badge(HARD[said])], name.paper)))
        assert _letters(HARD[said]) in read


def _letters(said: str) -> str:
    """Without what a reader of PDFs leaves out at the end of a line."""
    return said.replace(" ", "").replace("-", "")


@pytest.mark.parametrize("name", PaperName)
async def test_a_hundred_letters_in_words_stand_whole_on_three_lines(name: PaperName) -> None:
    said = HARD["a hundred letters"]
    read = pdf_reading.words(await badges_pdf([a_badge(said)], name.paper))
    assert said in read, "broken between words, and not within one"


async def test_what_is_too_long_for_three_lines_ends_in_an_ellipsis() -> None:
    read = pdf_reading.words(await badges_pdf([a_badge(HARD["one word of a hundred"], "Org")], PaperName.CARD.paper))
    assert read.startswith("WWWW"), read
    assert (60 < read.count("W") < 100, read.endswith("… Org Delegate")) == (True, True), read


async def test_short_names_are_larger_than_long_ones() -> None:
    heights = []
    for said in ("Bo Brook", "Ada Ashdown of Westmoor", HARD["sixty letters"]):
        [page] = pdf_reading.letters(await badges_pdf([a_badge(said, "", NONE)], PaperName.CARD.paper))
        heights.append(page[0].bottom - page[0].top)
    assert heights == sorted(heights, reverse=True)
    assert heights[0] > 1.5 * heights[2]


async def test_what_stands_on_a_badge() -> None:
    file = await badges_pdf([a_badge("Ada A")], PaperName.A6.paper)
    assert pdf_reading.words(file) == "Ada A Wardens of Westmoor Delegate"
    found = pdf_reading.everything(file)
    assert [word for word in ("Legal", "wardens", "07700", "Advocate", "/URI") if word in found] == []
    assert pdf_reading.title_and_language(file) == ("Badges", "en-GB")
    assert {tag.kind for tag in pdf_reading.tags(file)} >= {Tag("Document").kind, Tag("P").kind}


@pytest.mark.parametrize(
    ("chosen", "said"),
    [
        (NONE, "Ada Ashdown Wardens of Westmoor Delegate"),
        (YES, "Photographs: yes Ada Ashdown Wardens of Westmoor Delegate"),
        (Choices(YES.photos, frozenset({Switch.NO_PHOTOS})), "Ada Ashdown Wardens of Westmoor Delegate"),
        (Choices(YES.photos, frozenset({Switch.FIRST_NAME})), "Photographs: yes Ada Wardens of Westmoor Delegate"),
        (Choices(YES.photos, frozenset({Switch.NO_ORGANISATION})), "Photographs: yes Ada Ashdown Delegate"),
        (
            Choices(YES.photos, frozenset({Switch.NO_LISTS, Switch.OTHER_ENTRANCE})),
            "Photographs: yes Ada Ashdown Wardens of Westmoor Delegate",
        ),
        (UNREADABLE, "Ada Delegate"),
    ],
)
async def test_each_switch_is_honoured(chosen: Choices, said: str) -> None:
    assert pdf_reading.words(await badges_pdf([a_badge(chosen=chosen)], PaperName.CARD.paper)) == said


async def test_whoever_goes_by_another_name_has_it_alone() -> None:
    speaker = Person("Jane Legal", "Robin", "robin@example.org", "", "", "")
    found = pdf_reading.everything(await badges_pdf([badge_of(speaker, NONE)], PaperName.A6.paper))
    assert ("Robin" in found, "Jane" in found, "Legal" in found) == (True, False, False)


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        (HARD["stacked marks"][:6], "\u1e92\u0302\u0301"),
        ("ע\u0301\u0308", "ע"),
        ("ج\u0301\u064e\u0651", "ج\u064e\u0651"),
        ("ש\u05bc\u05c1\u05b8", "ש\u05bc\u05c1\u05b8"),
    ],
)
def test_no_letter_has_a_tower_upon_it(said: str, kept: str) -> None:
    assert unicodedata.normalize("NFC", a_badge(said).name) == unicodedata.normalize("NFC", kept)


def test_marks_that_names_have_stay() -> None:
    assert [a_badge(said).name for said in NAMES.values()] == list(NAMES.values())


def test_what_no_font_has_is_marked_and_said() -> None:
    assert (a_badge(HARD["Chinese"]).name, a_badge(HARD["Chinese"]).has_gaps) == (GAP, True)
    assert [said for said in NAMES.values() if a_badge(said).has_gaps] == []
    assert a_badge("Bo", HARD["emoji"]).has_gaps


async def test_the_back_of_a_badge_is_behind_its_front() -> None:
    paper = PaperName.CARD_SHEET.paper
    file = await badges_pdf(
        [a_badge("Ada", "", NONE), a_badge("Bo", "", NONE), a_badge("Cleo", "", NONE)], paper, both_sides=True
    )
    front, back = ([_name_at(file, page, slot) for slot in paper.slots[:4]] for page in (0, 1))
    assert (front, back) == (["Ada", "Bo", "Cleo", ""], ["Bo", "Ada", "", "Cleo"])


def _name_at(file: bytes, page: int, slot: tuple[float, float]) -> str:
    text = pdf_reading.opened(file)[page].get_textpage()
    left, above = slot
    bottom, top = ((297 - n) / 25.4 * 72 for n in (above + 53, above + 1))
    said = text.get_text_bounded(left / 25.4 * 72, bottom, (left + 86) / 25.4 * 72, top)
    return str(said).replace("Delegate", "").strip()


async def test_a_drawing_of_one_badge_has_its_true_size() -> None:
    drawn = await badge_svg(a_badge(), PaperName.LABEL_62.paper)
    assert drawn.startswith("<svg ")
    assert 'width="283.464566929pt" height="175.748031496pt"' in drawn
    assert ("<script" in drawn, "<text" in drawn, "Ada" in drawn) == (False, False, False), "letters are shapes"


async def test_many_come_as_files_in_one_zip(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(badge_pdf, "A_FILE", 4)
    badges = [a_badge(f"Guest {n:02}", "", NONE) for n in range(10)]
    sent = [part async for part in badges_zip(badges, PaperName.CARD.paper)]
    assert len(sent) == 4, "each file as it is made, and the end"
    with zipfile.ZipFile(io.BytesIO(b"".join(sent))) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == ["badges-001.pdf", "badges-002.pdf", "badges-003.pdf"]
        read = [pdf_reading.words(archive.read(name)) for name in archive.namelist()]
    assert " ".join(read) == " ".join(f"Guest {n:02} Delegate" for n in range(10))

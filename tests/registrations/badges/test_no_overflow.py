"""Each text on a badge stays within its own row, whatever it is: names, organisations, workshops in any script.

Rules: EV-01, EV-02.
"""

import random
from collections.abc import Sequence

import numpy as np
import pytest

from events.web import pdf
from events.web.fonts import characters
from registrations.badges.badge import Workshop, workshop_of
from registrations.badges.badge_pdf import badges_pdf
from registrations.badges.papers import PaperName
from registrations.people.choices import NONE
from tests import pdf_reading
from tests.registrations.badges.badge_boxes import astray
from tests.registrations.badges.badges_to_draw import COUNCIL, HARD, YES, a_badge


@pytest.mark.parametrize("paper", PaperName)
async def test_no_letter_leaves_its_place(paper: PaperName) -> None:
    badges = [a_badge(said, COUNCIL) for said in HARD.values()] + [a_badge("Bo", said, YES) for said in HARD.values()]
    assert astray(await badges_pdf(badges, paper.paper), paper.paper) == []


@pytest.mark.parametrize("both_sides", [False, True])
@pytest.mark.parametrize("paper", PaperName)
async def test_no_letter_of_a_workshop_leaves_its_line(paper: PaperName, both_sides: bool) -> None:
    told = [workshop_of("10:00", title, room) for title in HARD.values() for room in ("", "Room 2", title)]
    badges = [a_badge(said, COUNCIL, NONE, *told[n : n + n % 8]) for n, said in enumerate([*HARD.values()] * 2)]
    file = await badges_pdf(badges, paper.paper, both_sides=both_sides)
    assert astray(file, paper.paper, badges, both_sides=both_sides) == []


async def test_nothing_is_printed_outside_of_a_badge() -> None:
    """In the picture, since a box that a reader computes is not what a printer draws."""
    badges = [a_badge(said, said) for said in HARD.values()]
    file = await badges_pdf(badges, PaperName.CARD_SHEET.paper)
    empty = pdf_reading.picture(await badges_pdf([], PaperName.CARD_SHEET.paper), 100).squeeze()
    for page in range(len(pdf_reading.opened(file))):
        drawn = pdf_reading.picture(file, 100, page).squeeze().copy()
        for left, above in PaperName.CARD_SHEET.paper.slots:
            top, begin, end, bottom = ((n / 25.4 * 100) for n in (above + 1, left + 1, left + 85, above + 53))
            drawn[int(top) : int(bottom), int(begin) : int(end)] = 255
        assert np.array_equal(drawn, empty)


SCRIPTS = [
    "abcdefghijklmnopqrstuvwxyzßéüñåşțŵWMI-'", "αβγδεζηθικλμΩ", "ابتثجحخدذرزسشصضطظعغفقكلمنهوي",
    "אבגדהוזחטיכלמנסעפצקרשת", "कखगघचछजझटठडढतथदधनपफबभमयरलवशषसह", "கஙசஞடணதநபமயரலவழளறன",
]  # fmt: skip


def invented(chance: random.Random, pools: Sequence[Sequence[str]] = SCRIPTS) -> str:
    """A name of up to a hundred letters, in words or without, with marks upon letters."""
    pool, said = chance.choice(pools), ""
    while len(said) < chance.choice((5, 12, 25, 40, 60, 100)):
        said += "".join(chance.choice(pool) for _ in range(chance.choice((1, 4, 8, 12, 40))))
        said += chance.choice(("", " ", " ", "-", "\u0301\u0302\u0303\u0308", "\u0323"))
    return said[:100]


def programme(chance: random.Random) -> list[Workshop]:
    """Of titles in any script, which many take part in."""
    return [workshop_of("10:00", invented(chance), invented(chance) if n % 3 else "Room 2") for n in range(30)]


@pytest.mark.parametrize("both_sides", [False, True])
async def test_of_invented_names_none_leaves_its_place(both_sides: bool) -> None:
    """Half of them take part in workshops, which some have on the back. The same names in each run: thousands more
    were drawn while badges were made."""
    chance, paper = random.Random(8), PaperName.CARD_SHEET.paper  # noqa: S311  # the same
    told, people = programme(chance), 100 if both_sides else 200
    badges = [
        a_badge(
            invented(chance),
            "Org" if number % 4 else invented(chance),
            NONE,
            *chance.sample(told, number % 7 if number % 2 else 0),
        )
        for number in range(people)
    ]
    file = await badges_pdf(badges, paper, both_sides=both_sides)
    assert len(pdf_reading.opened(file)) == 20
    assert astray(file, paper, badges, both_sides=both_sides) == []
    await pdf.forget()


async def test_of_names_from_all_letters_that_fonts_have_none_leaves_its_badge() -> None:
    """Some of these are as high as two lines, and no name has them."""
    chance, paper, pool = random.Random(8415), PaperName.CARD_SHEET.paper, sorted(characters())  # noqa: S311
    badges = [a_badge(invented(chance, [pool]), invented(chance, [pool])) for _ in range(120)]
    assert astray(await badges_pdf(badges, paper), paper, by_rows=False) == []
    await pdf.forget()

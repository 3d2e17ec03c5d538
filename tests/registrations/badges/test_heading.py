"""Small above the name: the title of the event and the logos of its hosts, on every paper and within their row; and
what was chosen last is chosen again.

Rules: EV-02.
"""

import io

import pytest
from PIL import Image

from events.accounts.staff import Staff
from events.content import logos
from events.content.picture import Picture
from events.event import Event
from registrations.badges.badge_pdf import badge_svg, badges_pdf
from registrations.badges.heading import NO_HEADING, Heading, Logo, heading_of
from registrations.badges.last_paper import Layout, last_layout, last_paper
from registrations.badges.papers import PaperName
from registrations.badges.printing import Wanted, Which, print_badges
from registrations.people.choices import NONE
from tests import pdf_reading
from tests.people import MONDAY, Person
from tests.professional import with_ticket
from tests.registrations.badges.badge_boxes import astray
from tests.registrations.badges.badges_to_draw import COUNCIL, HARD, YES, a_badge

TITLE = "Conference for professionals"


def a_png(width: int, height: int) -> bytes:
    made = io.BytesIO()
    Image.new("RGB", (width, height), "#7a1f4b").save(made, "PNG")
    return made.getvalue()


WIDE, SQUARE = Logo(a_png(400, 100), 4.0), Logo(a_png(100, 100), 1.0)


@pytest.mark.parametrize("paper", PaperName)
@pytest.mark.parametrize("title", ["", TITLE, COUNCIL, HARD["one word of a hundred"], HARD["a hundred Arabic letters"]])
async def test_whatever_it_is_no_letter_leaves_its_place(paper: PaperName, title: str) -> None:
    for shown in ((), (SQUARE,), (WIDE, WIDE, WIDE)):
        badges = [a_badge("Bo Brook", "Org"), a_badge("Bo Brook", "Org", YES)]
        file = await badges_pdf(badges, paper.paper, heading=Heading(title, shown))
        assert astray(file, paper.paper, badges) == []


async def test_the_title_stands_before_the_mark_and_the_name() -> None:
    file = await badges_pdf([a_badge("Ada A", "Org", YES)], PaperName.CARD.paper, heading=Heading(TITLE, (WIDE,)))
    assert pdf_reading.words(file) == f"{TITLE} Photographs: yes Ada A Org Delegate"
    both = await badges_pdf([a_badge("Ada A", "Org")], PaperName.CARD.paper, heading=Heading(TITLE), both_sides=True)
    assert pdf_reading.words(both).count(TITLE) == 2


async def test_logos_are_drawn_and_a_label_has_them_within_itself() -> None:
    badge, paper = a_badge("Ada A", "Org", NONE), PaperName.CARD.paper
    plain, with_logo = [await badges_pdf([badge], paper, heading=Heading("", some)) for some in ((), (WIDE,))]
    reds = [(pdf_reading.picture(file, 100)[:, :60] < 200).sum() for file in (plain, with_logo)]
    assert reds[1] > reds[0] + 500
    drawing = await badge_svg(badge, paper, Heading(TITLE, (WIDE,)))
    assert ("data:image/png;base64," in drawing, 'href="http' in drawing) == (True, False)


async def test_it_is_of_the_event_and_its_hosts(event: Event, omar: Staff) -> None:
    host = event.hosts[0]["name"]
    await logos.put(event, host, Picture(SQUARE.png, 100, 100), "", by=omar, at=MONDAY)
    assert await heading_of(event, Layout()) == Heading(TITLE, (SQUARE,))
    assert await heading_of(event, Layout(title=False, logos=False)) == NO_HEADING
    event.hosts = event.hosts[1:]
    assert await heading_of(event, Layout()) == Heading(TITLE), "a host that is not named any more"


async def test_what_was_used_last_is_chosen_again(event: Event, omar: Staff, ada: Person) -> None:
    await with_ticket(ada, event)
    assert (await last_paper(event, [*PaperName]), await last_layout(event)) == (PaperName.CARD_SHEET, Layout())
    chosen = Layout(both_sides=True, title=False, logos=True)
    await print_badges(event, Wanted(Which.ALL), PaperName.A6_SHEET, omar, MONDAY, chosen)
    assert (await last_paper(event, [*PaperName]), await last_layout(event)) == (PaperName.A6_SHEET, chosen)

"""What is printed for the door, as paper: one page each, black on white, codes that a phone reads; and read offline."""

import io
import re
from collections.abc import Iterator
from itertools import combinations
from math import dist
from pathlib import Path

import numpy as np
import pytest
import zxingcpp
from PIL import Image
from playwright.sync_api import Browser, Page, Playwright, expect
from playwright.sync_api import Error as NotReached

from registrations.desk.printed_pages import SAMPLES
from tests.qr_alone import QR_ALONE
from tests.walks.browsers import a_browser
from tests.walks.camera import film
from tests.walks.inspector import Inspector
from tests.walks.people import DESKTOP, Organiser, another, fits, new_page
from tests.walks.phone import a_phone, has_a_service_worker
from tests.walks.rehearsal import Rehearsed

A4 = {"width": 794, "height": 1123}  # pixels of 96 to the inch
MM = 96 / 25.4
SHARPER = 3  # so many pixels of a picture for one of these
HELP = ["help/steward", "help/lead", "help/marshal", "help/access", "help/support"]
BEFORE_DOORS = "2019-04-15T08:50"
SHEET = """() => [...document.querySelectorAll("body *")].filter((one) => one.checkVisibility()).flatMap((one) => {
    const box = one.getBoundingClientRect();
    return box.right > 794 || box.bottom > 1123 || box.left < 0 ? [one.outerHTML.slice(0, 80)] : [];
})"""


def as_paper(browser: Browser, address: str, cookies: list[dict[str, object]] | None = None) -> Page:
    """A sheet of A4 on a screen, printed in fine dots."""
    context = browser.new_context(viewport=A4, device_scale_factor=SHARPER)  # type: ignore[arg-type]
    context.add_cookies(cookies or [])  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(address)
    page.emulate_media(media="print")
    return page


def picture_of(page: Page) -> Image.Image:
    return Image.open(io.BytesIO(page.screenshot())).convert("RGB")


def pages_in(pdf: bytes) -> int:
    return len(re.findall(rb"/Type\s*/Page\b", pdf))


def colours_in(picture: Image.Image) -> int:
    """How many pixels are neither black, white nor grey."""
    red, green, blue = np.asarray(picture).transpose(2, 0, 1)
    most, least = (of(of(red, green), blue) for of in (np.maximum, np.minimum))
    return int((most - least > 8).sum())


@pytest.fixture(scope="module")
def card(browser: Browser, omar: Organiser) -> Iterator[Page]:
    address = f"{omar.rehearsal.base}/desk/launch/doors/practice-card"
    page = as_paper(browser, address, omar.page.context.cookies())  # type: ignore[arg-type]
    yield page
    page.context.close()


@pytest.mark.parametrize("which", HELP)
def test_it_is_one_sheet_in_black_on_white_with_no_links(browser: Browser, rehearsal: Rehearsed, which: str) -> None:
    page = as_paper(browser, f"{rehearsal.base}/door/{which}")
    assert pages_in(page.pdf(prefer_css_page_size=True)) == 1
    assert page.evaluate(SHEET) == []
    assert colours_in(picture_of(page)) == 0
    assert page.locator("a:visible").count() == 0
    page.emulate_media(media="screen")
    assert page.locator("a:visible").count() > 0


def test_a_page_that_is_too_long_would_be_two_sheets(browser: Browser, rehearsal: Rehearsed) -> None:
    """The control: the same count sees a second page, the same look sees what is cut, and colours where there are."""
    page = as_paper(browser, f"{rehearsal.base}/door/help/lead")
    page.evaluate("document.querySelector('main').append(...document.querySelector('main').cloneNode(true).children)")
    assert pages_in(page.pdf(prefer_css_page_size=True)) > 1
    assert page.evaluate(SHEET) != []
    page.goto(f"{rehearsal.base}/door/help/steward")
    page.emulate_media(media="screen")
    page.locator("#signs").scroll_into_view_if_needed()
    assert colours_in(picture_of(page)) > 1000


def test_axe_finds_no_fault_in_what_is_printed(browser: Browser, omar: Organiser) -> None:
    base = omar.rehearsal.base
    anyone, organiser = Inspector(new_page(browser, DESKTOP)), Inspector(another(browser, omar.page, DESKTOP))
    anyone.goes_to(*(f"{base}/door/{which}" for which in HELP))
    organiser.goes_to(f"{base}/desk/launch/doors", f"{base}/desk/launch/doors/practice-card")
    assert anyone.faults + organiser.faults == []


def test_each_code_of_the_card_is_read_from_one_sheet_alone_and_large(card: Page) -> None:
    assert pages_in(card.pdf(prefer_css_page_size=True)) == 1
    assert card.evaluate(SHEET) == []
    assert card.locator("body").inner_text().startswith("Practice card")
    found = zxingcpp.read_barcodes(picture_of(card), QR_ALONE)
    assert sorted(code.text for code in found) == sorted(sample.text for sample in SAMPLES)
    corners = [code.position for code in found]
    sides = [dist((at.top_left.x, at.top_left.y), (at.top_right.x, at.top_right.y)) / SHARPER / MM for at in corners]
    assert min(sides) >= 35, sides
    middles = [((at.top_left.x + at.bottom_right.x) / 2, (at.top_left.y + at.bottom_right.y) / 2) for at in corners]
    nearest = min(dist(middle, other) for middle, other in combinations(middles, 2)) / SHARPER / MM
    assert nearest >= 60, "in a picture as wide as two codes there is one alone"


def test_practice_from_the_printed_card_works_before_the_doors_and_without_a_network(
    playwright: Playwright, omar: Organiser, card: Page, tmp_path: Path
) -> None:
    omar.goes_to("event")
    omar.moves_the_clock_to(BEFORE_DOORS)
    printed = card.locator(".card__code").first.screenshot()
    camera = film(tmp_path / "card.mjpeg", [printed, *[None] * 20])
    with (
        a_browser(playwright, camera) as filmed,
        a_phone(filmed, omar.rehearsal) as opens,
        opens(ticks=True) as sid,
    ):
        sid.pairs(omar.gives_a_code())
        sid.holds_its_page()
        sid.loses_the_network()
        sid.starts()
        sid.sees("PRACTICE", "COME IN", "Practice Person")
        assert (sid.kept("pending"), sid.kept("acts")) == ([], [])
        assert sid.heard == []


@pytest.mark.parametrize(
    ("role", "path", "title"),
    [("steward", "steward", "For stewards at the door"), ("door_lead", "lead", "For door leads")],
)
def test_a_paired_phone_shows_its_page_without_a_network(
    browser: Browser, omar: Organiser, role: str, path: str, title: str
) -> None:
    with a_phone(browser, omar.rehearsal) as opens, opens() as phone:
        phone.pairs(omar.gives_a_code(role))
        start = phone.page.locator("#start .how")
        expect(start).to_have_attribute("href", f"/door/help/{path}")
        has_a_service_worker(phone.page)
        for width in (320, 375):
            phone.page.set_viewport_size({"width": width, "height": 740})
            fits(phone.page)
            expect(phone.page.locator("#begin")).to_be_in_viewport(ratio=1)
        phone.loses_the_network()
        with phone.page.context.expect_page() as opened:
            start.click()
        expect(opened.value.locator("h1")).to_have_text(title)
        expect(opened.value.locator("h1")).to_have_css("font-weight", "700")
        sheet = opened.value.evaluate("document.styleSheets[0].cssRules.length")
        assert sheet > 20, "its style sheet came from the phone too"
        for other in ("steward", "lead"):
            opened.value.goto(f"{phone.rehearsal.base}/door/help/{other}")
            assert opened.value.title().startswith("Door: for")
        with pytest.raises(NotReached):  # the control: what is not kept is not reached
            opened.value.goto(f"{phone.rehearsal.base}/door/over")


def test_more_leads_there_too(browser: Browser, omar: Organiser) -> None:
    omar.goes_to("event")
    omar.moves_the_clock_to(BEFORE_DOORS)
    with a_phone(browser, omar.rehearsal) as opens, opens() as phone:
        phone.pairs(omar.gives_a_code())
        phone.starts()
        phone.taps("More")
        phone.taps("This phone")
        with phone.page.context.expect_page() as opened:
            phone.page.locator("#device .how").click()
        expect(opened.value.locator("h1")).to_have_text("For stewards at the door")
        opened.value.close()
        expect(phone.page.locator("#device")).to_be_visible()

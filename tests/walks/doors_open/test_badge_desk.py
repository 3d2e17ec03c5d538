"""Two badge desks beside the door print each badge once, on a page of its size, and without a script show the same.

Rules: EV-02, GU-11, GU-15, GU-17.
"""

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests import pdf_reading
from tests.walks.both_widths import seen
from tests.walks.people import DESKTOP, NARROW, Organiser, another, until
from tests.walks.rehearsal import Rehearsed

COUNTS = "window.prints = 0; window.print = () => { window.prints += 1; dispatchEvent(new Event('afterprint')); }"
STAYS_OPEN = "void (window.print = () => { window.prints += 1; })"  # as a dialog does that nobody has closed


@pytest.fixture
def path(doors_open: Rehearsed) -> str:
    return f"{doors_open.base}/desk/launch/badge-desk"


def at_a_printer(browser: Browser, omar: Organiser, path: str) -> Page:
    page = another(browser, omar.page, DESKTOP)
    page.add_init_script(COUNTS)
    page.goto(path)
    expect(page.locator("#badge-line")).to_contain_text("Live.")
    return page


def test_two_desks_print_each_badge_once(browser: Browser, omar: Organiser, doors_open: Rehearsed, path: str) -> None:
    plain = another(browser, omar.page, NARROW, script=False)
    plain.goto(path)
    expect(plain.locator("#badge-waiting")).not_to_have_text("To print: 0")
    expect(plain.locator("#badge-start")).to_be_hidden()
    seen(plain, "badge-desk-without-a-script")
    desks = [at_a_printer(browser, omar, path) for _ in range(2)]
    for desk in desks:
        assert desk.evaluate("window.prints") == 0, "nothing is printed before somebody has started it"
        desk.get_by_role("button", name="Print badges as people come in").click()
    for desk in desks:
        expect(desk.locator("#badge-waiting")).to_have_text("To print: 0")
        expect(desk.locator("#badge-paper img")).to_have_count(0)
    rows = doors_open.rows("SELECT registration_id, n FROM badge_print WHERE on_arrival")
    assert sum(desk.evaluate("window.prints") for desk in desks) == len(rows) > 1
    assert {row["n"] for row in rows} == {1}
    seen(desks[0], "badge-desk")
    before = sum(desk.evaluate("window.prints") for desk in desks)
    desks[1].get_by_role("button", name=re.compile("^Print again")).first.click()
    until(lambda: sum(desk.evaluate("window.prints") for desk in desks) == before + 1, "a badge printed again")


def test_what_the_printer_gets_is_one_page_with_the_badge_alone(browser: Browser, omar: Organiser, path: str) -> None:
    page = at_a_printer(browser, omar, f"{path}?paper=label-62")
    page.evaluate(STAYS_OPEN)
    page.get_by_role("button", name=re.compile("^Print")).last.click()
    until(lambda: page.evaluate("window.prints") == 1, "a dialog")
    file = page.pdf(prefer_css_page_size=True, print_background=True)
    assert pdf_reading.page_sizes(file) == [pytest.approx((100, 62), abs=0.4)]
    assert "Badge desk" not in pdf_reading.words(file)
    drawn = pdf_reading.picture(file, 254).squeeze()
    assert (drawn[460:540, 60:940] < 200).any(), "the band of the kind, where the paper has it"


def test_a_stream_that_breaks_is_said_and_asked_for_again(browser: Browser, omar: Organiser, path: str) -> None:
    page = another(browser, omar.page, DESKTOP)
    page.route("**/badge-desk/live*", lambda route: route.abort())
    page.goto(path)
    expect(page.locator("#badge-line")).to_contain_text("No connection: this list may be old.")
    page.unroute("**/badge-desk/live*")
    expect(page.locator("#badge-line")).to_contain_text("Live.")

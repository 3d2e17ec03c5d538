"""Paper at the doors: a sheet whose printed pages are as many as it says, typed up by keyboard and without a script.

Rules: EV-06, GU-11, GU-15, GU-17.
"""

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.walks.both_widths import seen
from tests.walks.people import NARROW, Organiser, another, follows
from tests.walks.rehearsal import Rehearsed


def prints(page: Page, what: str) -> None:
    follows(page, page.get_by_role("button", name=re.compile(f"Make a page to print.*{what}")))


def types(page: Page, line: str) -> None:
    """As somebody at the keyboard does, or a scanner that types: the field has the focus by itself."""
    expect(page.locator("input[autofocus]")).to_be_focused()
    with page.expect_navigation():
        page.keyboard.type(line)
        page.keyboard.press("Enter")


@pytest.mark.promise
def test_a_door_list_is_printed_and_typed_up_by_keyboard(
    browser: Browser, omar: Organiser, doors_open: Rehearsed
) -> None:
    desk = another(browser, omar.page, NARROW, script=False)
    desk.goto(f"{doors_open.base}/desk/launch/doors")
    follows(desk, desk.get_by_role("link", name="Lists with names"))
    seen(desk, "paper")
    doors_open.proves_themselves()
    prints(desk, "door list")
    seen(desk, "door-list")
    sheets = desk.locator(".paper").count()
    assert desk.locator(".paper__head").first.inner_text().count(f"of {sheets}") == 1
    pages = len(re.findall(rb"/Type\s*/Page\b", desk.pdf(prefer_css_page_size=True)))
    assert (pages, sheets > 1) == (sheets, True), "each sheet is one printed page"
    desk.goto(f"{doors_open.base}/desk/launch/doors/paper")
    follows(desk, desk.get_by_role("link", name=re.compile("Type it up")).first)
    seen(desk, "paper-begin")
    desk.get_by_role("radio").first.check()
    desk.get_by_label("Ticks on the paper").fill("2")
    follows(desk, desk.get_by_role("button", name="Begin to type"))
    types(desk, "1")
    expect(desk.locator(".paper-last")).to_contain_text("Line 1")
    expect(desk.locator(".paper-last")).to_contain_text("came in")
    types(desk, "1")
    expect(desk.locator(".paper-last")).to_contain_text("Nothing is counted again")
    types(desk, "0")
    expect(desk.locator(".govuk-error-message")).to_contain_text("no line 0")
    desk.keyboard.press("Control+a")
    types(desk, "2")
    seen(desk, "paper-typing")
    expect(desk.get_by_text("2 of 2")).to_be_visible()
    follows(desk, desk.get_by_role("link", name="Compare with the paper"))
    expect(desk.get_by_text("They agree.")).to_be_visible()
    seen(desk, "paper-compared")

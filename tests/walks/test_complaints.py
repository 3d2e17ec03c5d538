"""Somebody complains about data protection with a keyboard and no script, and an organiser answers and closes it.

Rules: DP-09.
"""

import re

from playwright.sync_api import Browser, Page, expect

from tests.walks.both_widths import seen
from tests.walks.mailreader import Mailreader
from tests.walks.people import NARROW, another, fits, follows, new_page
from tests.walks.rehearsal import Rehearsed

TYPED = ("Carla Complains", "carla@lanterns.example.org", "You told my whole team.")


def tabs_to(page: Page, name: str) -> None:
    """With the keyboard alone, to the field or button of this name."""
    wanted = page.get_by_role("button", name=name).or_(page.get_by_role("textbox", name=name)).first
    for _ in range(60):
        if wanted.evaluate("(element) => element === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"{name} was never reached")


def complains(page: Page) -> None:
    for name, text in zip(("Full name", "Email address", "What happened"), TYPED, strict=True):
        tabs_to(page, name)
        page.keyboard.type(text)
    tabs_to(page, "Send the complaint")
    with page.expect_navigation():
        page.keyboard.press("Enter")


def sends_nothing_first(page: Page) -> None:
    """The error summary leads to the field."""
    tabs_to(page, "Send the complaint")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    page.get_by_role("link", name="Enter your full name").press("Enter")
    expect(page.get_by_label("Full name")).to_be_focused()
    fits(page)


def answers_it(page: Page, reference: str) -> None:
    follows(page, page.get_by_role("link", name=reference))
    fits(page)
    expect(page.locator("main")).to_contain_text(TYPED[2])
    page.get_by_label("Partly upheld").check()
    page.get_by_label("What you found").fill("It was so, and they have been told.")
    follows(page, page.get_by_role("button", name="Note the outcome"))
    expect(page.get_by_role("alert")).to_contain_text("The outcome is noted")
    fits(page)
    follows(page, page.get_by_role("button", name="They know the outcome: close it"))
    expect(page.get_by_role("table", name="Closed complaints")).to_contain_text(reference)


def test_carla_complains_with_a_keyboard_and_no_script_and_an_organiser_answers_and_closes_it(
    browser: Browser, desk: Page, rehearsal: Rehearsed
) -> None:
    page, mail = new_page(browser, NARROW, script=False), Mailreader(rehearsal)
    page.goto(f"{rehearsal.base}/privacy")
    follows(page, page.get_by_role("link", name="Complain about data protection"))
    fits(page)
    sends_nothing_first(page)
    complains(page)
    expect(page.locator("h1")).to_have_text("We have your complaint")
    fits(page)
    mail.opens_newest(TYPED[1], "We have your complaint: C-")
    [reference] = re.findall(r"Its reference is (C-\w{3}-\w{3})\.", mail.text)
    assert not [typed for typed in TYPED if typed in mail.text]
    organiser = another(browser, desk, NARROW)
    organiser.goto(f"{rehearsal.base}/desk/launch/data-protection")
    seen(organiser, "data-protection")
    answers_it(organiser, reference)

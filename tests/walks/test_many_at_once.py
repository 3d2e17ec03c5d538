"""All of a list is decided on at once, from the tick to the undo: with a script and without, on a wide screen and a
narrow one."""

import re

from playwright.sync_api import Browser, Page, expect

from tests.walks.inspector import Inspector
from tests.walks.people import DESKTOP, NARROW, another, fits, follows
from tests.walks.rehearsal import Rehearsed


def test_all_of_a_list_is_put_on_the_waiting_list_and_taken_back(
    browser: Browser, desk: Page, rehearsal: Rehearsed
) -> None:
    page = another(browser, desk, DESKTOP)
    inspector = Inspector(page)
    page.goto(f"{rehearsal.base}/desk/launch/people?state=confirmed&kind=police")
    acts = page.get_by_role("group", name=re.compile("^All [0-9]+ that this filter shows"))
    inspector.looks()
    follows(page, acts.get_by_role("button", name="Waiting list…"))
    expect(page.locator("h1")).to_contain_text("on the waiting list?")
    inspector.looks()
    follows(page, page.get_by_role("button", name="on the waiting list"))
    progress = page.locator("#progress")
    expect(progress).to_contain_text("Everybody's turn has come")  # without a reload
    inspector.looks()
    follows(page, progress.get_by_role("button", name="Undo all of it"))
    expect(progress).to_contain_text("Undone, as far as that was possible")
    plain = another(browser, desk, NARROW, script=False)
    plain.goto(page.url)
    expect(plain.locator("#progress")).to_contain_text("Undone, as far as that was possible")
    fits(plain)
    follows(plain, plain.get_by_role("link", name="show who").first)
    fits(plain)
    plain.goto(f"{rehearsal.base}/desk/launch/people?state=confirmed")
    expect(plain.get_by_role("group", name=re.compile("^All [0-9]+ that this filter shows"))).to_be_visible()
    fits(plain)
    assert inspector.faults == []

"""An organiser prints what a photographer is given, without a script and on a narrow screen.

Rules: DP-13, GU-11, GU-15, GU-17.
"""

from playwright.sync_api import Browser, Page, expect

from tests.walks.both_widths import seen
from tests.walks.inspector import Inspector
from tests.walks.people import DESKTOP, NARROW, another, follows
from tests.walks.rehearsal import Rehearsed


def test_an_organiser_opens_the_sheet_and_the_names(browser: Browser, desk: Page, rehearsal: Rehearsed) -> None:
    organiser = another(browser, desk, NARROW, script=False)
    organiser.goto(f"{rehearsal.base}/desk/launch/people")
    follows(organiser, organiser.get_by_role("link", name="For photographers"))
    seen(organiser, "photographs")
    follows(organiser, organiser.get_by_role("link", name="The sheet for photographers"))
    expect(organiser.locator(".sheet-mark")).to_have_text("No photographs")
    seen(organiser, "photographs-sheet")
    follows(organiser, organiser.get_by_role("link", name="Back to photographs"))
    rehearsal.proves_themselves()
    follows(organiser, organiser.get_by_role("link", name="The names, for Sampleton Pictures"))
    expect(organiser.locator(".sheet-copy")).to_contain_text("Destroy by 16 April 2019.")
    expect(organiser.locator(".sheet-names li")).to_have_count(7)
    seen(organiser, "photographs-names")


def test_their_pages_have_no_fault(browser: Browser, desk: Page, rehearsal: Rehearsed) -> None:
    inspector = Inspector(another(browser, desk, DESKTOP))
    for path in ("photographs", "photographs/sheet"):
        inspector.goes_to(f"{rehearsal.base}/desk/launch/people/{path}")
    rehearsal.proves_themselves()
    inspector.page.goto(f"{rehearsal.base}/desk/launch/people/photographs")
    href = inspector.page.get_by_role("link", name="The names, for Sampleton Pictures").get_attribute("href")
    inspector.goes_to(f"{rehearsal.base}{href}")
    assert inspector.faults == []

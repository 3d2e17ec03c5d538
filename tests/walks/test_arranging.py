"""The access lead and the caterer do their work without a script and on a narrow screen.

Rules: EV-03, EV-04, GU-11, GU-15, GU-17.
"""

import re

from playwright.sync_api import Browser, expect

from tests.walks.both_widths import seen_as_it_is
from tests.walks.house import House, signed_in
from tests.walks.people import NARROW, follows, new_page


def test_the_access_lead_arranges_what_a_guest_needs(browser: Browser, house: House) -> None:
    page = signed_in(new_page(browser, NARROW, script=False), house, "access")
    page.goto(f"{house.base}/desk")
    seen_as_it_is(page, "access")
    follows(page, page.get_by_role("button", name=re.compile(r"^Mark as arranged\s*: A hearing loop")))
    expect(page.locator("main")).to_contain_text(": noted as arranged.")
    follows(page, page.get_by_role("button", name=re.compile(r"^Tell them\s*: A hearing loop")))
    expect(page.locator(".govuk-error-summary")).to_contain_text("Enter what is arranged, as they will read it")
    seen_as_it_is(page, "access-error")
    page.get_by_label("What you tell them").first.fill("The loop covers rows one to three")
    follows(page, page.get_by_role("button", name=re.compile(r"^Tell them\s*: A hearing loop")))
    expect(page.locator("main")).to_contain_text("The loop covers rows one to three")
    seen_as_it_is(page, "access-told")
    follows(page, page.get_by_role("link", name="arranged", exact=True))
    seen_as_it_is(page, "access-email")

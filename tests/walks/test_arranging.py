"""The access lead and the caterer do their work without a script and on a narrow screen.

Rules: EV-03, EV-04, GU-11, GU-15, GU-17.
"""

import re

from playwright.sync_api import Browser, expect

from tests.walks.both_widths import seen_as_it_is
from tests.walks.house import SLUG, House, signed_in
from tests.walks.inspector import Inspector
from tests.walks.people import DESKTOP, NARROW, follows, new_page


def test_the_access_lead_arranges_what_a_guest_needs(browser: Browser, house: House) -> None:
    page = signed_in(new_page(browser, NARROW, script=False), house, "access")
    page.goto(f"{house.base}/desk")
    seen_as_it_is(page, "access")
    follows(page, page.get_by_role("button", name=re.compile(r"^Mark as arranged\s*: A hearing loop")))
    expect(page.locator("main")).to_contain_text("Noted as arranged.")
    follows(page, page.get_by_role("button", name=re.compile(r"^Tell them\s*: A hearing loop")))
    expect(page.locator(".govuk-error-summary")).to_contain_text("Enter what is arranged, as they will read it")
    seen_as_it_is(page, "access-error")
    page.get_by_label("What you tell them").fill("The loop covers rows one to three")
    follows(page, page.get_by_role("button", name=re.compile(r"^Tell them\s*: A hearing loop")))
    expect(page.locator("main")).to_contain_text("The loop covers rows one to three")
    seen_as_it_is(page, "access-told")
    follows(page, page.get_by_role("link", name="arranged", exact=True))
    seen_as_it_is(page, "access-email")


def test_the_pages_of_both_roles_have_no_fault(browser: Browser, house: House) -> None:
    for role, paths in {"access": ("access", "access/emails/asked"), "caterer": ("catering",)}.items():
        inspector = Inspector(signed_in(new_page(browser, DESKTOP), house, role))
        for path in paths:
            inspector.goes_to(f"{house.base}/desk/{SLUG}/{path}")
            for size in (NARROW, DESKTOP):
                inspector.page.set_viewport_size(size)  # type: ignore[arg-type]
                seen_as_it_is(inspector.page, path.replace("/", "-"))
        assert inspector.faults == []

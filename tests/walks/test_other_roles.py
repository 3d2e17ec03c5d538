"""Who tries the rehearsal sees what no lead sees: the pages of the access lead and the caterer, without a script."""

import re
from collections.abc import Sequence

from playwright.sync_api import Browser, expect

from tests.walks.both_widths import seen
from tests.walks.inspector import Inspector
from tests.walks.people import DESKTOP, NARROW, Organiser, follows, new_page
from tests.walks.rehearsal import Rehearsed, rehearsed


def test_the_desk_is_opened_as_access_lead_and_as_caterer(browser: Browser) -> None:
    """In a rehearsal of its own: a browser that takes a role gives up the one before."""
    with rehearsed() as rehearsal:
        page = Organiser.at_the_desk(new_page(browser, NARROW, script=False), rehearsal).page
        follows(page, page.get_by_role("link", name="Other roles"))
        seen(page, "other-roles")
        follows(page, page.get_by_role("button", name=re.compile("as Axel Reed")))
        expect(page.get_by_role("heading", level=1)).to_have_text("Access")
        expect(page.locator("main")).to_contain_text("two metres behind it, please.")
        seen(page, "rehearsed-access")
        follows(page, page.get_by_role("link", name="Other roles"))
        follows(page, page.get_by_role("button", name=re.compile("as Kit Moss")))
        expect(page.locator("main")).to_contain_text("No nuts of any kind")
        seen(page, "rehearsed-catering")
        has_no_fault(browser, page.context.cookies(), rehearsal)


def has_no_fault(browser: Browser, cookies: Sequence[object], rehearsal: Rehearsed) -> None:
    inspected = new_page(browser, DESKTOP)
    inspected.context.add_cookies(cookies)  # type: ignore[arg-type]
    inspector = Inspector(inspected)
    inspector.goes_to(f"{rehearsal.base}/rehearsal/roles")
    assert inspector.faults == []

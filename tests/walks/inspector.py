"""Looks at the page that is open, by axe, at the two widths that the accessibility statement names."""

import re

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.walks.people import DESKTOP, NARROW, fits

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
BEFORE_LANDMARKS = re.compile("govuk-back-link|exit-this-page")
EMPTIED = """form => {
    for (const one of form.elements) {
        if (one.matches("input[type=radio], input[type=checkbox]")) one.checked = false;
        else if (one.matches("input:not([type=hidden]), textarea")) one.value = "";
    }
    form.requestSubmit();
}"""


def violations(page: Page) -> list[str]:
    """Which rule each element breaks. Before the landmarks stands only what the Design System puts there."""
    found = Axe().run(page, options={"runOnly": TAGS}).response["violations"]
    broken = [(one["id"], node["html"][:120]) for one in found for node in one["nodes"]]
    return [f"{rule}, {html}" for rule, html in broken if not (rule == "region" and BEFORE_LANDMARKS.search(html))]


class Inspector:
    """Remembers which pages it has seen and what is wrong with them."""

    def __init__(self, page: Page) -> None:
        self.page, self.faults, self.seen = page, list[str](), list[str]()

    def looks(self, state: str = "") -> None:
        """At the page as it is; `state` names it where the address does not."""
        where = f"/{self.page.url.split('/', 3)[3]}{state}"
        self.seen.append(where)
        for size in (NARROW, DESKTOP):
            self.page.set_viewport_size(size)  # type: ignore[arg-type]
            fits(self.page)
            self.faults += [f"{size['width']} px: {where}: {one}" for one in violations(self.page)]

    def goes_to(self, *addresses: str) -> None:
        for address in addresses:
            self.page.goto(address)
            self.looks()

    def sends_empty(self, form: str = "main form") -> None:
        """The page's errors: fails if there are none, for then the form was taken."""
        with self.page.expect_navigation():
            self.page.locator(form).first.evaluate(EMPTIED)
        assert self.page.locator(".govuk-error-message, .govuk-error-summary").count(), self.page.url
        self.looks(" sent empty")


def kind_of(address: str) -> str:
    """Its path, with every number the same: one page of each kind is looked at."""
    return re.sub(r"\d+", "1", address.partition("?")[0])

"""Every page of a professional, looked at by axe, at the widths that the accessibility statement names."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from tests.walks.people import DESKTOP, NARROW, Mailreader, Professional, fits, new_page
from tests.walks.rehearsal import Rehearsed

RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "rules": {"region": {"enabled": False}},  # the Design System puts the back link and the exit before the landmarks
}
PUBLIC = ("/", "/support", "/privacy", "/cookies", "/accessibility", "/e/launch", "/e/launch/ask", "/e/launch/asked")
FIXED = ("/e/launch/given-up", "/e/launch/withdrawn", "/request-deleted", "/exited", "/nothing")


class Inspector:
    """Looks at the page that is open, and remembers what is wrong with it."""

    def __init__(self, page: Page) -> None:
        self.page, self.faults, self.seen = page, list[str](), 0

    def looks(self) -> None:
        self.seen += 1
        fits(self.page)
        found = Axe().run(self.page, options=RULES).response["violations"]
        where = self.page.url.split("/", 3)[3]
        self.faults += [f"/{where}: {one['id']}, {one['nodes'][0]['html'][:120]}" for one in found]

    def goes_to(self, *addresses: str) -> None:
        for address in addresses:
            self.page.goto(address)
            self.looks()


def look_along_the_journey(ada: Professional, inspector: Inspector) -> None:
    """Each question empty, wrong and right, up to the page that tells her to check her email."""
    steps = (
        ("Full name", ada.name),
        ("Work email address", ada.email),
        ("Name of your organisation", "Lantern"),
        ("Your role", "Advocate"),
    )
    ada.page.goto(f"{ada.rehearsal.base}/e/launch/ask/name")
    for label, value in steps:
        inspector.looks()
        ada.presses("Continue")
        inspector.looks()
        ada.page.get_by_label(label).fill(value)
        if label.startswith("Name of"):
            ada.page.get_by_label("Charity").check()
        ada.presses("Continue")
    ada.reads("Check your answers")
    inspector.looks()
    ada.presses("Request my place")
    ada.reads("Check your email")
    inspector.looks()


@pytest.mark.parametrize("size", [NARROW, DESKTOP], ids=["320", "1280"])
def test_axe_finds_no_fault_on_any_page(browser: Browser, rehearsal: Rehearsed, size: dict[str, int]) -> None:
    width = size["width"]
    ada = Professional(new_page(browser, size), rehearsal, f"Ada Axe {width}", f"ada{width}@axe.example.org")
    mail, inspector = Mailreader(new_page(browser, DESKTOP), rehearsal), Inspector(ada.page)

    inspector.goes_to(*(rehearsal.base + path for path in (*PUBLIC, *FIXED)))
    look_along_the_journey(ada, inspector)
    mail.opens_newest(ada.email, "Confirm your request")
    link = mail.link("confirm")
    inspector.goes_to(link, f"{link}/again")
    ada.confirms(link)
    inspector.looks()
    mail.opens_newest("Your+place+on+Monday", "Your place on Monday")
    ticket, manage = mail.link("ticket"), mail.link("manage")
    inspector.goes_to(ticket, manage, f"{manage}/give-up", f"{manage}/send-again", f"{manage}?sent")

    assert inspector.seen == len(PUBLIC) + len(FIXED) + 10 + 3 + 5
    assert inspector.faults == []

"""The words in which walks are told: what a professional, an organiser and a reader of mail do in a browser."""

import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.walks.rehearsal import Rehearsed

PHONE = {"width": 375, "height": 740}
NARROW = {"width": 320, "height": 640}
DESKTOP = {"width": 1280, "height": 900}


def until(found: Callable[[], Any], what: str, seconds: float = 15) -> Any:
    """Asks again until there is an answer: a mail takes a moment."""
    end = time.monotonic() + seconds
    while not (answer := found()):
        assert time.monotonic() < end, f"never came: {what}"
        time.sleep(0.1)
    return answer


def fits(page: Page) -> None:
    """Nothing is wider than the window."""
    sizes = page.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
    assert sizes[0] <= sizes[1], f"{page.url} scrolls sideways: {sizes}"


@dataclass
class Mailreader:
    """Reads the rehearsal's mailbox as its recipient would."""

    page: Page
    rehearsal: Rehearsed

    def opens_newest(self, address: str, subject: str) -> None:
        """The newest mail to this address whose subject begins so; waits for it."""

        def found() -> bool:
            self.page.goto(f"{self.rehearsal.mailbox}?find={address}")
            first = self.page.locator("tbody tr").first
            return first.count() > 0 and first.locator("a").inner_text().startswith(subject)

        until(found, f"a mail to {address}: {subject}")
        self.page.locator("tbody tr").first.locator("a").click()

    def link(self, part: str) -> str:
        """The link in the open mail whose path has this part."""
        found = re.findall(r"https?://\S+", self.page.locator("pre.letter__text").inner_text())
        return next(one for one in found if f"/{part}/" in one)

    def text(self) -> str:
        return self.page.locator("pre.letter__text").inner_text()


@dataclass
class Professional:
    """Asks for a place, confirms, looks at the ticket, gives it up."""

    page: Page
    rehearsal: Rehearsed
    name: str
    email: str

    def presses(self, name: str) -> None:
        self.page.get_by_role("button", name=name).click()

    def reads(self, heading: str) -> None:
        expect(self.page.locator("h1")).to_contain_text(heading)
        fits(self.page)


def new_page(browser: Browser, size: dict[str, int], *, script: bool = True) -> Page:
    context: BrowserContext = browser.new_context(viewport=size, java_script_enabled=script)  # type: ignore[arg-type]
    page = context.new_page()
    page.set_default_timeout(8_000)
    return page

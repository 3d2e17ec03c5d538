"""A mail gateway with a real browser: opens links with scripts on, follows them, and sends every form that it finds."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import NamedTuple
from urllib.parse import urljoin, urlsplit

from playwright.sync_api import Error, Frame, Locator, Page, Response

from tests.walks.people import until

WAITS = 60_000  # milliseconds of the page's own time, in which it could send itself
OURS = "form:not([action^='/rehearsal/'])"  # the banner with the clock is the rehearsal's, and in no live page
BUTTONS = f"{OURS} :is(button, input[type=submit])"
SEEN_BUTTONS = f"""() => [...document.querySelectorAll("{BUTTONS}")].map((button) =>
    button.checkVisibility({{ visibilityProperty: true }}) ? [button.formAction, button.innerText] : null)"""
SENDERS = {
    "submit": "form => HTMLFormElement.prototype.submit.call(form)",
    "requestSubmit": "form => form.requestSubmit()",
}
FORMS = f"""() => [...document.querySelectorAll("{OURS}")]
    .map(form => form.getAttribute("action") || location.pathname)"""
PICK = """form => { const seen = new Set(); for (const one of form.querySelectorAll("input[type=radio]"))
    if (!seen.has(one.name)) { seen.add(one.name); one.checked = true; } }"""
NOTES_WHAT_STAYS = """() => {
    addEventListener("submit", (event) => (window.stays = event.defaultPrevented));
    addEventListener("invalid", () => (window.stays = true), true);
}"""
LINKS = "() => [...document.querySelectorAll('a[href]')].map(link => link.href)"


class Sent(NamedTuple):
    path: str
    how: str
    status: int


@dataclass
class Gateway:
    """Sends forms as they stand, in each way a script can; with `picks`, the first radio of each is chosen before."""

    page: Page
    base: str
    picks: bool
    deep: int  # so many links away from the email it goes
    untouched: bool = False  # the page that is open is as it came
    opened: set[str] = field(default_factory=set)
    sent: list[Sent] = field(default_factory=list)
    tried: set[tuple[str, str]] = field(default_factory=set)

    def follow(self, links: list[str]) -> None:
        """These, and what they lead to, on our own host only: the browser reaches no other."""
        self.page.clock.install()
        waiting = [(link, 0) for link in links]
        while waiting:
            link, depth = waiting.pop(0)
            if self.is_new(link):
                led_to = self.read(link)
                waiting += [(found, depth + 1) for found in led_to if depth < self.deep]

    def is_new(self, link: str) -> bool:
        parts = urlsplit(link)
        ours = link.startswith(f"{self.base}/") and not parts.path.startswith(("/rehearsal/", "/static/"))
        return ours and self.bare(link) not in self.opened

    def bare(self, link: str) -> str:
        return link.partition("#")[0]

    def read(self, link: str) -> list[str]:
        """Opens it, waits, sends what is on it; where it leads."""
        self.opened.add(self.bare(link))
        if not self.shows(link):
            return []
        self.page.clock.fast_forward(WAITS)
        led_to: list[str] = self.page.evaluate(LINKS)
        forms, buttons = self.page.evaluate(FORMS), self.page.evaluate(SEEN_BUTTONS)
        for number, action in enumerate(forms):
            for how in SENDERS:
                led_to += self.sends(link, action, how, number)
        for number, seen in enumerate(buttons):
            if seen and self.first_time(*seen):
                led_to += self.clicks(link, number)
        return led_to

    def shows(self, link: str) -> bool:
        """False for what is no page, like a calendar file; that was asked for all the same."""
        answer = self.page.request.get(link)
        if "text/html" not in answer.headers.get("content-type", ""):
            return False
        self.page.goto(link)
        self.untouched = True
        return True

    def sends(self, link: str, action: str, how: str, number: int) -> list[str]:
        if not self.first_time(urljoin(link, action), how):
            return []
        form = self.found(link, OURS, number)
        if form is None:
            return []
        return self.watched(how, lambda: self.filled(form).evaluate(SENDERS[how]))

    def clicks(self, link: str, number: int) -> list[str]:
        button = self.found(link, BUTTONS, number)
        if button is None or not button.is_visible():
            return []
        self.filled(button.locator("xpath=ancestor::form"))
        if button.evaluate("one => one.type") == "submit":
            return self.watched("click", button.click)
        button.click()
        self.page.clock.fast_forward(WAITS)
        return []

    def found(self, link: str, what: str, number: int) -> Locator | None:
        """On the page as it comes; None for what is gone since something was sent."""
        if not self.untouched:
            self.page.goto(link)
        self.untouched = False
        every = self.page.locator(what)
        return every.nth(number) if number < every.count() else None

    def first_time(self, action: str, how: str) -> bool:
        """The same form stands on many pages: it is sent once in each way."""
        if (action, how) in self.tried:
            return False
        self.tried.add((action, how))
        return True

    def filled(self, form: Locator) -> Locator:
        if self.picks:
            form.evaluate(PICK)
        return form

    def stays(self) -> bool:
        """The page kept what was sent to itself, or the browser did not let it go."""
        with suppress(Error):  # it is on its way to another
            return bool(self.page.evaluate("window.stays"))
        return False

    def watched(self, how: str, act: Callable[[], object]) -> list[str]:
        """Where the page is afterwards; what was posted on the way is remembered."""
        answers: list[Response] = []

        def keeps(answer: Response) -> None:
            answers.append(answer)

        self.page.on("response", keeps)
        came: list[Frame] = []
        self.page.once("framenavigated", lambda frame: came.append(frame))
        self.page.evaluate(NOTES_WHAT_STAYS)
        act()
        until(lambda: came or self.stays(), "an answer to what was sent")
        self.page.wait_for_load_state()
        self.page.remove_listener("response", keeps)
        posted = [answer for answer in answers if answer.request.method == "POST"]
        self.sent += [Sent(urlsplit(answer.url).path, how, answer.status) for answer in posted]
        return [self.page.url]

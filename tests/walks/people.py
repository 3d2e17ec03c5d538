"""The words in which walks are told: what a professional, an organiser and a reader of mail do in a browser."""

import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import APIResponse, Browser, BrowserContext, Locator, Page, expect

from tests.walks.rehearsal import Rehearsed

PHONE = {"width": 375, "height": 740}
NARROW = {"width": 320, "height": 640}
DESKTOP = {"width": 1280, "height": 900}
PATIENCE = 60  # seconds; a slow machine is no fault of the product, and a page that is right is not waited for
DOORS_OPEN = "2019-04-15T09:05"  # as the rehearsal says it


def until(found: Callable[[], Any], what: str, seconds: float = PATIENCE) -> Any:
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


def follows(page: Page, to_another: Locator) -> None:
    """Clicks what leads to another page, and waits for that one: until it has come, the old one is there to be seen."""
    with page.expect_navigation():
        to_another.click()


def sends(page: Page, address: str, **typed: str) -> APIResponse:
    """One of our forms as its page would send it, from this browser, with no look at the pages before and after.

    Once more where the server has just closed the connection that was left open since the request before.
    """
    headers = {"origin": "/".join(address.split("/")[:3])}
    return page.request.post(address, form=typed, headers=headers, max_redirects=0, max_retries=1)  # type: ignore[arg-type]


def sends_well(page: Page, address: str, **typed: str) -> None:
    answer = sends(page, address, **typed)
    assert answer.status == 303, (address, answer.status, answer.text())


@dataclass
class Professional:
    """Asks for a place, confirms, looks at the ticket, gives it up."""

    page: Page
    rehearsal: Rehearsed
    name: str
    email: str

    def presses(self, name: str) -> None:
        follows(self.page, self.page.get_by_role("button", name=name))

    def reads(self, heading: str) -> None:
        expect(self.page.locator("h1")).to_contain_text(heading)
        fits(self.page)

    def answers(self, **fields: str) -> None:
        """Fills the page's fields by their labels (underscores for spaces) and goes on."""
        for label, value in fields.items():
            self.page.get_by_label(label.replace("_", " ")).fill(value)
        self.presses("Continue")

    def asks_for_a_place(self) -> None:
        """From the public page to *Check your email*."""
        self.page.goto(self.rehearsal.base)
        self.reads("Conference for professionals")
        self.presses("Ask for a place")
        if self.page.url.endswith("/ask"):
            follows(self.page, self.page.locator("main a.govuk-button"))
        self.answers(Full_name=self.name)
        self.answers(Work_email_address=self.email)
        self.page.get_by_label("Charity").check()
        self.answers(Name_of_your_organisation=f"House of {self.name}")
        self.answers(Your_role="Advocate")
        self.reads("Check your answers")
        self.presses("Ask for a place")
        self.reads("Check your email")

    def has_asked(self) -> None:
        """For a place, with the same answers, where the way there is not what is looked at."""
        asks, organisation = f"{self.rehearsal.base}/e/launch/ask", f"House of {self.name}"
        sends_well(self.page, f"{asks}/name", full_name=self.name)
        sends_well(self.page, f"{asks}/email", email=self.email)
        sends_well(self.page, f"{asks}/organisation", organisation=organisation, kind="charity")
        sends_well(self.page, f"{asks}/role", role="Advocate")
        sends_well(self.page, f"{asks}/check")

    def has_confirmed(self, link: str) -> None:
        sends_well(self.page, link, asked="yes")

    def chooses(self, radio: str, button: str = "Continue") -> None:
        self.page.get_by_label(radio, exact=False).first.check()
        self.presses(button)

    def types_the_word(self, word: str) -> None:
        self.page.get_by_label(f"Type \u201c{word}\u201d").fill(word)

    def confirms(self, link: str) -> None:
        self.page.goto(link)
        self.chooses("Yes, I asked for this place")
        self.reads("We have your request")


@dataclass
class Organiser:
    """Decides, looks people up, pairs phones."""

    page: Page
    rehearsal: Rehearsed

    @classmethod
    def at_the_desk(cls, page: Page, rehearsal: Rehearsed) -> "Organiser":
        """Signed in, by the one-time link, as a lead."""
        page.goto(rehearsal.desk)
        follows(page, page.get_by_role("button", name="Open the desk"))
        return cls(page, rehearsal)

    def makes_room(self) -> None:
        """For everybody whom walks approve: the rehearsal has six places left."""
        sends_well(self.page, f"{self.rehearsal.base}/desk/launch/event/places", capacity="1000", allowance="0")

    def goes_to(self, part: str) -> None:
        self.page.goto(f"{self.rehearsal.base}/desk/launch/{part}")

    def approves(self, name: str) -> None:
        """Finds the request in the queue and decides on it alone; the time in which it can be undone is over then."""
        self.goes_to("requests")
        request = self.page.locator("article, tr, li").filter(has_text=name).first
        follows(self.page, request.get_by_role("button", name="Approve"))
        self.rehearsal.passes_the_time_to_undo()

    def finds(self, email: str) -> str:
        """Their number at the desk."""
        sends_to = sends(self.page, f"{self.rehearsal.base}/desk/launch/people/search", text=email).headers["location"]
        page = self.page.request.get(f"{self.rehearsal.base}{sends_to}").text()
        [found] = set(re.findall(r"/desk/launch/people/(\d+)\"", page))
        return str(found)

    def has_approved(self, email: str) -> None:
        """With no look at the queue."""
        decide = f"{self.rehearsal.base}/desk/launch/people/{self.finds(email)}/decide"
        sends_well(self.page, decide, decision="approve")
        self.rehearsal.passes_the_time_to_undo()

    def makes_a_door(self, name: str) -> None:
        self.goes_to("doors")
        self.page.get_by_label("Name of the door").fill(name)
        self.page.get_by_label("Entrance", exact=True).check()
        follows(self.page, self.page.get_by_role("button", name="Make the door"))
        self.sees(name)

    def makes_a_code_for(self, door: str, role: str = "Steward") -> str:
        """The ten characters that are shown once, beside the QR that says the same."""
        self.goes_to("doors")
        section = self.page.locator("section.door").filter(has_text=door).first
        follows(self.page, section.get_by_role("link", name="Pair a phone"))
        self.page.get_by_label("Name of the phone").fill(f"{door} phone")
        chosen = self.page.get_by_label(role, exact=True)
        chosen.press("Space")  # what the doors ask for may come meanwhile, and move what a pointer was about to press
        expect(chosen).to_be_checked()
        follows(self.page, self.page.get_by_role("button", name="Make the code"))
        return self.page.locator(".pairing__code").inner_text()

    def gives_a_code(self, role: str = "steward") -> str:
        """For the main door, with no look at the pages before and after."""
        return self.gives(role)[0]

    def gives(self, role: str) -> tuple[str, str]:
        """The code, and the PIN that a door lead gets beside it."""
        path = f"{self.rehearsal.base}/desk/launch/doors/1/phones"
        page = sends(self.page, path, phone_name="Main door phone", role=role).text()
        code, pin = (re.findall(rf'class="[^"]*pairing__{part}[^"]*"[^>]*>([^<]+)<', page) for part in ("code", "pin"))
        return str(code[0]), "".join(pin).replace(" ", "")

    def revokes(self, device: int) -> None:
        self.goes_to(f"phones/{device}/revoke")
        follows(self.page, self.page.locator("main form button").first)  # the other says that it is lost

    def lets_a_walk_in_in(self) -> None:
        """The first who waits."""
        self.goes_to("walk-ins")
        follows(self.page, self.page.locator("main li a").first)
        self.page.get_by_label("Let them in").check()
        follows(self.page, self.page.get_by_role("button", name="Decide"))

    def sees(self, *words: str) -> None:
        for word in words:
            expect(self.page.locator("main")).to_contain_text(word)

    def moves_the_clock_to(self, moment: str) -> None:
        """Until the walk is over."""
        self.rehearsal.moved.append(moment)
        self.page.locator("#rehearsal-moment").select_option(moment)
        follows(self.page, self.page.get_by_role("button", name="Move"))


def new_page(browser: Browser, size: dict[str, int], *, script: bool = True) -> Page:
    context: BrowserContext = browser.new_context(viewport=size, java_script_enabled=script)  # type: ignore[arg-type]
    page = context.new_page()
    page.set_default_timeout(PATIENCE * 1000)
    return page


def another(browser: Browser, desk: Page, size: dict[str, int], *, script: bool = True) -> Page:
    """A second window of the same organiser."""
    page = new_page(browser, size, script=script)
    page.context.add_cookies(desk.context.cookies())  # type: ignore[arg-type]
    return page

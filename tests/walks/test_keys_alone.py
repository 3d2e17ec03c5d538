"""A guest and an organiser who have a keyboard alone: each thing that they use is reached by Tab, and seen.

A steward's whole shift by keys is in test_full_shift, a complaint in test_complaints.

Rules: GU-15.
"""

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.walks.mailreader import Mailreader
from tests.walks.people import DESKTOP, another, new_page
from tests.walks.rehearsal import Rehearsed

MOST = 90  # presses of Tab: no page has so many things to use before what is meant
HERE = """() => {
    const one = document.activeElement;
    if (!one || one === document.body) return ["", "", true];
    const { top, bottom } = (one.labels?.[0] ?? one).getBoundingClientRect();
    const name = one.ariaLabel || (one.labels?.[0] ?? one).textContent.trim().replace(/\\s+/g, " ");
    return [name, one.type || one.tagName, bottom > 0 && top < innerHeight];
}"""


class Keys:
    """Presses Tab until what is meant has the focus, and never loses sight of it."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def to(self, name: str, *, not_a: str = "") -> None:
        names = []
        for _ in range(MOST):
            self.page.keyboard.press("Tab")
            here, kind, is_seen = self.page.evaluate(HERE)
            assert is_seen, f"{here} has the focus and is not in sight"
            if kind != not_a and (here == name or (name.endswith("*") and here.startswith(name[:-1]))):
                return
            names.append(here)
        raise AssertionError(f"no key leads to {name}: {names}")

    def types(self, name: str, text: str) -> None:
        self.to(name)
        self.page.keyboard.press("ControlOrMeta+A")
        self.page.keyboard.type(text)

    def ticks(self, name: str) -> None:
        """Of radios Tab comes to the first alone, and the arrows to the others."""
        self.to(name)
        self.page.keyboard.press("Space")

    def presses(self, name: str) -> None:
        self.to(name, not_a="checkbox")
        with self.page.expect_navigation():
            self.page.keyboard.press("Enter")

    def reads(self, words: str) -> None:
        expect(self.page.locator("main")).to_contain_text(words)


def asks(keys: Keys, name: str, email: str, base: str) -> None:
    keys.page.goto(f"{base}/e/launch/ask/name")
    keys.presses("Continue")
    expect(keys.page.locator(".govuk-error-summary")).to_be_focused()
    keys.to("Enter your full name")
    keys.page.keyboard.press("Enter")
    expect(keys.page.get_by_label("Full name")).to_be_focused()
    keys.page.keyboard.type(name)
    keys.presses("Continue")
    keys.types("Work email address", email)
    keys.presses("Continue")
    keys.types("Name of your organisation", "House of Keys")
    keys.ticks("Charity")
    keys.presses("Continue")
    keys.types("Your role", "Advocate")
    keys.presses("Continue")
    keys.reads("Check your answers")
    keys.presses("Ask for a place")
    keys.reads("Check your email")


def test_a_guest_and_an_organiser_do_their_main_jobs_with_keys_alone(
    browser: Browser, desk: Page, rehearsal: Rehearsed
) -> None:
    keys, mail, email = Keys(new_page(browser, DESKTOP)), Mailreader(rehearsal), "kay@keys.example.org"
    asks(keys, "Kay Keys", email, rehearsal.base)
    mail.opens_newest(email, "Confirm your request")
    keys.page.goto(mail.link("confirm"))
    keys.ticks("Yes, I asked for this place")
    keys.presses("Continue")
    keys.reads("We have your request")
    organiser = Keys(another(browser, desk, DESKTOP))
    approves(organiser, rehearsal)
    mail.opens_newest(email, "Your place on Monday 15 April 2019")
    keys.page.goto(mail.link("manage"))
    keys.presses("Change name")
    keys.types("Full name", "Kay Keyes")
    keys.presses("Save")
    keys.reads("Kay Keyes")
    keys.presses("Give up my place")
    keys.ticks("Yes*")
    keys.presses("Continue")
    keys.reads("You have given up your place")


def approves(keys: Keys, rehearsal: Rehearsed) -> None:
    keys.page.goto(f"{rehearsal.base}/desk/launch/requests?sort=newest")
    keys.presses("Kay Keys")
    keys.ticks("Approve*")
    keys.presses("Decide")
    expect(keys.page.get_by_role("alert")).to_contain_text("Kay Keys")
    rehearsal.passes_the_time_to_undo()


def test_an_organiser_takes_a_file_and_writes_to_guests_with_keys_alone(
    browser: Browser, desk: Page, rehearsal: Rehearsed
) -> None:
    rehearsal.proves_both()
    keys = Keys(another(browser, desk, DESKTOP))
    keys.page.goto(f"{rehearsal.base}/desk/launch/exports")
    keys.presses("Contacts as a file")
    keys.types("What is it for?", "Telephone whoever is late")
    keys.to("XLSX*")
    keys.page.keyboard.press("ArrowDown")
    expect(keys.page.get_by_label("CSV, for other programs")).to_be_checked()
    keys.presses("Make the file")
    keys.reads("The file is ready")
    with keys.page.expect_download():
        keys.to("Fetch the file")
        keys.page.keyboard.press("Enter")
    keys.page.goto(f"{rehearsal.base}/desk/launch/emails/announcements/new")
    keys.types("Subject", "The doors open later")
    keys.types("What you want to say", "Come at ten.")
    keys.ticks("Everybody with a place")
    keys.ticks("All kinds")
    keys.presses("Save and read it")
    keys.reads("Come at ten.")
    keys.presses("Discard it")


def test_what_no_key_reaches_or_nobody_sees_is_told(browser: Browser) -> None:
    """The control."""
    keys = Keys(new_page(browser, DESKTOP))
    keys.page.set_content("<a href=/a>One</a><span role=button>Two</span>")
    with pytest.raises(AssertionError, match="no key leads to Two"):
        keys.to("Two")
    keys.page.set_content("<a href=/a style='position: fixed; top: -90px'>One</a>")
    with pytest.raises(AssertionError, match="One has the focus and is not in sight"):
        keys.to("One")

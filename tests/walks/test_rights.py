"""Guests use their rights from their booking page, without a script: a copy that opens once, and to be erased.

Rules: DP-08.
"""

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.walks.mailreader import Mailreader
from tests.walks.people import DESKTOP, DOORS_OPEN, NARROW, Organiser, Professional, another, fits, follows, new_page
from tests.walks.phone import a_phone, code_in
from tests.walks.rehearsal import Rehearsed

COPY, DELETED = "Your copy of your data", "What we held about you has been deleted"
USED_UP = "This link no longer works"


def with_a_place(browser: Browser, omar: Organiser, name: str, mail: Mailreader) -> Professional:
    """The newest email to them brings their ticket."""
    guest = Professional(
        new_page(browser, NARROW, script=False), omar.rehearsal, name, f"{name.split()[0].lower()}@rights.example.org"
    )
    guest.has_asked()
    mail.opens_newest(guest.email, "Confirm your request")
    guest.has_confirmed(mail.link("confirm"))
    omar.has_approved(guest.email)
    mail.opens_newest(guest.email, "Your place on")
    return guest


def asks(guest: Professional, what: str, mail: Mailreader) -> str:
    """On their booking page, at first without a choice. The reference, from the email that acknowledges it."""
    guest.page.goto(mail.link("manage"))
    follows(guest.page, guest.page.get_by_role("link", name="Use your rights over your data"))
    guest.presses("Send")
    expect(guest.page.locator(".govuk-error-summary")).to_contain_text("Select what you want")
    guest.reads("Your rights over your data")
    guest.types_the_word("send")
    guest.chooses(what, "Send")
    guest.reads("We have your request")
    mail.opens_newest(guest.email, "Your request about your data")
    [reference] = re.findall(r"R-\w{3}-\w{3}", mail.text)
    return str(reference)


def opens_the_request(page: Page, rehearsal: Rehearsed, reference: str) -> None:
    page.goto(f"{rehearsal.base}/desk/launch/data-protection")
    fits(page)
    follows(page, page.get_by_role("link", name=reference))
    fits(page)


def test_a_guest_gets_a_copy_that_opens_once(
    browser: Browser, desk: Page, omar: Organiser, rehearsal: Rehearsed
) -> None:
    mail, organiser = Mailreader(rehearsal), another(browser, desk, NARROW)
    guest = with_a_place(browser, omar, "Cora Copies", mail)
    reference = asks(guest, "A copy of what you hold about me", mail)
    opens_the_request(organiser, rehearsal, reference)
    expect(organiser.locator("main")).not_to_contain_text(guest.name)
    follows(organiser, organiser.get_by_role("button", name="Send the link"))
    expect(organiser.get_by_role("alert")).to_contain_text("The link is on its way to their address")
    mail.opens_newest(guest.email, COPY)
    link, guest.page = mail.link("copy"), new_page(browser, NARROW)
    guest.page.goto(link)
    guest.reads(COPY)
    guest.chooses("Yes, open it now")
    guest.reads("What we hold about you")
    shown = guest.page.locator("main").inner_text()
    assert [word for word in (guest.name, guest.email, f"House of {guest.name}", "Ticket") if word not in shown] == []
    assert [name for name in ("Lena Hart", "Robin Marsh") if name in shown] == [], "a member of staff, another person"
    path = guest.page.get_by_role("link", name="Download the same").get_attribute("href")
    assert guest.email in str(guest.page.request.get(f"{rehearsal.base}{path}").json())
    stranger = new_page(browser, DESKTOP)
    stranger.goto(link)
    expect(stranger.locator("h1")).to_have_text(USED_UP)
    organiser.goto(f"{rehearsal.base}/desk/launch/data-protection")
    expect(organiser.get_by_role("table", name="Closed rights requests")).to_contain_text(reference)


def erases(page: Page) -> None:
    """Types at first what is wrong, then the end of the reference that the page shows."""
    follows(page, page.get_by_role("link", name="Erase everything about them"))
    fits(page)
    ticket = page.locator("dt", has_text="Ticket").locator("+ dd").inner_text()
    for typed in ("ERASE", ticket[-5:]):
        page.get_by_label("To erase them").fill(typed)
        follows(page, page.get_by_role("button", name="Erase them"))
        fits(page)
        if typed == "ERASE":
            expect(page.locator("main")).to_contain_text("Nothing was erased")


@pytest.mark.promise
def test_a_guest_is_erased_and_their_ticket_lets_nobody_in(
    browser: Browser, desk: Page, omar: Organiser, rehearsal: Rehearsed
) -> None:
    mail, organiser = Mailreader(rehearsal), another(browser, desk, NARROW)
    other = with_a_place(browser, omar, "Olive Other", mail)
    others = code_in(mail.picture())
    guest = with_a_place(browser, omar, "Erik Erased", mail)
    manage, code = mail.link("manage"), code_in(mail.picture())
    opens_the_request(organiser, rehearsal, asks(guest, "Everything deleted", mail))
    erases(organiser)
    expect(organiser.get_by_role("alert")).to_contain_text("They are erased, and the request is closed")
    mail.opens_newest(guest.email, DELETED)
    assert guest.name not in mail.text
    guest.page.goto(manage)
    expect(guest.page.locator("main")).not_to_contain_text(guest.name)
    expect(guest.page.get_by_role("link", name="Use your rights over your data")).to_have_count(0)
    omar.moves_the_clock_to(DOORS_OPEN)
    with a_phone(browser, rehearsal) as opens, opens(ticks=True) as sid:
        sid.pairs(omar.gives_a_code())
        sid.starts()
        sid.scans(others)
        sid.sees("COME IN", other.name)
        sid.is_ready_again()
        sid.scans(code)
        sid.sees("ASK THE LEAD")
        assert guest.name not in sid.page.locator("body").inner_text()

"""A place becomes free for somebody on the waiting list, who takes it or leaves it, without a script.

Rules: EV-08, GU-11, GU-15, GU-17.
"""

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.walks.both_widths import seen
from tests.walks.inspector import Inspector
from tests.walks.mailreader import Mailreader
from tests.walks.people import DESKTOP, NARROW, Organiser, Professional, another, follows, new_page, sends_well
from tests.walks.rehearsal import Rehearsed

SUBJECT = "A place for"


def who_waits(browser: Browser, omar: Organiser, name: str, mail: Mailreader) -> Professional:
    """Has confirmed, and is on the waiting list."""
    email = f"{name.split()[0].lower()}@offers.example.org"
    guest = Professional(new_page(browser, NARROW, script=False), omar.rehearsal, name, email)
    guest.has_asked()
    mail.opens_newest(email, "Confirm your request")
    guest.has_confirmed(mail.link("confirm"))
    decide = f"{omar.rehearsal.base}/desk/launch/people/{omar.finds(email)}/decide"
    sends_well(omar.page, decide, decision="wait")
    return guest


def is_offered(omar: Organiser, guest: Professional, mail: Mailreader) -> str:
    """The link in their email."""
    person = omar.finds(guest.email)
    waiting = f"{omar.rehearsal.base}/desk/launch/waiting"
    marked = re.search(rf'value="({person}-\w+)"', omar.page.request.get(waiting).text())
    assert marked is not None
    sends_well(omar.page, waiting, person=marked[1], decision="offer")
    omar.rehearsal.passes_the_time_to_undo()
    mail.opens_newest(guest.email, SUBJECT)
    return mail.link("offer")


def offers(organiser: Page, guest: Professional) -> None:
    """Out of turn, from the page of the waiting list."""
    organiser.goto(f"{guest.rehearsal.base}/desk/launch/waiting")
    seen(organiser, "waiting")
    follows(organiser, organiser.get_by_role("button", name="Offer a place", exact=True))
    expect(organiser.locator("main")).to_contain_text("Error:")
    organiser.get_by_label(guest.name).check()
    follows(organiser, organiser.get_by_role("button", name="Offer a place", exact=True))
    expect(organiser.locator("tr", has_text=guest.name)).to_contain_text("Until")


@pytest.mark.promise
def test_somebody_takes_the_place_that_an_organiser_offers_them(
    browser: Browser, desk: Page, omar: Organiser, rehearsal: Rehearsed
) -> None:
    mail = Mailreader(rehearsal)
    guest = who_waits(browser, omar, "Wanda Waits", mail)
    offers(another(browser, desk, NARROW, script=False), guest)
    rehearsal.passes_the_time_to_undo()
    mail.opens_newest(guest.email, SUBJECT)
    link = mail.link("offer")
    guest.page.goto(link)
    guest.reads("A place is free")
    expect(guest.page.locator("input:checked")).to_have_count(0)
    seen(guest.page, "offer")
    guest.presses("Continue")
    expect(guest.page.locator(".govuk-error-summary")).to_contain_text("Select whether you take the place")
    seen(guest.page, "offer-error")
    guest.chooses("Yes, I take it")
    guest.reads("You have a place")
    seen(guest.page, "offer-taken")
    mail.opens_newest(guest.email, "Your place on")
    guest.page.goto(link)
    guest.reads("You have a place")


def test_somebody_leaves_the_place_to_others(browser: Browser, omar: Organiser, rehearsal: Rehearsed) -> None:
    mail = Mailreader(rehearsal)
    guest = who_waits(browser, omar, "Leo Leaves", mail)
    link = is_offered(omar, guest, mail)
    guest.page.goto(link)
    guest.chooses("No, give it to somebody else")
    guest.reads("Your request has ended")
    seen(guest.page, "offer-left")
    guest.page.goto(link)
    guest.reads("Your request has ended")


def test_axe_finds_nothing_on_the_pages_of_an_offer(browser: Browser, omar: Organiser, rehearsal: Rehearsed) -> None:
    mail = Mailreader(rehearsal)
    guest = who_waits(browser, omar, "Otis Offered", mail)
    link = is_offered(omar, guest, mail)
    guest.page = new_page(browser, DESKTOP)
    inspector = Inspector(guest.page)
    inspector.goes_to(link)
    inspector.sends_empty("main form")
    guest.chooses("Yes, I take it")
    inspector.looks()
    assert inspector.faults == []

"""A place becomes free for somebody on the waiting list, who takes it or leaves it, without a script.

Rules: EV-08, GU-11, GU-15, GU-17.
"""

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.walks.both_widths import seen
from tests.walks.mailreader import Mailreader
from tests.walks.people import NARROW, Organiser, Professional, another, follows, new_page, sends_well
from tests.walks.rehearsal import Rehearsed

SUBJECT = "A place is free"


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


def offers(organiser: Page, guest: Professional) -> None:
    """Out of turn, from the page of the waiting list."""
    organiser.goto(f"{guest.rehearsal.base}/desk/launch/waiting")
    seen(organiser, "waiting")
    follows(organiser, organiser.get_by_role("link", name="Keep organisations together"))
    seen(organiser, "waiting-together")
    follows(organiser, organiser.get_by_role("button", name="Offer a place", exact=True))
    expect(organiser.locator("main")).to_contain_text("Error:")
    organiser.get_by_label(guest.name).check()
    follows(organiser, organiser.get_by_role("button", name="Offer a place", exact=True))
    seen(organiser, "out-of-turn")
    organiser.get_by_label("Another reason").check()
    follows(organiser, organiser.get_by_role("button", name="Offer 1 person a place"))
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

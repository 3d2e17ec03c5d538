"""A guest hands the place over, the colleague says who they are, an organiser approves: without a script, and narrow.

Rules: SG-07, DP-16, GU-22, EM-06.
"""

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.walks.both_widths import seen_as_it_is
from tests.walks.mailreader import Mailreader
from tests.walks.people import DESKTOP, NARROW, Organiser, Professional, another, follows, new_page
from tests.walks.rehearsal import Rehearsed
from tests.walks.test_rights import with_a_place

QUESTION, BOOKING = "Take over a place", "Your booking for"


def hands_over(guest: Professional, address: str) -> None:
    follows(guest.page, guest.page.get_by_role("link", name="Hand my place over to a colleague"))
    guest.presses("Continue")
    expect(guest.page.locator(".govuk-error-summary")).to_contain_text("Enter your colleague's work email address")
    seen_as_it_is(guest.page, "hand-over-error")
    guest.page.get_by_label("Your colleague's work email address").fill(address)
    guest.chooses("Yes")
    guest.reads("Your place")
    expect(guest.page.locator("main")).to_contain_text("Nothing has changed yet")
    seen_as_it_is(guest.page, "hand-over-booking")


def takes_over(colleague: Professional, link: str) -> None:
    colleague.page.goto(link)
    colleague.presses("Continue")
    expect(colleague.page.locator(".govuk-error-summary")).to_contain_text("Select whether you want to take over")
    seen_as_it_is(colleague.page, "take-over-error")
    colleague.chooses("Yes, I would like the place")
    colleague.reads("Who you are")
    colleague.presses("Ask to take over the place")
    expect(colleague.page.locator(".govuk-error-summary")).to_contain_text("Enter your full name")
    seen_as_it_is(colleague.page, "take-over-details-error")
    typed = {"Full name": colleague.name, "Name of your organisation": "House of Gail", "Your role": "Advocate"}
    for label, value in typed.items():
        colleague.page.get_by_label(label).fill(value)
    colleague.page.get_by_label("Charity").check()
    colleague.presses("Ask to take over the place")
    colleague.reads("Thank you")
    seen_as_it_is(colleague.page, "take-over-said")


def approves(page: Page, rehearsal: Rehearsed, receiver: str, giver: str) -> None:
    page.goto(f"{rehearsal.base}/desk/launch/requests")
    row = page.get_by_role("row").filter(has_text=receiver)
    expect(row).to_contain_text(f"Takes over the place of {giver}")
    seen_as_it_is(page, "queue-takes-over")
    follows(page, row.get_by_role("link", name="Review"))
    expect(page.locator("main")).to_contain_text(f"The place of {giver}")
    seen_as_it_is(page, "person-takes-over")
    page.get_by_label("Approve", exact=True).check()
    follows(page, page.get_by_role("button", name="Decide"))
    expect(page.get_by_role("alert")).to_contain_text(f"{receiver}: approved. The ticket is on its way.")
    expect(page.get_by_role("button", name="Undo")).to_have_count(0)
    seen_as_it_is(page, "person-taken-over")


@pytest.mark.promise
def test_a_place_changes_hands_and_only_the_colleagues_ticket_is_left(
    browser: Browser, desk: Page, omar: Organiser, rehearsal: Rehearsed
) -> None:
    mail = Mailreader(rehearsal)
    guest = with_a_place(browser, omar, "Gail Giver", mail)
    ticket, address = mail.link("ticket"), "tess@giver.example.org"
    guest.page.goto(mail.link("manage"))
    hands_over(guest, address)
    mail.opens_newest(guest.email, BOOKING)
    back = mail.link("manage")
    mail.opens_newest(address, QUESTION)
    assert (guest.name in mail.text, "gave us your work address" in mail.text) == (False, True)
    colleague = Professional(new_page(browser, NARROW, script=False), rehearsal, "Tess Taker", address)
    takes_over(colleague, mail.link("take-over"))
    guest.page.goto(back)
    guest.reads("Keep your place")
    seen_as_it_is(guest.page, "take-back")
    guest.page.goto(ticket)
    guest.reads("Your ticket")
    approves(another(browser, desk, DESKTOP), rehearsal, colleague.name, guest.name)
    mail.opens_newest(guest.email, BOOKING)
    assert "Your colleague has your place now." in mail.text
    guest.page.goto(ticket)
    expect(guest.page.locator("main")).not_to_contain_text(guest.name)
    mail.opens_newest(address, "Your place on")
    colleague.page.goto(mail.link("ticket"))
    colleague.reads("Your ticket")
    expect(colleague.page.locator("main")).to_contain_text(colleague.name)

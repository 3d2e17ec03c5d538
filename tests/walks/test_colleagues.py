"""A guest asks whether a colleague wants a place, without a script and on a narrow screen; the colleague answers.

Rules: GU-11, GU-17, DP-16.
"""

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.walks.both_widths import seen
from tests.walks.mailreader import Mailreader
from tests.walks.people import NARROW, Organiser, Professional, another, follows, new_page
from tests.walks.rehearsal import Rehearsed
from tests.walks.test_rights import with_a_place

SUBJECT = "Would you like a place?"


def names(guest: Professional, address: str) -> None:
    follows(guest.page, guest.page.get_by_role("link", name="Ask whether a colleague wants a place"))
    guest.presses("Continue")
    expect(guest.page.locator(".govuk-error-summary")).to_contain_text("Enter their work email address")
    seen(guest.page, "naming-error")
    guest.page.get_by_label("Their work email address").fill(address)
    guest.presses("Continue")
    expect(guest.page.locator(".govuk-error-summary")).to_contain_text("Select yes to have us write to it")
    expect(guest.page.get_by_label("Their work email address")).to_have_value(address)
    guest.chooses("Yes")
    guest.reads("Your place")
    expect(guest.page.locator("main")).to_contain_text("We do not tell you what they answer")
    seen(guest.page, "booking-named")


def answers_for_themselves(colleague: Professional) -> None:
    colleague.chooses("Yes, I would like a place")
    colleague.answers(Full_name=colleague.name)
    colleague.page.get_by_label("Charity").check()
    colleague.answers(Name_of_your_organisation=f"House of {colleague.name}")
    colleague.answers(Your_role="Advocate")
    colleague.reads("Check your answers")
    expect(colleague.page.locator("main")).to_contain_text("Your address is confirmed already")
    seen(colleague.page, "check")
    colleague.presses("Ask for a place")
    colleague.reads("We have your request")
    seen(colleague.page, "asked")


def test_a_colleague_says_yes_and_the_organisers_see_who_asked(
    browser: Browser, desk: Page, omar: Organiser, rehearsal: Rehearsed
) -> None:
    mail = Mailreader(rehearsal)
    guest = with_a_place(browser, omar, "Gwen Guest", mail)
    guest.page.goto(mail.link("manage"))
    seen(guest.page, "booking")
    colleague = Professional(
        new_page(browser, NARROW, script=False), rehearsal, "Kit Colleague", "kit@rights.example.org"
    )
    names(guest, colleague.email)
    mail.opens_newest(colleague.email, SUBJECT)
    assert guest.name not in mail.text
    colleague.page.goto(mail.email + "/picture")
    seen(colleague.page, "email")
    colleague.page.goto(mail.link("colleague"))
    colleague.reads("Would you like a place too?")
    expect(colleague.page.locator("input:checked")).to_have_count(0)
    seen(colleague.page, "question")
    colleague.presses("Continue")
    expect(colleague.page.locator(".govuk-error-summary")).to_contain_text("Select whether you want a place")
    answers_for_themselves(colleague)
    mail.opens_newest(colleague.email, "Your request for")
    organiser = another(browser, desk, NARROW)
    organiser.goto(f"{rehearsal.base}/desk/launch/people/{omar.finds(colleague.email)}")
    seen(organiser, "desk-person")
    follows(organiser, organiser.get_by_role("link", name="The guest who named them"))
    expect(organiser.locator("h1")).to_contain_text(guest.name)
    omar.goes_to("requests")
    omar.sees("Asked by a guest")


@pytest.mark.promise
def test_a_colleague_says_no_and_the_link_is_over(browser: Browser, omar: Organiser, rehearsal: Rehearsed) -> None:
    mail = Mailreader(rehearsal)
    guest = with_a_place(browser, omar, "Nora Names", mail)
    guest.page.goto(mail.link("manage"))
    names(guest, "lou@rights.example.org")
    mail.opens_newest("lou@rights.example.org", SUBJECT)
    colleague = Professional(new_page(browser, NARROW, script=False), rehearsal, "Lou", "lou@rights.example.org")
    colleague.page.goto(mail.link("colleague"))
    seen(colleague.page, "no-typed")
    colleague.types_the_word("delete")
    colleague.chooses("No, delete my address")
    colleague.reads("We have deleted your address")
    seen(colleague.page, "deleted")
    colleague.page.goto(mail.link("colleague"))
    colleague.reads("This link no longer works")
    seen(colleague.page, "over")

"""A professional's walk: asks, confirms, is approved, reads the ticket, gives the place up again.

Rules: GU-11, GU-17.
"""

import re
from contextlib import suppress
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Error, expect

from events.ground.wording import NEUTRAL_SITE
from tests import pdf_reading
from tests.walks.browsers import printed
from tests.walks.mailreader import Mailreader
from tests.walks.people import DESKTOP, NARROW, PHONE, Organiser, Professional, follows, new_page, until
from tests.walks.rehearsal import Rehearsed

AROUND = ["http://", "1/1"]  # the address and the number of the page


@pytest.mark.parametrize(
    ("size", "script"),
    [
        pytest.param(NARROW, False, marks=pytest.mark.promise),
        pytest.param(PHONE, True, marks=pytest.mark.promise),
        (DESKTOP, True),
    ],
    ids=["320 px without JavaScript", "phone", "desktop"],
)
def test_ada_asks_is_approved_and_gives_her_place_up(
    browser: Browser, rehearsal: Rehearsed, omar: Organiser, size: dict[str, int], script: bool
) -> None:
    width = size["width"]
    ada = Professional(
        new_page(browser, size, script=script), rehearsal, f"Ada Wide {width}", f"ada{width}@wide.example.org"
    )
    mail = Mailreader(rehearsal)

    ada.asks_for_a_place()
    mail.opens_newest(ada.email, "Confirm your request")
    ada.confirms(mail.link("confirm"))

    omar.approves(ada.name)
    mail.opens_newest(ada.email, "Your place on Monday 15 April 2019")
    ada.page.goto(mail.link("ticket"))
    ada.reads("Your ticket")
    code = ada.page.locator("main svg").first.bounding_box()
    assert code is not None
    assert code["width"] >= 240
    expect(ada.page.locator("main")).not_to_contain_text("Rehearsal Hall")

    ada.page.goto(mail.link("manage"))
    follows(ada.page, ada.page.get_by_role("link", name="Give up my place"))
    ada.presses("Continue")
    expect(ada.page.locator(".govuk-error-summary")).to_contain_text("Select yes to give up your place")
    assert ada.page.title().startswith("Error: ")
    ada.chooses("Yes")
    ada.reads("You have given up your place")
    ada.page.goto(mail.link("ticket"))
    ada.reads("You have given up your place")


@pytest.mark.parametrize("script", [True, False], ids=["with JavaScript", "without"])
def test_the_browsers_own_way_back_leads_over_mended_answers(
    browser: Browser, rehearsal: Rehearsed, script: bool
) -> None:
    """Chromium has no page for the answer of a form: it says ERR_CACHE_MISS."""
    dee = Professional(new_page(browser, PHONE, script=script), rehearsal, "Dee Mends", "dee@mends.example.org")
    summary, title = dee.page.locator(".govuk-error-summary"), re.compile("^Error: ")
    dee.page.goto(f"{rehearsal.base}/e/launch/ask/name")
    dee.answers(Full_name=dee.name)
    dee.answers(Work_email_address="dee at home")
    expect(summary).to_contain_text("Enter an email address in the correct format")
    expect(dee.page).to_have_title(title)
    assert script is dee.page.evaluate("document.activeElement.className.includes('error-summary')")
    expect(dee.page.get_by_label("Work email address")).to_have_value("dee at home")
    dee.answers(Work_email_address=dee.email)
    dee.reads("Your organisation")
    dee.page.go_back()
    expect(dee.page.get_by_label("Work email address")).to_have_value(dee.email)
    for earlier in ("Work email address", "Work email address", "Your name"):  # once more for the error
        expect(dee.page.locator("h1")).to_have_text(earlier)
        expect(dee.page).not_to_have_title(title)
        expect(summary).to_have_count(0)
        dee.page.go_back()


def test_the_link_in_the_picture_of_an_email_opens_its_page(browser: Browser, rehearsal: Rehearsed) -> None:
    """The first thing that somebody new to the rehearsal presses."""
    bo = Professional(new_page(browser, DESKTOP), rehearsal, "Bo Presses", "bo@presses.example.org")
    mail = Mailreader(rehearsal)
    bo.has_asked()
    mail.opens_newest(bo.email, "Confirm your request")
    bo.page.goto(mail.email)
    bo.page.frame_locator("iframe").get_by_role("link", name="Say whether you asked").click()
    expect(bo.page.locator("h1")).to_have_text("Confirm your request")


def test_a_printed_ticket_is_one_page_that_opens_nothing(
    browser: Browser, rehearsal: Rehearsed, omar: Organiser, tmp_path: Path
) -> None:
    """Browsers print a page's address around it, where the page leaves them room."""
    cleo = Professional(new_page(browser, DESKTOP), rehearsal, "Cleo Prints", "cleo@prints.example.org")
    mail = Mailreader(rehearsal)
    cleo.has_asked()
    mail.opens_newest(cleo.email, "Confirm your request")
    cleo.has_confirmed(mail.link("confirm"))
    omar.has_approved(cleo.email)
    mail.opens_newest(cleo.email, "Your place on Monday 15 April 2019")
    cleo.page.goto(mail.link("ticket"))
    after_links = "[...document.querySelectorAll('a')].map((link) => getComputedStyle(link, '::after').content)"
    cleo.page.emulate_media(media="print")
    assert set(cleo.page.evaluate(after_links)) == {"none"}, "no address stands beside a link"
    on_paper = printed(mail.link("ticket"), tmp_path)
    assert len(pdf_reading.opened(on_paper)) == 1
    said, drawn = pdf_reading.words(on_paper), pdf_reading.picture(on_paper)
    assert [words for words in (*AROUND, "Give up", "Download", "Rehearsal Hall") if words in said] == []
    assert [words for words in ("Your ticket", "Your reference", "Monday 15 April 2019") if words not in said] == []
    assert (len(pdf_reading.codes(drawn)), pdf_reading.width_of_code(drawn) > 40) == (1, True)
    booking = pdf_reading.words(printed(mail.link("manage"), tmp_path))
    assert ("http://" in booking, "1/" in booking) == (True, True), "the control"
    shown = cleo.page.locator("body").inner_text()
    assert [words for words in ("Give up", "Exit this page", "Rehearsal.", "http") if words in shown] == []
    expect(cleo.page.locator("main")).to_contain_text(cleo.name)


@pytest.mark.promise
def test_bo_reads_what_is_wrong_and_loses_nothing(browser: Browser, rehearsal: Rehearsed) -> None:
    bo = Professional(new_page(browser, PHONE), rehearsal, "Bo Okafor", "bo@wide.example.org")
    bo.page.goto(f"{rehearsal.base}/e/launch/ask/name")
    bo.presses("Continue")
    expect(bo.page.locator(".govuk-error-summary")).to_be_focused()
    expect(bo.page.locator(".govuk-error-summary a")).to_have_text("Enter your full name")
    bo.answers(Full_name=bo.name)
    bo.page.get_by_label("Work email address").fill("bo at work")
    bo.presses("Continue")
    expect(bo.page.locator(".govuk-error-message")).to_contain_text("in the correct format, like name@example.com")
    expect(bo.page.get_by_label("Work email address")).to_have_value("bo at work")


@pytest.mark.promise
def test_cleo_leaves_in_a_hurry_and_nothing_stays(browser: Browser, rehearsal: Rehearsed) -> None:
    cleo = Professional(new_page(browser, PHONE), rehearsal, "Cleo Secret", "cleo@wide.example.org")
    cleo.page.goto(f"{rehearsal.base}/e/launch/ask/name")
    cleo.answers(Full_name=cleo.name)
    cleo.reads("Work email address")
    cleo.page.goto(f"{rehearsal.base}/e/launch/ask/name")
    expect(cleo.page.get_by_label("Full name")).to_have_value(cleo.name)
    expect(cleo.page.locator("body.govuk-frontend-supported")).to_be_visible()
    with cleo.page.expect_request(f"{NEUTRAL_SITE}*"):  # a route of the walk's own would hold up her last word
        for _ in range(3):
            cleo.page.keyboard.press("Shift")

    def forgotten() -> bool:
        with suppress(Error):  # the browser may still be on its way to the other page, which no walk reaches
            cleo.page.goto(f"{rehearsal.base}/e/launch/ask/name")
            return cleo.page.get_by_label("Full name").input_value() == ""
        return False

    until(forgotten, "a form that no longer holds what she entered")

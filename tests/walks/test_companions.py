"""A guest names somebody who comes along, without a script and on a narrow screen; that one answers, and organisers see
on both pages that they belong together, and part them.

Rules: GU-11, GU-17, EV-05.
"""

from playwright.sync_api import Browser, Page, expect

from tests.walks.both_widths import seen
from tests.walks.mailreader import Mailreader
from tests.walks.people import NARROW, Organiser, Professional, another, follows, new_page
from tests.walks.rehearsal import Rehearsed
from tests.walks.test_rights import with_a_place

LINK = "Name somebody who comes along to support you"


def names(guest: Professional, address: str) -> None:
    follows(guest.page, guest.page.get_by_role("link", name=LINK))
    guest.reads("Name somebody who comes along with you")
    seen(guest.page, "companion-naming")
    guest.presses("Continue")
    expect(guest.page.locator(".govuk-error-summary")).to_contain_text("Enter their email address")
    guest.page.get_by_label("Their email address").fill(address)
    guest.chooses("Yes")
    guest.reads("Your place")
    expect(guest.page.locator("main")).to_contain_text("We do not tell you what they answer")


def answers_for_themselves(companion: Professional) -> None:
    companion.chooses("Yes, and I need a ticket")
    companion.answers(Full_name=companion.name)
    companion.answers(Name_of_your_organisation=f"House of {companion.name}")
    companion.answers(Your_role="Interpreter")
    companion.reads("Check your answers")
    companion.presses("Ask for a place")
    companion.reads("We have your request")


def test_ina_comes_along_and_the_organisers_see_with_whom(
    browser: Browser, desk: Page, omar: Organiser, rehearsal: Rehearsed
) -> None:
    mail = Mailreader(rehearsal)
    guest = with_a_place(browser, omar, "Greta Guest", mail)
    guest.page.goto(mail.link("manage"))
    companion = Professional(
        new_page(browser, NARROW, script=False), rehearsal, "Ina Interpreter", "ina@rights.example.org"
    )
    names(guest, companion.email)
    mail.opens_newest(companion.email, "Will you come along?")
    assert guest.name not in mail.text
    companion.page.goto(mail.email + "/picture")
    seen(companion.page, "companion-email")
    companion.page.goto(mail.link("colleague"))
    companion.reads("Do you come along with a guest?")
    expect(companion.page.locator("input:checked")).to_have_count(0)
    seen(companion.page, "companion-question")
    answers_for_themselves(companion)
    mail.opens_newest(companion.email, "Your request for")
    organiser, id_ = another(browser, desk, NARROW), omar.finds(companion.email)
    is_seen_at_the_desk(organiser, f"{rehearsal.base}/desk/launch", id_, guest, companion)
    rehearsal.passes_the_time_to_undo()
    mail.opens_newest(companion.email, "Your place on")
    companion.page.goto(mail.link("manage"))
    expect(companion.page.locator("main")).to_contain_text("You come along with a guest")
    seen(companion.page, "companion-booking")


def is_seen_at_the_desk(organiser: Page, at: str, id_: str, guest: Professional, companion: Professional) -> None:
    people = f"{at}/people"
    organiser.goto(f"{at}/requests")
    expect(organiser.locator("main")).to_contain_text("Comes along with a guest")
    seen(organiser, "companion-queue")
    organiser.goto(f"{people}/{id_}")
    expect(organiser.locator("main")).to_contain_text(f"Comes along with{guest.name}")
    organiser.get_by_label("Approve").check()
    follows(organiser, organiser.get_by_role("button", name="Decide"))
    expect(organiser.locator(".desk-counts")).to_contain_text("(not counting 2 companions)")
    seen(organiser, "companion-person")
    follows(organiser, organiser.get_by_role("link", name=guest.name))
    expect(organiser.locator("main")).to_contain_text(f"{companion.name} comes along")
    seen(organiser, "companion-guest")
    organiser.goto(f"{people}/{id_}/along")
    seen(organiser, "companion-parting")
    follows(organiser, organiser.get_by_role("button", name="Note it"))
    expect(organiser.locator("main")).to_contain_text("They do not come along with that guest any more")
    follows(organiser, organiser.get_by_role("link", name="Note that they come along with a guest"))
    seen(organiser, "companion-linking")
    organiser.get_by_label("Email address of the guest").fill(guest.email)
    follows(organiser, organiser.get_by_role("button", name="Note it"))
    expect(organiser.locator("main")).to_contain_text("Noted with whom they come along")

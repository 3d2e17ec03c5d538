"""An organiser makes an invitation, and somebody of that partner asks with its link, without a script.

Rules: SE-15, GU-11, GU-15, GU-17.
"""

from playwright.sync_api import Browser, Page, expect

from tests.walks.both_widths import seen
from tests.walks.mailreader import Mailreader
from tests.walks.people import NARROW, Professional, another, follows, new_page
from tests.walks.rehearsal import Rehearsed

CANNOT = "This invitation code cannot be used"


def makes_an_invitation(organiser: Page, rehearsal: Rehearsed, domain: str, skips: str) -> str:
    """Its link. What is missing is said first."""
    rehearsal.proves_themselves()
    organiser.goto(f"{rehearsal.base}/desk/launch/people/invitations/make")
    follows(organiser, organiser.get_by_role("button", name="Make the invitation"))
    expect(organiser.locator("main")).to_contain_text("Enter who it is for")
    seen(organiser, "invitation-error")
    organiser.get_by_label("Who is it for?").fill(f"Wardens of {domain}")
    organiser.get_by_label("Domain, or one whole email address").fill(domain)
    organiser.get_by_label("How many people can use it?").fill("2")
    organiser.get_by_label("Last day").fill("2019-04-12")
    organiser.get_by_label(skips).check()
    organiser.get_by_label("No, keep none").check()
    follows(organiser, organiser.get_by_role("button", name="Make the invitation"))
    seen(organiser, "invitation")
    return organiser.locator("dt", has_text="Link").locator("+ dd").inner_text()


def asks_with_it(guest: Professional, link: str) -> None:
    guest.page.goto(link)
    guest.reads("You are invited to ask for a place")
    seen(guest.page, "invited")
    guest.presses("Continue")
    guest.answers(Full_name=guest.name)
    guest.answers(Work_email_address=guest.email)
    guest.page.get_by_label("Charity").check()
    guest.answers(Name_of_your_organisation=f"House of {guest.name}")
    guest.answers(Your_role="Warden")
    guest.reads("Check your answers")
    expect(guest.page.locator("main")).to_contain_text("Invitation code")
    seen(guest.page, "invited-check")
    guest.presses("Ask for a place")
    guest.reads("Check your email")


def test_a_partner_is_invited_and_has_a_place_at_once(browser: Browser, desk: Page, rehearsal: Rehearsed) -> None:
    mail, organiser = Mailreader(rehearsal), another(browser, desk, NARROW, script=False)
    link = makes_an_invitation(organiser, rehearsal, "fens.example.org", "Yes, they have a place at once")
    page = new_page(browser, NARROW, script=False)
    guest = Professional(page, rehearsal, "Fern Fens", "fern@fens.example.org")
    asks_with_it(guest, link)
    mail.opens_newest(guest.email, "Confirm your request")
    guest.confirms(mail.link("confirm"))
    expect(guest.page.locator("main")).to_contain_text("Your invitation code counts")
    seen(guest.page, "invited-confirmed")
    mail.opens_newest(guest.email, "Your place on")
    organiser.reload()
    expect(organiser.locator("main")).to_contain_text("1 of 2")
    expect(organiser.locator("main")).to_contain_text(guest.name)

"""An organiser writes to one guest and to none else: reads it, tests it, sends it, and sees how far it is.

Rules: EM-16, GU-15, GU-17.
"""

import re

from playwright.sync_api import Browser, Page, expect

from tests.walks.both_widths import seen
from tests.walks.inspector import Inspector
from tests.walks.mailreader import Mailreader
from tests.walks.people import DESKTOP, NARROW, Organiser, another, follows
from tests.walks.rehearsal import Rehearsed
from tests.walks.test_rights import with_a_place

LEADS = "lena.hart@hosts.example.org"
WORDS = "The doors open a quarter of an hour later.\nThere is no lift on the day: tell us if you need one."
SAVE = "Save and read it"


def reference_in(mail: Mailreader) -> str:
    """Of the ticket in the open mail."""
    found = re.search(r"[Rr]eference:?\s+(\w{3}-\w{3})\b", mail.text)
    assert found, mail.text
    return found[1]


def writes(organiser: Page, rehearsal: Rehearsed, subject: str, reference: str) -> None:
    """What is missing or cannot be sent is said first."""
    organiser.goto(f"{rehearsal.base}/desk/launch/emails/to-many")
    seen(organiser, "to-many")
    follows(organiser, organiser.get_by_role("button", name="Write to many"))
    follows(organiser, organiser.get_by_role("button", name=SAVE))
    expect(organiser.locator("main")).to_contain_text("Select who gets it")
    seen(organiser, "announcement-error")
    organiser.get_by_label("Everybody with a place").check()
    organiser.get_by_label("Only these references").fill(reference)
    organiser.get_by_label("Subject").fill("For victims of stalking")
    organiser.get_by_label("What you want to say").fill(WORDS)
    follows(organiser, organiser.get_by_role("button", name=SAVE))
    expect(organiser.get_by_label("What you want to say")).to_have_value(WORDS)
    organiser.get_by_label("Subject").fill(subject)
    follows(organiser, organiser.get_by_role("button", name=SAVE))
    expect(organiser.locator("h1")).to_have_text(subject)
    expect(organiser.locator("main")).to_contain_text("1 person")
    seen(organiser, "announcement")


def test_an_announcement_to_one_guest(browser: Browser, desk: Page, omar: Organiser, rehearsal: Rehearsed) -> None:
    mail, organiser = Mailreader(rehearsal), another(browser, desk, NARROW, script=False)
    guest = with_a_place(browser, omar, "Anne Announced", mail)
    reference = reference_in(mail)
    other = with_a_place(browser, omar, "Otto Other", mail)
    subject = "The doors open later"
    writes(organiser, rehearsal, subject, reference)
    follows(organiser, organiser.get_by_role("button", name="Send a test to me"))
    expect(organiser.locator("main")).to_contain_text("A test is on its way")
    mail.opens_newest(LEADS, f"Test: {subject}")
    rehearsal.proves_themselves()
    follows(organiser, organiser.get_by_role("button", name="Send 1 email"))
    seen(organiser, "announcement-sent")
    expect(organiser.get_by_role("table", name="Gone out")).to_contain_text("Announcement")
    mail.opens_newest(guest.email, subject)
    assert all(line in mail.text for line in WORDS.splitlines())
    assert not [found for _, found in mail.listed(other.email) if found.startswith(subject)]
    guest.page.goto(mail.email + "/picture")
    seen(guest.page, "announcement-email")


def test_axe_finds_nothing_on_the_pages_of_an_announcement(
    browser: Browser, desk: Page, omar: Organiser, rehearsal: Rehearsed
) -> None:
    mail, organiser = Mailreader(rehearsal), another(browser, desk, DESKTOP)
    with_a_place(browser, omar, "Axel Axe", mail)
    reference = reference_in(mail)
    inspector = Inspector(organiser)
    writes(organiser, rehearsal, "A change", reference)
    inspector.looks()
    inspector.goes_to(organiser.url.partition("?")[0] + "/change", f"{rehearsal.base}/desk/launch/emails/to-many")
    follows(organiser, organiser.get_by_role("link", name="A change"))
    follows(organiser, organiser.get_by_role("button", name="Discard it"))
    expect(organiser.locator("main")).not_to_contain_text("A change,")
    assert inspector.faults == []

"""A guest chooses workshops without a script and on a narrow screen, and organisers give out the places.

Rules: EV-01, GU-11, GU-15, GU-17.
"""

from playwright.sync_api import Browser, Page, expect

from tests.walks.both_widths import seen, seen_as_it_is
from tests.walks.mailreader import Mailreader
from tests.walks.people import NARROW, Organiser, Professional, another, follows
from tests.walks.rehearsal import Rehearsed
from tests.walks.test_rights import with_a_place

AFTERNOON = "13:30 to 14:30"


def chooses(guest: Professional) -> None:
    follows(guest.page, guest.page.get_by_role("link", name=f"Change {AFTERNOON}"))
    guest.presses("Continue")
    expect(guest.page.locator(".govuk-error-summary")).to_contain_text("Select your first choice")
    seen_as_it_is(guest.page, "workshops-error")
    guest.page.get_by_role("group", name="Your first choice").get_by_label("Evidence and notes").check()
    guest.page.get_by_role("group", name="Your second choice").get_by_label("I have no second choice").check()
    guest.presses("Continue")
    expect(guest.page.locator("main")).to_contain_text("First choice: Evidence and notes. Second choice: none")


def gives_out(organiser: Page, rehearsal: Rehearsed) -> None:
    rehearsal.proves_themselves()
    organiser.goto(f"{rehearsal.base}/desk/launch/programme")
    seen(organiser, "desk-programme")
    follows(organiser, organiser.get_by_role("link", name=f"What guests choose {AFTERNOON}"))
    seen(organiser, "desk-workshops")
    follows(organiser, organiser.get_by_role("button", name="Give out the places"))
    organiser.get_by_label("None, and they take one that is left").check()
    seen(organiser, "desk-give-out")
    follows(organiser, organiser.get_by_role("button", name="Give out the places"))
    expect(organiser.locator("main")).to_contain_text("The places are given out")
    follows(organiser, organiser.get_by_role("link", name="Check the draw"))
    expect(organiser.locator("h1")).to_have_text("The draw comes to the same again")
    seen(organiser, "desk-draw")


def test_a_guest_chooses_a_workshop_and_is_in_one_once_places_are_given_out(
    browser: Browser, desk: Page, omar: Organiser, rehearsal: Rehearsed
) -> None:
    mail = Mailreader(rehearsal)
    guest = with_a_place(browser, omar, "Willa Workshop", mail)
    guest.page.goto(mail.link("manage"))
    chooses(guest)
    booking = guest.page.url
    gives_out(another(browser, desk, NARROW, script=False), rehearsal)
    guest.page.goto(booking)
    follows(guest.page, guest.page.get_by_role("link", name=f"Change {AFTERNOON}"))
    seen_as_it_is(guest.page, "workshop-join")
    expect(guest.page.locator("h1")).to_have_text(f"Workshops, {AFTERNOON}")

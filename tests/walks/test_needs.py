"""Guests tell us what they need for the day, without a script and on a narrow screen, and take it back.

Rules: GU-11, GU-17, GU-18, DP-05, SG-12.
"""

from playwright.sync_api import Browser, expect

from tests.walks.both_widths import seen_as_it_is
from tests.walks.mailreader import Mailreader
from tests.walks.people import Organiser, Professional, follows
from tests.walks.rehearsal import Rehearsed
from tests.walks.test_rights import with_a_place


def says_yes(guest: Professional, change: str, heading: str) -> None:
    follows(guest.page, guest.page.get_by_role("link", name=f"Change {change}"))
    guest.presses("Continue")
    expect(guest.page.locator(".govuk-error-summary")).to_contain_text("Select yes if you")
    seen_as_it_is(guest.page, f"{change.split()[0]}-error")
    guest.chooses("Yes")
    guest.reads(heading)


def tells_adjustments(guest: Professional) -> None:
    says_yes(guest, "adjustments and access", "Your adjustments")
    seen_as_it_is(guest.page, "adjustments")
    guest.page.get_by_label("A hearing loop").check()
    guest.presses("Continue")
    expect(guest.page.locator(".govuk-error-summary")).to_contain_text("Select that you agree")
    seen_as_it_is(guest.page, "adjustments-error")
    expect(guest.page.get_by_label("A hearing loop")).to_be_checked()
    guest.page.get_by_label("to arrange what I need").check()
    guest.presses("Continue")
    guest.reads("Your place")


def tells_diet(guest: Professional) -> None:
    says_yes(guest, "what you eat", "Your diet")
    guest.page.get_by_label("Food allergy", exact=True).check()
    guest.page.get_by_label("Your food allergy, or what else you eat").fill("Sesame")
    guest.page.get_by_label("to order food for me").check()
    guest.page.get_by_label("I agree that the caterer").check()
    seen_as_it_is(guest.page, "diet")
    guest.presses("Continue")
    guest.reads("Your place")


def test_a_guest_tells_what_she_needs_and_takes_it_back(
    browser: Browser, omar: Organiser, rehearsal: Rehearsed
) -> None:
    mail = Mailreader(rehearsal)
    guest = with_a_place(browser, omar, "Nell Needs", mail)
    guest.page.goto(mail.link("manage"))
    seen_as_it_is(guest.page, "booking")
    tells_adjustments(guest)
    tells_diet(guest)
    follows(guest.page, guest.page.get_by_role("link", name="Change photographs"))
    seen_as_it_is(guest.page, "photos")
    guest.chooses("Yes, you can take photographs that include me")
    follows(guest.page, guest.page.get_by_role("link", name="Change safety"))
    guest.page.get_by_label("Only my first name on my badge").check()
    seen_as_it_is(guest.page, "safety")
    guest.presses("Save")
    main = guest.page.locator("main")
    expect(main).to_contain_text("You can be in them")
    expect(main).to_contain_text("Only my first name on my badge")
    seen_as_it_is(guest.page, "booking-told")
    follows(guest.page, guest.page.get_by_role("link", name="Change adjustments and access"))
    seen_as_it_is(guest.page, "withdraw")
    guest.types_the_word("withdraw")
    guest.chooses("No")
    expect(main).to_contain_text("You have withdrawn your consent. What you told us is deleted.")
    expect(main).not_to_contain_text("A hearing loop")
    expect(main).to_contain_text("Food allergy")

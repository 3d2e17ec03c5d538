"""A guest who asked to be erased moves to another address by way of the waiting list; the desk says where they are now.

Rules: DP-08, GU-22.
"""

from playwright.sync_api import Browser, Page, expect

from tests.walks.both_widths import seen_as_it_is
from tests.walks.mailreader import Mailreader
from tests.walks.people import DESKTOP, NARROW, Organiser, Professional, another, follows, new_page, sends_well
from tests.walks.rehearsal import Rehearsed
from tests.walks.test_rights import asks, opens_the_request, with_a_place

NEW = "mona@elsewhere.example.org"


def wants_another_address(guest: Professional, manage: str, mail: Mailreader) -> str:
    """It says yes. The link in the warning to the present one."""
    guest.page.goto(f"{manage}/address")
    guest.page.get_by_label("New work email address").fill(NEW)
    guest.chooses("Yes")
    mail.opens_newest(NEW, "Confirm your new address")
    guest.page.goto(mail.link("new-address"))
    guest.chooses("Yes, it is my booking")
    guest.reads("Thank you")
    mail.opens_newest(guest.email, "Your booking for")
    return mail.link("keep-address")


def approves_before_others(organiser: Page, person: str) -> None:
    organiser.goto(person)
    organiser.get_by_label("Approve", exact=True).check()
    follows(organiser, organiser.get_by_role("button", name="Decide"))
    organiser.get_by_label("Another reason").check()
    follows(organiser, organiser.get_by_role("button", name="Approve 1 person"))


def waits(pages: tuple[Page, Page], person: str, rehearsal: Rehearsed) -> None:
    sends_well(pages[0], f"{person}/decide", decision="wait", seen="rechecking")
    for page in pages:
        for path, name in ((f"{rehearsal.base}/desk/launch/waiting", "waiting"), (person, "person")):
            page.goto(path)
            expect(page.locator("main")).to_contain_text(NEW)
            seen_as_it_is(page, f"moved-{name}")


def test_the_desk_shows_where_a_guest_moves_and_where_they_are_afterwards(
    browser: Browser, desk: Page, omar: Organiser, rehearsal: Rehearsed
) -> None:
    mail, narrow = Mailreader(rehearsal), another(browser, desk, NARROW)
    guest = with_a_place(browser, omar, "Mona Moves", mail)
    manage = mail.link("manage")
    reference = asks(guest, "Everything deleted", mail)
    keep = wants_another_address(guest, manage, mail)
    person = f"{rehearsal.base}/desk/launch/people/{omar.finds(guest.email)}"
    waits((omar.page, narrow), person, rehearsal)
    for size in (NARROW, DESKTOP):
        stops = new_page(browser, size)
        stops.goto(keep)
        expect(stops.locator("main")).to_contain_text("Once you have a place, we write to that address.")
        seen_as_it_is(stops, "moved-keep")
    approves_before_others(omar.page, person)
    rehearsal.passes_the_time_to_undo()
    mail.opens_newest(NEW, "Your place on")
    for page in (omar.page, narrow):
        opens_the_request(page, rehearsal, reference)
        expect(page.locator("main")).to_contain_text("They moved to it since")
        seen_as_it_is(page, "moved-request")
        follows(page, page.get_by_role("link", name="Erase everything about them"))
        expect(page.locator("main")).to_contain_text(NEW)
        seen_as_it_is(page, "moved-erase")

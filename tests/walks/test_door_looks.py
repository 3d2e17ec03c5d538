"""Every screen of the door's phone, looked at by axe, as it is upright and on a wide screen."""

from playwright.sync_api import Browser, Page, expect

from tests.walks.inspector import Inspector
from tests.walks.people import DOORS_OPEN, Organiser
from tests.walks.phone import Phone, a_phone
from tests.walks.rehearsal import Rehearsed

UNCLAIMED = """SELECT registration_id AS person FROM ticket WHERE revoked_at IS NULL
    AND id NOT IN (SELECT ticket_id FROM admission) ORDER BY id DESC LIMIT 1"""


def a_reference(omar: Organiser) -> str:
    """Of a ticket that nobody has come in with, as its person's page shows it: the database holds it sealed."""
    [ticket] = omar.rehearsal.rows(UNCLAIMED)
    omar.goes_to(f"people/{ticket['person']}")
    shown = omar.page.locator("dt", has_text="Ticket").locator("xpath=following-sibling::dd[1]").inner_text()
    return shown.partition(",")[0]


def look_at_pairing(sid: Phone, inspector: Inspector, code: str) -> None:
    page = sid.page
    page.goto(f"{sid.rehearsal.base}/door/")
    expect(page.locator("#pairing")).to_be_visible()
    inspector.looks(" pairing")
    page.get_by_role("button", name="Pair this phone").click()
    expect(page.locator("#pairing-error")).not_to_be_empty()
    inspector.looks(" pairing without a code")
    sid.pairs(code)
    expect(page.locator("#begin")).to_be_visible()
    inspector.looks(" start")
    sid.starts()
    inspector.looks(" scanning")


def look_at_the_panels(page: Page, inspector: Inspector) -> None:
    for button, panel in (("Type reference", "#reference"), ("Get help", "#help"), ("More", "#other")):
        page.get_by_role("button", name=button, exact=True).click()
        expect(page.locator(panel)).to_be_visible()
        inspector.looks(f" {button.lower()}")
        page.locator(f"{panel} .close").click()


def find(page: Page, reference: str) -> None:
    page.get_by_role("button", name="Type reference", exact=True).click()
    page.locator("#reference-code").fill(reference)
    page.get_by_role("button", name="Find", exact=True).click()


def look_at_a_typed_reference(sid: Phone, inspector: Inspector, reference: str) -> None:
    """A wrong one, a right one, the verdict, and the question before it is taken back."""
    page = sid.page
    find(page, "1")
    expect(page.locator("#reference-says")).not_to_be_empty()
    inspector.looks(" a wrong reference")
    page.locator("#reference .close").click()
    find(page, reference)
    expect(page.locator("#found")).to_be_visible()
    inspector.looks(" found")
    page.get_by_role("button", name="Let in", exact=True).click()
    sid.sees("COME IN")
    inspector.looks(" come in")


def test_axe_finds_no_fault_on_any_screen_of_the_door(browser: Browser, rehearsal: Rehearsed, omar: Organiser) -> None:
    omar.goes_to("event")
    omar.moves_the_clock_to(DOORS_OPEN)
    code = omar.gives_a_code()
    reference = a_reference(omar)
    with a_phone(browser, rehearsal) as opens, opens() as sid:
        page, inspector = sid.page, Inspector(sid.page)
        look_at_pairing(sid, inspector, code)
        look_at_the_panels(page, inspector)
        look_at_a_typed_reference(sid, inspector, reference)
        inspector.goes_to(f"{rehearsal.base}/door/over", f"{rehearsal.base}/door/done")
    assert inspector.faults == []
    assert len(inspector.seen) == 12

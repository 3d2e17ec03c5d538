"""A door lead's card: printed at the desk, held to a phone's camera where there is no network."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Playwright, expect

from registrations.codes import ticket_code
from tests.walks.browsers import a_browser
from tests.walks.camera import film
from tests.walks.house import House, a_house, signed_in
from tests.walks.inspector import Inspector
from tests.walks.people import DESKTOP, Organiser, fits, follows, new_page, until
from tests.walks.phone import Phone, a_phone, code_in

pytestmark = pytest.mark.promise

OUT_OF_VIEW = 2000  # milliseconds
NOBODYS = ticket_code.encode(bytes(range(16)))


@pytest.fixture
def carded_house(tmp_path: Path) -> Iterator[House]:
    """One that no other walk needs: where a lead has a card, a tap offline counts no more."""
    with a_house(tmp_path / "house") as running:
        yield running


def prints_the_card(lena: Organiser, lead: int) -> bytes:
    """The QR as it is printed."""
    inspector = Inspector(lena.page)
    lena.goes_to("doors")
    follows(lena.page, lena.page.get_by_role("link", name="Card of"))
    inspector.looks()
    fits(lena.page)
    follows(lena.page, lena.page.get_by_role("button", name="Make the card"))
    inspector.looks(" the card")
    fits(lena.page)
    assert inspector.faults == []
    lena.sees("It is shown only now.", f"Card {lead}")
    return lena.page.locator(".lead-card__code svg").screenshot()


def test_a_lead_decides_offline_with_a_card_before_the_camera_and_the_scans_say_whose(
    playwright: Playwright, browser: Browser, carded_house: House, tmp_path: Path
) -> None:
    house = carded_house
    lena = Organiser(signed_in(new_page(browser, DESKTOP), house), house.rehearsed)
    lena.gives("door_lead")
    [lead] = house.rows("SELECT id FROM door_pass")
    card = prints_the_card(lena, lead["id"])
    assert code_in(card).startswith("M2")
    camera, guest = film(tmp_path / "card.mjpeg", [card, *[None] * 5]), house.guests()[0]
    with a_browser(playwright, camera) as filmed, a_phone(filmed, house.rehearsed) as opens, opens(ticks=True) as sid:
        sid.pairs(lena.gives_a_code())
        sid.holds_its_page()
        sid.starts()
        expect(sid.page.locator("#hint")).to_contain_text("hold it up when the phone asks for it")
        sid.loses_the_network()
        lets_in_by_card(sid)
        sid.scans(guest.code)
        sid.sees("COME IN", guest.name)
        decides_by_card(sid, guest.name, guest.code)
        sid.finds_the_network()
        until(lambda: house.rows("SELECT id FROM scan WHERE code <> ''"), "the scans")
    decided = house.rows("SELECT decided_by FROM scan WHERE tap = 'lead' ORDER BY id")
    assert decided == [{"decided_by": lead["id"]}] * 2
    assert house.rows("SELECT kind FROM conflict") == [{"kind": "no ticket"}], "the cards are in no doubt"


def lets_in_by_card(sid: Phone) -> None:
    """Whom the list does not know: no tap lets them in, and the card does."""
    sid.scans(NOBODYS)
    sid.sees("ASK THE LEAD", "Lead: hold your card to the camera")
    expect(sid.page.get_by_role("button", name="Lead lets them in")).to_have_count(0)
    fits(sid.page)
    until(lambda: [row for row in sid.kept("pending") if row["tap"] == "lead" and row["card"]], "a decision by card")
    expect(sid.page.locator("#verdict")).to_be_hidden()


def decides_by_card(sid: Phone, name: str, code: str) -> None:
    """A guest who left without a scan: the card is asked for, then the reason."""

    def again() -> bool:
        """A code that is held up without a pause is one scan."""
        sid.page.wait_for_timeout(OUT_OF_VIEW)
        sid.scans(code)
        return bool(sid.page.locator("#verdict", has_text="SCANNED TWICE").is_visible())

    until(again, "the same code a second time")
    sid.taps("Lead decides")
    expect(sid.page.locator("#card")).to_be_visible()
    expect(sid.page.locator("#deciding")).to_be_visible()
    expect(sid.page.locator("#deciding-says")).to_contain_text("the card counts")

    def chosen() -> bool:
        """The first moment takes no tap, so that the second half of a double tap is none."""
        reason = sid.page.get_by_role("button", name="Went out without a scan")
        if reason.is_visible():
            reason.click()
        return bool(sid.page.locator("#deciding").is_hidden())

    until(chosen, "the reason")
    sid.sees("COME IN", name)

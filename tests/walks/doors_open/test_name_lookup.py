"""A lead looks a guest up by name on a real phone: by keyboard, at each size, and nothing of it stays. DR-27, DP-15."""

import json
from collections.abc import Iterator

from playwright.sync_api import Browser, Page, expect

from tests.walks.doors_open.test_lead import lees_phone, looks
from tests.walks.people import Organiser
from tests.walks.phone import Phone
from tests.walks.targets import fit_a_glove

STAYS = 10_000  # milliseconds without a touch
STORED = "() => JSON.stringify([{...localStorage}, {...sessionStorage}, location.href, document.title, history.state])"


def all_kept(phone: Phone) -> str:
    stores = [phone.kept(name) for name in ("pending", "kept", "acts")]
    return json.dumps(stores) + str(phone.page.evaluate(STORED)) + phone.page.content()


def types(page: Page, surname: str) -> None:
    """With the keyboard alone, from the button on."""
    page.get_by_role("button", name="Look up name", exact=True).focus()
    page.keyboard.press("Enter")
    expect(page.locator("#surname")).to_be_focused()
    assert page.locator("#name-rows li").count() == 0, "it opens empty"
    page.keyboard.insert_text(surname)  # as a hand does it: a scanner's keys come at once
    page.keyboard.press("Enter")


def test_dr27_a_guest_is_found_by_keyboard_and_let_in_and_no_name_stays(
    browser: Browser, omar: Organiser, guests: Iterator[tuple[str, str]]
) -> None:
    name, _ = next(guests)
    surname = name.split()[-1]
    with lees_phone(browser, omar) as (lee, _):
        page = lee.page
        expect(page.locator("#by-name")).to_be_visible()
        looks(page, "scanning")
        lee.taps("Look up name")
        fit_a_glove(page, "#naming")
        page.locator("#naming .close").click()
        types(page, surname[:2])
        expect(page.locator("#naming-says")).to_have_text("Type at least 3 letters of the surname.")
        looks(page, "too short")
        fit_a_glove(page, "#naming")
        page.locator("#naming .close").click()
        types(page, surname)
        rows = page.locator("#name-rows button")
        expect(rows.filter(has_text=name).first).to_be_visible()
        expect(rows.first).to_be_focused()
        looks(page, "named")
        fit_a_glove(page, "#named")
        lee.waits(STAYS)
        expect(rows).to_have_count(0)
        assert surname not in all_kept(lee), "gone after ten seconds"
        page.get_by_role("button", name="Close", exact=True).click()
        types(page, surname)
        rows.filter(has_text=name).first.press("Enter")
        expect(page.locator("#found")).to_be_visible()
        lee.sees("FOUND", name, "Check name against work ID")
        page.locator("#let-in").press("Enter")
        lee.sees("COME IN", name)
        lee.is_ready_again()
        assert surname not in all_kept(lee), "and once they are in"

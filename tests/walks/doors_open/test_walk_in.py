"""A lead asks for a place at the door, and Omar lets them in: each screen, and nothing left on the phone (DR-37)."""

import re

from playwright.sync_api import Browser, expect

from tests.walks.doors_open.test_lead import lees_phone, looks, types_the_pin
from tests.walks.doors_open.test_name_lookup import all_kept
from tests.walks.people import DESKTOP, Organiser
from tests.walks.phone import Phone
from tests.walks.targets import fit_a_glove

TYPED = {"name": "Wren Walkerby", "organisation": "Westmoor Weekly", "email": "wren@walkerby.example.org"}


def lets_in(omar: Organiser) -> None:
    omar.rehearsal.proves_themselves()
    omar.goes_to("walk-ins")
    looks(omar.page, "the list at the desk")
    omar.page.locator("main li a").first.click()
    omar.sees("Wren Walkerby")
    looks(omar.page, "the walk-in at the desk")
    omar.page.set_viewport_size(DESKTOP)  # type: ignore[arg-type]
    omar.page.get_by_label("Let them in").check()
    omar.page.get_by_role("button", name="Decide").click()
    omar.sees("Let in")


def test_dr37_a_reference_comes_to_the_leads_phone_once_omar_has_let_them_in(
    browser: Browser, omar: Organiser, sid: Phone
) -> None:
    sid.taps("More")
    sid.taps("Not on my list")
    expect(sid.page.locator("#ask-lead")).to_contain_text("Only the lead can ask for a place")
    looks(sid.page, "a steward's panel")
    with lees_phone(browser, omar) as (lee, pin):
        page = lee.page
        lee.taps("More")
        lee.taps("Not on my list")
        lee.taps("Ask for a place")
        types_the_pin(lee, pin)
        expect(page.locator("#walk-in")).to_be_visible()
        looks(page, "the form")
        fit_a_glove(page, "#walk-in")
        for field, text in TYPED.items():
            page.locator(f"#walk-in-{field}").fill(text)
            if field == "organisation":
                lee.taps("Continue")
                looks(page, "the form's second step")
                fit_a_glove(page, "#walk-in")
        page.locator("#walk-in-reason").select_option("press")
        lee.taps("Ask the organisers")
        expect(page.locator("#walk-in-rows li")).to_contain_text("waits for an organiser")
        looks(page, "waiting")
        assert "Walkerby" not in all_kept(lee)
        lets_in(omar)
        shown = page.locator("#walk-in-rows .reference")
        lee.in_time(shown.is_visible, "a reference")
        reference = shown.inner_text()
        assert re.fullmatch(r"[2-9A-Z]{3}-[2-9A-Z]{3}", reference)
        looks(page, "let in")
    sid.page.locator("#ask-lead .close").click()
    sid.taps("Type reference")
    sid.page.locator("#reference-code").fill(reference)
    sid.taps("Find")
    sid.sees("FOUND", "Wren Walkerby", "Westmoor Weekly")
    sid.taps("No")  # her ticket stays for other walks, which take any guest's

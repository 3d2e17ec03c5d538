"""The lead's override on a steward's phone: a PIN where there is a network, a tap where there is none."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.request import Request, urlopen

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.walks.inspector import axe_in, broken_rules
from tests.walks.people import PATIENCE, Organiser, fits
from tests.walks.phone import AGAIN, IN_OFFLINE, Phone, a_phone

SETTLES = 400  # milliseconds: a tap that comes sooner counts as the second half of a double one
MINUTE = 60_000
SIZES = [(320, 640), (375, 740), (740, 360)]
Guests = Iterator[tuple[str, str]]


@contextmanager
def lees_phone(browser: Browser, omar: Organiser) -> Iterator[tuple[Phone, str]]:
    """The lead's own, paired, and the PIN that was shown once."""
    code, pin = omar.gives("door_lead")
    with a_phone(browser, omar.rehearsal) as opens, opens() as lee:
        lee.pairs(code)
        lee.starts()
        yield lee, pin


@pytest.fixture
def lee(browser: Browser, omar: Organiser) -> Iterator[tuple[Phone, str]]:
    with lees_phone(browser, omar) as phone:
        yield phone


@pytest.fixture
def pin(omar: Organiser) -> str:
    """Of a lead whose own phone is paired, and not looked at."""
    (code, pin), base = omar.gives("door_lead"), omar.rehearsal.base
    how = {"origin": base, "content-type": "application/json"}
    with urlopen(Request(f"{base}/door/api/pair", json.dumps({"code": code}).encode(), how), timeout=PATIENCE):  # noqa: S310
        return pin


def types_the_pin(phone: Phone, pin: str) -> None:
    expect(phone.page.locator("#lead")).to_be_visible()
    phone.page.locator("#lead-pin").fill(pin)
    phone.taps("Check the PIN")


def decides(phone: Phone, reason: str) -> None:
    button = phone.page.locator("#reasons").get_by_role("button", name=reason, exact=True)
    expect(button).to_be_visible()
    phone.waits(SETTLES)
    button.click()


def looks(page: Page, what: str) -> None:
    """At each size."""
    with axe_in(page) as axe:
        for width, height in SIZES:
            page.set_viewport_size({"width": width, "height": height})
            fits(page)
            assert axe() == [], (what, width)
            low = [box for button in page.locator("#reasons button").all() if (box := button.bounding_box())]
            assert [box for box in low if box["height"] < 64] == [], (what, width)


def came_in_already(phone: Phone, code: str, name: str) -> None:
    phone.scans(code)
    phone.sees("COME IN", name)
    phone.is_ready_again()
    phone.waits(AGAIN)
    phone.scans(code)
    phone.sees("SCANNED TWICE", name)
    phone.bar("0 to send")


@pytest.mark.promise
def test_lees_pin_lets_in_again_and_stands_for_the_next_guest(sid: Phone, pin: str, guests: Guests) -> None:
    (name, code), (other, second) = next(guests), next(guests)
    came_in_already(sid, code, name)
    sid.taps("Lead decides")
    types_the_pin(sid, "000000" if pin != "000000" else "111111")
    expect(sid.page.locator("#lead-says")).to_contain_text("4 tries left")
    expect(sid.page.locator("#lead-pin")).to_have_value("")
    expect(sid.page.locator("#lead-pin")).to_be_focused()
    types_the_pin(sid, pin)
    expect(sid.page.locator("#deciding-says")).to_have_text("Lead: let in again, because:")
    assert pin not in sid.page.content()
    sid.page.locator("#verdict").click()
    sid.sees("SCANNED TWICE", name)  # no touch takes whom the lead decides on out of sight
    decides(sid, "Went out without a scan")
    sid.sees("COME IN", name)
    sid.is_ready_again()
    came_in_already(sid, second, other)
    sid.taps("Lead decides")
    expect(sid.page.locator("#lead")).to_be_hidden()
    decides(sid, "The ticket was shared")
    sid.sees("COME IN", other)
    rows = sid.rehearsal.rows("SELECT code, tap, offline, passed FROM scan ORDER BY id DESC LIMIT 4")
    assert [tuple(row.values()) for row in rows] == [
        ("code_shared", "lead", 0, 1), ("", "", 0, 0), ("", "", 0, 1), ("left_without_scan", "lead", 0, 1),
    ]  # fmt: skip


def test_on_lees_own_phone_the_pin_is_asked_for_too_and_a_reload_ends_it(
    lee: tuple[Phone, str], guests: Guests
) -> None:
    phone, pin = lee
    name, code = next(guests)
    came_in_already(phone, code, name)
    phone.taps("Lead decides")
    types_the_pin(phone, pin)
    decides(phone, "Somebody else was scanned")
    phone.sees("COME IN", name)
    phone.page.reload()
    phone.starts()
    phone.scans(code)
    phone.sees("SCANNED TWICE", name)
    phone.taps("Lead decides")
    expect(phone.page.locator("#lead")).to_be_visible()


def test_after_five_wrong_pins_a_phone_takes_none_and_lees_own_still_does(
    sid: Phone, lee: tuple[Phone, str], omar: Organiser, guests: Guests
) -> None:
    (lees, pin), (name, code) = lee, next(guests)
    came_in_already(sid, code, name)
    sid.taps("Lead decides")
    says, wrong = expect(sid.page.locator("#lead-says")), "000000" if pin != "000000" else "111111"
    for left in ("4 tries", "3 tries", "2 tries", "1 try", "Too many PINs were wrong on this phone"):
        types_the_pin(sid, wrong)
        says.to_contain_text(left)
    types_the_pin(sid, pin)
    says.to_contain_text("The lead's own phone still does")
    lees.scans(code)
    lees.sees("ALREADY IN", name)
    lees.bar("0 to send")
    lees.taps("Lead decides")
    types_the_pin(lees, pin)
    decides(lees, "Went out without a scan")
    lees.sees("COME IN", name)
    omar.goes_to("doors")
    omar.goes_to("board")
    omar.sees("five wrong PINs")


@pytest.mark.promise
def test_offline_the_tap_is_the_leads_override_and_is_recorded_as_that(sid: Phone, guests: Guests) -> None:
    name, code = next(guests)
    sid.loses_the_network()
    sid.scans(code)
    sid.sees(IN_OFFLINE, name)
    sid.bar("Offline")
    sid.is_ready_again()
    sid.waits(AGAIN)
    sid.scans(code)
    sid.sees("SCANNED TWICE", name)
    sid.taps("Lead decides")
    expect(sid.page.locator("#deciding-says")).to_contain_text("counts as the lead's override, and is recorded")
    decides(sid, "Went out without a scan")
    sid.sees(IN_OFFLINE, name)
    assert [(row["code"], row["tap"], row["offline"]) for row in sid.kept("pending")] == [
        ("", "", True), ("", "", True), ("left_without_scan", "lead", True),
    ]  # fmt: skip
    sid.finds_the_network()
    sid.bar_in_time("Online", "0 to send")
    expect(sid.page.locator("#changed")).to_be_hidden()
    [row] = sid.rehearsal.rows("SELECT code, tap, offline, verdict FROM scan ORDER BY id DESC LIMIT 1")
    assert tuple(row.values()) == ("left_without_scan", "lead", 1, "ok")


@pytest.mark.promise
def test_dr30_after_a_minute_lee_takes_the_entry_back_with_a_reason(sid: Phone, pin: str, guests: Guests) -> None:
    name, code = next(guests)
    sid.scans(code)
    sid.sees("COME IN", name)
    sid.bar("0 to send")
    sid.waits(2 * MINUTE)
    sid.is_ready_again()
    sid.taps("Undo last")
    types_the_pin(sid, pin)
    expect(sid.page.locator("#deciding-says")).to_contain_text("Lead: why is this phone's last entry, of 09:")
    decides(sid, "Wrong person")
    sid.sees("UNDONE")
    [row] = sid.rehearsal.rows("SELECT kind, code, verdict FROM scan ORDER BY id DESC LIMIT 1")
    assert tuple(row.values()) == ("undo", "wrong_person", "undone")


def test_axe_finds_no_fault_where_a_lead_decides(sid: Phone, pin: str, guests: Guests) -> None:
    page = sid.page
    name, code = next(guests)
    came_in_already(sid, code, name)
    expect(page.locator("#lead-decides")).to_be_visible()
    looks(page, "already in")
    sid.taps("Lead decides")
    expect(page.locator("#lead-pin")).to_be_focused()
    looks(page, "pin")
    types_the_pin(sid, "000000" if pin != "000000" else "111111")
    expect(page.locator("#lead-says")).to_contain_text("4 tries left")
    looks(page, "wrong pin")
    types_the_pin(sid, pin)
    expect(page.locator("#reasons .main").first).to_be_focused()
    looks(page, "reasons")


def test_axe_finds_no_fault_where_a_tap_stands_for_the_lead_until_the_phone_is_signed_out(
    sid: Phone, guests: Guests
) -> None:
    page = sid.page
    name, code = next(guests)
    came_in_already(sid, code, name)
    sid.taps("Next")
    sid.loses_the_network()
    sid.waits(AGAIN)  # what it asks meanwhile is not answered: an answer would say that there is a network
    sid.scans(code)
    sid.sees("SCANNED TWICE", "OFFLINE")
    sid.taps("Lead decides")
    looks(page, "reasons offline")
    page.locator("#reasons .close").click()
    sid.taps("Next")
    sid.bar("1 to send")
    sid.taps("More")
    sid.taps("This phone")
    sid.taps("Sign out")
    looks(page, "sign out")
    sid.taps("Lead: sign out")
    looks(page, "sign out asked")
    decides(sid, "Sign out")
    expect(page.locator("#leaving")).to_be_visible()
    looks(page, "leaving")
    page.context.clear_cookies()
    sid.finds_the_network()
    sid.in_time(page.locator("#pairing-unsent").is_visible, "the question for another code")
    looks(page, "pairing")


def test_the_leads_override_opens_typing_again(sid: Phone, pin: str) -> None:
    """Twenty wrong ones take minutes to type: the server's word for it is spoken in its place, once."""
    page = sid.page
    locked = '{"error": "slow", "seconds": 1800, "lead": true}'
    page.route("**/door/api/reference", lambda route: route.fulfill(status=429, json=json.loads(locked)), times=1)
    sid.taps("Type reference")
    page.locator("#reference-code").fill("HK7-4QD")
    sid.taps("Find")
    expect(page.locator("#reference-says")).to_contain_text("Typing is locked")
    assert broken_rules(page) == []
    sid.taps("The lead's PIN")
    types_the_pin(sid, pin)
    expect(page.locator("#reference-code")).to_be_focused()
    expect(page.locator("#reference-code")).to_have_value("HK7-4QD")
    expect(page.locator("#unlock")).to_be_hidden()
    sid.taps("Find")
    expect(page.locator("#reference-says")).to_contain_text("No ticket has this reference")


def test_the_desk_shows_the_pin_once(omar: Organiser) -> None:
    omar.makes_a_code_for("Main door", role="Door lead")
    pin = omar.page.locator(".pairing__pin").inner_text()
    assert re.fullmatch(r"[0-9]{3} [0-9]{3}", pin)
    for width in (320, 1280):
        omar.page.set_viewport_size({"width": width, "height": 900})
        assert broken_rules(omar.page) == []
        fits(omar.page)
    omar.goes_to("doors")
    assert pin not in omar.page.content()

"""A door lead's whole shift (DR-42): by keyboard alone, with sound and buzz missing, enlarged to 400 %, no motion."""

from collections.abc import Iterator

from playwright.sync_api import Browser, expect

from registrations.codes import ticket_code
from tests.walks.house import Guest, House
from tests.walks.keyboard import ENLARGED, Keyboard
from tests.walks.people import Organiser
from tests.walks.phone import AGAIN, IN_OFFLINE, Phone, a_phone
from tests.walks.without_a_ticket import asks_for_a_place, looks_up

MUTE = "delete window.AudioContext; delete Navigator.prototype.vibrate; delete Navigator.prototype.wakeLock"
SETTLES = 400  # milliseconds: a tap that comes sooner counts as the second half of a double one
SIXTH = 415  # milliseconds until a reference goes by itself, if it ends in M as a ticket begins; others go sooner
MINUTE = 60_000
NOBODYS = ticket_code.encode(bytes(range(16)))
SCREENS, A_SCAN = 35, 1_000  # bytes of both bodies


def test_dr42_a_whole_shift_by_keyboard_alone_enlarged_and_with_neither_sound_nor_buzz(
    browser: Browser, lena: Organiser, house: House, invited: Iterator[Guest]
) -> None:
    code, pin = lena.gives("door_lead")
    enlarged = {"viewport": ENLARGED, "reduced_motion": "reduce"}
    with a_phone(browser, house.rehearsed, **enlarged) as opens, opens() as lee:
        lee.page.add_init_script(MUTE)
        keys = Keyboard(lee.page)
        begins(lee, keys, code)
        lets_in(lee, keys, next(invited), pin)
        turns_away(lee, keys, house)
        types_a_reference(lee, keys, next(invited))
        takes_it_back(keys)
        asks_for_a_place(lee, keys, pin, lena, house)
        looks_up(lee, keys)
        counts_out(lee, keys, next(invited), next(invited))
        works_without_a_network(lee, keys, next(invited), next(invited))
        has_more_to_do(lee, keys)
        signs_out(lee, keys)
    assert keys.faults == []
    assert len(keys.looked) == len(set(keys.looked)) == SCREENS


def begins(lee: Phone, keys: Keyboard, code: str) -> None:
    lee.page.goto(f"{lee.rehearsal.base}/door/")
    expect(lee.page.locator("#pairing")).to_be_visible()
    keys.presses("Pair this phone")
    expect(lee.page.locator("#pairing-error")).not_to_be_empty()
    keys.looks("pairing")
    keys.goes_to("pairing-code")
    keys.types(code)
    keys.page.keyboard.press("Enter")
    expect(lee.page.locator("#begin")).to_be_enabled()
    expect(lee.page.locator("#checks")).to_contain_text("not on this phone")
    keys.looks("start")
    keys.goes_to("first-initials")
    keys.types("LL")
    keys.presses("Test sound and buzz")
    keys.presses("Start scanning")
    expect(lee.page.locator("#door")).to_be_visible()
    keys.looks("scanning")


def lets_in(lee: Phone, keys: Keyboard, guest: Guest, pin: str) -> None:
    """By the camera's code; then once more, which the lead decides."""
    keys.pressed.clear()
    with lee.page.expect_response(lambda answer: bool((answer.request.post_data_json or {}).get("scans"))) as answered:
        lee.scans(guest.code)
    keys.sees_the_verdict("COME IN", guest.name, "Check name against work ID")
    assert len(answered.value.request.post_data or "") + len(answered.value.body()) <= A_SCAN
    lee.bar("0 to send")
    keys.looks("come in")
    lee.is_ready_again()
    assert keys.pressed == [], "no tap for whoever has a ticket"
    lee.waits(AGAIN)
    lee.scans(guest.code)
    keys.sees_the_verdict("SCANNED TWICE", "Let in here", guest.name)
    lee.bar("0 to send")
    keys.looks("scanned twice")
    keys.presses("Lead decides")
    expect(lee.page.locator("#lead-pin")).to_be_focused()
    keys.types("000000" if pin != "000000" else "111111")
    keys.presses("Check the PIN")
    expect(lee.page.locator("#lead-says")).to_contain_text("4 tries left")
    keys.looks("a wrong PIN")
    keys.goes_to("lead-pin")
    keys.types(pin)
    keys.presses("Check the PIN")
    expect(lee.page.locator("#reasons .main").first).to_be_focused()
    keys.looks("the lead's reasons")
    lee.waits(SETTLES)
    keys.presses("Somebody else was scanned")
    keys.sees_the_verdict("COME IN", guest.name)
    lee.is_ready_again()
    expect(lee.page.locator("#type-reference")).to_be_focused()


def turns_away(lee: Phone, keys: Keyboard, house: House) -> None:
    """One of each state that a steward is not told, whoever was never here, and what is no ticket at all."""
    for guest in house.refused():
        lee.scans(guest.code)
        keys.sees_the_verdict("TAKE ASIDE", f"Reference {guest.reference}")
        lee.bar("0 to send")
        if guest == house.refused()[0]:
            keys.looks("ask the lead")
        goes_on(lee, keys)
    lee.scans(NOBODYS)
    keys.sees_the_verdict("NOT A TICKET", "Take them aside")
    keys.looks("unknown")
    goes_on(lee, keys)
    lee.scans("https://example.org/ticket")
    keys.sees_the_verdict("NOT A TICKET", "Ask for the reference")
    keys.looks("no code of ours")
    keys.presses("Close")
    goes_on(lee, keys)


def goes_on(lee: Phone, keys: Keyboard) -> None:
    """The focus is on a control that is there, and not on the one that has gone."""
    keys.presses("Next")
    expect(lee.page.locator("#verdict")).to_be_hidden()
    expect(lee.page.locator("#type-reference")).to_be_focused()


def types_a_reference(lee: Phone, keys: Keyboard, guest: Guest) -> None:
    keys.presses("Type reference")
    expect(lee.page.locator("#reference-code")).to_be_focused()
    keys.types("1")
    keys.presses("Find")
    expect(lee.page.locator("#reference-says")).not_to_be_empty()
    keys.looks("a wrong reference")
    keys.presses("Close")
    expect(lee.page.locator("#type-reference")).to_be_focused()
    keys.pressed.clear()
    keys.presses("Type reference")
    keys.types(guest.reference)
    lee.waits(SIXTH)
    keys.sees_the_verdict("FOUND", guest.name)
    keys.page.keyboard.press("Enter")  # out of habit: it presses nothing
    keys.looks("found")
    keys.presses("Let in")
    keys.sees_the_verdict("COME IN", guest.name)
    assert keys.pressed == ["Type reference", "Let in"], "one tap to the field, and one for whom nobody scanned"
    lee.is_ready_again()


def takes_it_back(keys: Keyboard) -> None:
    keys.presses("Undo last")
    keys.looks("undo")
    keys.presses("Undo it")
    keys.sees_the_verdict("UNDONE")
    keys.looks("undone")
    keys.presses("Next")


def counts_out(lee: Phone, keys: Keyboard, one: Guest, other: Guest) -> None:
    keys.presses("More")
    keys.presses("Count out")
    expect(lee.page.locator("#door")).to_have_class("out")
    lee.scans(one.code)
    keys.sees_the_verdict("ONE QUESTION", "Came in elsewhere?", one.name)
    lee.bar("0 to send")
    keys.looks("one question")
    keys.presses("Yes: count in and out")
    keys.sees_the_verdict("OUT", one.name)
    lee.bar("0 to send")
    keys.looks("out")
    lee.is_ready_again()
    lee.waits(AGAIN)
    lee.scans(one.code)
    keys.sees_the_verdict("ALREADY OUT", one.name)
    lee.bar("0 to send")
    goes_on(lee, keys)
    lee.scans(other.code)
    keys.sees_the_verdict("ONE QUESTION", other.name)
    keys.presses("No")
    expect(lee.page.locator("#type-reference")).to_be_focused()
    keys.presses("More")
    keys.presses("Count in")


def works_without_a_network(lee: Phone, keys: Keyboard, ada: Guest, bo: Guest) -> None:
    """Each verdict of a list that grows old, and the change that the server brings once it is back."""
    lee.loses_the_network()
    lee.scans(ada.code)
    keys.sees_the_verdict(IN_OFFLINE, ada.name)
    keys.looks("come in offline")
    lee.is_ready_again()
    lee.waits(AGAIN)
    lee.scans(ada.code)
    keys.sees_the_verdict("SCANNED TWICE", "OFFLINE", ada.name)
    goes_on(lee, keys)
    lee.scans(NOBODYS)
    keys.sees_the_verdict("YOU DECIDE", "Not on the guest list of")
    keys.looks("not on the list")
    keys.presses("Lead lets them in")
    lee.waits(6 * MINUTE)
    lee.scans(bo.code)
    keys.sees_the_verdict("CHECK ID, THEN IN", bo.name)
    keys.looks("check ID")
    keys.presses("ID seen")
    lee.bar("to send")
    lee.finds_the_network()
    lee.in_time(lee.page.locator("#changed").is_visible, "the change that the server tells of")
    expect(lee.page.locator("#seen")).to_be_focused()
    keys.looks("changed")
    keys.presses("I have seen this")
    expect(lee.page.locator("#type-reference")).to_be_focused()
    lee.bar_in_time("Online", "0 to send")


def has_more_to_do(lee: Phone, keys: Keyboard) -> None:
    page = lee.page
    expect(page.locator("#wake-camera")).to_have_text("Wake camera")
    keys.looks("camera asleep")
    keys.presses("Get help")
    expect(page.locator("#help").get_by_role("status")).to_contain_text("The organisers have been alerted")
    keys.looks("help")
    keys.presses("Pressed by mistake")
    expect(page.locator("#help-says")).to_contain_text("Taken back")
    expect(page.locator("#help .close")).to_be_focused()
    keys.presses("Close")
    keys.presses("More")
    keys.presses("Hand over")
    keys.types("1")
    keys.page.keyboard.press("Enter")
    expect(page.locator("#initials-says")).not_to_be_empty()
    keys.looks("hand over")
    keys.goes_to("initials")
    keys.types("MM")
    keys.presses("Hand over")
    expect(page.locator("#more")).to_be_focused()
    keys.presses("More")
    keys.presses("Cover screen")
    expect(page.locator("#covered")).to_be_focused()
    keys.looks("covered")
    keys.presses("Covered. Tap to go on.")
    expect(page.locator("#more")).to_be_focused()


def signs_out(lee: Phone, keys: Keyboard) -> None:
    keys.presses("More")
    keys.presses("This phone")
    keys.looks("this phone")
    keys.presses("Sign out")
    expect(lee.page.locator("#signing-out-says")).to_contain_text("Sign this phone out?")
    keys.looks("sign out")
    keys.presses("Sign this phone out")
    lee.page.wait_for_url("**/door/over")
    keys.looks("signed out")
    lee.page.goto(f"{lee.rehearsal.base}/door/done")
    keys.looks("closed")

"""A door lead asks for a place for somebody who has none, and then looks them up by name: by keyboard alone."""

from playwright.sync_api import expect

from tests.walks.house import House
from tests.walks.keyboard import Keyboard
from tests.walks.people import Organiser
from tests.walks.phone import Phone

WREN = {"name": "Wren Walkerby", "organisation": "Westmoor Weekly", "email": "wren@walkerby.example.org"}


def asks_for_a_place(lee: Phone, keys: Keyboard, pin: str, lena: Organiser, house: House) -> None:
    page = lee.page
    keys.pressed.clear()
    keys.presses("More")
    expect(page.locator("#not-on-list")).to_be_focused()
    keys.looks("more")
    keys.presses("Not on my list")
    expect(page.locator("#walk-ins-says")).to_contain_text("No place was asked for")
    keys.looks("walk-ins")
    keys.presses("Ask for a place")
    keys.types(pin)
    keys.page.keyboard.press("Enter")
    for part in ("name", "organisation"):
        keys.goes_to(f"walk-in-{part}")
        keys.types(WREN[part])
    keys.looks("the form for a walk-in")
    keys.presses("Continue")
    expect(page.locator("#walk-in-email")).to_be_focused()
    keys.types("wren")
    keys.presses("Ask the organisers")
    expect(page.locator("#walk-in-says")).not_to_be_empty()
    expect(page.locator("#walk-in-email")).to_be_focused()
    keys.looks("what is wrong with it")
    page.keyboard.press("ControlOrMeta+A")
    keys.types(WREN["email"])
    keys.goes_to("walk-in-reason")
    keys.page.keyboard.press("p")  # the one that begins with it
    expect(page.locator("#walk-in-reason")).to_have_value("press")
    keys.presses("Ask the organisers")
    again = ["Ask the organisers"]
    assert keys.pressed == ["More", "Not on my list", "Ask for a place", "Continue", "Ask the organisers", *again]
    expect(page.locator("#walk-in-rows li")).to_contain_text("waits for an organiser")
    house.proves_themselves()
    lena.lets_a_walk_in_in()
    lee.in_time(page.locator("#walk-in-rows .reference").is_visible, "a reference")
    keys.looks("a walk-in who is let in")
    keys.presses("Close")
    expect(page.locator("#more")).to_be_focused()


def looks_up(lee: Phone, keys: Keyboard) -> None:
    page = lee.page
    keys.presses("Look up name")
    keys.types("Wa")
    keys.page.keyboard.press("Enter")
    expect(page.locator("#naming-says")).to_contain_text("at least 3 letters")
    keys.looks("a name too short")
    keys.presses("Close")
    keys.pressed.clear()
    keys.presses("Look up name")
    keys.types("Walkerby")
    keys.page.keyboard.press("Enter")
    expect(page.locator("#name-rows button")).to_be_focused()
    keys.looks("named")
    keys.presses(WREN["name"])
    keys.sees_the_verdict("FOUND", WREN["name"])
    keys.presses("Let in")
    keys.sees_the_verdict("COME IN", WREN["name"], WREN["organisation"])
    assert keys.pressed == ["Look up name", WREN["name"], "Let in"]
    lee.is_ready_again()

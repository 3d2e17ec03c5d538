"""An organiser at the desk: decides from the keyboard, sees counts change in another window, finds a person."""

from playwright.sync_api import Browser, Page, expect

from tests.walks.people import DESKTOP, NARROW, another, fits
from tests.walks.rehearsal import Rehearsed


def count_of(page: Page, what: str) -> int:
    return int(page.locator("#counts li").filter(has_text=what).locator("b").inner_text())


def test_two_are_put_on_the_waiting_list_without_a_mouse_while_another_window_counts(
    browser: Browser, desk: Page, rehearsal: Rehearsed
) -> None:
    watcher = another(browser, desk, DESKTOP)
    watcher.goto(f"{rehearsal.base}/desk/launch/people")
    desk.goto(f"{rehearsal.base}/desk/launch/requests")
    to_decide, waiting = count_of(desk, "to decide"), count_of(desk, "waiting")
    desk.locator("input[name=person]").first.focus()
    for key in ("Space", "ArrowDown", "Space", "Enter"):  # Enter in a tick box sends nothing
        desk.keyboard.press(key)
    expect(desk.locator("h1")).to_have_text("To decide")
    desk.keyboard.press("w")
    expect(desk.get_by_role("button", name="Continue with those ticked")).to_be_focused()
    desk.keyboard.press("Enter")
    expect(desk.locator("h1")).to_have_text("Put 2 people on the waiting list?")
    desk.get_by_role("button", name="Put 2 people on the waiting list").press("Enter")
    expect(desk.get_by_role("alert")).to_be_focused()
    expect(desk.get_by_role("alert")).to_contain_text("2 put on the waiting list")
    counts = watcher.locator("#counts")
    expect(counts).to_contain_text(f"{to_decide - 2} to decide")
    expect(counts).to_contain_text(f"{waiting + 2} waiting")


def test_a_person_is_found_and_decided_on_without_a_script(browser: Browser, desk: Page, rehearsal: Rehearsed) -> None:
    page = another(browser, desk, NARROW, script=False)
    page.goto(f"{rehearsal.base}/desk/launch/people?state=confirmed")
    name = page.locator("tbody th a").first.inner_text()
    page.get_by_label("Name, address").fill(name.upper())
    page.get_by_role("button", name="Search").click()
    assert name.split()[0].lower() not in page.url.lower()
    page.get_by_role("link", name=name).first.click()
    fits(page)
    page.get_by_label("Not offered").check()
    page.get_by_role("button", name="Decide").click()
    expect(page.locator("main")).to_contain_text("Not offered a place. The letter is on its way.")
    page.get_by_role("button", name="Put back in the queue").click()
    expect(page.locator("h1")).to_contain_text("To decide")

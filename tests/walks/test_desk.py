"""An organiser at the desk: decides from the keyboard, sees counts change in another window, finds a person."""

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.walks.mailreader import Mailreader
from tests.walks.people import DESKTOP, NARROW, Professional, another, fits, new_page, until
from tests.walks.rehearsal import Rehearsed

SMALL, TWO_LINES = {"width": 1024, "height": 768}, 48  # px
LAPTOP, PHONE = {"width": 1366, "height": 768}, {"width": 390, "height": 844}


def count_of(page: Page, what: str) -> int:
    return int(page.locator("#counts li").filter(has_text=what).locator("b").inner_text())


def test_two_are_put_on_the_waiting_list_without_a_mouse_while_another_window_counts(
    browser: Browser, desk: Page, rehearsal: Rehearsed
) -> None:
    watcher = another(browser, desk, DESKTOP)
    watcher.goto(f"{rehearsal.base}/desk/launch/people")
    desk.goto(f"{rehearsal.base}/desk/launch/requests")
    to_decide, waiting = count_of(desk, "to decide"), count_of(desk, "waiting")
    desk.locator("input[name=person]").nth(3).focus()  # one of the first is looked at alone
    for key in ("Space", "ArrowDown", "Space", "Enter"):  # Enter in a tick box sends nothing
        desk.keyboard.press(key)
    expect(desk.locator("h1")).to_have_text("To decide")
    desk.keyboard.press("w")
    expect(desk.get_by_role("button", name="Put on the waiting list")).to_be_focused()
    desk.keyboard.press("Enter")
    expect(desk.locator("h1")).to_have_text("Put 2 people on the waiting list?")
    desk.get_by_role("button", name="Put 2 people on the waiting list").press("Enter")
    expect(desk.get_by_role("alert")).to_contain_text("2 put on the waiting list")
    counts = watcher.locator("#counts")
    expect(counts).to_contain_text(f"{to_decide - 2} to decide")
    expect(counts).to_contain_text(f"{waiting + 2} waiting")


@pytest.mark.promise
def test_a_person_is_found_and_decided_on_without_a_script(browser: Browser, desk: Page, rehearsal: Rehearsed) -> None:
    page = another(browser, desk, NARROW, script=False)
    page.goto(f"{rehearsal.base}/desk/launch/people?state=confirmed")
    name = page.locator("tbody th a").first.inner_text()
    page.get_by_label("Name, email").fill(name.upper())
    page.get_by_role("button", name="Search").click()
    assert name.split()[0].lower() not in page.url.lower()
    page.get_by_role("link", name=name).first.click()
    fits(page)
    page.get_by_label("Decline").check()
    page.get_by_role("button", name="Decide").click()
    expect(page.locator("main")).to_contain_text("declined. The email goes out in")
    page.get_by_role("button", name="Undo").click()
    expect(page.locator("main")).to_contain_text("the decision is undone, and no email was sent")
    expect(page.locator("h1")).to_contain_text("To decide")


HEIGHTS = "rows => rows.map(row => Math.round(row.getBoundingClientRect().height))"


def test_a_row_of_the_queue_is_two_lines_high_in_a_small_window_too(
    browser: Browser, desk: Page, rehearsal: Rehearsed
) -> None:
    """One of text, one of small print; more only where a text is longer than its place, or where organisers are to look
    twice: five of the sample's people."""
    page = another(browser, desk, SMALL)
    page.goto(f"{rehearsal.base}/desk/launch/requests")
    heights = page.locator(".desk-queue tbody tr").evaluate_all(HEIGHTS)
    assert sum(height == TWO_LINES for height in heights) >= 0.75 * len(heights) > 10, heights
    asked = page.locator(".desk-queue .desk-moment").first
    asked.evaluate("cell => cell.textContent = '30 September 2028, 20:58'")
    assert asked.evaluate("cell => cell.scrollWidth <= cell.clientWidth"), "the longest ends before the button"
    fits(page)


def in_view(page: Page, row: str) -> bool:
    """Below the banner and above the bar, without scrolling."""
    box, banner = page.locator(row).bounding_box(), page.locator(".desk-outcome").bounding_box()
    assert box is not None
    assert banner is not None
    return banner["y"] + banner["height"] <= box["y"] < page.viewport_size["height"] - 60  # type: ignore[index]


@pytest.mark.promise
def test_after_an_approval_the_page_stays_where_it_was_and_the_approval_is_undone(
    browser: Browser, desk: Page, rehearsal: Rehearsed
) -> None:
    page = another(browser, desk, LAPTOP)
    page.goto(f"{rehearsal.base}/desk/launch/requests")
    rows = page.locator(".desk-queue tbody tr:has(button)")
    decided = f"#{rows.nth(11).get_attribute('id')}"
    below = f"#{page.locator(f'{decided} + tr').get_attribute('id')}"
    page.locator(decided).get_by_role("button", name="Approve").click()
    expect(page.locator(below)).to_be_visible()
    until(lambda: in_view(page, below), "the place where it was")
    expect(page.get_by_role("alert")).to_be_in_viewport()
    page.keyboard.press("Tab")
    expect(page.locator(below).get_by_role("checkbox")).to_be_focused()
    page.get_by_role("alert").get_by_role("button", name="Undo").click()
    expect(page.get_by_role("alert")).to_contain_text("the decision is undone, and no email was sent")
    until(lambda: in_view(page, decided), "the row that was decided")


def test_the_queue_shows_ten_rows_on_a_laptop_and_decides_only_when_something_is_ticked(
    browser: Browser, desk: Page, rehearsal: Rehearsed
) -> None:
    page = another(browser, desk, LAPTOP)
    page.goto(f"{rehearsal.base}/desk/launch/requests?sort=newest")
    rows = page.locator(".desk-queue tbody tr")
    boxes = [rows.nth(n).bounding_box() for n in range(12)]
    assert sum(box is not None and box["y"] + box["height"] <= LAPTOP["height"] for box in boxes) >= 9
    bar = page.get_by_role("group", name="Decision")
    expect(bar).to_be_hidden()
    page.locator("input[name=person]").first.check()
    expect(bar.get_by_role("button")).to_have_text(["Approve", "Waiting list", "Decline"])
    expect(bar).to_contain_text("1 ticked")
    expect(bar).to_be_in_viewport()
    plain = another(browser, desk, LAPTOP, script=False)
    plain.goto(page.url)
    expect(plain.get_by_role("group", name="Decision")).to_be_visible()


def test_a_phone_has_one_menu_and_sees_the_first_request(browser: Browser, desk: Page, rehearsal: Rehearsed) -> None:
    page = another(browser, desk, PHONE, script=False)
    page.goto(f"{rehearsal.base}/desk/launch/requests")
    box, banner = (page.locator(which).first.bounding_box() for which in (".desk-queue tbody tr", ".rehearsal"))
    assert box is not None
    assert banner is not None, "which the desk of a real event does not have"
    assert box["y"] - banner["height"] < PHONE["height"] / 2
    board = page.get_by_role("link", name="Board")
    expect(board).to_be_hidden()
    page.get_by_text("Menu: To decide").click()
    fits(page)
    board.click()
    expect(page.locator("h1")).to_have_text("Board")


def test_a_new_request_is_announced_and_shown_when_wanted(browser: Browser, desk: Page, rehearsal: Rehearsed) -> None:
    page = another(browser, desk, LAPTOP)
    page.goto(f"{rehearsal.base}/desk/launch/requests")
    rows = page.locator(".desk-queue tbody tr").count()
    nova = Professional(new_page(browser, DESKTOP), rehearsal, "Nova Newly", "nova.newly@lantern.example.org")
    nova.has_asked()
    mail = Mailreader(rehearsal)
    mail.opens_newest(nova.email, "")
    nova.has_confirmed(mail.link("confirm"))
    news = page.locator("#new-requests")
    expect(news).to_contain_text("1 new request. Show")
    assert page.locator(".desk-queue tbody tr").count() == rows
    news.get_by_role("link", name="Show").click()
    expect(page.locator(".desk-queue tbody")).to_contain_text("Nova Newly")


def test_the_menu_is_one_row_and_opens_and_closes_by_keyboard(
    browser: Browser, desk: Page, rehearsal: Rehearsed
) -> None:
    page = another(browser, desk, LAPTOP)
    page.goto(f"{rehearsal.base}/desk/launch/people")
    menu = page.get_by_role("navigation", name="Desk", exact=True)
    for width in (1280, 768):
        page.set_viewport_size({"width": width, "height": 800})
        tops = menu.locator("> div > ul > li").evaluate_all("(items) => items.map((item) => item.offsetTop)")
        assert (len(tops), len(set(tops))) == (7, 1)
    group, doors = menu.get_by_text("On the day"), menu.get_by_role("link", name="Doors and phones")
    group.focus()
    page.keyboard.press("Enter")
    expect(doors).to_be_visible()
    page.keyboard.press("Tab")
    expect(menu.get_by_role("link", name="Board")).to_be_focused()
    page.keyboard.press("Escape")
    expect(doors).to_be_hidden()
    expect(group).to_be_focused()
    address = page.locator(".desk-people .desk-address").first
    assert address.evaluate("(one) => one.getClientRects().length") <= 2  # on so many lines, at 768 px
    plain = another(browser, desk, LAPTOP, script=False)
    plain.goto(page.url)
    plain.get_by_role("navigation", name="Desk", exact=True).get_by_text("Administration").click()
    plain.get_by_role("link", name="Audit log").click()
    expect(plain.locator("h1")).to_contain_text("Audit log")

"""A pass in wrong hands: a link that a scanner opens, a cookie that is copied, a phone revoked with scans in it."""

from collections.abc import Iterator
from itertools import islice

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.walks.house import Guest, House
from tests.walks.people import DESKTOP, PHONE, Organiser, new_page, until
from tests.walks.phone import Opened, Phone, code_in

pytestmark = pytest.mark.promise

WITHIN = 10_000  # milliseconds from a revocation to an empty phone
SEND_EVERY_FORM = "document.querySelectorAll('form').forEach((form) => HTMLFormElement.prototype.submit.call(form))"
LEFT_BEHIND = """async () => ({
  databases: (await indexedDB.databases()).map(({ name }) => name),
  caches: await caches.keys(),
  workers: (await navigator.serviceWorker.getRegistrations()).length,
  storage: [...Object.keys(localStorage), ...Object.keys(sessionStorage)],
})"""
NOTHING = {"databases": [], "caches": [], "workers": 0, "storage": []}


def test_dr25_a_link_that_a_scanner_opened_with_scripts_still_pairs_and_does_so_once(
    browser: Browser, lena: Organiser, house: House
) -> None:
    lena.makes_a_code_for("Main door")
    link = code_in(lena.page.locator(".pairing svg").screenshot())
    assert link.startswith(f"{house.base}/door/#")
    secret = link.partition("#")[2]
    scanner, asked = new_page(browser, DESKTOP), list[str]()
    scanner.on("request", lambda request: asked.append(f"{request.url} {request.post_data or ''}"))
    scanner.goto(link)
    expect(scanner.locator("#pairing-ready")).to_contain_text("Nothing has happened yet")
    with scanner.expect_navigation():
        scanner.evaluate(SEND_EVERY_FORM)
    assert [request for request in asked if secret in request] == [], "the secret is in no request"
    sid, late = new_page(browser, PHONE), new_page(browser, PHONE)
    for page in (sid, late):
        page.goto(link)
        page.get_by_role("button", name="Pair this phone").click()
    expect(sid.locator("#start")).to_be_visible()
    assert sid.url == f"{house.base}/door/", "the secret has left the address"
    expect(late.locator("#pairing-error")).to_have_text(
        "That code does not work. It may be wrong, used or too old. Ask the lead for a new one."
    )
    assert late.context.cookies() == []
    for page in (scanner, sid, late):
        page.context.close()


def copied(browser: Browser, sid: Phone, house: House) -> Page:
    """A second browser with the cookie of the first."""
    page = new_page(browser, PHONE)
    page.context.add_cookies(sid.page.context.cookies())  # type: ignore[arg-type]
    page.goto(f"{house.base}/door/")
    expect(page.locator("#begin")).to_be_enabled()
    return page


def is_emptied(page: Page) -> None:
    """Its own time ran ahead of the browser, so it may have come here before all was erased."""
    until(lambda: page.evaluate(LEFT_BEHIND) == NOTHING, "an empty phone")


def test_dr23_dr24_a_copied_pass_is_noticed_and_once_revoked_both_are_wiped_and_five_scans_kept_apart(
    opened: Opened,
    browser: Browser,
    lena: Organiser,
    house: House,
    invited: Iterator[Guest],
) -> None:
    five, before = list(islice(invited, 5)), house.people_in()
    with opened() as sid:
        sid.pairs(lena.makes_a_code_for("Main door"))
        [mine] = house.rows("SELECT id FROM door_pass ORDER BY id DESC LIMIT 1")
        sid.starts()
        thief = copied(browser, sid, house)
        lena.goes_to("board")
        noticed = lena.page.locator("#board").get_by_text("one phone's pass is used by two pages at once")
        sid.in_time(noticed.is_visible, "the notice of two pages with one pass")
        sid.loses_the_network()
        sid.lets_in_quickly(five)
        sid.bar("5 to send")
        lena.revokes(mine["id"])
        sid.finds_the_network()
        sid.in_time(lambda: sid.page.url.endswith("/door/over"), "the end of the pass")
        for page in (sid.page, thief):
            page.wait_for_url("**/door/over", timeout=WITHIN)
            expect(page.locator("h1")).to_have_text("PHONE SIGNED OUT")
            is_emptied(page)
            assert [cookie["name"] for cookie in page.context.cookies()] == []
        thief.context.close()
    scans = house.rows("SELECT door_pass_id, verdict FROM scan")
    assert [scan["verdict"] for scan in scans if scan["door_pass_id"] == mine["id"]] == ["device_revoked"] * 5
    assert house.people_in() == before
    lena.goes_to("conflicts")
    lena.page.get_by_role("button", name="Accept").last.click()
    until(lambda: house.people_in() == before + 5, "five more people")

"""The end of the day: phones are closed, one never seen is written off, and nothing stays on a phone (DR-41)."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, expect

from tests.walks.browsers import browser_with
from tests.walks.house import House, a_house, signed_in
from tests.walks.inspector import Inspector
from tests.walks.people import DESKTOP, Organiser, fits, follows, new_page, until
from tests.walks.phone import Phone, code_in
from tests.walks.test_forensics import told_by

pytestmark = pytest.mark.promise

HELD = """async () => {
  const read = (store) => new Promise((done, fail) => {
    const asking = store.getAll();
    asking.onsuccess = () => done(asking.result);
    asking.onerror = () => fail(asking.error);
  });
  const found = {};
  for (const { name } of await indexedDB.databases()) {
    const database = await new Promise((done, fail) => {
      const opening = indexedDB.open(name);
      opening.onsuccess = () => done(opening.result);
      opening.onerror = () => fail(opening.error);
    });
    for (const store of database.objectStoreNames) {
      found[`${name}/${store}`] = await read(database.transaction(store).objectStore(store));
    }
    database.close();
  }
  return {
    databases: found,
    caches: await caches.keys(),
    workers: (await navigator.serviceWorker.getRegistrations()).length,
    local: { ...localStorage },
    session: { ...sessionStorage },
  };
}"""
NOTHING = {"databases": {}, "caches": [], "workers": 0, "local": {}, "session": {}}
NEUTRAL = {"Door", "", "about:blank"}  # titles that tell nobody what it was about


@pytest.fixture
def closing_house(tmp_path: Path) -> Iterator[House]:
    """One that no other walk needs: its door is closed in the end."""
    with a_house(tmp_path / "house") as running:
        yield running


def history(page: Page) -> list[dict[str, Any]]:
    told = page.context.new_cdp_session(page).send("Page.getNavigationHistory")
    return [{"url": entry["url"], "title": entry["title"]} for entry in told["entries"]]


def cookies(context: BrowserContext) -> list[str]:
    return [cookie.get("name", "") for cookie in context.cookies()]


def holds_everything(sid: Phone, secret: str) -> None:
    """The control: all that is looked for later is there now."""
    held = sid.page.evaluate(HELD)
    stored = str(held["databases"])
    assert "Conference for professionals" in stored, "the event's title"
    assert "Main door" in stored
    assert (len(held["caches"]), held["workers"], cookies(sid.page.context)) == (1, 1, ["muster-door"])
    assert secret not in str(history(sid.page)), "the pairing link was taken out of the history"


def holds_nothing(page: Page) -> None:
    assert page.evaluate(HELD) == NOTHING
    assert cookies(page.context) == []
    entries = history(page)
    assert {entry["title"] for entry in entries} <= NEUTRAL
    assert [entry["url"] for entry in entries if "#" in entry["url"] or "?" in entry["url"]] == []
    assert page.title() == "Door"


def test_dr41_a_phone_is_closed_and_holds_nothing_and_one_never_seen_is_written_off(
    playwright: Playwright, browser: Browser, closing_house: House, profile: Path
) -> None:
    house = closing_house
    lena = Organiser(signed_in(new_page(browser, DESKTOP), house), house.rehearsed)
    lost = out_of_reach(browser, lena, house)
    lena.makes_a_code_for("Main door")
    link = code_in(lena.page.locator(".pairing svg").screenshot())
    secret, guest = link.partition("#")[2], house.guests()[0]
    with browser_with(playwright, profile) as context:
        sid = Phone(context.pages[0], house.rehearsed)
        sid.page.goto(link)
        assert secret in str(history(sid.page)), "the history is read"
        sid.page.get_by_role("button", name="Pair this phone").click()
        sid.holds_its_page()
        sid.starts()
        sid.loses_the_network()
        sid.scans(guest.code)
        sid.sees("COME IN", guest.name)
        [row] = sid.kept("pending")
        holds_everything(sid, secret)
        lena.goes_to("doors/close")
        follows(lena.page, lena.page.get_by_role("button", name="Start closing the phones"))
        lena.sees("The phones are being closed.", "2 phones have not ended")
        sid.finds_the_network()
        sid.page.wait_for_url("**/door/done")
        expect(sid.page.locator("main")).to_contain_text("Done. You may put the phone away.")
        assert sid.heard == []
        holds_nothing(sid.page)
        expect(lena.page.locator("#board tr", has_text="Closed")).to_contain_text("Main door phone")
        assert house.people_in() == 1, "what it held counts"
        goes_back(sid.page, house, guest.name)
    left = {"the event's title": "Conference for professionals", "the proof": row["proof"], "the guest": guest.name}
    assert told_by(profile, left) <= set()
    writes_off_and_closes(lena, house)
    refused(lost)


def out_of_reach(browser: Browser, lena: Organiser, house: House) -> Page:
    """A phone that was paired, and is not seen again."""
    page = new_page(browser, DESKTOP)
    page.goto(f"{house.base}/door/")
    page.get_by_label("Pairing code").fill(lena.gives_a_code())
    page.get_by_role("button", name="Pair this phone").click()
    expect(page.locator("#begin")).to_be_enabled()
    page.context.set_offline(True)
    return page


def goes_back(page: Page, house: House, name: str) -> None:
    """Back shows nothing, and whoever opens the door's page is asked for a code, like on a phone never paired."""
    fits(page)
    page.go_back()
    shown = page.content()
    assert [words for words in (name, "Main door", "Conference") if words in shown] == []
    page.goto(f"{house.base}/door/")
    expect(page.locator("#pairing")).to_be_visible()
    held = page.evaluate(HELD)
    assert "Main door" not in str(held)
    assert "Conference for professionals" not in str(held)
    assert cookies(page.context) == []


def writes_off_and_closes(lena: Organiser, house: House) -> None:
    page, board, inspector = lena.page, lena.page.locator("#board"), Inspector(lena.page)
    expect(board).to_contain_text("1 phone has not ended")
    expect(page.get_by_role("button", name="Close the door")).to_be_hidden()
    inspector.looks(" phones are being closed")
    follows(page, page.get_by_role("link", name="Write off Main door phone"))
    lena.sees("Write off Main door phone?")
    inspector.sends_empty("main form")
    page.get_by_label("The other host has it").check()
    follows(page, page.get_by_role("button", name="Write off Main door phone"))
    lena.sees("Written off: the other host has it", "Every phone has ended, and no conflict is open.")
    follows(page, page.get_by_role("button", name="Close the door"))
    lena.sees("The door was closed at", "by Lena Lead.")
    inspector.looks(" closed")
    assert inspector.faults == []
    lena.goes_to("board")
    lena.sees("The door was closed at")
    assert house.rows("SELECT written_off FROM door_pass WHERE written_off <> ''") == [{"written_off": "other host"}]


def refused(lost: Page) -> None:
    """The one that nobody waited for comes back, and erases itself."""
    lost.context.set_offline(False)
    lost.wait_for_url("**/door/over")
    expect(lost.locator("h1")).to_have_text("PHONE SIGNED OUT")
    until(lambda: lost.evaluate(HELD) == NOTHING, "an empty phone")
    assert cookies(lost.context) == []

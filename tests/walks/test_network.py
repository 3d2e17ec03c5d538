"""The network cut for real, by the server: it hangs, is gone, and comes back with what it had."""

from collections.abc import Iterator
from contextlib import ExitStack
from itertools import islice
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Playwright, expect

from registrations.codes import qr
from tests.walks.browsers import a_browser, kill
from tests.walks.camera import film
from tests.walks.house import Guest, House, signed_in
from tests.walks.people import DESKTOP, Organiser, new_page
from tests.walks.phone import IN_OFFLINE, Opened, Phone, a_phone

pytestmark = pytest.mark.promise

SEVEN_MINUTES_FAST = "const now = Date.now; Date.now = () => now() + 420_000;"
CONFLICTS = "SELECT id FROM conflict WHERE settled_at IS NULL"
REFUSED = "SELECT id FROM scan WHERE verdict IN ('error', 'invalid')"
A_ROW_NO_SERVER_READS = """(id) => new Promise((done, fail) => {
  const opening = indexedDB.open("muster-door");
  opening.onsuccess = () => {
    const writing = opening.result.transaction("pending", "readwrite");
    writing.objectStore("pending").add({ id, kind: "cartwheel", wall: Date.now(), mono: 0, run: "another" });
    writing.oncomplete = () => done(opening.result.close());
    writing.onerror = () => fail(writing.error);
  };
})"""

SEES_NOTHING_MORE = "document.getElementById('video').srcObject.getTracks().forEach((one) => (one.enabled = false))"
ONE_WRITE_FAILS = """() => {
  const add = IDBObjectStore.prototype.add;
  IDBObjectStore.prototype.add = function (...given) {
    IDBObjectStore.prototype.add = add;
    throw new DOMException("the browser has closed it", "UnknownError");
  };
}"""


def lets_in_alone(phone: Phone, guest: Guest) -> None:
    """By its camera, while the server says nothing."""
    phone.starts()
    phone.sees(IN_OFFLINE, guest.name)
    phone.bar("Offline", "1 to send")
    assert phone.page.evaluate("navigator.onLine"), "the browser's own word is no help: there is a Wi-Fi"
    phone.page.evaluate(SEES_NOTHING_MORE)


def on_the_board(lena: Organiser, *words: str) -> None:
    for word in words:
        expect(lena.page.locator("#board")).to_contain_text(word)


def test_dr15_dr16_dr46_two_cameras_go_on_while_the_server_hangs_and_is_gone_and_the_board_catches_up(
    playwright: Playwright, browser: Browser, house: House, invited: Iterator[Guest], tmp_path: Path
) -> None:
    """One ticket before two phones, of which one's clock is seven minutes fast."""
    guest, before, conflicts = next(invited), house.people_in(), len(house.rows(CONFLICTS))
    board = Organiser(signed_in(new_page(browser, DESKTOP), house), house.rehearsed)
    camera = film(tmp_path / "guest.mjpeg", [qr.png(guest.code)])
    with ExitStack() as stack:
        filmed = stack.enter_context(a_browser(playwright, camera))
        opens = [stack.enter_context(a_phone(filmed, house.rehearsed)) for _ in range(2)]
        phones = [stack.enter_context(opening(ticks=True)) for opening in opens]
        phones[1].page.add_init_script(SEVEN_MINUTES_FAST)
        for phone in phones:
            phone.pairs(board.gives_a_code())
            phone.holds_its_page()
        sent = [phone.posted() for phone in phones]
        board.goes_to("board")
        expect(board.page.locator("#board-line")).to_have_text("Live")
        expected = board.page.locator(".board__main span").inner_text()  # other walks may have let a walk-in in
        board.page.evaluate("window.notReloaded = true")
        house.hangs()
        for phone in phones:
            lets_in_alone(phone, guest)
        house.stops()
        line = board.page.locator("#board-line")
        expect(line).to_contain_text("No connection: these numbers are from 09:")
        ids = [phone.kept("pending")[0]["id"] for phone in phones]
        house.starts()
        for phone in phones:
            phone.bar("Online", "0 to send")
        on_the_board(board, f"Arrived{before + 1} {expected}", f"{conflicts + 1} open conflict")
        expect(line).to_have_text("Live")
        assert board.page.evaluate("window.notReloaded"), "nobody reloaded it"
    for tried, kept in zip(sent, ids, strict=True):
        assert {message for batch in tried for message in batch} == {kept}, "tried again, it is the same scan"
    scans = house.rows("SELECT client_id, happened_at FROM scan ORDER BY happened_at, id")[-2:]
    assert {scan["client_id"] for scan in scans} == set(ids)
    [held] = house.rows("SELECT client_id FROM admission ORDER BY id DESC LIMIT 1")
    assert held == {"client_id": scans[0]["client_id"]}, "the earlier one keeps it, whatever its phone's clock says"
    board.page.context.close()


def test_dr19_thirty_unsent_scans_outlive_a_battery_that_dies_and_are_sent_once(
    restarted: Opened, lena: Organiser, house: House, profile: Path, invited: Iterator[Guest]
) -> None:
    thirty, before = list(islice(invited, 30)), house.people_in()
    with restarted() as sid:  # closed once in good order: a browser writes a new cookie down within half a minute
        sid.pairs(lena.gives_a_code())
        sid.holds_its_page()
    with restarted() as sid:
        sid.page.goto(f"{house.base}/door/")
        sid.starts()
        house.stops()
        sid.lets_in_quickly(thirty)
        sid.bar("30 to send", "Offline")
        ids = [row["id"] for row in sid.kept("pending")]
        kill(profile)
    with restarted() as again:
        again.page.goto(f"{house.base}/door/")
        again.starts()
        again.bar("30 to send", "Offline")
        assert [row["id"] for row in again.kept("pending")] == ids
        again.scans(thirty[0].code)
        again.sees("SCANNED TWICE", thirty[0].name)  # this phone has just let them in
        again.taps("Next")
        again.taps("More")
        again.taps("This phone")
        again.taps("Sign out")
        expect(again.page.locator("#unsent-says")).to_contain_text("31 not sent yet")
        sent = again.posted()
        house.starts()
        again.in_time(lambda: not again.kept("pending"), "an empty queue")
        again.bar_in_time("Online", "0 to send")
        answered = [message for batch in sent[-1:] for message in batch]
    assert answered[:30] == ids, "oldest first, in one go"
    assert house.people_in() == before + 30
    kept = [row["client_id"] for row in house.rows("SELECT client_id FROM scan")]
    assert [kept.count(id_) for id_ in ids] == [1] * 30


def test_dr22_opened_offline_after_the_pass_is_over_or_with_the_clock_set_back_the_list_is_destroyed(
    opened: Opened, lena: Organiser, house: House, invited: Iterator[Guest]
) -> None:
    with opened() as sid:
        sid.pairs(lena.gives_a_code())
        sid.holds_its_page()
    for hours, says in ((9, "Tell an organiser if it does not come back"), (-48, "not loaded yet")):
        with opened() as sid:
            sid.page.goto(f"{house.base}/door/")
            sid.holds_its_page()
            assert has_list(sid)
        with opened() as again:
            again.loses_the_network()
            again.page.add_init_script(f"const now = Date.now; Date.now = () => now() + {hours} * 3_600_000;")
            again.page.goto(f"{house.base}/door/")
            expect(again.page.locator("body")).to_contain_text(says)
            assert not has_list(again)
            if hours > 0:
                continue
            again.starts(online_only=True)
            again.scans(next(invited).code)
            again.sees("CANNOT TELL", "call the lead")


def has_list(phone: Phone) -> bool:
    """Its facts are kept beside its bytes, and go with them."""
    return any(isinstance(value, dict) and "confirmed" in value for value in phone.kept("kept"))


def test_dr11_two_refusals_among_twenty_are_on_the_board_and_nothing_is_tried_again(
    opened: Opened, lena: Organiser, house: House, invited: Iterator[Guest]
) -> None:
    eighteen, before, refused = list(islice(invited, 18)), house.people_in(), len(house.rows(REFUSED))
    with opened() as sid:
        sid.pairs(lena.gives_a_code())
        sid.starts()
        sid.loses_the_network()
        sid.lets_in_quickly(eighteen[:9])
        sid.scans("HTTPS://SOMEWHERE.EXAMPLE")
        sid.sees("NOT A TICKET")
        sid.page.locator("#verdict").click()
        sid.page.evaluate(A_ROW_NO_SERVER_READS, "c" * 32)
        sid.page.evaluate(ONE_WRITE_FAILS)
        sid.lets_in_quickly(eighteen[9:])
        sid.bar("20 to send")
        ids, sent = [row["id"] for row in sid.kept("pending")], sid.posted()
        sid.finds_the_network()
        sid.bar_in_time("Online", "0 to send")
        tried = list(sent)  # the first try may come a moment before the network
        for _ in range(10):
            sid.page.evaluate("dispatchEvent(new Event('online'))")
        assert (sent, sid.kept("pending")) == (tried, [])
    assert {tuple(batch) for batch in tried} == {tuple(ids)}
    assert house.people_in() == before + 18
    lena.goes_to("board")
    doors = lena.page.locator(".board__doors:not(.teams)").first
    cells = doors.locator("tbody tr").filter(has_text="Main door").locator("td")
    assert len(house.rows(REFUSED)) == refused + 2
    expect(cells.last).to_have_text(str(refused + 2))

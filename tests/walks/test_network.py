"""The network cut for real, by the server: it hangs, is gone, comes back with what it had, or is a newer one."""

from collections.abc import Iterator
from contextlib import ExitStack
from itertools import islice
from pathlib import Path

from playwright.sync_api import Browser, Playwright, expect

from registrations.codes import qr
from registrations.rehearsal.rehearsal_pages import moment_of
from tests.people import THE_DAY
from tests.walks.camera import film
from tests.walks.house import Guest, House, a_certificate, a_house, gone_by, signed_in
from tests.walks.people import DESKTOP, PATIENCE, Organiser, new_page, until
from tests.walks.phone import IN_OFFLINE, Opened, Phone, browser_with, has_a_service_worker, kill

SECOND, MINUTE = 1000, 60_000
SEVEN_MINUTES_FAST = "const now = Date.now; Date.now = () => now() + 420_000;"
UPDATE = "navigator.serviceWorker.getRegistration('/door/').then((one) => one.update()).then(() => true)"
AS_THE_VERSION_BEFORE_WROTE_IT = """() => new Promise((done, fail) => {
  const opening = indexedDB.open("muster-door");
  opening.onsuccess = () => {
    const writing = opening.result.transaction("pending", "readwrite");
    const asking = writing.objectStore("pending").openCursor();
    asking.onsuccess = () => {
      if (!asking.result) return;
      const { holder, code, ...row } = asking.result.value;
      asking.result.update(row);
      asking.result.continue();
    };
    writing.oncomplete = () => done(opening.result.close());
    writing.onerror = () => fail(writing.error);
  };
})"""
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
    phone.sees(IN_OFFLINE, guest.name, seconds=20)
    phone.bar("Offline", "1 to send")
    assert phone.page.evaluate("navigator.onLine"), "the browser's own word is no help: there is a Wi-Fi"


def lets_in(phone: Phone, guest: Guest, word: str = "COME IN") -> None:
    phone.scans(guest.code)
    phone.sees(word, guest.name)
    phone.is_ready_again()


def finds_too_early(phone: Phone, guest: Guest) -> None:
    phone.scans(guest.code)
    phone.sees("TOO EARLY", "09:00")


def comes_back_with(house: House, certificate: Path) -> None:
    house.stops()
    house.certificate = certificate
    house.starts()


def hears_of_a_newer_version(phone: Phone, house: House) -> None:
    """But sends nothing yet."""
    phone.page.context.route("**/door/api/**", lambda route: route.abort())
    house.starts("newer")
    assert phone.page.evaluate(UPDATE)
    until(lambda: len(phone.page.evaluate("caches.keys()")) == 2, "the newer version beside the older")
    phone.page.wait_for_timeout(500)


def on_the_board(lena: Organiser, *words: str, seconds: float = PATIENCE) -> None:
    for word in words:
        expect(lena.page.locator("#board")).to_contain_text(word, timeout=seconds * 1000)


def test_dr15_dr16_dr46_two_cameras_go_on_while_the_server_hangs_and_is_gone_and_the_board_catches_up(
    playwright: Playwright, browser: Browser, house: House, invited: Iterator[Guest], tmp_path: Path
) -> None:
    """One ticket before two phones, of which one's clock is seven minutes fast."""
    guest, before = next(invited), house.people_in()
    board = Organiser(signed_in(new_page(browser, DESKTOP), house), house.rehearsed)
    camera = film(tmp_path / "guest.mjpeg", [*[qr.png(guest.code)] * 3, *[None] * 100])
    with ExitStack() as stack:
        opened = [stack.enter_context(browser_with(playwright, tmp_path / name, camera)) for name in ("one", "two")]
        phones = [Phone(context.pages[0], house.rehearsed) for context in opened]
        phones[1].page.add_init_script(SEVEN_MINUTES_FAST)
        for phone in phones:
            phone.pairs(board.makes_a_code_for("Main door"))
            phone.holds_its_page()
        sent = [phone.posted() for phone in phones]
        board.goes_to("board")
        expect(board.page.locator("#board-line")).to_have_text("The numbers change by themselves.")
        board.page.evaluate("window.notReloaded = true")
        house.hangs()
        for phone in phones:
            lets_in_alone(phone, guest)
        house.stops()
        line = board.page.locator("#board-line")
        expect(line).to_contain_text("No connection: the numbers are as at 09:")
        ids = [phone.kept("pending")[0]["id"] for phone in phones]
        house.starts()
        for phone in phones:
            phone.bar("Online", "0 to send", seconds=30)
        on_the_board(board, f"{before + 1} of 90 expected", "1 open conflict")
        expect(line).to_have_text("The numbers change by themselves.")
        assert board.page.evaluate("window.notReloaded"), "nobody reloaded it"
    for tried, kept in zip(sent, ids, strict=True):
        assert {one for batch in tried for one in batch} == {kept}, "tried again, it is the same scan"
    scans = house.rows("SELECT client_id, happened_at FROM scan ORDER BY happened_at, id")[-2:]
    assert {one["client_id"] for one in scans} == set(ids)
    [held] = house.rows("SELECT client_id FROM admission ORDER BY id DESC LIMIT 1")
    assert held == {"client_id": scans[0]["client_id"]}, "the earlier one keeps it, whatever its phone's clock says"
    board.page.context.close()


def test_dr19_thirty_unsent_scans_outlive_a_battery_that_dies_and_are_sent_once(
    opened: Opened, lena: Organiser, house: House, profile: Path, invited: Iterator[Guest]
) -> None:
    thirty, before = list(islice(invited, 30)), house.people_in()
    with opened() as sid:  # closed once in good order: a browser writes a new cookie down within half a minute
        sid.pairs(lena.makes_a_code_for("Main door"))
        sid.holds_its_page()
    with opened() as sid:
        sid.page.clock.install()
        sid.page.goto(f"{house.base}/door/")
        sid.starts()
        house.stops()
        sid.lets_in_quickly(thirty)
        sid.bar("30 to send", "Offline")
        ids = [row["id"] for row in sid.kept("pending")]
        kill(profile)
    with opened() as again:
        again.page.goto(f"{house.base}/door/")
        again.starts()
        again.bar("30 to send", "Offline")
        assert [row["id"] for row in again.kept("pending")] == ids
        again.scans(thirty[0].code)
        again.sees("ALREADY IN", thirty[0].name)
        again.taps("Next")
        again.taps("More")
        again.taps("Sign out")
        expect(again.page.locator("#other-says")).to_contain_text("31 not sent yet")
        sent = again.posted()
        house.starts()
        again.bar("Online", "0 to send", seconds=30)
        answered = [one for batch in sent[-1:] for one in batch]
    assert answered[:30] == ids, "oldest first, in one go"
    assert house.people_in() == before + 30
    kept = [row["client_id"] for row in house.rows("SELECT client_id FROM scan")]
    assert [kept.count(one) for one in ids] == [1] * 30


def test_dr22_opened_offline_after_the_pass_is_over_or_with_the_clock_set_back_the_list_is_destroyed(
    opened: Opened, lena: Organiser, house: House, invited: Iterator[Guest]
) -> None:
    with opened() as sid:
        sid.pairs(lena.makes_a_code_for("Main door"))
        sid.holds_its_page()
    for hours, says in ((9, "Call the lead if it does not come back"), (-48, "not loaded yet")):
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
            again.taps("Start online only: the lead agrees")
            again.scans(next(invited).code)
            again.sees("CANNOT TELL", "call the lead")


def has_list(phone: Phone) -> bool:
    """Its facts are kept beside its bytes, and go with them."""
    return any(isinstance(one, dict) and "confirmed" in one for one in phone.kept("kept"))


def test_dr11_two_refusals_among_twenty_are_on_the_board_and_nothing_is_tried_again(
    opened: Opened, lena: Organiser, house: House, invited: Iterator[Guest]
) -> None:
    eighteen, before, refused = list(islice(invited, 18)), house.people_in(), len(house.rows(REFUSED))
    with opened() as sid:
        sid.page.clock.install()
        sid.pairs(lena.makes_a_code_for("Main door"))
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
        sid.bar("Online", "0 to send")
        for _ in range(10):
            sid.page.evaluate("dispatchEvent(new Event('online'))")
        assert (sent, sid.kept("pending")) == ([ids], [])
    assert house.people_in() == before + 18
    lena.goes_to("board")
    cells = lena.page.locator(".board__doors").first.locator("tbody tr").filter(has_text="Main door").locator("td")
    assert len(house.rows(REFUSED)) == refused + 2
    expect(cells.last).to_have_text(str(refused + 2))


def test_dr45_a_newer_version_takes_the_old_ones_scans_and_is_offered_between_guests_alone(
    opened: Opened, lena: Organiser, house: House, invited: Iterator[Guest]
) -> None:
    first, second, third, fourth, before = *islice(invited, 4), house.people_in()
    with opened() as sid:
        sid.pairs(lena.makes_a_code_for("Main door"))
        has_a_service_worker(sid.page)
        sid.starts()
        version = sid.page.locator("meta[name=app]").get_attribute("content")
        warning, offer = sid.page.locator("#bar-warning"), "New version"
        house.stops()
        for guest in (first, second):
            lets_in(sid, guest, IN_OFFLINE)
        sid.page.evaluate(AS_THE_VERSION_BEFORE_WROTE_IT)
        hears_of_a_newer_version(sid, house)
        expect(warning).not_to_contain_text(offer)  # with scans to send
        sid.taps("More")
        expect(sid.page.locator("#update")).to_be_hidden()
        sid.page.locator("#other .close").click()
        sid.page.context.unroute("**/door/api/**")
        sid.bar("Online", "0 to send", seconds=30)
        assert house.people_in() == before + 2
        expect(warning).to_contain_text(offer)
        sid.scans(first.code)
        sid.sees("ALREADY IN")
        expect(warning).not_to_contain_text(offer)  # during a verdict
        sid.taps("Next")
        expect(warning).to_contain_text(offer)
        lets_in(sid, third)
        sid.taps("More")
        sid.taps("New version")
        expect(sid.page.locator("#start")).to_be_visible()
        assert sid.page.locator("meta[name=app]").get_attribute("content") != version
        sid.starts()
        expect(warning).not_to_contain_text(offer)
        sid.scans(fourth.code)
        sid.sees("COME IN", fourth.name)
    assert house.people_in() == before + 4


def test_dr15_dr44_another_certificate_is_no_answer_and_the_door_opens_at_nine_wherever_the_phone_thinks_it_is(
    playwright: Playwright, browser: Browser, profile: Path, tmp_path: Path
) -> None:
    """The venue is in summer time, the server in UTC, the phone in Los Angeles."""
    (ours, believed), (strange, _) = (a_certificate(tmp_path, name) for name in ("ours", "strange"))
    folder = tmp_path / "house"
    folder.mkdir()
    trusts = [f"--ignore-certificate-errors-spki-list={believed}"]
    with (
        a_house(folder, "2019-04-15T08:57", ours) as house,
        browser_with(playwright, tmp_path / "desk", told=trusts) as desk,
        browser_with(playwright, profile, told=trusts, timezone_id="America/Los_Angeles") as context,
    ):
        lena = Organiser(signed_in(desk.pages[0], house), house.rehearsed)
        sid, (early, on_time, *_) = Phone(context.pages[0], house.rehearsed), house.guests()
        sid.page.clock.install()
        sid.pairs(lena.makes_a_code_for("Main door"))
        sid.starts()
        sid.bar("roster 08:5")
        finds_too_early(sid, early)
        sid.bar("0 to send")
        sid.taps("Next")
        comes_back_with(house, strange)
        sid.page.clock.fast_forward(int(seconds_until_nine(house) - 8) * SECOND)
        finds_too_early(sid, on_time)
        sid.bar("Offline")
        assert sid.page.evaluate("navigator.onLine")
        sid.taps("Next")
        sid.page.clock.fast_forward(10 * SECOND)
        sid.scans(early.code)
        sid.sees(IN_OFFLINE, early.name)
        kept = [row["id"] for row in sid.kept("pending")]
        assert house.rows("SELECT verdict FROM scan") == [{"verdict": "too_early"}], "no answer came from there"
        comes_back_with(house, ours)
        sid.page.clock.fast_forward(MINUTE)
        sid.bar("Online", "0 to send", seconds=30)
        rows = house.rows("SELECT client_id, verdict, shown FROM scan ORDER BY id")
        waits = sid.kept("pending")
    assert [one["client_id"] for one in rows][-len(kept) :] == kept, (rows, kept, waits)


def seconds_until_nine(house: House) -> float:
    """By the clock of the house."""
    return (THE_DAY - moment_of(house.begins) - gone_by(house.folder)).total_seconds()

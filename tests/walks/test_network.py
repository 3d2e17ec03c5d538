"""The network cut for real, by the server: it hangs, is gone, comes back with what it had, or is a newer one."""

from collections.abc import Iterator
from contextlib import ExitStack
from itertools import islice
from pathlib import Path

from playwright.sync_api import Browser, Playwright, Route, expect

from registrations.codes import qr
from registrations.rehearsal.rehearsal_pages import moment_of
from tests.people import THE_DAY
from tests.walks.browsers import a_browser, kill
from tests.walks.camera import film
from tests.walks.house import GUESTS, Guest, House, a_certificate, a_house, gone_by, signed_in
from tests.walks.people import DESKTOP, Organiser, new_page
from tests.walks.phone import BEAT, IN_OFFLINE, Opened, Phone, a_phone, has_a_service_worker

SECOND, MINUTE = 1000, 60_000
SEVEN_MINUTES_FAST = "const now = Date.now; Date.now = () => now() + 420_000;"
UPDATE = """async () => {
  const kept = await navigator.serviceWorker.getRegistration("/door/");
  const coming = new Promise((done) => kept.addEventListener("updatefound", () => done(kept.installing)));
  await kept.update();
  const newer = await coming;
  await new Promise((done) => newer.addEventListener("statechange", () => newer.state === "activated" && done()));
  return true;
}"""  # done once the page has been told too, which listens for the same
AS_THE_VERSION_BEFORE_WROTE_IT = """() => new Promise((done, fail) => {
  const opening = indexedDB.open("muster-door");
  opening.onsuccess = () => {
    const writing = opening.result.transaction("pending", "readwrite");
    const asking = writing.objectStore("pending").openCursor();
    asking.onsuccess = () => {
      if (!asking.result) return;
      const { initials, code, ...row } = asking.result.value;
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
    assert len(phone.page.evaluate("caches.keys()")) == 2, "the newer version beside the older"


def on_the_board(lena: Organiser, *words: str) -> None:
    for word in words:
        expect(lena.page.locator("#board")).to_contain_text(word)


def test_dr15_dr16_dr46_two_cameras_go_on_while_the_server_hangs_and_is_gone_and_the_board_catches_up(
    playwright: Playwright, browser: Browser, house: House, invited: Iterator[Guest], tmp_path: Path
) -> None:
    """One ticket before two phones, of which one's clock is seven minutes fast."""
    guest, before = next(invited), house.people_in()
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
        on_the_board(board, f"People in{before + 1} of {GUESTS} expected", "1 open conflict")
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
        again.sees("ALREADY IN", thirty[0].name)
        again.taps("Next")
        again.taps("More")
        again.taps("Sign out")
        expect(again.page.locator("#other-says")).to_contain_text("31 not sent yet")
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
        sid.bar("Online", "0 to send")
        for _ in range(10):
            sid.page.evaluate("dispatchEvent(new Event('online'))")
        assert (sent, sid.kept("pending")) == ([ids], [])
    assert house.people_in() == before + 18
    lena.goes_to("board")
    cells = lena.page.locator(".board__doors").first.locator("tbody tr").filter(has_text="Main door").locator("td")
    assert len(house.rows(REFUSED)) == refused + 2
    expect(cells.last).to_have_text(str(refused + 2))


def offers(phone: Phone, newer: bool) -> None:
    """The newer version, in the bar and behind *More*, as of the next look that the phone takes at itself."""
    warning, offer = phone.page.locator("#bar-warning"), "New version"
    phone.waits(BEAT)
    if newer:
        phone.in_time(lambda: offer in warning.inner_text(), "the offer")
    expect(warning).to_contain_text(offer) if newer else expect(warning).not_to_contain_text(offer)
    phone.taps("More")
    expect(phone.page.locator("#update")).to_be_visible(visible=newer)
    phone.page.locator("#other .close").click()


def has_a_fault(route: Route) -> None:
    """Of the server's own, with each scan: the phone is online, and tries again."""
    answer = route.fetch()
    body = answer.json()
    faulty = [{"id": answer["id"], "verdict": "error", "fault": "7F3A"} for answer in body["answers"]]
    route.fulfill(response=answer, json=body | {"answers": faulty})


def offers_none_without_a_network(sid: Phone) -> None:
    sid.loses_the_network()
    sid.bar_in_time("Offline", "0 to send")
    offers(sid, newer=False)
    sid.finds_the_network()
    sid.bar_in_time("Online")
    offers(sid, newer=True)


def offers_none_with_a_scan_to_send(sid: Phone, guest: Guest) -> None:
    sid.page.context.route("**/door/api/scans", has_a_fault)
    sid.scans(guest.code)
    sid.sees("CANNOT TELL", "Fault 7F3A")
    sid.taps("Next")
    sid.bar("Online", "1 to send")
    offers(sid, newer=False)
    sid.page.context.unroute("**/door/api/scans")
    sid.in_time(lambda: not sid.kept("pending"), "an empty queue")
    sid.taps("I have seen this")
    offers(sid, newer=True)


def offers_none_during_a_verdict(sid: Phone, guest: Guest) -> None:
    """Of somebody who is in already."""
    sid.scans(guest.code)
    sid.sees("ALREADY IN")
    sid.bar("0 to send")
    offers(sid, newer=False)
    sid.taps("Next")
    offers(sid, newer=True)


def test_dr45_a_newer_version_takes_the_old_ones_scans_and_is_offered_between_guests_alone(
    opened: Opened, lena: Organiser, house: House, invited: Iterator[Guest]
) -> None:
    """With scans to send and no network, with either alone, and during a verdict it is not."""
    first, second, third, fourth, before = *islice(invited, 4), house.people_in()
    with opened() as sid:
        sid.pairs(lena.gives_a_code())
        has_a_service_worker(sid.page)
        sid.starts()
        version = sid.page.locator("meta[name=app]").get_attribute("content")
        house.stops()
        for guest in (first, second):
            lets_in(sid, guest, IN_OFFLINE)
        sid.page.evaluate(AS_THE_VERSION_BEFORE_WROTE_IT)
        hears_of_a_newer_version(sid, house)
        sid.bar("Offline", "2 to send")
        offers(sid, newer=False)
        sid.page.context.unroute("**/door/api/**")
        sid.in_time(lambda: not sid.kept("pending"), "an empty queue")
        sid.bar_in_time("Online", "0 to send")
        assert house.people_in() == before + 2
        offers(sid, newer=True)
        offers_none_without_a_network(sid)
        offers_none_with_a_scan_to_send(sid, third)
        offers_none_during_a_verdict(sid, first)
        sid.taps("More")
        sid.taps("New version")
        expect(sid.page.locator("#start")).to_be_visible()
        assert sid.page.locator("meta[name=app]").get_attribute("content") != version
        sid.starts()
        offers(sid, newer=False)
        sid.scans(fourth.code)
        sid.sees("COME IN", fourth.name)
        sid.bar("0 to send")
    assert house.people_in() == before + 4


def test_dr15_dr44_another_certificate_is_no_answer_and_the_door_opens_at_nine_wherever_the_phone_thinks_it_is(
    playwright: Playwright, tmp_path: Path
) -> None:
    """The venue is in summer time, the server in UTC, the phone in Los Angeles."""
    (ours, believed), (strange, _) = (a_certificate(tmp_path, name) for name in ("ours", "strange"))
    folder = tmp_path / "house"
    folder.mkdir()
    with (
        a_house(folder, "2019-04-15T08:57", ours) as house,
        a_browser(playwright, None, f"--ignore-certificate-errors-spki-list={believed}") as trusting,
        a_phone(trusting, house.rehearsed, timezone_id="America/Los_Angeles") as opens,
        opens() as sid,
    ):
        lena = Organiser(signed_in(new_page(trusting, DESKTOP), house), house.rehearsed)
        early, on_time, *_ = house.guests()
        sid.pairs(lena.makes_a_code_for("Main door"))
        sid.starts()
        sid.bar("guest list 08:5")
        finds_too_early(sid, early)
        sid.bar("0 to send")
        left = seconds_until_nine(house)
        sid.taps("Next")
        comes_back_with(house, strange)
        sid.waits(int(left - 8) * SECOND)
        finds_too_early(sid, on_time)
        sid.bar("Offline")
        assert sid.page.evaluate("navigator.onLine")
        sid.taps("Next")
        sid.waits(MINUTE)
        sid.scans(early.code)
        sid.sees(IN_OFFLINE, early.name)
        kept = [row["id"] for row in sid.kept("pending")]
        assert house.rows("SELECT verdict FROM scan") == [{"verdict": "too_early"}], "no answer came from there"
        comes_back_with(house, ours)
        sid.in_time(lambda: not sid.kept("pending"), "an empty queue")
        sid.bar_in_time("Online", "0 to send")
        rows = house.rows("SELECT client_id, verdict, shown FROM scan ORDER BY id")
    assert [row["client_id"] for row in rows][-len(kept) :] == kept, (rows, kept)


def seconds_until_nine(house: House) -> float:
    """By the clock of the house."""
    return (THE_DAY - moment_of(house.begins) - gone_by(house.folder)).total_seconds()

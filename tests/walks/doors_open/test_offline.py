"""A steward's day without a network: the phone opens, judges, keeps and sends alone, and says what it cannot tell."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Playwright, Request, Route, expect

from registrations.codes import qr
from tests.walks.browsers import browser_with
from tests.walks.camera import film
from tests.walks.inspector import broken_rules
from tests.walks.people import Organiser, until
from tests.walks.phone import AGAIN, IN_OFFLINE, LEAST, Opened, Phone, a_phone
from tests.walks.rehearsal import Rehearsed

MINUTE = 60_000
COUNT_LOOKS = """() => {
  window.looks = 0;
  const Plain = Worker;
  window.Worker = class extends Plain {
    constructor(...given) {
      super(...given);
      this.addEventListener("message", () => window.looks++);
    }
  };
}"""
REFUSE_STORAGE = "indexedDB.open = () => { throw new DOMException('refused', 'SecurityError'); };"


def test_sid_lets_in_without_a_network_and_the_server_hears_of_it_later(
    sid: Phone, guests: Iterator[tuple[str, str]]
) -> None:
    name, code = next(guests)
    sid.loses_the_network()
    sid.scans(code)
    sid.sees(IN_OFFLINE, name, "Check name against work ID")
    expect(sid.page.locator("#verdict")).to_have_class("verdict green striped")
    sid.bar("Offline", "1 to send")
    sid.is_ready_again()
    sid.waits(AGAIN)
    sid.scans(code)
    sid.sees("ALREADY IN", name)
    sid.taps("Next")
    sid.finds_the_network()
    sid.bar_in_time("Online", "0 to send")
    expect(sid.page.locator("#changed")).to_be_hidden()
    assert sid.kept("pending") == []


def html(route: Route) -> None:
    route.fulfill(status=200, content_type="text/html", body="<h1>Welcome to our Wi-Fi</h1>")


def fault(route: Route) -> None:
    route.fulfill(status=500, content_type="text/plain", body="fault")


def silence(_: Route) -> None:
    """Never answered."""


def no_internet(route: Route) -> None:
    """The Wi-Fi is there, and leads nowhere."""
    route.abort("namenotresolved")


@pytest.mark.parametrize("answer", [html, fault, silence, no_internet])
def test_dr15_a_broken_answer_is_no_answer_and_the_scan_keeps_its_id(
    sid: Phone, guests: Iterator[tuple[str, str]], answer: Callable[[Route], None]
) -> None:
    name, code = next(guests)
    tried: list[str] = []

    def broken(route: Route) -> None:
        tried.extend(one["id"] for one in (route.request.post_data_json or {}).get("scans", []))
        answer(route)

    sid.page.context.route("**/door/api/**", broken)
    sid.scans(code)
    sid.loses_patience()
    sid.sees(IN_OFFLINE, name)
    sid.bar("Offline", "1 to send")
    [row] = sid.kept("pending")
    assert (row["offline"], row["shown"], set(tried)) == (True, "ok", {row["id"]})
    assert sid.page.evaluate("navigator.onLine")
    sid.page.context.unroute("**/door/api/**")
    sid.is_ready_again()
    sid.page.evaluate("dispatchEvent(new Event('online'))")
    sid.bar_in_time("Online", "0 to send")
    expect(sid.page.locator("#changed")).to_be_hidden()


def test_a_proxys_refusal_in_json_takes_no_pass_away(sid: Phone, guests: Iterator[tuple[str, str]]) -> None:
    name, code = next(guests)
    sid.page.route("**/door/api/**", lambda route: route.fulfill(status=403, json={"error": "blocked by policy"}))
    sid.page.goto(f"{sid.rehearsal.base}/door/")
    sid.starts()
    sid.scans(code)
    sid.sees(IN_OFFLINE, name)
    sid.page.unroute("**/door/api/**")
    sid.bar_in_time("Online", "0 to send")


def test_a_phone_is_paired_anew_only_once_its_scans_have_gone_to_the_door_they_are_of(
    sid: Phone, omar: Organiser, guests: Iterator[tuple[str, str]]
) -> None:
    _, code = next(guests)
    sid.loses_the_network()
    sid.scans(code)
    sid.sees(IN_OFFLINE)
    [row] = sid.kept("pending")
    [device] = sid.rehearsal.rows("SELECT max(id) AS id FROM door_pass WHERE paired_at IS NOT NULL")
    new = omar.gives_a_code().replace("-", "")
    sid.page.evaluate("(code) => (location.hash = code)", new)
    sid.taps("Pair this phone")
    says = sid.page.locator("#pairing-error")
    sid.in_time(lambda: "1 not sent yet. They go first" in says.inner_text(), "the reason why not", 300)
    sid.finds_the_network()
    sid.taps("Pair this phone")
    sid.in_time(sid.page.locator("#start").is_visible, "another pass", 300)
    sent = {one["client_id"]: one["by"] for one in sid.rehearsal.rows("SELECT client_id, door_pass_id AS by FROM scan")}
    assert sent[row["id"]] == device["id"]
    assert (sid.kept("pending"), sid.kept("acts")) == ([], [])


def test_dr23_a_revoked_phone_hands_over_what_it_holds_before_it_forgets_it(
    sid: Phone, omar: Organiser, guests: Iterator[tuple[str, str]]
) -> None:
    """The first that the server hears of it again is no scan, but the page that asks whose phone it is."""
    sid.loses_the_network()
    for name, code in [next(guests) for _ in range(3)]:
        sid.scans(code)
        sid.sees(IN_OFFLINE, name)
        sid.is_ready_again()
    ids = sorted(row["id"] for row in sid.kept("pending"))
    [device] = sid.rehearsal.rows("SELECT max(id) AS id FROM door_pass WHERE paired_at IS NOT NULL")
    omar.revokes(device["id"])
    sid.page.on("dialog", lambda asks: asks.accept())
    sid.page.route("**/door/api/scans", lambda route: route.abort())  # the queue is slow today
    sid.finds_the_network()
    sid.page.goto(f"{sid.rehearsal.base}/door/")
    sid.page.unroute("**/door/api/scans")
    sid.in_time(lambda: sid.page.url.endswith("/door/over"), "the end of the pass")
    sid.page.wait_for_load_state()
    apart = sid.rehearsal.rows("SELECT client_id, door_pass_id AS by FROM scan WHERE verdict = 'device_revoked'")
    assert sorted(row["client_id"] for row in apart if row["by"] == device["id"]) == ids
    assert sid.page.evaluate("indexedDB.databases().then((all) => all.length)") == 0


def test_dr19_sign_out_waits_for_what_is_not_sent(sid: Phone, guests: Iterator[tuple[str, str]]) -> None:
    sid.loses_the_network()
    sid.scans(next(guests)[1])
    sid.sees(IN_OFFLINE)
    sid.taps("More")
    sid.taps("Sign out")
    expect(sid.page.locator("#other-says")).to_contain_text("1 not sent yet")
    assert len(sid.kept("pending")) == 1


def test_the_camera_reads_a_ticket_with_the_phone_opened_from_cold(
    playwright: Playwright,
    restarted: Opened,
    omar: Organiser,
    profile: Path,
    guests: Iterator[tuple[str, str]],
    tmp_path: Path,
) -> None:
    """The decoder, its worker and its wasm come from the phone itself."""
    name, code = next(guests)
    with restarted() as phone:
        phone.pairs(omar.gives_a_code())
        phone.holds_its_page()
    camera = film(tmp_path / "guest.mjpeg", [qr.png(code), *[None] * 20])
    with browser_with(playwright, profile, camera) as context:
        again = Phone(context.pages[0], omar.rehearsal)
        again.loses_the_network()
        again.page.goto(f"{again.rehearsal.base}/door/")
        again.starts()
        again.sees(IN_OFFLINE, name)


def test_dr14_a_late_answer_that_differs_fills_the_screen_until_it_is_tapped(
    sid: Phone, browser: Browser, omar: Organiser, guests: Iterator[tuple[str, str]]
) -> None:
    """Another phone has just let the ticket in; the server tells Sid so when they are through."""
    name, code = next(guests)
    held: list[Route] = []
    with a_phone(browser, omar.rehearsal) as opens, opens() as another:
        another.pairs(omar.gives_a_code())
        another.starts()
        sid.page.context.route("**/door/api/list*", lambda route: route.abort())  # else Sid's list says so
        another.scans(code)
        another.sees("COME IN", name)
        another.bar("0 to send")
    sid.page.context.route("**/door/api/scans", lambda route: held.append(route))
    sid.scans(code)
    sid.in_time(lambda: held, "the scan on its way", 0)
    sid.page.context.unroute("**/door/api/scans")
    answer = held[0].fetch()  # the server has it at once, though its answer takes its time
    sid.loses_patience()
    sid.sees(IN_OFFLINE, name)
    held[0].fulfill(response=answer)
    changed = sid.page.locator("#changed")
    expect(changed).to_contain_text("ALREADY IN")
    sid.waits(MINUTE)
    expect(changed).to_be_visible()
    sid.taps("I have seen this")
    expect(changed).to_be_hidden()
    sid.bar("0 to send")
    rows = omar.rehearsal.rows("SELECT verdict, offline, passed, inferred FROM scan ORDER BY id DESC LIMIT 2")
    assert [tuple(row.values()) for row in rows] == [("already_in", 1, 1, 1), ("already_in", 0, 0, 0)]
    [conflict] = omar.rehearsal.rows("SELECT kind, settled_at FROM conflict ORDER BY id DESC LIMIT 1")
    assert conflict == {"kind": "twice", "settled_at": None}


def test_two_tabs_know_what_either_did_and_send_each_scan_once(sid: Phone, guests: Iterator[tuple[str, str]]) -> None:
    few = [next(guests) for _ in range(2)]
    sid.loses_the_network()
    other = Phone(sid.page.context.new_page(), sid.rehearsal, stopped=True)
    other.page.goto(f"{sid.rehearsal.base}/door/")
    other.starts()
    for tab, (name, code) in zip((sid, other), few, strict=True):
        tab.page.bring_to_front()
        tab.scans(code)
        tab.sees(IN_OFFLINE, name)
    other.is_ready_again()
    other.waits(AGAIN)
    other.scans(few[0][1])
    other.sees("ALREADY IN", few[0][0])  # by the first tab
    other.taps("Next")
    ids = {row["id"] for row in sid.kept("pending")}
    sent: list[str] = []

    def counted(route: Route) -> None:
        sent.extend(one["id"] for one in (route.request.post_data_json or {})["scans"])
        route.continue_()

    sid.page.context.route("**/door/api/scans", counted)
    sid.finds_the_network()
    sid.in_time(lambda: sid.kept("pending") == [], "an empty queue")
    assert sorted(sent) == sorted(ids)


@pytest.mark.parametrize(("minutes", "word"), [(0, IN_OFFLINE), (6, "CHECK ID")])
@pytest.mark.parametrize("height", [740, 550])
def test_axe_finds_no_fault_on_a_phone_alone(
    sid: Phone, guests: Iterator[tuple[str, str]], minutes: int, word: str, height: int
) -> None:
    """On the low one a verdict has to scroll, as a long name makes it do on any: keys have to reach it."""
    sid.page.set_viewport_size({"width": 320, "height": height})
    sid.loses_the_network()
    sid.waits(minutes * MINUTE)
    sid.scans(next(guests)[1])
    sid.sees(word)
    assert broken_rules(sid.page) == []


def test_an_older_list_asks_for_the_id_first_and_the_tap_is_recorded(
    sid: Phone, guests: Iterator[tuple[str, str]]
) -> None:
    name, code = next(guests)
    sid.loses_the_network()
    sid.waits(6 * MINUTE)
    sid.scans(code)
    sid.sees("CHECK ID, THEN IN", name, "Guest list from 09:")
    sid.taps("ID seen")
    sid.is_ready_again()
    [row] = sid.kept("pending")
    assert (row["shown"], row["tap"], row["offline"]) == ("check_id", "id_seen", True)
    sid.finds_the_network()
    sid.page.evaluate("dispatchEvent(new Event('online'))")
    sid.bar_in_time("0 to send")


def test_dr22_a_list_of_yesterday_is_destroyed(sid: Phone, guests: Iterator[tuple[str, str]]) -> None:
    _, code = next(guests)
    sid.loses_the_network()
    sid.waits(5 * 60 * MINUTE)
    sid.scans(code)
    sid.sees("ASK THE LEAD", "too old")
    sid.taps("Not let in")
    sid.waits(8 * 60 * MINUTE)
    sid.scans(code)
    sid.sees("CANNOT TELL", "call the lead")
    sid.bar("no guest list")
    assert [one for one in sid.kept("kept") if isinstance(one, dict) and "confirmed" in one] == []


def test_a_call_for_help_says_that_scans_are_left_so_that_no_last_word_erases_them(
    sid: Phone, guests: Iterator[tuple[str, str]]
) -> None:
    for path in ("scans", "help"):
        sid.page.context.route(f"**/door/api/{path}", lambda route: route.abort())
    sid.scans(next(guests)[1])
    sid.sees(IN_OFFLINE)
    sid.is_ready_again()
    with sid.page.expect_request("**/door/api/help") as asked:
        sid.taps("Get help")
    assert asked.value.headers["muster-left"] == "1"


@pytest.mark.parametrize("answer", ["true", "Promise.reject(new Error('no'))"])
def test_the_browser_is_asked_to_keep_what_is_stored_and_may_say_no(
    opened: Opened, omar: Organiser, answer: str
) -> None:
    with opened() as phone:
        phone.page.add_init_script(
            f"navigator.storage.persist = async () => {{ window.wished = true; return {answer}; }}"
        )
        phone.pairs(omar.gives_a_code())
        phone.starts()
        phone.bar("Online")
        assert phone.page.evaluate("window.wished") is True


def test_dr20_refused_storage_is_said_and_nothing_is_pretended(
    opened: Opened, omar: Organiser, guests: Iterator[tuple[str, str]]
) -> None:
    name, code = next(guests)
    with opened() as phone:
        phone.page.add_init_script(REFUSE_STORAGE)
        phone.pairs(omar.gives_a_code())
        expect(phone.page.locator("#checks")).to_contain_text("refused: online only")
        expect(phone.page.locator("#begin")).to_be_disabled()
        phone.taps("Start online only: the lead agrees")
        phone.bar("Online only")
        phone.scans(code)
        phone.sees("COME IN", name)
        phone.is_ready_again()
        phone.loses_the_network()
        phone.scans(next(guests)[1])
        phone.sees("CANNOT TELL", "call the lead")


def test_dr13_a_wedge_in_the_reference_field_is_a_scan_and_no_text(
    opened: Opened, omar: Organiser, guests: Iterator[tuple[str, str]]
) -> None:
    (name, code), (other, second), (third, its_code), (fourth, last) = (next(guests) for _ in range(4))
    with opened() as sid:
        sent = sid.posted()
        sid.pairs(omar.gives_a_code())
        sid.starts()
        sid.taps("Type reference")
        for letter in "HK7":
            sid.page.keyboard.type(letter)
            sid.waits(200)  # as slowly as a hand, where all keys of a scanner come at once
        sid.types_quickly(code)
        sid.scans(code)
        sid.sees("COME IN", name)
        expect(sid.page.locator("#reference-code")).to_have_value("HK7")
        sid.is_ready_again()
        sid.types_quickly(second.lower())
        sid.sees("COME IN", other)
        expect(sid.page.locator("#reference-code")).to_have_value("HK7")
        sid.is_ready_again()
        sid.scans(its_code + last)
        sid.sees("COME IN", third)
        sid.waits(LEAST)
        sid.sees("COME IN", fourth)
        expect(sid.page.locator("#reference-code")).to_have_value("HK7")
        assert len({message for batch in sent for message in batch}) == 4, (
            "a second trigger within 300 milliseconds is no scan"
        )


def test_dr31_out_turns_the_frame_asks_of_strangers_and_falls_back(
    sid: Phone, guests: Iterator[tuple[str, str]]
) -> None:
    name, code = next(guests)
    sid.taps("More")
    sid.taps("Count out")
    expect(sid.page.locator("#door")).to_have_class("out")
    sid.bar("Out")
    sid.loses_the_network()
    sid.scans(code)
    sid.sees("ONE QUESTION", "Came in elsewhere?", name)
    sid.taps("Yes: count in and out")
    sid.sees("OUT", name)
    assert [(row["kind"], row["code"]) for row in sid.kept("pending")] == [("out", ""), ("out", "came_in_elsewhere")]
    sid.is_ready_again()
    sid.waits(11 * MINUTE)
    expect(sid.page.locator("#door")).not_to_have_class("out")
    sid.page.evaluate(COUNT_LOOKS)
    sid.taps("Wake camera")
    sid.in_time(lambda: sid.page.evaluate("window.looks") > 12, "a dozen pictures in which there is no code", 100)
    expect(sid.page.locator("#hint")).to_contain_text("counts in again")
    sid.scans(next(guests)[1])
    sid.sees("CHECK ID, THEN IN")  # the list is old by now
    sid.in_time(lambda: "Hold the code in the frame" in sid.page.locator("#hint").inner_text(), "the hint", 100)


CALLS = "SELECT count(*) AS n FROM audit_entry WHERE action LIKE '%alert at a door'"


def calls(rehearsal: Rehearsed) -> int:
    return int(rehearsal.rows(CALLS)[0]["n"])


def test_a_call_for_help_is_told_truly_and_reaches_the_board_once_there_is_a_network(
    opened: Opened, omar: Organiser
) -> None:
    """At a door of its own: one is silent for a minute after a call."""
    before = calls(omar.rehearsal)
    omar.makes_a_door("Side door")
    with opened() as sid:
        sid.pairs(omar.makes_a_code_for("Side door"))
        sid.starts()
        says = expect(sid.page.locator("#help-says"))
        sid.loses_the_network()
        sid.taps("Get help")
        says.to_contain_text("the organisers do not know yet")
        expect(sid.page.get_by_role("link", name="Call the lead")).to_be_visible()
        sid.finds_the_network()
        sid.in_time(lambda: calls(omar.rehearsal) == before + 1, "the board to be told")
        sid.page.locator("#help .close").click()
        sid.taps("Get help")
        says.to_contain_text("The organisers have been alerted")
        sid.taps("Pressed by mistake")
        says.to_contain_text("Taken back")
        expect(sid.page.get_by_role("button", name="Pressed by mistake")).to_be_hidden()
        until(lambda: calls(omar.rehearsal) == before + 2, "the board to be told that it was a mistake")


def test_signing_out_asks_first_and_then_the_phone_can_be_paired_again(sid: Phone, omar: Organiser) -> None:
    sid.taps("More")
    sid.taps("Sign out")
    expect(sid.page.locator("#signing-out-says")).to_contain_text("Sign this phone out?")
    sid.taps("Stay signed in")
    expect(sid.page.locator("#controls")).to_be_visible()
    assert len(sid.kept("kept")) > 0, "one tap signs nothing out"
    sid.taps("More")
    sid.taps("Sign out")
    sid.taps("Sign this phone out")
    expect(sid.page.get_by_role("heading", name="PHONE SIGNED OUT")).to_be_visible()
    sid.page.get_by_role("link", name="Pair again").click()
    expect(sid.page.get_by_role("heading", name="Pair this phone")).to_be_visible()
    sid.pairs(omar.gives_a_code())
    expect(sid.page.locator("#start")).to_be_visible()


def test_a_call_for_help_that_nobody_heard_is_not_made_at_the_door_of_the_next_pass(
    opened: Opened, omar: Organiser, guests: Iterator[tuple[str, str]]
) -> None:
    before = calls(omar.rehearsal)
    with opened() as sid:
        sid.pairs(omar.gives_a_code())
        sid.holds_its_page()
        sid.starts()
        omar.makes_a_door("Garden door")
        code = omar.makes_a_code_for("Garden door")
        sid.loses_the_network()
        sid.taps("Get help")
        expect(sid.page.locator("#help-says")).to_contain_text("the organisers do not know yet")
        sid.page.goto("about:blank")
        sid.page.goto(f"{sid.rehearsal.base}/door/#{code}")
        sid.finds_the_network()
        sid.page.get_by_role("button", name="Pair this phone").click()
        sid.starts()
        name, ticket = next(guests)
        sid.scans(ticket)
        sid.sees("COME IN", name)
        sid.bar("0 to send")
        beats: list[Request] = []
        sid.page.on("requestfinished", lambda request: beats.append(request))
        sid.in_time(lambda: any(one.url.endswith("/door/api/scans") for one in beats), "one more answer")
        assert calls(omar.rehearsal) == before
        sid.taps("Get help")
        expect(sid.page.locator("#help-says")).to_contain_text("The organisers have been alerted")
        assert calls(omar.rehearsal) == before + 1


def test_nobody_comes_in_by_the_practice_card_once_the_door_is_open(sid: Phone) -> None:
    posted = sid.posted()
    sid.scans("MUSTER:PRACTICE:COME-IN")
    sid.sees("PRACTICE CARD", "The door is open: practice is over")
    expect(sid.page.locator("#verdict")).to_have_class("verdict blue")
    sid.taps("Next")
    assert (posted, sid.kept("pending")) == ([], []), "it counts as no code of the board's alarm"
    with sid.page.expect_request("**/door/api/scans"):
        sid.scans("MUSTER:NO:CARD")
    sid.sees("NOT A TICKET", "Ask for the reference")
    assert len(posted) == 1, "what is no ticket is told"


def test_the_phone_says_who_holds_it(sid: Phone, guests: Iterator[tuple[str, str]]) -> None:
    sid.taps("More")
    sid.taps("Hand over")
    sid.page.get_by_label("Who holds this phone?").last.fill("ab")
    sid.page.locator("#handing [type=submit]").click()
    sid.loses_the_network()
    sid.scans(next(guests)[1])
    sid.sees(IN_OFFLINE)
    assert [row["initials"] for row in sid.kept("pending")] == ["AB"]

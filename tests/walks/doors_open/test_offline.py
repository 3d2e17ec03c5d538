"""A steward's day without a network: the phone opens, judges, keeps and sends alone, and says what it cannot tell."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Playwright, Request, Route, expect

from registrations.codes import qr
from tests.walks.browsers import browser_with
from tests.walks.camera import film
from tests.walks.inspector import axe_in
from tests.walks.people import Organiser
from tests.walks.phone import AGAIN, IN_OFFLINE, Opened, Phone, a_phone, has_a_service_worker

MINUTE = 60_000


@pytest.mark.promise
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
    sid.sees("SCANNED TWICE", name)
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
        tried.extend(scan["id"] for scan in (route.request.post_data_json or {}).get("scans", []))
        answer(route)

    sid.page.context.route("**/door/api/**", broken)
    sid.scans(code)
    sid.loses_patience()
    sid.sees(IN_OFFLINE, name)
    sid.bar("Offline", "1 to send")
    [row] = sid.kept("pending")
    sid.in_time(lambda: bool(tried), "the scan on its way")  # a busy browser may be behind the phone's patience
    assert (row["offline"], row["shown"], set(tried)) == (True, "ok", {row["id"]})
    assert sid.page.evaluate("navigator.onLine")
    sid.page.context.unroute("**/door/api/**")
    sid.is_ready_again()
    sid.page.evaluate("dispatchEvent(new Event('online'))")
    sid.bar_in_time("Online", "0 to send")
    expect(sid.page.locator("#changed")).to_be_hidden()


@pytest.mark.promise
def test_a_proxys_refusal_in_json_takes_no_pass_away(sid: Phone, guests: Iterator[tuple[str, str]]) -> None:
    name, code = next(guests)
    sid.page.route("**/door/api/**", lambda route: route.fulfill(status=403, json={"error": "blocked by policy"}))
    sid.page.goto(f"{sid.rehearsal.base}/door/")
    sid.starts()
    sid.scans(code)
    sid.sees(IN_OFFLINE, name)
    sid.page.unroute("**/door/api/**")
    sid.bar_in_time("Online", "0 to send")


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


@pytest.mark.promise
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


@pytest.mark.promise
def test_two_tabs_know_what_either_did_and_send_each_scan_once(sid: Phone, guests: Iterator[tuple[str, str]]) -> None:
    few = [next(guests) for _ in range(2)]
    has_a_service_worker(sid.page)
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
    taken: list[str] = []

    def counts(request: Request) -> None:
        if request.url.endswith("/door/api/scans"):
            taken.extend(scan["id"] for scan in (request.post_data_json or {})["scans"])

    sid.page.context.on("requestfinished", counts)  # one that fails while the network comes back brings nothing
    sid.finds_the_network()
    sid.in_time(lambda: sid.kept("pending") == [] and len(taken) >= len(ids), "an empty queue")
    assert sorted(taken) == sorted(ids)


@pytest.mark.parametrize(("minutes", "word"), [(0, IN_OFFLINE), (6, "CHECK ID")])
def test_axe_finds_no_fault_on_a_phone_alone(
    sid: Phone, guests: Iterator[tuple[str, str]], minutes: int, word: str
) -> None:
    """On the low one a verdict has to scroll, as a long name makes it do on any: keys have to reach it."""
    sid.loses_the_network()
    sid.waits(minutes * MINUTE)
    sid.scans(next(guests)[1])
    sid.sees(word)
    with axe_in(sid.page) as axe:
        for height in (740, 550):
            sid.page.set_viewport_size({"width": 320, "height": height})
            assert axe() == [], height


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


@pytest.mark.promise
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
    assert [value for value in sid.kept("kept") if isinstance(value, dict) and "confirmed" in value] == []

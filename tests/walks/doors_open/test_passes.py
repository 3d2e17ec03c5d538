"""What becomes of scans that wait when a phone is paired anew, revoked or signed out."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.walks.people import Organiser
from tests.walks.phone import IN_OFFLINE, Phone

pytestmark = pytest.mark.promise


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
    sent = {
        scan["client_id"]: scan["by"] for scan in sid.rehearsal.rows("SELECT client_id, door_pass_id AS by FROM scan")
    }
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
    sid.taps("This phone")
    sid.taps("Sign out")
    expect(sid.page.locator("#unsent-says")).to_contain_text("1 not sent yet")
    assert len(sid.kept("pending")) == 1


def test_signing_out_asks_first_and_then_the_phone_can_be_paired_again(sid: Phone, omar: Organiser) -> None:
    sid.taps("More")
    sid.taps("This phone")
    sid.taps("Sign out")
    expect(sid.page.locator("#signing-out-says")).to_contain_text("Sign this phone out?")
    sid.taps("Stay signed in")
    expect(sid.page.locator("#controls")).to_be_visible()
    assert len(sid.kept("kept")) > 0, "one tap signs nothing out"
    sid.taps("More")
    sid.taps("This phone")
    sid.taps("Sign out")
    sid.taps("Sign this phone out")
    expect(sid.page.get_by_role("heading", name="PHONE SIGNED OUT")).to_be_visible()
    sid.page.get_by_role("link", name="Pair again").click()
    expect(sid.page.get_by_role("heading", name="Pair this phone")).to_be_visible()
    sid.pairs(omar.gives_a_code())
    expect(sid.page.locator("#start")).to_be_visible()

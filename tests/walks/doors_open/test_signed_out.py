"""A phone that is signed out, revoked or forgotten with scans in it: they arrive, and count for what they are worth."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.walks.browsers import kill
from tests.walks.doors_open.test_lead import Guests, decides
from tests.walks.people import Organiser, follows, until
from tests.walks.phone import IN_OFFLINE, Opened, Phone, has_a_service_worker

pytestmark = pytest.mark.promise

OVER = re.compile(r"/door/over$")
WAITS = "1 scan still to send: open this page where there is a network."


def verdicts_of(omar: Organiser, scan: str) -> list[tuple[str, int]]:
    """With whether anybody went in by it."""
    rows = omar.rehearsal.rows("SELECT client_id, verdict, passed FROM scan")
    return [(row["verdict"], row["passed"]) for row in rows if row["client_id"] == scan]


def signs_out_unsent(phone: Phone) -> None:
    """By the lead's override, which is a tap where there is no network."""
    phone.taps("More")
    phone.taps("This phone")
    phone.taps("Sign out")
    expect(phone.page.locator("#unsent-says")).to_contain_text("1 not sent yet")
    phone.taps("Lead: sign out")
    expect(phone.page.locator("#deciding-says")).to_contain_text("counts as the lead's override")
    decides(phone, "Sign out")
    expect(phone.page.locator("#leaving")).to_contain_text(WAITS)
    expect(phone.page.locator("#leaving h1")).to_have_text("Signed out")


def asks_for_a_code(phone: Phone) -> bool:
    """When its door is opened. While it still has its cookie it ends once more: its own time, in which it waits for the
    answer that takes the cookie away, goes faster here than a busy server."""
    phone.page.goto(f"{phone.rehearsal.base}/door/")
    asks = phone.page.locator("#pairing")
    expect(asks.or_(phone.page.get_by_role("link", name="Pair again"))).to_be_visible()
    return asks.is_visible()


def test_dr19_signed_out_by_the_leads_override_the_scans_outlive_reload_and_kill_and_are_kept_apart(
    restarted: Opened, omar: Organiser, profile: Path, guests: Guests
) -> None:
    name, code = next(guests)
    with restarted() as sid:  # closed once in good order: a browser writes a new cookie down within half a minute
        sid.pairs(omar.gives_a_code())
        sid.holds_its_page()
    with restarted() as sid:
        sid.page.goto(f"{sid.rehearsal.base}/door/")
        sid.starts()
        sid.loses_the_network()
        sid.scans(code)
        sid.sees(IN_OFFLINE, name)
        sid.bar("Offline", "1 to send")
        sid.is_ready_again()
        signs_out_unsent(sid)
        [row] = sid.kept("pending")
        assert (sid.kept("acts"), sid.kept("kept")) == ([], [True])
        assert name not in sid.page.content()
        sid.taps("Send now")
        expect(sid.page.locator("#leaving")).to_contain_text(WAITS)
        sid.page.reload()
        expect(sid.page.locator("#leaving")).to_contain_text(WAITS)
        kill(profile)
    with restarted() as again:
        again.loses_the_network()
        again.page.goto(f"{again.rehearsal.base}/door/")
        expect(again.page.locator("#leaving")).to_contain_text(WAITS)
        assert [kept["id"] for kept in again.kept("pending")] == [row["id"]]
        again.finds_the_network()
        again.in_time(lambda: OVER.search(again.page.url), "the end of the pass")
        until(lambda: asks_for_a_code(again), "the page that asks for a code")
        assert (again.kept("pending"), again.kept("kept")) == ([], [])
    assert verdicts_of(omar, row["id"]) == [("device_revoked", 0)]
    omar.goes_to("conflicts")
    omar.sees("Quarantined scans", "signed out by a lead")
    follows(omar.page, omar.page.get_by_role("button", name="Accept").last)
    [let_in] = omar.rehearsal.rows("SELECT verdict, passed FROM scan ORDER BY id DESC LIMIT 1")
    assert tuple(let_in.values()) == ("ok", 1)


def test_dr23_a_phone_that_was_revoked_while_alone_hands_over_before_it_forgets(
    opened: Opened, omar: Organiser, guests: Guests
) -> None:
    """Its first question after the restart is another: whose phone it is."""
    with opened() as sid:
        sid.pairs(omar.gives_a_code())
        sid.starts()
        has_a_service_worker(sid.page)
        sid.loses_the_network()
        sid.scans(next(guests)[1])
        sid.sees(IN_OFFLINE)
        [row] = sid.kept("pending")
    [device] = omar.rehearsal.rows("SELECT max(id) AS id FROM door_pass WHERE paired_at IS NOT NULL")
    omar.revokes(device["id"])
    with opened() as again:
        again.page.goto(f"{again.rehearsal.base}/door/")
        expect(again.page).to_have_url(OVER)
    assert verdicts_of(omar, row["id"]) == [("device_revoked", 0)]


def test_a_phone_that_lost_its_cookie_is_paired_anew_and_loses_no_scan(
    opened: Opened, omar: Organiser, guests: Guests
) -> None:
    (name, code), (other, second) = next(guests), next(guests)
    with opened() as sid:
        sid.pairs(omar.gives_a_code())
        sid.starts()
        sid.loses_the_network()
        sid.scans(code)
        sid.sees(IN_OFFLINE, name)
        [row] = sid.kept("pending")
        sid.page.context.clear_cookies()
        sid.finds_the_network()
        sid.page.reload()
        expect(sid.page.locator("#pairing-unsent")).to_have_text(
            "1 scan from before still to send: pair this phone again."
        )
        sid.pairs(omar.gives_a_code())
        sid.starts()
        sid.bar_in_time("Online", "0 to send")
        expect(sid.page.locator("#changed")).to_be_hidden()
        sid.scans(second)
        sid.sees("COME IN", other)
    assert verdicts_of(omar, row["id"]) == [("device_revoked", 0)]

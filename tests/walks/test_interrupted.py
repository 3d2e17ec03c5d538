"""The next guest holds up a code while a steward is still busy with the one before."""

from collections.abc import Iterator
from itertools import islice

import pytest
from playwright.sync_api import Route, expect

from tests.walks.house import Guest, House
from tests.walks.people import Organiser
from tests.walks.phone import AGAIN, Opened, Phone

CAMERA_RUNS = "document.querySelector('video').srcObject !== null"


@pytest.fixture
def sid(opened: Opened, lena: Organiser) -> Iterator[Phone]:
    with opened() as phone:
        phone.pairs(lena.gives_a_code())
        phone.starts()
        yield phone


def comes_in(sid: Phone, guest: Guest) -> None:
    sid.scans(guest.code)
    sid.sees("COME IN", guest.name)


@pytest.mark.promise
def test_what_a_steward_was_asked_about_is_taken_back_and_not_whoever_came_meanwhile(
    sid: Phone, house: House, invited: Iterator[Guest]
) -> None:
    ada, bo = islice(invited, 2)
    comes_in(sid, ada)
    sid.is_ready_again()
    sid.taps("Undo last")
    comes_in(sid, bo)
    sid.taps("Undo it")
    sid.sees("ASK THE LEAD", "only the lead can do it now")
    undo, _, entry = house.rows("SELECT client_id, undoes, verdict FROM scan ORDER BY id DESC LIMIT 3")
    assert (undo["undoes"], undo["verdict"]) == (entry["client_id"], "undo_needs_lead")


def test_a_reference_that_was_found_late_covers_no_verdict_that_nobody_has_seen(
    sid: Phone, invited: Iterator[Guest]
) -> None:
    ada, bo = islice(invited, 2)
    held: list[Route] = []
    comes_in(sid, bo)
    sid.is_ready_again()
    sid.waits(AGAIN)
    sid.page.route("**/door/api/reference", lambda route: held.append(route))
    sid.taps("Type reference")
    sid.page.locator("#reference-code").fill(ada.reference)
    sid.taps("Find")
    expect(sid.page.locator("#reference-says")).to_have_text("Looking it up")
    sid.in_time(lambda: held, "the question on its way", 0)
    sid.scans(bo.code)
    sid.sees("SCANNED TWICE", bo.name)
    held[0].continue_()
    expect(sid.page.locator("#reference-says")).to_have_text("Somebody else was scanned meanwhile. Press Find again.")
    sid.sees("SCANNED TWICE", bo.name)
    sid.page.locator("#verdict").click()
    sid.is_ready_again()
    sid.page.unroute("**/door/api/reference")
    sid.taps("Find")
    sid.sees("FOUND", ada.name)
    sid.taps("No")


@pytest.mark.promise
def test_a_reference_that_is_found_after_its_field_was_closed_shows_nobodys_name(
    sid: Phone, invited: Iterator[Guest]
) -> None:
    ada, bo = islice(invited, 2)
    held: list[Route] = []
    sid.page.route("**/door/api/reference", lambda route: held.append(route))
    sid.taps("Type reference")
    sid.page.locator("#reference-code").fill(ada.reference)
    sid.taps("Find")
    expect(sid.page.locator("#reference-says")).to_have_text("Looking it up")
    sid.in_time(lambda: held, "the question on its way", 0)
    sid.page.locator("#reference .close").click()
    with sid.page.expect_response("**/door/api/reference") as found:
        held[0].continue_()
    found.value.finished()
    sid.scans(bo.code)  # whatever came of it stands before this
    sid.sees("COME IN", bo.name)
    sid.is_ready_again()
    expect(sid.page.locator("#found")).to_be_hidden()


def test_a_phone_that_is_paired_anew_shows_nothing_of_before(
    sid: Phone, lena: Organiser, invited: Iterator[Guest]
) -> None:
    ada, bo = islice(invited, 2)
    comes_in(sid, ada)
    sid.is_ready_again()
    sid.waits(AGAIN)
    sid.scans(ada.code)
    sid.sees("SCANNED TWICE", ada.name)
    code = lena.gives_a_code().replace("-", "")
    assert sid.page.evaluate(CAMERA_RUNS)
    sid.page.evaluate("(code) => (location.hash = code)", code)
    expect(sid.page.locator("#pairing")).to_be_visible()
    assert not sid.page.evaluate(CAMERA_RUNS), "nobody would see whom it lets in"
    sid.taps("Pair this phone")
    expect(sid.page.locator("#start")).to_be_visible()
    assert ada.name not in sid.page.content()
    sid.starts()
    expect(sid.page.locator("#verdict")).to_be_hidden()
    expect(sid.page.locator("#undo")).to_be_disabled()
    comes_in(sid, bo)
    expect(sid.page.locator("#undo")).to_be_enabled()

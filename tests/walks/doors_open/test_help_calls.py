"""A call for help: told truly, heard once there is a network, and made at no other door."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Request, expect

from tests.walks.people import Organiser, until
from tests.walks.phone import IN_OFFLINE, Opened, Phone
from tests.walks.rehearsal import Rehearsed


@pytest.mark.promise
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


CALLS = "SELECT count(*) AS n FROM audit_entry WHERE action LIKE '%alert at a door'"


def calls(rehearsal: Rehearsed) -> int:
    return int(rehearsal.rows(CALLS)[0]["n"])


@pytest.mark.promise
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
        mistaken = "SELECT id FROM audit_entry WHERE action LIKE '%alert at a door' AND details LIKE '%taken back%'"
        until(lambda: omar.rehearsal.rows(mistaken), "the board to be told that it was a mistake")


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
        sid.in_time(lambda: any(request.url.endswith("/door/api/scans") for request in beats), "one more answer")
        assert calls(omar.rehearsal) == before
        sid.taps("Get help")
        expect(sid.page.locator("#help-says")).to_contain_text("The organisers have been alerted")
        assert calls(omar.rehearsal) == before + 1

"""A room asks for the entrance: one question on a steward's phone there, with a network and without, and taken back.

Rules: EV-01, GU-17.
"""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.walks.both_widths import seen, seen_as_it_is
from tests.walks.inspector import axe_in
from tests.walks.people import Organiser, follows, sends, sends_well
from tests.walks.phone import Opened

SIZES = [(320, 640), (390, 844), (740, 360)]
OF_GUEST = """SELECT s.verdict AS verdict, s.inferred AS inferred, d.presence AS presence FROM scan s
    JOIN door d ON d.id = s.door_id WHERE s.ticket_id IN (SELECT id FROM ticket WHERE registration_id = {id})
    ORDER BY s.id"""
ROOMS = "SELECT id FROM door WHERE presence > 0 ORDER BY id"
Guests = Iterator[tuple[str, str]]


@pytest.fixture(scope="module")
def room(omar: Organiser) -> str:
    """The path of its page: an organiser has made it, and says at the desk that it asks."""
    desk = f"{omar.rehearsal.base}/desk/launch/doors"
    sends_well(omar.page, desk, door_name="Workshop A", kind="room")
    path = f"{desk}/{omar.rehearsal.rows(ROOMS)[-1]['id']}"
    omar.page.goto(f"{path}/room")
    counted = omar.page.get_by_role("group", name="Do phones here ask about whoever was not counted at an entrance?")
    expect(counted.get_by_label("No", exact=True)).to_be_checked()
    counted.get_by_label("Yes", exact=True).check()
    seen(omar.page, "room-asks-for-the-entrance")
    follows(omar.page, omar.page.get_by_role("button", name="Save whether phones ask"))
    omar.page.goto(f"{path}/room")
    expect(counted.get_by_label("Yes", exact=True)).to_be_checked()
    return path


def gives_a_code(omar: Organiser, room: str) -> str:
    page = sends(omar.page, f"{room}/phones", phone_name="Workshop A phone", role="steward").text()
    [code] = re.findall(r'class="[^"]*pairing__code[^"]*"[^>]*>([^<]+)<', page)
    return str(code)


def looks(page: Page, what: str) -> None:
    with axe_in(page) as axe:
        for width, height in SIZES:
            page.set_viewport_size({"width": width, "height": height})
            seen_as_it_is(page, f"not-counted-{what}-{height}")
            assert axe() == [], (what, width)
    page.set_viewport_size({"width": 375, "height": 740})


def rows_of(omar: Organiser, name: str) -> list[tuple[str, bool, bool]]:
    """Of each scan of this guest: the verdict, whether it was inferred, and whether it was at the entrance."""
    rows = omar.rehearsal.rows(OF_GUEST.format(id=omar.finds(name)))
    return [(row["verdict"], bool(row["inferred"]), row["presence"] == 0) for row in rows]


BOTH = [("ok", True, True), ("ok", False, False)]


def test_who_is_not_counted_at_the_entrance_is_counted_at_both_with_one_tap_and_taken_back(
    opened: Opened, omar: Organiser, room: str, guests: Guests
) -> None:
    name, code = next(guests)
    with opened() as rita:
        rita.pairs(gives_a_code(omar, room))
        rita.starts()
        rita.scans(code)
        rita.sees("ONE QUESTION", "Not counted at the entrance yet", name, "Check name against work ID")
        looks(rita.page, "asked")
        rita.taps("Lead decides")
        expect(rita.page.locator("#lead")).to_be_visible()
        expect(rita.page.locator("#choosing")).to_be_hidden()
        rita.page.locator("#lead .close").click()
        rita.taps("Send to the entrance")
        rita.waits(6000)
        rita.scans(code)
        rita.sees("ONE QUESTION", name)
        assert rows_of(omar, name) == [("not_counted", False, False)] * 2
        rita.taps("Count in at both")
        rita.sees("COME IN", name)
        assert rows_of(omar, name)[2:] == BOTH
        rita.waits(5000)
        rita.taps("Undo last")
        rita.taps("Undo it")
        rita.sees("UNDONE")
        assert rows_of(omar, name)[4:] == [("undone", True, True), ("undone", False, False)]


@pytest.mark.promise
def test_without_a_network_a_fresh_list_asks_and_the_server_counts_them_at_both(
    opened: Opened, omar: Organiser, room: str, guests: Guests
) -> None:
    name, code = next(guests)
    with opened() as rita:
        rita.pairs(gives_a_code(omar, room))
        expect(rita.page.locator("#begin")).to_be_enabled()  # the list is there
        rita.starts()
        rita.loses_the_network()
        rita.scans(code)
        rita.sees("ONE QUESTION", "OFFLINE", "Not counted at the entrance by", name)
        expect(rita.page.get_by_role("button", name="Lead decides", exact=True)).to_be_hidden()
        looks(rita.page, "asked-offline")
        rita.taps("Count in at both")
        rita.bar("1 to send")
        rita.finds_the_network()
        rita.bar_in_time("0 to send")
        assert rows_of(omar, name) == BOTH
        expect(rita.page.locator("#changed")).to_be_hidden()

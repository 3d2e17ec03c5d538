"""Two who come together: *Admit both* on a steward's phone, with a network and without, and taken back.

Rules: EV-05, GU-17.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

import pytest
from playwright.sync_api import Page, expect

from tests.walks.both_widths import seen_as_it_is
from tests.walks.inspector import axe_in
from tests.walks.people import Organiser, sends_well
from tests.walks.phone import IN_OFFLINE, Opened, Phone

SIZES = [(320, 640), (375, 740), (740, 360)]
PAIRED = """SELECT s.ticket_id AS ticket, s.passed AS passed FROM scan s WHERE s.ticket_id IN
    (SELECT id FROM ticket WHERE registration_id IN ({ids})) ORDER BY s.id"""
Guests = Iterator[tuple[str, str]]


class Pair(NamedTuple):
    """A guest, and the name of whoever comes along with them."""

    guest: str
    code: str
    companion: str
    ids: tuple[str, str]


def paired(omar: Organiser, guests: Guests) -> Pair:
    """Two guests of the rehearsal, of whom an organiser has noted that one comes along with the other."""
    (guest, code), (companion, _) = next(guests), next(guests)
    ids = omar.finds(guest), omar.finds(companion)
    page = omar.page.request.get(f"{omar.rehearsal.base}/desk/launch/people/{ids[0]}").text()
    [email] = set(re.findall(r'<span class="desk-address">([^<]+@[^<]+)</span>', page))
    sends_well(omar.page, f"{omar.rehearsal.base}/desk/launch/people/{ids[1]}/along", email=email)
    return Pair(guest, code, companion, ids)


def looks(page: Page, what: str) -> None:
    with axe_in(page) as axe:
        for width, height in SIZES:
            page.set_viewport_size({"width": width, "height": height})
            seen_as_it_is(page, f"admit-{what.replace(' ', '-')}-{height}")
            assert axe() == [], (what, width)
    page.set_viewport_size({"width": 375, "height": 740})


def ticks_both(sid: Phone) -> None:
    boxes = sid.page.locator("#together input:visible")
    expect(boxes).to_have_count(2)
    expect(sid.page.locator("#together input:checked")).to_have_count(0)
    sid.page.locator("#together-now").click()
    expect(sid.page.locator("#together-says")).to_contain_text("Tick each work ID")
    looks(sid.page, "nothing ticked")
    sid.page.get_by_label("Work ID seen of the person on the screen").check()
    sid.page.get_by_label("Work ID seen of who comes with them").check()
    sid.page.locator("#together-now").click()


def in_the_database(omar: Organiser, pair: Pair) -> list[bool]:
    return [bool(row["passed"]) for row in omar.rehearsal.rows(PAIRED.format(ids=", ".join(pair.ids)))]


def test_dr36_both_are_admitted_by_one_ticket_and_one_of_them_is_taken_back(
    sid: Phone, omar: Organiser, guests: Guests
) -> None:
    pair = paired(omar, guests)
    sid.scans(pair.code)
    sid.sees("COME IN", pair.guest, "Comes with 1: scan, or admit both")
    looks(sid.page, "come in")
    sid.waits(8000)
    sid.taps("Admit both")
    sid.sees(pair.guest)
    ticks_both(sid)
    sid.sees("COME IN", pair.companion, "Check name against work ID")
    assert in_the_database(omar, pair) == [True, True]
    sid.taps("Undo last")
    expect(sid.page.locator("#undoing-says")).to_contain_text("last 2 entries")
    looks(sid.page, "undoing")
    sid.taps("Only who came with them")
    sid.sees("UNDONE")
    sid.bar_in_time("0 to send")
    sid.taps("Next")
    sid.waits(6000)
    sid.scans(pair.code)
    sid.sees("SCANNED TWICE", pair.guest)


@pytest.mark.promise
def test_dr36_without_a_network_both_are_admitted_and_the_server_settles_who_it_is(
    opened: Opened, omar: Organiser, guests: Guests
) -> None:
    pair = paired(omar, guests)
    with opened() as sid:
        sid.pairs(omar.gives_a_code())
        expect(sid.page.locator("#begin")).to_be_enabled()  # the list is there
        sid.starts()
        sid.loses_the_network()
        sid.scans(pair.code)
        sid.sees(IN_OFFLINE, pair.guest, "Comes with 1")
        looks(sid.page, "come in offline")
        sid.taps("Admit both")
        ticks_both(sid)
        sid.sees(IN_OFFLINE, "And 1 with them: this phone has no name")
        looks(sid.page, "both in offline")
        assert pair.companion not in sid.page.content()
        sid.finds_the_network()
        sid.bar_in_time("0 to send")
        assert in_the_database(omar, pair) == [True, True]
        expect(sid.page.locator("#changed")).to_be_hidden()

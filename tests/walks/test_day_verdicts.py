"""The verdicts that only the door's hours, a fault, a wrong clock or a long day without a network bring (DR-42).

Each by a scan, by keyboard alone, with neither sound nor buzz, enlarged to 400 %. Drawn only, in test_verdicts: what
needs rooms, limits and aliases (NOT THIS ROOM, the room is full, NOT LET IN); a ticket that was issued after the
phone's list; and NOTHING TO UNDO, to which no key of this page leads.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Browser, expect

from tests.walks.house import Guest, House
from tests.walks.keyboard import ENLARGED, Keyboard
from tests.walks.people import Organiser, sends, sends_well
from tests.walks.phone import Opened, Phone, a_phone
from tests.walks.test_full_shift import MINUTE, MUTE, goes_on
from tests.walks.test_newer_version import has_a_fault

HOUR = 60 * MINUTE


@pytest.fixture(scope="module")
def side_door(lena: Organiser, built: House) -> int:
    """An entrance of its own, whose hours are nobody else's."""
    built.is_there()
    lena.makes_a_door("Side door")
    return int(built.rows("SELECT max(id) AS id FROM door")[0]["id"])


@pytest.fixture
def opened(browser: Browser, house: House) -> Iterator[Opened]:
    with a_phone(browser, house.rehearsed, viewport=ENLARGED, reduced_motion="reduce") as opens:
        yield opens


def hours(lena: Organiser, door: int, opens: str = "", closes: str = "") -> None:
    sends_well(lena.page, f"{lena.rehearsal.base}/desk/launch/doors/{door}/hours", opens=opens, closes=closes)


def begins(sid: Phone, lena: Organiser, door: int) -> Keyboard:
    path = f"{lena.rehearsal.base}/desk/launch/doors/{door}/phones"
    page = sends(lena.page, path, phone_name="Side phone", role="steward").text()
    sid.page.add_init_script(MUTE)
    sid.pairs(page.partition('pairing__code">')[2].partition("<")[0])
    keys = Keyboard(sid.page)
    expect(sid.page.locator("#begin")).to_be_enabled()
    keys.presses("Start scanning")
    expect(sid.page.locator("#door")).to_be_visible()
    keys.pressed.clear()
    return keys


def test_dr42_hours_faults_and_old_lists(
    opened: Opened, lena: Organiser, house: House, side_door: int, invited: Iterator[Guest]
) -> None:
    ada, bo, cy, dan = (next(invited) for _ in range(4))
    with opened() as sid:
        keys = begins(sid, lena, side_door)
        is_turned_away_by_the_hours(sid, keys, lena, side_door, ada)
        hears_of_a_fault(sid, keys, ada)
        undoes_too_late(sid, keys, bo, dan)
        has_an_old_list_and_then_none(sid, keys, cy)
    assert keys.faults == []
    assert keys.looked == ["too early", "closed", "a fault", "too late to undo", "an old list", "no list"]


def is_turned_away_by_the_hours(sid: Phone, keys: Keyboard, lena: Organiser, door: int, guest: Guest) -> None:
    hours(lena, door, opens="12:00")
    sid.scans(guest.code)
    keys.sees_the_verdict("TOO EARLY", "Opens at 12:00", "Ask them to wait")
    sid.bar("0 to send")
    keys.looks("too early")
    goes_on(sid, keys)
    sid.waits(MINUTE)  # until the same code counts again
    hours(lena, door, opens="08:00", closes="09:01")
    sid.scans(guest.code)
    keys.sees_the_verdict("CLOSED", "Closed at 09:01")
    sid.bar("0 to send")
    keys.looks("closed")
    goes_on(sid, keys)
    hours(lena, door)


def hears_of_a_fault(sid: Phone, keys: Keyboard, guest: Guest) -> None:
    """And of what became of the scan, once the server is well again."""
    faulty = {"server"}
    sid.page.context.route("**/door/api/scans", lambda route: has_a_fault(route) if faulty else route.continue_())
    sid.waits(MINUTE)
    sid.scans(guest.code)
    keys.sees_the_verdict("CANNOT TELL", "Fault 7F3A", "call the lead")
    keys.looks("a fault")
    goes_on(sid, keys)
    faulty.clear()
    sid.in_time(lambda: not sid.kept("pending"), "an empty queue")
    keys.presses("I have seen this")


def undoes_too_late(sid: Phone, keys: Keyboard, guest: Guest, other: Guest) -> None:
    """Another guest has come in while the question stood there."""
    sid.scans(guest.code)
    keys.sees_the_verdict("COME IN", guest.name)
    sid.is_ready_again()
    keys.presses("Undo last")
    sid.scans(other.code)
    keys.sees_the_verdict("COME IN", other.name)
    keys.presses("Undo it")
    keys.sees_the_verdict("ASK THE LEAD", "Too late to undo")
    sid.bar("0 to send")
    keys.looks("too late to undo")
    goes_on(sid, keys)


def has_an_old_list_and_then_none(sid: Phone, keys: Keyboard, guest: Guest) -> None:
    sid.loses_the_network()
    sid.waits(5 * HOUR)
    sid.scans(guest.code)
    keys.sees_the_verdict("ASK THE LEAD", "too old", guest.name)
    keys.looks("an old list")
    keys.presses("Not let in")
    sid.waits(8 * HOUR)
    sid.scans(guest.code)
    keys.sees_the_verdict("CANNOT TELL", "OFFLINE", "call the lead")
    keys.looks("no list")


def test_dr42_a_clock_that_is_out(opened: Opened, lena: Organiser, side_door: int, invited: Iterator[Guest]) -> None:
    """Ten minutes ahead, and before the door opens: without a network only the lead can tell."""
    hours(lena, side_door, opens="12:00")
    with opened() as sid:
        sid.page.clock.pause_at(datetime.now(UTC) + timedelta(minutes=10))
        keys = begins(sid, lena, side_door)
        expect(sid.page.locator("#bar-warning")).to_contain_text("Clock out: the server's time counts")
        sid.loses_the_network()
        guest = next(invited)
        sid.scans(guest.code)
        keys.sees_the_verdict("ASK THE LEAD", "This phone's clock is out: is the door open?", guest.name)
        keys.looks("a clock that is out")
        keys.presses("Not let in")
    hours(lena, side_door)
    assert keys.faults == []

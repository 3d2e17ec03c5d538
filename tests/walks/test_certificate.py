"""A server behind another certificate answers nothing, and the door opens by the venue's clock all the same."""

from pathlib import Path

import pytest
from playwright.sync_api import Playwright

from registrations.rehearsal.rehearsal_pages import moment_of
from tests.people import THE_DAY
from tests.walks.browsers import a_browser
from tests.walks.house import Guest, House, a_certificate, a_house, gone_by, signed_in
from tests.walks.people import DESKTOP, Organiser, new_page
from tests.walks.phone import IN_OFFLINE, Phone, a_phone

pytestmark = pytest.mark.promise

SECOND, MINUTE = 1000, 60_000


def finds_too_early(phone: Phone, guest: Guest) -> None:
    phone.scans(guest.code)
    phone.sees("TOO EARLY", "09:00")


def comes_back_with(house: House, certificate: Path) -> None:
    house.stops()
    house.certificate = certificate
    house.starts()


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

"""A steward's walk: a phone is paired, looks through its camera at the QR of a real mail, and says who may come in."""

import io
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, Playwright, expect

from tests.walks.browsers import a_browser
from tests.walks.camera import film
from tests.walks.mailreader import Mailreader
from tests.walks.people import DOORS_OPEN, PHONE, Organiser, Professional, new_page
from tests.walks.phone import a_phone
from tests.walks.rehearsal import Rehearsed

pytestmark = pytest.mark.promise


@pytest.fixture(scope="module")
def ada(browser: Browser, rehearsal: Rehearsed, omar: Organiser) -> bytes:
    """The QR of Ada's ticket, cut out of the mail that brought it."""
    ada = Professional(new_page(browser, PHONE), rehearsal, "Ada Doorgoer", "ada@doorgoer.example.org")
    mail = Mailreader(rehearsal)
    ada.asks_for_a_place()
    mail.opens_newest(ada.email, "Confirm your request")
    ada.confirms(mail.link("confirm"))
    omar.approves(ada.name)
    mail.opens_newest(ada.email, "Your place on")
    return mail.picture()


def test_dr01_sid_lets_ada_in_once(
    playwright: Playwright, rehearsal: Rehearsed, omar: Organiser, ada: bytes, tmp_path: Path
) -> None:
    omar.moves_the_clock_to(DOORS_OPEN)
    [before] = rehearsal.rows("SELECT count(*) AS people FROM admission WHERE left_at IS NULL")
    code = omar.makes_a_code_for("Main door")
    camera = film(tmp_path / "ada.mjpeg", [ada, *[None] * 5])
    with (
        a_browser(playwright, camera) as filmed,
        a_phone(filmed, rehearsal) as opens,
        opens(ticks=True) as sid,
    ):
        sid.pairs(code)
        sid.starts()
        sid.sees("COME IN", "Ada Doorgoer", "House of Ada Doorgoer", "Check name against work ID")
        sid.sees("SCANNED TWICE", "Let in here", "Ada Doorgoer")
        omar.goes_to("board")
        [expected] = rehearsal.rows("SELECT count(*) AS people FROM ticket WHERE revoked_at IS NULL")
        inside = f"{before['people'] + 1} of {expected['people']} expected"
        expect(omar.page.locator(".board__main dd")).to_have_text(inside)


def test_a_code_with_a_thumb_on_it_is_said_to_be_unread(
    playwright: Playwright, rehearsal: Rehearsed, omar: Organiser, ada: bytes, tmp_path: Path
) -> None:
    omar.moves_the_clock_to(DOORS_OPEN)
    camera = film(tmp_path / "thumb.mjpeg", [with_a_thumb(ada)])
    with (
        a_browser(playwright, camera) as filmed,
        a_phone(filmed, rehearsal) as opens,
        opens(ticks=True) as sid,
    ):
        sid.pairs(omar.makes_a_code_for("Main door"))
        sid.starts()
        expect(sid.page.locator("#hint")).to_contain_text("Show all of it, hold it still", timeout=30_000)
        expect(sid.page.locator("#verdict")).to_be_hidden()


def with_a_thumb(png: bytes) -> bytes:
    """Its lower half is covered."""
    picture = Image.open(io.BytesIO(png)).convert("RGB")
    picture.paste((205, 160, 130), (0, picture.height // 2, picture.width, picture.height))
    covered = io.BytesIO()
    picture.save(covered, "PNG")
    return covered.getvalue()

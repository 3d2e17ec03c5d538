"""A steward's walk: a phone is paired, looks through its camera at the QR of a real mail, and says who may come in."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Playwright, expect

from tests.run_all import chromium
from tests.walks.camera import film
from tests.walks.people import DESKTOP, PHONE, Mailreader, Organiser, Professional, Steward, new_page
from tests.walks.phone import ARGUMENTS
from tests.walks.rehearsal import Rehearsed

DOORS_OPEN = "2019-04-15T09:05"


@pytest.fixture(scope="module")
def omar(rehearsal: Rehearsed, desk: Page) -> Organiser:
    return Organiser(desk, rehearsal)


@pytest.fixture(scope="module")
def ada(browser: Browser, rehearsal: Rehearsed, omar: Organiser) -> bytes:
    """The QR of Ada's ticket, cut out of the mail that brought it."""
    ada = Professional(new_page(browser, PHONE), rehearsal, "Ada Doorgoer", "ada@doorgoer.example.org")
    mail = Mailreader(new_page(browser, DESKTOP), rehearsal)
    ada.asks_for_a_place()
    mail.opens_newest(ada.email, "Confirm your request")
    ada.confirms(mail.link("confirm"))
    omar.approves(ada.name)
    mail.opens_newest(ada.email, "Your place on")
    return mail.picture()


@contextmanager
def phone(playwright: Playwright, profile: Path, camera: Path) -> Iterator[Page]:
    """A browser of its own, whose camera shows this film."""
    context = playwright.chromium.launch_persistent_context(
        str(profile),
        executable_path=chromium(),
        headless=True,
        permissions=["camera"],
        viewport={"width": 375, "height": 740},
        args=[
            *ARGUMENTS,
            "--use-fake-device-for-media-stream",
            "--use-fake-ui-for-media-stream",
            f"--use-file-for-fake-video-capture={camera}",
        ],
    )
    try:
        yield context.pages[0]
    finally:
        context.close()


def test_dr01_sid_lets_ada_in_once(
    playwright: Playwright, rehearsal: Rehearsed, omar: Organiser, ada: bytes, tmp_path: Path, profile: Path
) -> None:
    omar.moves_the_clock_to(DOORS_OPEN)
    [before] = rehearsal.rows("SELECT count(*) AS people FROM admission WHERE left_at IS NULL")
    code = omar.makes_a_code_for("Main door")
    with phone(playwright, profile, film(tmp_path / "ada.mjpeg", [ada, *[None] * 5])) as page:
        sid = Steward(page, rehearsal)
        sid.pairs_with(code)
        sid.starts()
        sid.sees("COME IN", "Ada Doorgoer", "House of Ada Doorgoer", "Check name against work ID")
        sid.sees("ALREADY IN", "at 09:0", "Main door")
        omar.goes_to("board")
        [expected] = rehearsal.rows("SELECT count(*) AS people FROM ticket WHERE revoked_at IS NULL")
        inside = f"{before['people'] + 1} of {expected['people']} expected"
        expect(omar.page.locator(".board__main dd")).to_have_text(inside)

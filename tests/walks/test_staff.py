"""An organiser's walk: is invited, joins from the mail, sets up an app by its picture, comes back, and is warned."""

import io

import pyotp
import pytest
import zxingcpp
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from tests.qr_alone import QR_ALONE
from tests.walks.mailreader import Mailreader
from tests.walks.people import DESKTOP, NARROW, PHONE, fits, follows, new_page
from tests.walks.rehearsal import Rehearsed

PASSWORD = "river lantern stove"


def presses(page: Page, name: str) -> None:
    follows(page, page.get_by_role("button", name=name, exact=True))


def app_of(page: Page) -> pyotp.TOTP:
    """The authenticator app that has scanned the picture on the page."""
    [found] = zxingcpp.read_barcodes(Image.open(io.BytesIO(page.locator(".app-qr").screenshot())), QR_ALONE)
    app = pyotp.parse_uri(found.text)
    assert isinstance(app, pyotp.TOTP)
    return app


def invites(desk: Page, rehearsal: Rehearsed, email: str) -> None:
    desk.goto(f"{rehearsal.base}/desk/launch/staff/invite")
    desk.get_by_label("Full name").fill("Ines Invited")
    desk.get_by_label("Work email address").fill(email)
    desk.get_by_label("Safer Places").check()
    desk.get_by_label("Organiser:").check()
    presses(desk, "Invite")


def joins(page: Page, desk: Page, rehearsal: Rehearsed, mail: Mailreader, email: str) -> str:
    """Is invited, chooses a password by the mail's link, sets up an app; one of the recovery codes."""
    invites(desk, rehearsal, email)
    mail.opens_newest(email, "")
    page.goto(mail.link("join"))
    page.get_by_label("Password", exact=True).fill("stalking2019")
    presses(page, "Save password")
    expect(page.locator(".govuk-error-summary")).to_contain_text("harder to guess")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    presses(page, "Save password")
    expect(page.locator("h1")).to_have_text("Set up your authenticator app")
    fits(page)
    page.get_by_label("Six-digit code").fill(app_of(page).now())
    presses(page, "Continue")
    expect(page.locator("h1")).to_have_text("Save your recovery codes")
    fits(page)
    return page.locator(".recovery-codes li").first.inner_text()


@pytest.fixture
def mail(rehearsal: Rehearsed) -> Mailreader:
    return Mailreader(rehearsal)


@pytest.mark.parametrize(
    ("size", "script"),
    [pytest.param(NARROW, False, marks=pytest.mark.promise), (PHONE, True), (DESKTOP, True)],
    ids=["320 px without JavaScript", "phone", "desktop"],
)
def test_ines_is_invited_joins_and_signs_in_again(
    browser: Browser, rehearsal: Rehearsed, desk: Page, mail: Mailreader, size: dict[str, int], script: bool
) -> None:
    email = f"ines{size['width']}@hosts.example.org"
    ines = new_page(browser, size, script=script)
    code = joins(ines, desk, rehearsal, mail, email)
    follows(ines, ines.get_by_role("button", name="I have saved them"))
    presses(ines, "Sign out")
    ines.get_by_label("Email address").fill(email)
    ines.get_by_label("Password", exact=True).fill(PASSWORD)
    presses(ines, "Continue")
    follows(ines, ines.get_by_role("link", name="I do not have my phone"))
    ines.get_by_label("Recovery code").fill(code)
    presses(ines, "Sign in")
    follows(ines, ines.get_by_role("link", name="Ines Invited"))
    expect(ines.locator("h1")).to_have_text("Your account")
    expect(ines.locator("main")).to_contain_text("9 of 10 left")
    fits(ines)


def test_whoever_does_nothing_is_warned_and_then_signed_out(
    browser: Browser, rehearsal: Rehearsed, desk: Page, mail: Mailreader
) -> None:
    ines = new_page(browser, DESKTOP)
    joins(ines, desk, rehearsal, mail, "idle@hosts.example.org")
    ines.clock.install()
    ines.goto(f"{rehearsal.base}/staff/account")
    warning = ines.get_by_role("dialog")
    ines.clock.fast_forward("24:00")
    expect(warning).to_be_hidden()
    ines.clock.fast_forward("01:10")
    expect(warning).to_contain_text("You will be signed out soon")
    with ines.expect_response("**/staff/stay") as stayed:
        ines.get_by_role("button", name="Stay signed in").click()
    assert stayed.value.status == 204
    expect(warning).to_be_hidden()
    ines.clock.fast_forward("25:10")
    expect(warning).to_be_visible()
    ines.clock.fast_forward("05:10")
    expect(ines.locator("h1")).to_have_text("Sign in to the desk")
    expect(ines.locator("main")).to_contain_text("You were signed out")

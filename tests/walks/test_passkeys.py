"""An organiser's passkey, in a real browser with a device in software: added, used, and removed."""

from playwright.sync_api import Browser, CDPSession, Page, expect

from tests.walks.mailreader import Mailreader
from tests.walks.people import DESKTOP, NARROW, fits, follows, new_page
from tests.walks.rehearsal import Rehearsed
from tests.walks.test_staff import PASSWORD, joins, presses

EMAIL = "pia@hosts.example.org"
DEVICE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


def tools_of(page: Page) -> CDPSession:
    tools = page.context.new_cdp_session(page)
    tools.send("WebAuthn.enable")
    return tools


def has_device(tools: CDPSession, **other: object) -> str:
    """The browser has such a device from now on. Its name."""
    options = DEVICE | other
    return str(tools.send("WebAuthn.addVirtualAuthenticator", {"options": options})["authenticatorId"])


def signs_in(page: Page, base: str, email: str = EMAIL) -> None:
    """With the password; what else is asked for is on the page then."""
    page.goto(f"{base}/staff/sign-in")
    page.get_by_label("Email address").fill(email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    presses(page, "Continue")


def adds(page: Page, name: str) -> None:
    page.get_by_label("Name of the passkey").fill(name)
    presses(page, "Add the passkey")


def test_pia_adds_a_passkey_signs_in_proves_it_and_removes_it(
    browser: Browser, rehearsal: Rehearsed, desk: Page
) -> None:
    pia = new_page(browser, DESKTOP)
    joins(pia, desk, rehearsal, Mailreader(rehearsal), EMAIL)
    has_device(tools_of(pia))
    pia.goto(f"{rehearsal.base}/staff/account/passkeys")
    follows(pia, pia.get_by_role("button", name="Add a passkey"))
    presses(pia, "Add the passkey")
    expect(pia.locator(".govuk-error-summary")).to_contain_text("Enter a name")
    adds(pia, "Work laptop")
    expect(pia.locator("main")).to_contain_text("The passkey was added.")
    presses(pia, "Sign out")
    signs_in(pia, rehearsal.base)
    expect(pia.locator("[data-passkey-cannot]")).to_be_hidden()
    presses(pia, "Use a passkey")
    expect(pia.locator(".desk-header__who")).to_have_text("Ines Invited (your account)")
    rehearsal.newest_account_has_proved_nothing()
    pia.goto(f"{rehearsal.base}/staff/account/passkeys")
    follows(pia, pia.get_by_role("link", name="Remove Work laptop"))
    expect(pia.locator("h1")).to_have_text("Show that it is you")
    pia.get_by_label("Password", exact=True).fill(PASSWORD)
    presses(pia, "Use a passkey")
    expect(pia.locator("h1")).to_have_text("Remove the passkey Work laptop?")
    presses(pia, "Remove the passkey")
    expect(pia.locator("main")).to_contain_text("You have none yet.")


def test_a_browser_that_cannot_says_so_and_takes_a_code(browser: Browser, rehearsal: Rehearsed, desk: Page) -> None:
    """A device that does not know who touches it; then no JavaScript, on a narrow screen."""
    pia = new_page(browser, DESKTOP)
    code = joins(pia, desk, rehearsal, Mailreader(rehearsal), "pim@hosts.example.org")
    tools = tools_of(pia)
    device = has_device(tools, hasUserVerification=False, isUserVerified=False)
    pia.goto(f"{rehearsal.base}/staff/account/passkeys/add")
    pia.get_by_label("Name of the passkey").fill("Old key")
    pia.get_by_role("button", name="Add the passkey").click()
    expect(pia.get_by_role("alert")).to_contain_text("No passkey was made")
    tools.send("WebAuthn.removeVirtualAuthenticator", {"authenticatorId": device})
    has_device(tools)
    adds(pia, "Work laptop")
    expect(pia.locator("main")).to_contain_text("The passkey was added.")
    plain = new_page(browser, NARROW, script=False)
    signs_in(plain, rehearsal.base, "pim@hosts.example.org")
    expect(plain.locator("main")).to_contain_text("This browser cannot use passkeys, or JavaScript is switched off.")
    expect(plain.get_by_role("button", name="Use a passkey")).to_be_hidden()
    fits(plain)
    follows(plain, plain.get_by_role("link", name="I do not have my phone"))
    plain.get_by_label("Recovery code").fill(code)
    presses(plain, "Sign in")
    expect(plain.locator(".desk-header__who")).to_have_text("Ines Invited (your account)")

"""The desk when it is full, joining and signing in, and the rehearsal's own pages, looked at by axe at both widths."""

import pyotp
from playwright.sync_api import Browser, Page

from tests.walks.inspector import Inspector, kind_of
from tests.walks.mailreader import Mailreader
from tests.walks.people import DESKTOP, another, follows, new_page, until
from tests.walks.rehearsal import Rehearsed
from tests.walks.test_staff import PASSWORD, app_of, invites, presses

NAVIGATION = (
    "overview", "requests", "people", "board", "doors", "emails", "organisations", "data-protection", "staff", "audit",
    "reads", "waiting", "programme", "badges", "badge-desk", "people/arrivals", "emails/to-many", "doors/paper",
    "after", "after/deletion",
)  # fmt: skip
FULL = ("people?state=approved", "event", "data-protection/processors", "data-protection/deletion", "staff/invite")


def test_axe_finds_no_fault_where_the_desk_is_full(browser: Browser, desk: Page, rehearsal: Rehearsed) -> None:
    """With two hundred people, at both widths: each other page is in test_every_page, with little on it."""
    inspector, root = Inspector(another(browser, desk, DESKTOP)), f"{rehearsal.base}/desk/launch/"
    [decidable] = rehearsal.rows("SELECT id FROM registration WHERE state = 'confirmed' LIMIT 1")
    [approved] = rehearsal.rows("SELECT id FROM registration WHERE state = 'approved' LIMIT 1")
    inspector.goes_to(*(f"{root}{path}" for path in (*NAVIGATION, *FULL, f"people/{decidable['id']}")))
    inspector.sends_empty("main form[action$=decide]")
    inspector.goes_to(*(f"{root}people/{approved['id']}{act}" for act in ("", "/withdraw", "/cancel")))
    inspector.page.goto(f"{root}requests")
    inspector.sends_empty("#queue")
    assert inspector.faults == []


def look_at_joining(inspector: Inspector, link: str) -> tuple[pyotp.TOTP, str]:
    """Password, app, recovery codes; the app and one of the codes."""
    page = inspector.page
    inspector.goes_to(link)
    inspector.sends_empty()
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    presses(page, "Save password")
    inspector.looks()
    inspector.sends_empty("main form:has(input[name=code])")
    app = app_of(page)
    page.get_by_label("Six-digit code").fill(app.now())
    presses(page, "Continue")
    inspector.looks()
    code = page.locator(".recovery-codes li").first.inner_text()
    follows(page, page.get_by_role("button", name="I have saved them"))
    return app, code


def look_at_signing_in(inspector: Inspector, email: str) -> None:
    """As far as the second factor."""
    page, base = inspector.page, inspector.page.url.partition("/staff")[0]
    inspector.looks()
    inspector.sends_empty()
    inspector.goes_to(f"{base}/staff/forgot")
    inspector.sends_empty()
    page.get_by_label("Email address").fill("nobody@hosts.example.org")
    follows(page, page.locator("main form button").first)
    inspector.looks(" sent")
    page.goto(f"{base}/staff/sign-in")
    page.get_by_label("Email address").fill(email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    presses(page, "Continue")
    inspector.looks()
    inspector.sends_empty("main form:has(input[name=code])")
    follows(page, page.get_by_role("link", name="I do not have my phone"))
    inspector.looks()
    inspector.sends_empty("main form:has(input[name=code])")


def test_axe_finds_no_fault_on_the_pages_of_the_staff(browser: Browser, desk: Page, rehearsal: Rehearsed) -> None:
    page, email = new_page(browser, DESKTOP), "ines.looked@hosts.example.org"
    mail, inspector = Mailreader(rehearsal), Inspector(page)
    invites(desk, rehearsal, email)
    mail.opens_newest(email, "")
    link = mail.link("join")
    _, code = look_at_joining(inspector, link)
    inspector.goes_to(link)
    page.goto(f"{rehearsal.base}/staff/account")
    presses(page, "Sign out")
    look_at_signing_in(inspector, email)
    page.get_by_label("Recovery code").fill(code)
    presses(page, "Sign in")
    inspector.goes_to(*(f"{rehearsal.base}/staff/{path}" for path in ("account", "step-up")))
    inspector.sends_empty("main form[action*=step-up]")
    inspector.goes_to(f"{rehearsal.base}/staff/account/password")
    if "step-up" not in page.url:
        inspector.sends_empty()
    inspector.goes_to(*(f"{rehearsal.base}/staff/account/{path}" for path in ("app", "recovery-codes")))
    assert inspector.faults == []
    assert {kind_of(page) for page in inspector.seen} >= {
        "/staff/sign-in", "/staff/code", "/staff/recovery", "/staff/set-up", "/staff/forgot", "/staff/account",
        "/staff/account/password", "/staff/account/app", "/staff/account/recovery-codes", "/staff/step-up",
    }  # fmt: skip


def test_axe_finds_no_fault_on_the_rehearsals_own_pages(browser: Browser, desk: Page, rehearsal: Rehearsed) -> None:
    page = new_page(browser, DESKTOP)
    inspector = Inspector(page)
    inspector.goes_to(rehearsal.mailbox, f"{rehearsal.mailbox}?find=nobody+has+this", rehearsal.desk, rehearsal.door)

    def found() -> bool:
        page.goto(f"{rehearsal.mailbox}?find=Your+place+on")
        return page.locator("tbody tr a").count() > 0

    until(found, "a mail with a ticket")
    follows(page, page.locator("tbody tr a").first)
    inspector.looks()
    assert inspector.faults == []

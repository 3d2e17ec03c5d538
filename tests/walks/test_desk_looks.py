"""Every page of the desk, of the staff's own and of the rehearsal, looked at by axe: filled, and with its errors."""

import pyotp
from playwright.sync_api import Browser, Page

from tests.walks.inspector import Inspector, kind_of
from tests.walks.mailreader import Mailreader
from tests.walks.people import DESKTOP, another, follows, new_page, until
from tests.walks.rehearsal import Rehearsed
from tests.walks.test_staff import PASSWORD, app_of, invites, presses

NAVIGATION = {
    "overview",
    "requests",
    "people",
    "board",
    "after",
    "doors",
    "emails",
    "event",
    "organisations",
    "data-protection",
    "staff",
    "audit",
    "reads",
}
SUBFORMS = {
    "people/1", "people/1/cancel", "people/1/name", "people/add", "people/1/address", "people/1/organisation",
    "people/1/more", "event/approvals", "event/look-up", "walk-ins",
    "after/report", "after/lessons", "after/deletion",
    "doors/1", "doors/close", "roll-call", "roll-call/start", "roll-call/card",
    "event/title", "event/day", "event/text", "event/facts", "event/logos", "event/colour", "event/copy",
    "event/public-page", "event/hours", "event/venue", "event/access",
    "event/places", "event/contacts", "event/hosts", "event/bring", "event/dpia", "event/release",
    "organisations/add", "organisations/1", "staff/invite", "staff/1", "data-protection/complaints/1",
    "data-protection/complaints/1/print", "data-protection/incidents/new", "data-protection/incidents/1",
    "data-protection/incidents/1/print", "data-protection/processors", "data-protection/processors/add",
    "data-protection/processors/1", "data-protection/processors/print", "data-protection/deletion",
    "data-protection/deletion/print",
    "data-protection/requests/new", "data-protection/requests/1", "data-protection/requests/1/print",
}  # fmt: skip
LINKS = "found => found.filter(one => !one.hasAttribute('download')).map(one => one.href)"
SENT_EMPTY = (  # and which form of the page, where it has several
    ("requests", "#queue"), ("doors", "form[action$='/doors']"), ("doors/1", "form[action$=phones]"),
    ("roll-call/start", "main form"), ("event/hours", "main form"),
    ("event/logos", "form[enctype]"), ("event/copy", "main form"),
    ("event/places", "main form"), ("organisations/add", "main form"), ("staff/invite", "main form"),
    ("people/1/name", "main form"), ("people/add", "main form"), ("people/1/address", "main form"),
    ("data-protection/complaints/1", "form[action$=outcome]"),
    ("data-protection/incidents/1", "form[action$=decision]"), ("data-protection/incidents/new", "main form"),
    ("data-protection/processors/add", "main form"), ("data-protection/requests/new", "main form"),
    ("data-protection/requests/1", "form[action$=close]"), ("data-protection/requests/2/correct", "main form"),
    ("data-protection/requests/3/erase", "main form"),
)  # fmt: skip


def look_at_every_kind(page: Page, inspector: Inspector, desk: str) -> set[str]:
    """Follows the links of the desk from page to page; the kinds of page that there are, as paths under the desk."""
    waiting, kinds = [f"{desk}requests"], set[str]()
    while waiting:
        address = waiting.pop(0)
        if kind_of(address) in kinds:
            continue
        kinds.add(kind_of(address))
        inspector.goes_to(address)
        links = page.locator("a[href]").evaluate_all(LINKS)
        waiting += [link for link in links if link.startswith(desk) and "#" not in link]
    return {kind.removeprefix(kind_of(desk)) for kind in kinds}


def test_axe_finds_no_fault_on_any_page_of_the_desk(browser: Browser, desk: Page, rehearsal: Rehearsed) -> None:
    page, root = another(browser, desk, DESKTOP), f"{rehearsal.base}/desk/launch/"
    inspector = Inspector(page)
    kinds = look_at_every_kind(page, inspector, root)
    assert kinds >= NAVIGATION | SUBFORMS
    [decidable] = rehearsal.rows("SELECT id FROM registration WHERE state = 'confirmed' LIMIT 1")
    [approved] = rehearsal.rows("SELECT id FROM registration WHERE state = 'approved' LIMIT 1")
    inspector.goes_to(f"{rehearsal.base}/desk", f"{root}nothing", f"{root}people/{decidable['id']}")
    inspector.sends_empty("main form[action$=decide]")
    inspector.goes_to(*(f"{root}data-protection/requests/{path}" for path in ("2", "2/correct", "3", "3/erase")))
    inspector.goes_to(*(f"{root}people/{approved['id']}{act}" for act in ("", "/withdraw", "/cancel")))
    assert inspector.faults == []


def test_axe_finds_no_fault_in_the_errors_of_the_desk(browser: Browser, desk: Page, rehearsal: Rehearsed) -> None:
    inspector = Inspector(another(browser, desk, DESKTOP))
    for path, form in SENT_EMPTY:
        inspector.page.goto(f"{rehearsal.base}/desk/launch/{path}")
        inspector.sends_empty(form)
    assert inspector.faults == []
    assert len(inspector.seen) == len(SENT_EMPTY)


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

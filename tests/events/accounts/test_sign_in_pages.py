"""The pages of staff: signing in with two factors, links of mails, proving it again, accounts, and the record.

Rules: SE-06.
"""

import re
from collections.abc import AsyncIterator
from datetime import timedelta
from html import unescape
from typing import Any

import httpx2
import pyotp
import pytest

from events import audit_pages
from events.accounts import (
    account_alerts,
    account_pages,
    accounts,
    password_links,
    passwords,
    sign_in,
    sign_in_pages,
    staff_emails,
)
from events.accounts.guards import SESSION
from events.accounts.sign_in_tries import TOO_OFTEN
from events.accounts.staff import IDLE_FOR, Role, RoleName, Session, Staff
from events.audit import audit, audit_seal
from events.audit.audit import AuditEntry
from events.event import Event
from events.ground import clock, source
from events.ground.database import Database
from events.ground.tokens import Purpose
from events.mail.outbox import Message
from events.web.rendering import TEMPLATES
from tests.browser import BASE, browsing, heading, words
from tests.mail_reading import written
from tests.people import MONDAY, PASSWORD, a_member_of_staff, an_event, audit_of, code_of, joined, queued, recorded

ROUTES = [*sign_in_pages.routes, *account_pages.routes, *audit_pages.routes]
NEW_PASSWORD = "river lantern stove"
Client = httpx2.AsyncClient


@pytest.fixture
async def lena(lena: Staff) -> Staff:
    return await joined(lena)


@pytest.fixture
async def browser(database: Database) -> AsyncIterator[Client]:
    """Nobody is signed in."""
    async with browsing(database) as client:
        yield client


@pytest.fixture
async def desk(database: Database, lena: Staff) -> AsyncIterator[Client]:
    """Lena is signed in, and has just proved that it is her."""
    async with browsing(database, lena) as client:
        yield client


def errors(answer: httpx2.Response) -> list[str]:
    """The sentences of the error summary; each stands at its field too, and the title says so."""
    summary = re.search(r'govuk-error-summary__list">(.*?)</ul>', answer.text, re.S)
    found = re.findall(r"<a href=\"#([^\"]+)\">(.*?)</a>", summary[1]) if summary else []
    for field, _ in found:
        assert f'id="{field}"' in answer.text
    for _, sentence in found:
        assert answer.text.count(sentence) == 2
    assert answer.text.count("<title>Error: ") == bool(found)
    return [unescape(sentence) for _, sentence in found]


def where(answer: httpx2.Response) -> tuple[int, str]:
    return answer.status_code, answer.headers.get("location", "")


async def half(browser: Client, staff: Staff, following: str = "") -> httpx2.Response:
    """The right password; no code yet."""
    return await browser.post(f"/staff/sign-in{following}", data={"email": staff.email, "password": PASSWORD})


async def whole(browser: Client, staff: Staff, following: str = "") -> httpx2.Response:
    first = await half(browser, staff, following)
    return await browser.post(first.headers["location"], data={"code": code_of(staff, clock.real())})


async def test_lena_signs_in_and_comes_to_where_she_wanted_to_go(browser: Client, lena: Staff, event: Event) -> None:
    asked = await browser.get(f"/desk/{event.slug}/staff?done=role")
    assert where(asked) == (303, f"/staff/sign-in?next=/desk/{event.slug}/staff%3Fdone%3Drole")
    page = await browser.get(asked.headers["location"])
    assert (page.status_code, heading(page)) == (200, "Sign in to the desk")
    answer = await whole(browser, lena, "?next=/desk/x/staff%3Fdone%3Drole")
    assert where(answer) == (303, "/desk/x/staff?done=role")
    assert heading(await browser.get("/staff/account")) == "Your account"


async def test_the_cookie_is_bound_to_the_host_and_unreadable(browser: Client, lena: Staff) -> None:
    cookie = (await half(browser, lena)).headers["set-cookie"]
    assert cookie.startswith("__Host-muster-session=")
    assert all(attribute in cookie for attribute in ("Secure", "HttpOnly", "SameSite=lax", "Path=/"))
    assert "Domain" not in cookie


@pytest.mark.parametrize(
    "following",
    [
        "//evil.example",
        "https://evil.example/",
        "/\\evil.example",
        "javascript:alert(1)",
        "",
        "/\t/evil.example",
        "desk",
    ],
)
async def test_nobody_is_sent_to_another_site(browser: Client, lena: Staff, following: str) -> None:
    first = await browser.post(
        "/staff/sign-in", params={"next": following}, data={"email": lena.email, "password": PASSWORD}
    )
    assert where(first) == (303, "/staff/code?next=/desk")


async def test_a_password_alone_reaches_nothing_but_the_code(browser: Client, lena: Staff, event: Event) -> None:
    await half(browser, lena)
    protected = [
        route for route in ROUTES if route.who.name.startswith("staff:") and route.who is not sign_in_pages.HALF
    ]
    assert len(protected) > 10
    for route in protected:
        path = route.path.replace("{event}", event.slug).replace("{id:int}", str(lena.id)).replace("{act}", "disable")
        method = "POST" if "POST" in (route.methods or ()) else "GET"
        assert where(await browser.request(method, path)) == (303, "/staff/code")
    assert where(await browser.get("/staff/set-up")) == (303, "/staff/code")
    assert heading(await browser.get("/staff/code")) == "Enter the code from your app"


async def test_every_wrong_sign_in_reads_the_same(browser: Client, lena: Staff, omar: Staff) -> None:
    await Staff.filter(id=(await joined(omar)).id).update(disabled_at=MONDAY)
    pages = []
    for email in ("nobody@hosts.example.org", lena.email, omar.email):
        password = PASSWORD if email == omar.email else "wrong"
        answer = await browser.post("/staff/sign-in", data={"email": email, "password": password})
        assert answer.status_code == 422
        assert errors(answer) == [sign_in_pages.WRONG_PASSWORD]
        assert f'value="{email}"' in answer.text  # kept
        assert password not in answer.text  # never written back
        pages.append((answer.text.replace(email, "ADDRESS"), sorted(answer.headers)))
    assert pages[0] == pages[1] == pages[2]


async def test_missing_answers_are_asked_for_one_by_one(browser: Client) -> None:
    answer = await browser.post("/staff/sign-in", data={})
    assert (answer.status_code, errors(answer)) == (422, ["Enter your email address", "Enter your password"])


async def test_a_password_manager_knows_the_fields(browser: Client, lena: Staff) -> None:
    page = (await browser.get("/staff/sign-in")).text
    assert 'autocomplete="current-password"' in page
    assert 'autocomplete="username"' in page
    assert 'data-module="govuk-password-input"' in page
    await half(browser, lena)
    assert 'autocomplete="one-time-code"' in (await browser.get("/staff/code")).text


async def test_a_wrong_code_says_so_and_a_used_one_too(browser: Client, lena: Staff) -> None:
    await half(browser, lena)
    answer = await browser.post("/staff/code", data={"code": "12345"})
    assert (answer.status_code, errors(answer)) == (422, [sign_in_pages.WRONG_CODE])
    code = code_of(lena, clock.real())
    assert (await browser.post("/staff/code", data={"code": code})).status_code == 303
    await browser.post("/staff/sign-out")
    await half(browser, lena)
    assert errors(await browser.post("/staff/code", data={"code": code})) == [sign_in_pages.WRONG_CODE]


async def test_too_many_tries_say_what_to_do(browser: Client, lena: Staff) -> None:
    for _ in range(10):
        await browser.post("/staff/sign-in", data={"email": lena.email, "password": "wrong"})
    answer = await half(browser, lena)
    assert (answer.status_code, heading(answer)) == (429, "That could not be done")
    assert TOO_OFTEN in words(answer.text)


async def test_a_browser_that_was_signed_in_before_is_no_news(browser: Client, lena: Staff) -> None:
    await whole(browser, lena)
    await browser.post("/staff/sign-out")
    await Staff.filter(id=lena.id).update(last_step=0)  # half a minute later
    await whole(browser, lena)
    assert await queued() == [("staff_alert", lena.id)]


async def test_signing_out_ends_it_here(desk: Client, lena: Staff) -> None:
    answer = await desk.post("/staff/sign-out")
    assert where(answer) == (303, "/staff/sign-in?said=out")
    assert "You have signed out." in words((await desk.get(answer.headers["location"])).text)
    assert await Session.all().count() == 0
    assert where(await desk.get("/staff/account"))[0] == 303


async def test_ines_joins_by_her_link_and_sets_up_an_app(browser: Client, event: Event, lena: Staff) -> None:
    ines = await a_member_of_staff("Ines Invited", "ines@hosts.example.org", event, RoleName.ORGANISER)
    await password_links.send(ines, by=lena, at=MONDAY, real=clock.real())
    link = password_links.link_of(await Staff.get(id=ines.id), Purpose.STAFF_INVITE).removeprefix(BASE)
    for _ in range(3):  # an email gateway opens it first
        assert heading(await browser.get(link)) == "Choose a password"
    assert errors(await browser.post(link, data={"password": "Ines Invited"})) == [
        "Choose a password that is harder to guess. Three random words are a good start."
    ]
    assert where(await browser.post(link, data={"password": NEW_PASSWORD})) == (303, "/staff/code")
    assert where(await browser.get("/staff/code")) == (303, "/staff/set-up")
    page = await browser.get("/staff/set-up")
    secret = re.search(r'app-key">([A-Z2-7 ]+)<', page.text)
    assert secret
    assert page.text == (await browser.get("/staff/set-up")).text  # looking again offers the same secret
    shown = await browser.post("/staff/set-up", data={"code": pyotp.TOTP(secret[1].replace(" ", "")).now()})
    codes = re.findall(r"<li>([A-Z2-9]{5}-[A-Z2-9]{5})</li>", shown.text)
    assert (heading(shown), len(codes)) == ("Save your recovery codes", 10)
    assert heading(await browser.get("/staff/account")) == "Your account"
    await browser.post("/staff/sign-out")
    await browser.post("/staff/sign-in", data={"email": ines.email, "password": NEW_PASSWORD})
    assert where(await browser.post("/staff/recovery", data={"code": codes[0].lower()})) == (303, "/desk")
    assert errors(await browser.post("/staff/recovery", data={"code": codes[0]})) == []  # is signed in already


async def test_joining_sends_an_invitation_and_says_once_that_the_account_is_ready(
    browser: Client, desk: Client, event: Event, lena: Staff
) -> None:
    told = {"full_name": "Ines Invited", "email": "ines@hosts.example.org", "host": "Safer Places", "role": "organiser"}
    await desk.post(f"/desk/{event.slug}/staff/invite", data=told)
    ines = await Staff.get(email="ines@hosts.example.org")
    link = password_links.link_of(ines, Purpose.STAFF_INVITE).removeprefix(BASE)
    await sets_up(browser, link)
    emails = Message.filter(subject_id=ines.id, template__startswith="staff").order_by("id")
    assert [(message.template, message.cause.partition(":")[0]) for message in await emails] == [
        ("staff_invite", "invite"), ("staff_alert", "ready"),
    ]  # fmt: skip
    ines = await Staff.get(id=ines.id)
    await accounts.take_codes_away(ines, by=lena, at=MONDAY, real=clock.real())
    link = password_links.link_of(await Staff.get(id=ines.id), Purpose.STAFF_RESET).removeprefix(BASE)
    await sets_up(browser, link)
    assert (await causes(ines))[1:] == [
        "codes_taken_away", "password_changed", "codes_set_up", "recovery_made",
    ], "whatever comes later is told"  # fmt: skip


async def sets_up(browser: Client, link: str) -> None:
    """A password by the link, then an app, to the recovery codes."""
    await browser.post(link, data={"password": NEW_PASSWORD})
    secret = re.search(r'app-key">([A-Z2-7 ]+)<', (await browser.get("/staff/set-up")).text)
    assert secret
    shown = await browser.post("/staff/set-up", data={"code": pyotp.TOTP(secret[1].replace(" ", "")).now()})
    assert heading(shown) == "Save your recovery codes"


async def test_a_link_that_is_unknown_used_old_or_of_another_kind_looks_the_same(
    browser: Client, event: Event, lena: Staff
) -> None:
    await password_links.send(lena, by=None, at=MONDAY, real=clock.real())
    link = password_links.link_of(await Staff.get(id=lena.id), Purpose.STAFF_RESET).removeprefix(BASE)
    assert heading(await browser.get(link)) == "Choose a new password"
    await browser.post(link, data={"password": NEW_PASSWORD})
    pages = []
    for path in (link, link.replace("reset", "join"), "/staff/reset/nonsense", f"/staff/reset/{'a' * 42}"):
        for method in ("GET", "POST"):
            answer = await browser.request(method, path)
            pages.append((answer.status_code, answer.text))
    assert set(pages) == {pages[0]}
    assert pages[0][0] == 404


async def test_no_get_changes_anything(desk: Client, event: Event, lena: Staff, omar: Staff) -> None:
    await password_links.send(omar, by=lena, at=MONDAY, real=clock.real())
    link = password_links.link_of(await Staff.get(id=omar.id), Purpose.STAFF_INVITE).removeprefix(BASE)

    async def everything() -> list[object]:
        return [await model.all().order_by("id").values() for model in (Staff, Role, Session)] + [await queued()]

    before = await everything()
    for route in ROUTES:
        if "GET" in (route.methods or ()):
            path = route.path.replace("{event}", event.slug).replace("{id:int}", str(omar.id))
            answer = await desk.get(path.replace("/staff/join/{token}", link).replace("{token}", "x"))
            assert answer.status_code in {200, 303, 404}
    assert await everything() == before


async def test_a_forgotten_password_answers_the_same_for_all(browser: Client, lena: Staff) -> None:
    pages = []
    for email in (lena.email, "nobody@hosts.example.org"):
        answer = await browser.post("/staff/forgot", data={"email": email})
        pages.append((answer.status_code, heading(answer), answer.text.replace(email, "ADDRESS")))
    assert pages[0] == pages[1]
    assert pages[0][:2] == (200, "Check your email")
    assert await queued() == [("staff_reset", lena.id), ("staff_reset", password_links.NOBODY)]
    assert (
        await written(staff_emails.WRITERS["staff_reset"], await Message.get(subject_id=password_links.NOBODY)) is None
    )


async def test_a_lead_who_invites_somebody_of_another_event_does_not_learn_their_name(
    desk: Client, event: Event
) -> None:
    olga = await a_member_of_staff("Olga Elsewhere", "olga@hosts.example.org", await an_event(), RoleName.LEAD)
    told = {"email": olga.email, "full_name": "Somebody", "host": "Safer Places", "role": "viewer"}
    assert (await desk.post(f"/desk/{event.slug}/staff/invite", data=told)).status_code == 303
    pages = [await desk.get(f"/desk/{event.slug}/staff{path}") for path in ("", f"/{olga.id}")]
    assert [(olga.email in page.text, "Olga" in page.text) for page in pages] == [(True, False)] * 2
    await Role.filter(staff=olga).exclude(event=event).delete()
    assert "Olga Elsewhere" in (await desk.get(f"/desk/{event.slug}/staff")).text, "who works here alone has a name"


async def test_what_matters_is_asked_for_again_after_ten_minutes(desk: Client, event: Event, lena: Staff) -> None:
    invite = f"/desk/{event.slug}/staff/invite"
    assert heading(await desk.get(invite)) == "Invite someone"
    await Session.all().update(stepped_up_at=clock.real() - sign_in.STEP_UP_FOR)
    assert where(await desk.get(invite)) == (303, f"/staff/step-up?next={invite}")
    sent = await desk.post(invite, data={}, headers={"referer": f"{BASE}{invite}"})
    assert where(sent) == (303, f"/staff/step-up?next={invite}")
    foreign = await desk.post(invite, data={}, headers={"referer": "https://evil.example/x"})
    assert where(foreign) == (303, "/staff/step-up?next=/desk")
    step = f"/staff/step-up?next={invite}"
    assert heading(await desk.get(step)) == "Show that it is you"
    assert errors(await desk.post(step, data={"password": "wrong"})) == ["The password is not right. Try again."]
    before = desk.cookies[SESSION.name]
    assert where(await desk.post(step, data={"password": PASSWORD})) == (303, invite)
    assert desk.cookies[SESSION.name] != before
    assert heading(await desk.get(invite)) == "Invite someone"
    assert where(await desk.post(f"{step}&code", data={"code": code_of(lena, clock.real())})) == (303, invite)


async def test_lena_invites_someone(desk: Client, event: Event) -> None:
    path = f"/desk/{event.slug}/staff/invite"
    answer = await desk.post(path, data={"full_name": "Ines Invited", "email": "ines@"})
    assert errors(answer) == [
        "Enter an email address in the correct format, like name@example.com",
        "Select the host they work for",
        "Select a role",
    ]
    assert 'value="Ines Invited"' in answer.text
    told = {"full_name": "Ines Invited", "email": "Ines@Hosts.example.org", "host": "Safer Places", "role": "viewer"}
    assert where(await desk.post(path, data=told)) == (303, f"/desk/{event.slug}/staff?done=invite")
    ines = await Staff.get(email="ines@hosts.example.org")
    assert await queued() == [("staff_invite", ines.id)]
    listed = words((await desk.get(f"/desk/{event.slug}/staff")).text)
    assert "Ines Invited Viewer Invited Safer Places ines@hosts.example.org" in listed


async def test_a_lead_looks_after_an_account_and_never_sets_its_password(
    desk: Client, event: Event, lena: Staff, omar: Staff
) -> None:
    omar = await joined(omar)
    base = f"/desk/{event.slug}/staff/{omar.id}"
    page = await desk.get(base)
    assert heading(page) == "Omar Organiser"
    assert "password" not in re.findall(r'<input[^>]* type="([^"]+)"', page.text)
    assert where(await desk.post(f"{base}/role", data={"role": "viewer"})) == (303, f"{base}?done=role")
    for act in ("send-link", "end-sessions", "take-codes", "disable", "enable"):
        assert where(await desk.post(f"{base}/{act}")) == (303, f"{base}?done={act}")
        assert account_pages.DONE[act] in words((await desk.get(f"{base}?done={act}")).text)
    assert where(await desk.post(f"{base}/take-role")) == (303, f"/desk/{event.slug}/staff?done=take-role")
    assert (await desk.get(base)).status_code == 404
    assert (await desk.post(f"{base}/password")).status_code == 404
    assert [template for template, _ in await queued()] == [
        *("staff_alert", "staff_reset", "staff_alert"), "staff_reset", *["staff_alert"] * 4,
    ]  # fmt: skip
    assert {actor for _, actor, _ in await audit_of(omar)} == {lena.actor}


async def test_taking_a_role_away_asks_first_and_says_of_whom_and_what_they_lose(
    desk: Client, event: Event, lena: Staff, omar: Staff
) -> None:
    base = f"/desk/{event.slug}/staff/{omar.id}"
    person = await desk.get(base)
    assert f'action="{base}/take-role"' not in person.text, "no form does it in one click"
    assert f'href="{base}/take-role"' in person.text
    asked = await desk.get(f"{base}/take-role")
    assert heading(asked) == "Take the role of Omar Organiser away?"
    said = f"Omar Organiser is an organiser for {event.title}. Without the role they see nothing of this event any more"
    assert said in words(asked.text)
    assert await Role.exists(staff=omar, event=event), "asking takes nothing"
    assert re.findall(r'<form method="post" action="(/desk[^"]+)"', asked.text) == [f"{base}/take-role"]
    assert f'href="{base}">Cancel</a>' in asked.text
    await desk.post(f"{base}/take-role")
    assert not await Role.exists(staff=omar, event=event)
    assert (await desk.get(f"{base}/take-role")).status_code == 404


async def test_roles_decide_who_sees_accounts_and_the_record(
    database: Database, event: Event, lena: Staff, omar: Staff, vic: Staff
) -> None:
    stranger = await a_member_of_staff("Stranger", "s@hosts.example.org", await an_event(), RoleName.LEAD)
    paths = [f"/desk/{event.slug}/{page}" for page in ("staff", "staff/invite", f"staff/{lena.id}", "audit")]
    seen = {}
    for staff in (lena, omar, vic, stranger):
        async with browsing(database, staff) as client:
            seen[staff.full_name] = [(await client.get(path)).status_code for path in paths]
    assert seen == {
        "Lena Lead": [200] * 4,
        "Omar Organiser": [403] * 4,
        "Vic Viewer": [403] * 4,
        "Stranger": [404] * 4,
    }
    assert await AuditEntry.filter(action="was refused a page").count() == 8


async def test_your_account_shows_where_you_are_signed_in_and_ends_it(desk: Client, lena: Staff) -> None:
    other = await sign_in.begin_full_session(lena, clock.real(), "Safari on iPhone")
    page = words((await desk.get("/staff/account")).text)
    assert "Safari on iPhone" in page
    theirs = await Session.get(browser="Safari on iPhone")
    assert where(await desk.post(f"/staff/account/sessions/{theirs.id}/end")) == (303, "/staff/account?done=signed-out")
    assert await sign_in.find_session(other, clock.real()) is None
    await sign_in.begin_full_session(lena, clock.real(), "Safari on iPhone")
    assert where(await desk.post("/staff/account/sessions/others/end")) == (303, "/staff/account?done=everywhere")
    assert await Session.all().count() == 1


async def test_nobody_ends_another_persons_session_by_its_number(desk: Client, omar: Staff) -> None:
    await sign_in.begin_full_session(omar, clock.real())
    theirs = await Session.get(staff=omar)
    assert (await desk.post(f"/staff/account/sessions/{theirs.id}/end")).status_code == 404
    assert await Session.filter(id=theirs.id).exists()


async def test_changing_password_app_and_recovery_codes(desk: Client, lena: Staff) -> None:
    here, posted = "/staff/account/password", {"current": PASSWORD, "password": NEW_PASSWORD}
    assert errors(await desk.post(here, data=posted | {"password": "short"})) == [
        "Password must be 12 characters or more"
    ]
    for wrong, says in (("", "Enter your current password"), (NEW_PASSWORD, account_pages.NOT_THE_PASSWORD)):
        assert errors(await desk.post(here, data=posted | {"current": wrong})) == [says]
    assert await passwords.right((await Staff.get(id=lena.id)).password_hash, PASSWORD), "nothing is changed so far"
    assert where(await desk.post(here, data=posted)) == (303, "/staff/account?done=password")
    page = await desk.get("/staff/account/app")
    secret = re.search(r'app-key">([A-Z2-7 ]+)<', page.text)
    assert secret
    assert secret[1].replace(" ", "") != lena.totp_secret
    code = pyotp.TOTP(secret[1].replace(" ", "")).now()
    assert heading(await desk.post("/staff/account/app", data={"code": code})) == "Save your recovery codes"
    assert heading(await desk.post("/staff/account/recovery-codes")) == "Save your recovery codes"
    assert "10 of 10 left" in words((await desk.get("/staff/account")).text)
    waiting = [account_alerts.Alert(cause) for cause in await causes(lena)]
    assert waiting == ["password_changed", "codes_set_up", "recovery_made", "recovery_made"]


async def causes(staff: Staff) -> list[str]:
    rows = await Message.filter(template="staff_alert", subject_id=staff.id).order_by("id")
    return [row.cause.partition(":")[0] for row in rows]


async def test_the_warning_can_keep_a_session_alive(desk: Client, lena: Staff) -> None:
    early = clock.real() - timedelta(minutes=26)
    await Session.all().update(last_used_at=early)
    assert where(await desk.post("/staff/stay")) == (204, "")
    assert (await Session.get()).last_used_at > early
    page = (await desk.get("/staff/account")).text
    assert "/static/idle.js" in page
    assert re.search(r"<noscript>.*You will be signed out at \d\d:\d\d", page, re.S)


def table(answer: httpx2.Response) -> list[list[str]]:
    rows = re.findall(r"<tr><td.*?</tr>", answer.text, re.S)
    return [[words(cell) for cell in re.findall(r"<td[^>]*>(.*?)</td>", row, re.S)] for row in rows]


async def test_the_record_says_who_did_what_newest_first(desk: Client, event: Event, omar: Staff) -> None:
    await desk.post(f"/desk/{event.slug}/staff/{omar.id}/role", data={"role": "viewer"})
    await desk.post(f"/desk/{event.slug}/staff/{omar.id}/take-role")
    answer = await desk.get(f"/desk/{event.slug}/audit")
    assert heading(answer) == "Audit log"
    rows = [[who, what, to, details] for _, who, what, to, details, _ in table(answer)]
    assert rows == [
        ["Lena Lead", "took a role away", "Omar Organiser", ""],
        ["Lena Lead", "gave a role", "Omar Organiser", "role: viewer"],
    ]
    assert "No entry is sealed yet." in words(answer.text)
    again = table(await desk.get(f"/desk/{event.slug}/audit"))
    assert again[0][1:5] == ["Lena Lead", "read the audit", f"Event {event.id}", "rows: 2, filtered: no"]


async def test_what_only_a_technician_needs_is_folded_away(desk: Client, event: Event, omar: Staff) -> None:
    details: dict[str, Any] = {"list": "people", "ids": [3, 8], "letters": 0, "state": ""}
    await recorded(audit.Action.LISTED, event, by=omar, at=MONDAY, event_id=event.id, **details)
    answer = await desk.get(f"/desk/{event.slug}/audit")
    folded = re.findall(r"<summary>([^<]*)</summary>(.*?)</details>", answer.text, re.S)
    assert folded[-1] == ("list: people", "ids: 3 8, letters: 0")
    assert "<summary>Technical details</summary>" in answer.text


async def test_the_record_can_be_filtered_and_paged(desk: Client, event: Event, lena: Staff, omar: Staff) -> None:
    for n in range(250):
        await recorded(audit.Action.SEARCHED, omar, by=omar, at=MONDAY, event_id=event.id, found=n)
    await audit_seal.seal_all()
    base = f"/desk/{event.slug}/audit"
    first = await desk.get(base, params={"actor": omar.actor, "action": "searched"})
    assert [row[4] for row in table(first)] == [f"found: {n}" for n in range(249, 149, -1)]
    older = re.search(r'rel="next" href="([^"]+)"', first.text)
    assert older
    second = await desk.get(unescape(older[1]))
    assert [row[4] for row in table(second)] == [f"found: {n}" for n in range(149, 49, -1)]
    subject = await desk.get(base, params={"subject": f"staff {omar.id}"})
    assert len(table(subject)) == 100
    nothing = await desk.get(base, params={"subject": "Ada Ashdown"})
    assert "Nothing was found." in words(nothing.text)
    assert str(await audit_seal.head()) in nothing.text
    entry = await AuditEntry.filter(action="read the audit").order_by("-id").first()
    assert entry is not None
    assert entry.details == {"rows": 0, "filtered": True}  # what was typed may be a name


async def test_a_lead_reads_nothing_of_another_event(desk: Client, event: Event, omar: Staff) -> None:
    other = await an_event()
    await recorded(audit.Action.EVENT_OPENED, other, by=omar, at=MONDAY, event_id=other.id)
    stranger = await a_member_of_staff("Stranger", "s@hosts.example.org", other, RoleName.LEAD)
    await recorded(audit.Action.SIGNED_IN, stranger, by=stranger, at=MONDAY)
    await recorded(audit.Action.SIGNED_IN, omar, by=omar, at=MONDAY)
    rows = [row[1:3] for row in table(await desk.get(f"/desk/{event.slug}/audit"))]
    assert rows == [["Omar Organiser", "signed in"]]


def test_the_warning_counts_the_half_hour_that_the_server_counts() -> None:
    script = (TEMPLATES / "static" / "idle.js").read_text()
    assert f"const IDLE_SECONDS = {IDLE_FOR.seconds // 60} * 60;" in script


@pytest.mark.parametrize(
    ("said", "name"),
    [
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36",
            "Chrome on Windows",
        ),
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0", "Edge on Windows"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Mobile Safari/604.1", "Safari on iPhone"),
        ("Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 Chrome/140.0 Mobile Safari/537.36", "Chrome on Android"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox on Linux"),
        ("", "Another browser on another system"),
    ],
)
def test_a_browser_is_named_as_its_owner_would(said: str, name: str) -> None:
    assert sign_in_pages.browser_name(said) == name


async def test_signing_out_clears_what_the_browser_keeps_of_our_pages(desk: Client) -> None:
    answer = await desk.post("/staff/sign-out")
    assert answer.headers["clear-site-data"] == '"cache"'


async def test_whoever_is_signed_in_stands_in_the_list_as_such(desk: Client, event: Event, omar: Staff) -> None:
    await Staff.all().update(password_hash="", totp_set_at=None)  # as in a rehearsal, whose people have no password
    shown = words((await desk.get(f"/desk/{event.slug}/staff")).text)
    assert "Lena Lead Lead Signed in now" in shown
    assert "Omar Organiser Organiser Invited" in shown


async def test_the_host_of_whom_is_invited_is_one_of_the_event(desk: Client, event: Event, lena: Staff) -> None:
    here = f"/desk/{event.slug}/staff/invite"
    typed = {"full_name": "Ines", "email": "ines@hosts.example.org", "role": "viewer"}
    page = await desk.get(here)
    assert re.findall(r'name="host"[^>]* value="([^"]+)"', page.text) == [host["name"] for host in event.hosts]
    for host in ({}, {"host": "Another host"}):
        assert errors(await desk.post(here, data=typed | host)) == ["Select the host they work for"]
    await desk.post(here, data=typed | {"host": event.hosts[1]["name"]})
    assert (await Staff.get(email=typed["email"])).host == event.hosts[1]["name"]


async def test_an_entry_says_whether_acts_came_from_one_place_and_never_which(browser: Client, lena: Staff) -> None:
    await browser.post("/staff/sign-in", data={"email": lena.email, "password": "wrong"})
    await whole(browser, lena)
    sources = {entry.source for entry in await AuditEntry.all()}
    assert [len(source) for source in sources] == [32]
    assert "127.0.0.1" not in str(await AuditEntry.all().values())
    source.note("192.0.2.77")
    await recorded(audit.Action.SEARCHED, by=lena, at=MONDAY)
    assert (await AuditEntry.all().order_by("-id"))[0].source not in sources
    source.note("")
    await recorded(audit.Action.SEARCHED, by=lena, at=MONDAY)
    assert (await AuditEntry.all().order_by("-id"))[0].source == "", "a turn or a command comes from nowhere"


async def test_the_gravest_acts_ask_for_password_and_code_together(desk: Client, lena: Staff) -> None:
    grave = "/staff/account/recovery-codes"
    await Session.all().update(both_proved_at=clock.real() - sign_in.STEP_UP_FOR)
    asked = await desk.get(grave)
    assert where(asked) == (303, f"/staff/step-up?both&next={grave}"), "a password or code alone is too little"
    step, code = asked.headers["location"], code_of(lena, clock.real())
    assert errors(await desk.post(step, data={})) == ["Enter your password", "Enter the six-digit code"]
    for wrong in ({"password": "wrong", "code": code}, {"password": PASSWORD, "code": "000000"}):
        assert errors(await desk.post(step, data=wrong)) == [sign_in_pages.WRONG_PROOF["both"][1]]
    assert where(await desk.get(grave))[0] == 303
    assert where(await desk.post(step, data={"password": PASSWORD, "code": code})) == (303, grave)
    assert (await desk.get(grave)).status_code == 200

"""The pages on which staff sign in: with two factors, by links of emails, and after a forgotten password.

Rules: SE-06.
"""

import re

import pyotp
import pytest

from events import audit_pages
from events.accounts import (
    account_pages,
    accounts,
    password_links,
    password_requests,
    sign_in_pages,
)
from events.accounts.sign_in_tries import TOO_OFTEN
from events.accounts.staff import Role, RoleName, Session, Staff
from events.event import Event
from events.ground import clock
from events.ground.tokens import Purpose
from events.mail.outbox import Message
from tests.browser import BASE, heading, words
from tests.events.accounts.sessions import alerts_of
from tests.events.accounts.signing_in import NEW_PASSWORD, Client, errors, half, where, whole
from tests.people import MONDAY, PASSWORD, a_member_of_staff, code_of, joined, queued, the_account_of

ROUTES = [*sign_in_pages.routes, *account_pages.routes, *audit_pages.routes]


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
    ines = await the_account_of("ines@hosts.example.org")
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
    assert (await alerts_of(ines))[1:] == [
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
    await password_requests.work_off()
    assert await queued() == [("staff_reset", lena.id)]


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

"""What all pages share: who may use them, where requests come from, where redirects lead, and how cookies are set."""

from datetime import timedelta
from typing import Any

import httpx2
import pytest
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import Message

from events.accounts import guards, sign_in
from events.accounts.guards import STAFF, STEPPED_UP
from events.accounts.staff import May, RoleName, Session, Staff
from events.audit.action import Action
from events.audit.audit import AuditEntry
from events.event import Event
from events.ground import clock, settings
from events.ground.database import Database
from events.web import cookies
from events.web.cookies import Cookie
from events.web.routing import ANYONE, AS_BROWSERS_SEND_IT, LONGEST_FIELD, answers, network_of, page, redirect
from tests.browser import browsing, heading
from tests.conftest import SETTINGS
from tests.people import a_member_of_staff, an_event


async def look(request: Request) -> Response:
    state = request.state
    return PlainTextResponse(f"{state.staff.full_name}, {state.role.name.value} of {state.event.slug}")


async def mine(request: Request) -> Response:
    return PlainTextResponse(request.state.staff.full_name)


async def bite(request: Request) -> Response:
    answer = redirect("/try/mine")
    BISCUIT.set(answer, "crumbs", 60)
    return answer


async def forget(request: Request) -> Response:
    answer = PlainTextResponse(BISCUIT.read(request))
    BISCUIT.delete(answer)
    return answer


BISCUIT = Cookie("biscuit", "is eaten by a test", "a minute")
del cookies.COOKIES["biscuit"]  # the cookies page shows what people meet, and nobody but a test meets this one
ROUTES: list[Any] = [
    page("/try/mine", mine, who=STAFF()),
    page("/try/{event}/look", look, who=STAFF(May.LOOK)),
    page("/try/{event}/organise", look, who=STAFF(May.ORGANISE), methods=["GET", "POST"]),
    page("/try/{event}/export", look, who=STEPPED_UP(May.LEAD), methods=["GET", "POST"]),
    page("/try/bite", bite, who=ANYONE),
    page("/try/forget", forget, who=ANYONE),
]


def where_to(answer: httpx2.Response) -> tuple[int, str]:
    return answer.status_code, answer.headers.get("location", "")


async def test_a_stranger_is_sent_to_sign_in_whether_the_event_exists_or_not(event: Event) -> None:
    async with browsing(Database("", {}), extra=ROUTES) as client:
        answers = [await client.get(f"/try/{slug}/look") for slug in (event.slug, "nothing")]
    assert [where_to(answer) for answer in answers] == [
        (303, f"/staff/sign-in?next=/try/{slug}/look") for slug in (event.slug, "nothing")
    ]
    assert {str(answer.headers).replace(event.slug, "nothing") for answer in answers} == {str(answers[1].headers)}


async def test_a_viewer_sees_what_viewers_may_and_is_refused_the_rest_and_that_is_recorded(
    database: Database, event: Event, vic: Staff
) -> None:
    async with browsing(database, vic, extra=ROUTES) as client:
        seen = await client.get(f"/try/{event.slug}/look")
        refused = [await client.request(method, f"/try/{event.slug}/organise") for method in ("GET", "POST")]
    assert (seen.status_code, seen.text) == (200, f"Vic Viewer, viewer of {event.slug}")
    assert [answer.status_code for answer in refused] == [403, 403]
    recorded = await AuditEntry.filter(action=Action.FORBIDDEN).order_by("id")
    assert [(entry.actor, entry.event_id, entry.details) for entry in recorded] == [
        (vic.actor, event.id, {"route": "tests.events.web.test_routing.look"})
    ] * 2


async def test_a_lead_may_what_viewers_and_organisers_may(database: Database, event: Event, lena: Staff) -> None:
    async with browsing(database, lena, extra=ROUTES) as client:
        answers = [await client.get(f"/try/{event.slug}/{what}") for what in ("look", "organise", "export")]
    assert {answer.text for answer in answers} == {f"Lena Lead, lead of {event.slug}"}


async def test_somebody_elses_event_looks_like_none_at_all(database: Database, event: Event, lena: Staff) -> None:
    theirs = await an_event()
    async with browsing(database, lena, extra=ROUTES) as client:
        answers = [await client.get(f"/try/{slug}/look") for slug in (theirs.slug, "nothing")]
        nowhere = await client.get("/try/there/is/no/such/page")
    assert [(answer.status_code, heading(answer)) for answer in answers] == [(404, "Page not found")] * 2
    assert answers[0].text == answers[1].text
    assert nowhere.status_code == 404
    assert await AuditEntry.all().count() == 0


async def test_a_role_for_one_event_is_none_for_another(database: Database, event: Event, omar: Staff) -> None:
    theirs = await an_event()
    await a_member_of_staff("Otto Other", "otto@hosts.example.org", theirs, RoleName.LEAD)
    async with browsing(database, omar, extra=ROUTES) as client:
        statuses = [(await client.post(f"/try/{somewhere.slug}/organise")).status_code for somewhere in (event, theirs)]
    assert statuses == [200, 404]


async def test_ten_minutes_after_the_last_proof_it_has_to_be_proved_again(
    database: Database, event: Event, lena: Staff
) -> None:
    async with browsing(database, lena, extra=ROUTES) as client:
        await Session.all().update(stepped_up_at=clock.real() - timedelta(minutes=9, seconds=50))
        assert (await client.get(f"/try/{event.slug}/export")).status_code == 200
        await Session.all().update(stepped_up_at=clock.real() - timedelta(minutes=10))
        asked = await client.get(f"/try/{event.slug}/export")
        posted = await client.post(f"/try/{event.slug}/export")
        assert (await client.get(f"/try/{event.slug}/look")).status_code == 200
    assert where_to(asked) == (303, f"/staff/step-up?next=/try/{event.slug}/export")
    assert where_to(posted) == (303, "/staff/step-up?next=/desk")


async def test_a_wrong_role_is_told_so_before_it_is_asked_to_prove_anything(
    database: Database, event: Event, omar: Staff
) -> None:
    async with browsing(database, omar, extra=ROUTES) as client:
        await Session.all().update(stepped_up_at=None)
        assert (await client.get(f"/try/{event.slug}/export")).status_code == 403


async def test_a_password_alone_reaches_nothing_but_the_page_for_the_code(
    database: Database, event: Event, lena: Staff
) -> None:
    async with browsing(database, extra=ROUTES) as client:
        token = await sign_in.begin_session(lena, clock.real())
        client.cookies.set(guards.SESSION.name, token, domain="places.example.org", path="/")
        answers = [await client.get(path) for path in ("/try/mine", f"/try/{event.slug}/look")]
    assert [where_to(answer) for answer in answers] == [(303, "/staff/code")] * 2


@pytest.mark.parametrize("over", ["idle", "twelve hours", "disabled", "ended"])
async def test_a_session_that_is_over_opens_nothing(database: Database, lena: Staff, over: str) -> None:
    real = clock.real()
    async with browsing(database, lena, extra=ROUTES) as client:
        assert (await client.get("/try/mine")).text == "Lena Lead"
        if over == "idle":
            await Session.all().update(last_used_at=real - timedelta(minutes=31))
        elif over == "twelve hours":
            await Session.all().update(expires_at=real)
        elif over == "disabled":
            await Staff.filter(id=lena.id).update(disabled_at=real)
        else:
            await sign_in.end_sessions(lena, lena, real)
        assert where_to(await client.get("/try/mine")) == (303, "/staff/sign-in?next=/try/mine")


HOME = "/desk"
NEXTS = {
    "/desk/launch/requests?state=confirmed": "/desk/launch/requests?state=confirmed",
    "": HOME,
    "https://evil.example/": HOME,
    "//evil.example/": HOME,
    "///evil.example/": HOME,
    "/\\evil.example/": HOME,
    "\\\\evil.example/": HOME,
    "/\t/evil.example/": HOME,
    "/\n/evil.example/": HOME,
    "javascript:alert(1)": HOME,
    "desk": HOME,
    " /desk": HOME,
}


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize(("asked", "led"), NEXTS.items())
async def test_no_link_to_us_leads_on_to_another_site(database: Database, lena: Staff, asked: str, led: str) -> None:
    async with browsing(database, lena) as client:
        assert where_to(await client.get("/staff/sign-in", params={"next": asked})) == (303, led)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize("path", ["/healthz/", "//evil.example/healthz", "/desk//evil.example"])
async def test_nobody_is_sent_to_a_host_that_the_request_names(database: Database, path: str) -> None:
    async with browsing(database) as client:
        answer = await client.get(f"https://places.example.org{path}", headers={"host": "evil.example"})
    assert (answer.status_code, answer.headers.get("location")) == (404, None)


def from_there(peer: str, *forwarded: str) -> str:
    headers = [(b"x-forwarded-for", address.encode()) for address in forwarded]
    return network_of(Request({"type": "http", "client": (peer, 1), "headers": headers}))


def test_nobodys_word_is_taken_for_where_a_request_comes_from() -> None:
    assert from_there("198.51.100.9", "192.0.2.7") == "198.51.100.9"
    assert from_there("127.0.0.1", "192.0.2.7") == "127.0.0.1"


@pytest.mark.parametrize(
    ("peer", "forwarded", "comes_from"),
    [
        ("10.0.0.5", ["192.0.2.7"], "192.0.2.7"),
        ("10.0.0.5", ["6.6.6.6, 192.0.2.7"], "192.0.2.7"),
        ("10.0.0.5", ["6.6.6.6", "192.0.2.7"], "192.0.2.7"),  # as HAProxy does it: a header of its own
        ("10.0.0.5", [], "10.0.0.5"),
        ("10.0.0.5", [""], "10.0.0.5"),
        ("10.0.1.5", ["192.0.2.7"], "10.0.1.5"),
        ("198.51.100.9", ["192.0.2.7"], "198.51.100.9"),
        ("", ["192.0.2.7"], ""),
    ],
)
def test_the_last_word_of_our_own_proxy_is_taken(peer: str, forwarded: list[str], comes_from: str) -> None:
    settings.choose(SETTINGS.model_copy(update={"trusted_proxy": "10.0.0.0/24"}))
    assert from_there(peer, *forwarded) == comes_from


def test_one_house_cannot_be_many_networks() -> None:
    assert from_there("2001:db8:1:2:aaaa::1") == from_there("2001:db8:1:2:bbbb::2") != from_there("2001:db8:1:3::1")
    assert from_there("::ffff:192.0.2.7") == from_there("192.0.2.7")


BODIES = [
    b"", b"a=1&b=2", b"a=2&a=1", b"&&a=1&&b=&", b"a", b"=v", b"a=b=c", b"a+b=+c+", b"a=%C3%A9%ff%zz%", b"\xc3\xa9=\xff",
    b"a=1;b=2", b"%00=%0d%0a", b"a=%ed%a0%80", b"&".join([b"a=1"] * 100), b"&".join([b"a=1"] * 101),
    b"a=" + b"x" * (LONGEST_FIELD - 1), b"a=" + b"x" * LONGEST_FIELD, b"x" * LONGEST_FIELD, b"x" * (LONGEST_FIELD + 1),
    b"x" * (LONGEST_FIELD // 2) + b"=" + b"y" * (LONGEST_FIELD // 2),
]  # fmt: skip


async def posted(body: bytes, kind: str) -> list[tuple[str, Any]] | int:
    """The fields, or the status of the answer."""

    async def receive() -> Message:
        return {"type": "http.request", "body": body}

    headers = [(b"content-type", kind.encode())]
    request = Request({"type": "http", "method": "POST", "headers": headers, "app": None}, receive)
    try:
        return (await answers(request)).multi_items()
    except HTTPException as refused:
        return refused.status_code


@pytest.mark.parametrize("body", BODIES, ids=lambda body: repr(body[:12]))
async def test_a_form_as_browsers_send_it_says_what_starlette_would_read_in_it(body: bytes) -> None:
    assert await posted(body, AS_BROWSERS_SEND_IT) == await posted(body, f"{AS_BROWSERS_SEND_IT}; charset=utf-8")


async def test_the_limits_of_a_form_refuse_what_they_are_to_refuse() -> None:
    refused = [body for body in BODIES if await posted(body, AS_BROWSERS_SEND_IT) == 400]
    assert refused == [BODIES[14], BODIES[16], BODIES[18]]


async def test_cookies_are_for_this_host_alone_and_no_script_reads_them() -> None:
    async with browsing(Database("", {}), extra=ROUTES) as client:
        set_cookie = (await client.get("/try/bite")).headers["set-cookie"]
        gone = await client.get("/try/forget")
    assert set_cookie == "__Host-biscuit=crumbs; HttpOnly; Max-Age=60; Path=/; SameSite=lax; Secure"
    assert gone.text == "crumbs"
    assert gone.headers["set-cookie"].startswith('__Host-biscuit=""; ')
    assert "Max-Age=0" in gone.headers["set-cookie"]


async def test_over_plain_http_a_cookie_has_a_plain_name_since_browsers_would_not_keep_the_other() -> None:
    settings.choose(SETTINGS.model_copy(update={"base_url": "http://127.0.0.1:8415"}))
    async with browsing(Database("", {}), extra=ROUTES) as client:
        set_cookie = (await client.get("/try/bite")).headers["set-cookie"]
    assert set_cookie == "biscuit=crumbs; HttpOnly; Max-Age=60; Path=/; SameSite=lax"


def test_a_cookie_is_written_as_starlette_writes_it_or_not_at_all() -> None:
    settings.choose(SETTINGS)
    ours, theirs = Response(), Response()
    BISCUIT.set(ours, "aZ9-_.3~|", 60)
    theirs.set_cookie("__Host-biscuit", "aZ9-_.3~|", max_age=60, path="/", secure=True, httponly=True, samesite="lax")
    assert ours.raw_headers == theirs.raw_headers
    for value in ('a"b', "a;b", "a\r\nb", "a b", "\u00e9"):
        with pytest.raises(ValueError, match="quoted"):
            BISCUIT.set(Response(), value, 60)


async def test_a_slash_too_many_leads_nowhere_whatever_host_it_is_said_to(database: Database, event: Event) -> None:
    """Starlette alone would redirect to the other spelling at whatever Host the request names."""
    async with browsing(database) as client:
        for path in (f"/e/{event.slug}/", "/privacy/", "/desk/"):
            assert (await client.get(path, headers={"host": "elsewhere.example.net"})).status_code == 404
        assert (await client.get(f"/e/{event.slug}")).status_code == 200

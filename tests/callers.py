"""Every kind of caller at every route there is, with its method, on a filled event: what each is answered.

For the table of roles in docs/roles.md, which tests/test_roles.py compares with what happens.
"""

import re
from collections.abc import AsyncIterator, Iterable
from dataclasses import replace
from html import unescape
from itertools import product
from typing import Any

import httpx2
from starlette.routing import Route

from events.accounts import guards, sign_in
from events.accounts.staff import Session
from events.audit.action import Action
from events.ground import clock
from events.ground.limits import Attempt
from events.mail import outbox
from events.mail.outbox import Message, MessageState
from events.programme import changing
from events.programme.changing import Times
from events.programme.programme import ShownTo, Words
from registrations.asking.register_pages import DRAFT
from registrations.booking import own_needs
from registrations.checkin import checkin
from registrations.door.guards import PASS
from registrations.people.choices import Switch
from registrations.phones import pairing
from registrations.phones.door import PassRole
from registrations.privacy.rights.copy_pages import VISITING
from server import ROOT, all_routes
from tests.at_the_door import a_phone_at, scan_of
from tests.browser import browsing
from tests.callers_world import CANARIES, ROLES, World, filling
from tests.people import MONDAY, THE_DAY, Person, confirmed, recorded
from tests.professional import with_ticket
from tests.registrations.booking.telling_needs import tells_adjustments, tells_diet
from tests.registrations.desk.arranging.photographing import a_processor

CALLERS = ["nobody", "password alone", "no role", *ROLES, "phone"]
PHONES = {"phone": PassRole.STEWARD, "marshal's phone": PassRole.MARSHAL}
SEEN_BY = ["anyone", *ROLES]
WRITTEN = ROOT / "docs" / "roles.md"
PARAMETER = re.compile(r"{(\w+)(?::\w+)?}")
METHODS = ("GET", "POST")


Called = tuple[str, str]  # method and path of a route


OF_ITS_OWN = {("POST", "/door/api/pair"): {403}}  # a page that lets anyone in may answer with what a guard says
PERSONAL = ("name", "email", "organisation", "role", "badge name", "telephone")


def called() -> list[Called]:
    """Each route with each of its methods. HEAD is a GET to every guard."""
    pages = [route for route in all_routes() if isinstance(route, Route)]
    return [(method, route.path) for route in pages for method in METHODS if method in (route.methods or ())]


def written(heading: str) -> dict[tuple[str, ...], dict[str, str]]:
    """The table below this heading of docs/roles.md: by the words of its first cell, the other cells by column."""
    section = WRITTEN.read_text(encoding="utf-8").partition(f"## {heading}\n")[2].partition("\n## ")[0]
    lines = [line.strip("| ").split("|") for line in section.splitlines() if line.startswith("|")]
    columns, *rows = [[cell.strip() for cell in line] for line in [lines[0], *lines[2:]]]
    return {tuple(row[0].strip("`").split(" ")): dict(zip(columns[1:], row[1:], strict=True)) for row in rows}


async def cookies_of(world: World, caller: str, *, proved_again: bool) -> dict[str, str]:
    """A fresh session or pass each time: some pages end it."""
    real = clock.real()
    if caller == "nobody":
        return {}
    if caller in PHONES:
        made = await pairing.make_pass(world.door, caller, PHONES[caller], world.staff["lead"], clock.now(), real)
        return {PASS.name: (await pairing.pair(made.secret, "192.0.2.1", clock.now(), real)).token}
    if caller == "password alone":
        return {guards.SESSION.name: await sign_in.begin_session(world.staff[caller], real)}
    token = await sign_in.begin_full_session(world.staff[caller], real)
    session = await Session.all().order_by("-id").first()
    if session is not None and not proved_again:
        await Session.filter(id=session.id).update(stepped_up_at=None, both_proved_at=None)
    return {guards.SESSION.name: token}


async def answers(world: World, caller: str, *, proved_again: bool) -> dict[Called, str]:
    """Who is asked for what, in the words of the table."""
    each = each_answer(world, caller, proved_again=proved_again)
    return {route: in_words(answer, route) async for route, answer in each}


async def each_answer(
    world: World, caller: str, *, proved_again: bool, routes: Iterable[Called] | None = None, of: World | None = None
) -> AsyncIterator[tuple[Called, httpx2.Response]]:
    """Every route once, or each of these, with something real in its braces, maybe another event's, and no body."""
    async with browsing(world.database) as client:
        for method, path in called() if routes is None else routes:
            client.cookies.clear()
            await Attempt.all().delete()  # what is tried too often is another test's
            for name, value in (await cookies_of(world, caller, proved_again=proved_again)).items():
                client.cookies.set(name, value, domain="places.example.org", path="/")
            fill = await filling(of or world, caller, path) | {"event": world.event.slug}
            for cookie in (DRAFT, VISITING):
                if cookie.short_name in fill:
                    client.cookies.set(cookie.name, fill[cookie.short_name], domain="places.example.org", path="/")
            url = PARAMETER.sub(lambda match, fill=fill: fill[match[1]], path)  # type: ignore[misc]
            yield (method, path), await client.request(method, url)


def in_words(answer: httpx2.Response, route: Called) -> str:
    where, status = answer.headers.get("location", ""), answer.status_code
    assert status < 500, (route, status)
    if where == "/staff/sign-in" or where.startswith("/staff/sign-in?next="):
        return "sign in"
    if where == "/staff/code":
        return "code"
    if where.startswith("/staff/step-up?"):
        return "both" if where.startswith("/staff/step-up?both") else "again"
    if status in {401, 403, 410} - OF_ITS_OWN.get(route, set()):
        return "no"
    assert status != 405, route
    return "not found" if status == 404 else "yes"


async def details_seen_by(world: World, caller: str) -> set[str]:
    """Whose canaries stand on any page that this caller opens: of a guest, and of somebody whose emails failed."""
    told = {name.removesuffix(" of a person"): value for name, value in CANARIES.items()}
    name, email, organisation, role, badge_name, telephone = (told[what] for what in PERSONAL)
    canary = Person(name, email, organisation, "charity", role, badge_name, telephone)
    waits = await confirmed(canary, world.event)
    await recorded(Action.CORRECTED, waits, by=world.staff["lead"], at=MONDAY)
    guest, ticket = await with_ticket(replace(canary, email=f"two.{canary.email}"), world.event)
    await checkin.settle([await scan_of(ticket)], await a_phone_at(world.door), THE_DAY)
    await tells_adjustments(guest, words=CANARIES["adjustments of a person"])
    await tells_diet(guest, words=CANARIES["diet of a person, in their words"])
    await own_needs.switch(guest, [Switch.OTHER_ENTRANCE], MONDAY, clock.real())
    await own_needs.agree_to_photos(guest, MONDAY, clock.real())
    await changing.show_to(world.event, ShownTo.EVERYBODY, by=world.staff["lead"], at=MONDAY)
    hall = Words("A session", "For everybody", CANARIES["room of a session"], "")
    await changing.add_session(world.event, hall, Times(600, 660), by=world.staff["lead"], at=MONDAY)
    photographer = await a_processor(world.event, world.staff["lead"])
    await outbox.put("confirm", waits.id, cause="in a test", at=MONDAY, event_id=world.event.id)
    await Message.all().update(state=MessageState.FAILED, done_at=MONDAY)
    of: list[Any] = [waits, guest, world.staff["viewer"], photographer]
    read = await pages_of(world, caller, [str(row.id) for row in of])
    return {what for what, canary in CANARIES.items() if canary in read}


async def pages_of(world: World, caller: str, ids: list[str]) -> str:
    """The text of all pages that answer this caller's GET, with these ids in the braces."""
    parts = {"act": ["cancel", "withdraw"], "part": ["contacts", "hosts", "venue", "hours"]}
    read = []
    async with browsing(world.database) as client:
        for name, value in (await cookies_of(world, caller, proved_again=True)).items():
            client.cookies.set(name, value, domain="places.example.org", path="/")
        for path in [path for method, path in called() if method == "GET" and not path.startswith("/door/s/")]:
            fill = {name: [value] for name, value in (await filling(world, caller, "")).items()} | parts | {"id": ids}
            names = PARAMETER.findall(path)
            for values in product(*(fill.get(name, ["none"]) for name in names)):
                filled = iter(values)
                url = PARAMETER.sub(lambda _, filled=filled: next(filled), path)  # type: ignore[misc]
                answer = await client.get(url)
                assert answer.status_code < 500, url
                read.append(unescape(answer.text))
        if caller != "nobody":
            read.append(unescape((await client.post(f"/desk/{world.event.slug}/event/venue/show")).text))
    return "\n".join(read)

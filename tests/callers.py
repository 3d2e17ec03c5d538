"""Every kind of caller at every route there is, with its method, on a filled event: what each is answered.

For the table of roles in docs/roles.md, which tests/test_roles.py compares with what happens.
"""

import re
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from html import unescape
from itertools import product
from typing import NamedTuple

import httpx2
from starlette.routing import Route

from events.accounts import accounts, guards, sign_in
from events.accounts.staff import RoleName, Session, Staff
from events.audit.audit import Action, AuditEntry
from events.event import Event, sealed_venue
from events.ground import clock, tokens
from events.ground.database import Database
from events.ground.limits import Attempt
from events.ground.tokens import Purpose
from events.known_organisation import KnownOrganisation, Treatment
from events.mail import outbox
from events.mail.outbox import Message, MessageState
from registrations.asking import drafting
from registrations.asking.register_pages import DRAFT
from registrations.door import shell
from registrations.door.door_pages import PASS
from registrations.people.registration import State
from registrations.phones import heartbeat, pairing
from registrations.phones.door import Door, PassRole
from server import ROOT, all_routes
from tests.at_the_door import a_phone_at
from tests.browser import browsing
from tests.people import MONDAY, Person, a_door, a_member_of_staff, an_event, confirmed, joined, recorded, someone
from tests.professional import approved, path_to, put_into, questions_of

ROLES = [name.value for name in RoleName]
CALLERS = ["nobody", "password alone", "no role", *ROLES, "phone"]
SEEN_BY = ["anyone", *ROLES]
WRITTEN = ROOT / "docs" / "roles.md"
PARAMETER = re.compile(r"{(\w+)(?::\w+)?}")
METHODS = ("GET", "POST")
Called = tuple[str, str]  # method and path of a route
OF_ITS_OWN = {("POST", "/door/api/pair"): {403}}  # a page that lets anyone in may answer with what a guard says

CANARIES = {
    "name of a person": "Canary Quill",
    "email of a person": "canary.quill@aviary.example",
    "telephone of a person": "01632 777001",
    "organisation of a person": "Canary Aviary",
    "role of a person": "Canary keeper",
    "badge name of a person": "Canary Q",
    "telephone of the lead on the day": "07700 777002",
    "contacts of the organisers": "canary.desk@hosts.example.org",
    "contacts of the hosts": "canary.host@hosts.example.org",
    "venue while it is held back": "Canary Hall",
    "name of a member of staff": "Canary Lead",
    "email of a member of staff": "canary.lead@hosts.example.org",
}


PERSONAL = ("name", "email", "organisation", "role", "badge name", "telephone")


class World(NamedTuple):
    """A filled event, and a member of staff for each role."""

    database: Database
    event: Event
    door: Door
    staff: dict[str, Staff]


Maker = Callable[[World, str, str], Awaitable[dict[str, str]]]


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


async def a_world(database: Database) -> World:
    event = await an_event()
    event.contact_email, event.lead_phone = CANARIES["contacts of the organisers"], "07700 777002"
    event.hosts[0]["email"] = CANARIES["contacts of the hosts"]
    event.venue_sealed = sealed_venue(f"{CANARIES['venue while it is held back']}, 1 Example Street")
    await event.save()
    names = {"lead": "Canary Lead"} | {role: f"{role.capitalize()} Of Here" for role in ROLES if role != "lead"}
    staff = {
        role: await joined(
            await a_member_of_staff(name, f"{name.lower().replace(' ', '.')}@hosts.example.org", event, RoleName(role))
        )
        for role, name in names.items()
    }
    elsewhere = await an_event()
    stranger = await a_member_of_staff("Eve Else", "eve@hosts.example.org", elsewhere, RoleName.LEAD)
    staff |= {"no role": await joined(stranger), "password alone": staff["viewer"]}
    return World(database, event, await a_door(event), staff)


async def cookies_of(world: World, caller: str, *, proved_again: bool) -> dict[str, str]:
    """A fresh session or pass each time: some pages end it."""
    real = clock.real()
    if caller == "nobody":
        return {}
    if caller == "phone":
        made = await pairing.make_pass(
            world.door, "Main door 1", PassRole.STEWARD, world.staff["lead"], clock.now(), real
        )
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
    world: World, caller: str, *, proved_again: bool
) -> AsyncIterator[tuple[Called, httpx2.Response]]:
    """Every route once, with something real in its braces and nothing in its body."""
    async with browsing(world.database) as client:
        for method, path in called():
            client.cookies.clear()
            await Attempt.all().delete()  # what is tried too often is another test's
            for name, value in (await cookies_of(world, caller, proved_again=proved_again)).items():
                client.cookies.set(name, value, domain="places.example.org", path="/")
            fill = await filling(world, caller, path)
            if "DRAFT" in fill:
                client.cookies.set(DRAFT.name, fill["DRAFT"], domain="places.example.org", path="/")
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


async def filling(world: World, caller: str, path: str) -> dict[str, str]:
    """What stands in the braces of this path: something real, made for this one request."""
    made = next((make for start, make in MAKERS.items() if path.startswith(start)), None)
    common = {"event": world.event.slug, "slug": world.event.slug, "door": str(world.door.id)}
    return common | (await made(world, caller, path) if made else {})


async def _own_session(world: World, caller: str, path: str) -> dict[str, str]:
    if caller not in world.staff:
        return {"id": "1"}
    await sign_in.begin_full_session(world.staff[caller], clock.real())
    newest = await Session.all().order_by("-id").first()
    return {"id": str(newest.id if newest else 1)}


async def _colleague(world: World, caller: str, path: str) -> dict[str, str]:
    person = someone()
    staff = await a_member_of_staff(person.name, person.email, world.event, RoleName.VIEWER)
    return {"id": str(staff.id), "act": "send-link"}


async def _person(world: World, caller: str, path: str) -> dict[str, str]:
    return {"id": str((await put_into(State.CONFIRMED, someone(), world.event)).id), "act": "cancel"}


async def _failed_email(world: World, caller: str, path: str) -> dict[str, str]:
    asked = await confirmed(someone(), world.event)
    await outbox.put("confirm", asked.id, cause="in a test", at=MONDAY, event_id=world.event.id)
    await Message.filter(subject_id=asked.id, template="confirm").update(state=MessageState.FAILED, done_at=MONDAY)
    return {"id": str((await Message.get(subject_id=asked.id, template="confirm")).id)}


async def _organisation(world: World, caller: str, path: str) -> dict[str, str]:
    domain = f"{tokens.new_public_id()}.example.org"
    known = await KnownOrganisation.create(event=world.event, domain=domain, kind="charity", treatment=Treatment.REVIEW)
    return {"id": str(known.id)}


async def _pass(world: World, caller: str, path: str) -> dict[str, str]:
    made = await pairing.make_pass(
        world.door, "Main door 2", PassRole.STEWARD, world.staff["lead"], clock.now(), clock.real()
    )
    return {"id": str(made.door_pass.id)}


async def _part(world: World, caller: str, path: str) -> dict[str, str]:
    part = "contacts" if "guarded" in path else "places"
    return {"part": part, "act": "close" if world.event.is_open(clock.now()) else "open"}


async def _alarm(world: World, caller: str, path: str) -> dict[str, str]:
    await heartbeat.call_for_help(await a_phone_at(world.door), clock.now())
    entry = await AuditEntry.filter(action=Action.DOOR_ALERT).order_by("-id").first()
    return {"id": str(entry.id if entry else 1)}


async def _shell(world: World, caller: str, path: str) -> dict[str, str]:
    return {"version": shell.version(), "path": next(iter(shell.files()))}


async def _draft(world: World, caller: str, path: str) -> dict[str, str]:
    typed = {name: value for page in questions_of(someone()).values() for name, value in page.items()}
    return {"step": "name", "DRAFT": await drafting.keep(world.event, None, "", typed, clock.real())}


def _link(purpose: Purpose) -> Maker:
    async def made(world: World, caller: str, path: str) -> dict[str, str]:
        asked = await put_into(
            State.REQUESTED if purpose is Purpose.CONFIRM else State.APPROVED, someone(), world.event
        )
        return {"token": path_to(asked, purpose).rpartition("/")[2]}

    return made


def _staff_link(purpose: Purpose) -> Maker:
    async def made(world: World, caller: str, path: str) -> dict[str, str]:
        person, by, real = someone(), world.staff["lead"], clock.real()
        new = await accounts.invite(
            person.email, person.name, "Safer Places", world.event, RoleName.VIEWER, by=by, at=MONDAY, real=real
        )
        await new.refresh_from_db()
        return {"token": tokens.make(purpose, new.public_id, new.generation)}

    return made


MAKERS: dict[str, Maker] = {
    "/staff/account/sessions/{id": _own_session,
    "/staff/join/": _staff_link(Purpose.STAFF_INVITE),
    "/staff/reset/": _staff_link(Purpose.STAFF_RESET),
    "/desk/{event}/staff/{id": _colleague,
    "/desk/{event}/people/{id": _person,
    "/desk/{event}/emails/{id": _failed_email,
    "/desk/{event}/organisations/{id": _organisation,
    "/desk/{event}/conflicts/{id": _pass,
    "/desk/{event}/phones/{id": _pass,
    "/desk/{event}/board/alarms/{id": _alarm,
    "/desk/{event}/event/": _part,
    "/door/s/": _shell,
    "/e/{slug}/ask": _draft,
    "/confirm/": _link(Purpose.CONFIRM),
    "/ticket/": _link(Purpose.TICKET),
    "/manage/": _link(Purpose.MANAGE),
}


async def details_seen_by(world: World, caller: str) -> set[str]:
    """Whose canaries stand on any page that this caller opens: of a guest, and of somebody who waits, mail in vain."""
    told = {name.removesuffix(" of a person"): value for name, value in CANARIES.items()}
    name, email, organisation, role, badge_name, telephone = (told[what] for what in PERSONAL)
    canary = Person(name, email, organisation, "charity", role, badge_name, telephone)
    waits = await confirmed(canary, world.event)
    await recorded(Action.CORRECTED, waits, by=world.staff["lead"], at=MONDAY)
    guest, _ = await approved(replace(canary, email=f"two.{canary.email}"), world.event)
    await outbox.put("confirm", waits.id, cause="in a test", at=MONDAY, event_id=world.event.id)
    await Message.all().update(state=MessageState.FAILED, done_at=MONDAY)
    read = await pages_of(world, caller, [str(waits.id), str(guest.id), str(world.staff["viewer"].id)])
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
                read.append(unescape((await client.get(url)).text))
        if caller != "nobody":
            read.append(unescape((await client.post(f"/desk/{world.event.slug}/event/venue/show")).text))
    return "\n".join(read)

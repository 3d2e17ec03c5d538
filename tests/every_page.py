"""Every page that there is, as whoever may open it sees it: a route that is added is among them by itself.

The routes and who may open each are those of docs/roles.md, filled with something real. A page is asked for by the
first caller who may open it, and by each role of the desk; its errors are what an empty form is answered with.
"""

import re
from typing import Any, NamedTuple

from events.accounts import guards, sign_in
from events.accounts.staff import RoleName, Staff
from events.event import Event
from events.ground import clock, live
from events.ground.database import Database
from events.ground.tokens import Purpose
from registrations.asking.register_pages import DRAFT
from registrations.asking.registering import STEPS
from registrations.paper.sheet import Sheet, SheetKind
from registrations.people.registration import State
from tests import callers_world
from tests.at_the_door import a_phone_at
from tests.browser import browsing
from tests.callers import Called, called, cookies_of, each_answer, written
from tests.callers_world import ROLES, World
from tests.events.accounts.offering import of_offers
from tests.events.accounts.passkeys.authenticator import a_passkey_of
from tests.people import a_member_of_staff, a_room, someone
from tests.professional import path_to, put_into, with_ticket
from tests.registrations.booking.colleagues.naming_them import a_guest_names
from tests.registrations.booking.handing.handing import asks
from tests.registrations.paper.sheets import a_sheet

EVERYBODY = "nobody"  # what anybody may open says the same to all
ASKED_BY = [EVERYBODY, "password alone", "no role", *ROLES]
SEND_EMPTY = [EVERYBODY, "password alone", "lead"]
MAY = {"yes", "again", "both"}
FRAME = re.compile(r"<(header|nav|aside|footer)\b.*?</\1>", re.S)
NO_PAGE = {  # a GET that answers with a file, a stream or another address
    "/.well-known/security.txt", "/robots.txt", "/healthz", "/readyz", "/copy/{token}/file", "/desk/{event}",
    "/desk/{event}/badge-desk/live", "/desk/{event}/board/live", "/desk/{event}/board/wall/live",
    "/desk/{event}/doors/close/live", "/desk/{event}/live", "/desk/{event}/roll-call/live", "/door", "/door/api/list",
    "/door/api/pass", "/door/api/walk-ins", "/door/api/roll/list", "/door/s/{version}/{path:path}",
    "/door/service-worker.mjs", "/ticket/{token}/calendar.ics", "/ticket/{token}/ticket.pdf",
    "/colour/{name}.css", "/e/{slug}/logos/{mark}.png", "/desk/{event}/event/logos/{mark}.png",
    "/desk/{event}/people/import/{public_id}/unusable",
    "/desk/{event}/after/deletion/calendar", "/desk/{event}/after/report/pdf",
    "/desk/{event}/after/certificates/certificate.pdf", "/manage/{token}/certificate/certificate.pdf",
    # These two ask before certificates are released, and before any guest has theirs: here both have happened.
    "/desk/{event}/after/certificates/release", "/desk/{event}/after/certificates/take-back",
}  # fmt: skip
SET_UP = "/staff/set-up"
WALK_INS, BACK = "/desk/{event}/doors/paper/{sheet:int}/walk-ins", "/manage/{token}/hand-over/back"
NOT_OFFERED = {  # posts of a form that the page does not show as things stand: its errors have no field to lead to
    "/desk/{event}/doors/{door:int}/kind", "/desk/{event}/doors/{door:int}/one-place",
    "/desk/{event}/data-protection/deletion/copies", "/desk/{event}/data-protection/requests/{id:int}/whose",
}  # fmt: skip
AN_EMAIL = "/picture"  # how an email looks, in a frame: its colours and sizes are those of email programs


class Shown(NamedTuple):
    """One page, as it was sent to this caller."""

    caller: str
    method: str
    path: str
    status: int
    html: str

    @property
    def name(self) -> str:
        return f"{self.method} {self.path} {self.status}, {self.caller}"

    @property
    def made(self) -> tuple[str, str, int, str]:
        """Alike for two pages that differ in their words alone, or in what stands around them."""
        inner = FRAME.sub("", self.html)
        return self.method, self.path, self.status, re.sub(r'>[^<]*<|="[^"]*"', "", inner)


async def a_full_world(database: Database) -> World:
    """With somebody in every list, and places for all."""
    live.hub().close()  # streams end after their first line
    world = await callers_world.a_world(database)
    await Event.all().update(capacity=10_000)
    for start, make in callers_world.MAKERS.items():
        await make(world, "lead", start)
    for state in (State.WAITING, State.OFFERED, State.NOT_OFFERED):
        await put_into(state, someone(), world.event)
    return world


async def every_page(database: Database) -> list[Shown]:
    """Each once for each way in which it is made."""
    world = await a_full_world(database)
    pages = [page for caller in ASKED_BY for page in await _shown(world, caller, "GET")]
    pages += await _made_for_one_page(world)
    pages += [page for caller in SEND_EMPTY for page in await _shown(world, caller, "POST")]
    return list({page.made: page for page in reversed(pages)}.values())[::-1]


def routes_of(caller: str, method: str) -> list[Called]:
    table = written("Routes")
    for_all = set() if caller == EVERYBODY else {route for route in called() if table[route][EVERYBODY] in MAY}
    return [route for route in called() if route[0] == method and table[route][caller] in MAY and route not in for_all]


async def _shown(world: World, caller: str, method: str) -> list[Shown]:
    return await _read(world, caller, routes_of(caller, method))


async def _read(world: World, caller: str, routes: list[Called]) -> list[Shown]:
    each = each_answer(world, caller, proved_again=True, routes=routes)
    return [
        Shown(caller, method, path, answer.status_code, answer.text)
        async for (method, path), answer in each
        if answer.headers.get("content-type", "").startswith("text/html") and answer.text
    ]


async def _made_for_one_page(world: World) -> list[Shown]:
    """Pages that are there in one state alone, and those of what went wrong."""
    room, at, lead = await a_room(world.event), clock.now(), world.staff["lead"]
    sheet, of_door = await a_sheet(world.event, lead, SheetKind.WALK_IN), await a_sheet(world.event, lead)
    phone = await a_phone_at(world.door)
    begun = {"door_id": phone.door_id, "door_pass_id": phone.id, "begun_at": at}
    await Sheet.filter(id__in=[sheet.id, of_door.id]).update(**begun)
    desk, new = f"/desk/{world.event.slug}", world._replace(staff={"new": await _a_new_account(world)})
    empty = {"nothing": ("", b"")}
    return [
        await _opened(world, "lead", "/desk/{event}/doors/{door:int}/room", f"{desk}/doors/{room.id}/room"),
        await _opened(world, "lead", WALK_INS, f"{desk}/doors/paper/{sheet.number}/walk-ins"),
        await _opened(world, "lead", "a door list, typed up", f"{desk}/doors/paper/{of_door.number}"),
        await _opened(world, "lead", "no list", f"{desk}/people/import", "POST", files=empty),
        await _opened(world, "lead", "no logo", f"{desk}/event/logos", "POST", files=empty),
        await _opened(new, "new", SET_UP, SET_UP),
        await _opened(new, "new", SET_UP, SET_UP, "POST"),
        await _opened(world, EVERYBODY, "a link to a password", "/staff/forgot", "POST", data={"email": "a@b.example"}),
        await _opened(world, EVERYBODY, "nothing", "/nothing"),
        await _opened(world, "viewer", "no right", f"{desk}/audit"),
        *await _of_guests(world),
        *await _of_those_who_ask(world),
        *await _with_a_passkey(world),
        *await _with_offers_of_roles(world),
    ]


async def _with_offers_of_roles(world: World) -> list[Shown]:
    """To somebody who answers on their own pages, and by a lead who waits."""
    for path in ("/staff/account/offers/", "/desk/{event}/staff/offers/"):
        await of_offers(world, "viewer", path)
    return [
        await _opened(world, "viewer", "with an offer of a role", "/desk"),
        await _opened(world, "viewer", "with an offer of a role", "/staff/account"),
        await _opened(world, "lead", "with an offer of a role", f"/desk/{world.event.slug}/staff"),
    ]


async def _of_guests(world: World) -> list[Shown]:
    """Who was offered a place, hands theirs over, or has named a colleague; and who needs something."""
    giver, _ = await with_ticket(someone(), world.event)
    await asks(giver, someone().email)
    named = await a_guest_names(someone(), world.event, someone().email)
    manage, offer = path_to(giver, Purpose.MANAGE), await put_into(State.OFFERED, someone(), world.event)
    return [
        await _opened(world, EVERYBODY, BACK, f"{manage}/hand-over/back"),
        await _opened(world, EVERYBODY, BACK, f"{manage}/hand-over/back", "POST"),
        await _opened(world, EVERYBODY, "a place that is handed over", manage),
        await _opened(world, EVERYBODY, "with a colleague", path_to(named.registration, Purpose.MANAGE)),
        await _opened(world, "lead", "who hands over", f"/desk/{world.event.slug}/people/{giver.id}"),
        await _opened(world, EVERYBODY, "an offer", path_to(offer, Purpose.OFFER)),
        await _opened(world, EVERYBODY, "an offer", path_to(offer, Purpose.OFFER), "POST", data={"seen": "offer"}),
        await _opened(world, EVERYBODY, "adjustments", f"{manage}/needs/adjustments", "POST"),
        await _opened(world, EVERYBODY, "which adjustments", f"{manage}/needs/adjustments/which", "POST"),
    ]


async def _of_those_who_ask(world: World) -> list[Shown]:
    """Each question's errors, and links that no longer work."""
    asking = f"/e/{world.event.slug}"
    draft = (await callers_world.filling(world, EVERYBODY, "/e/{slug}/ask"))[DRAFT.short_name]
    steps = [step.name for step in STEPS]
    questions = [
        await _opened(world, EVERYBODY, f"no {step}", f"{asking}/ask/{step}", "POST", draft=draft) for step in steps
    ]
    return [
        *questions,
        await _opened(world, EVERYBODY, "an invitation that is over", f"{asking}/invited/nothing", "POST"),
        *[await _opened(world, EVERYBODY, f"{link} is over", f"/{link}/nothing") for link in ("copy", "staff/join")],
    ]


async def _with_a_passkey(world: World) -> list[Shown]:
    await a_passkey_of(world.staff["viewer"])
    return [
        await _opened(world, "password alone", "a code or a passkey", "/staff/code"),
        await _opened(world, "viewer", "a password or a passkey", "/staff/step-up", "POST"),
    ]


async def _a_new_account(world: World) -> Staff:
    """With a password, and no app yet."""
    return await a_member_of_staff("Nia New", "nia.new@hosts.example.org", world.event, RoleName.VIEWER)


async def _opened(
    world: World, caller: str, path: str, address: str, method: str = "GET", *, draft: str = "", **sent: Any
) -> Shown:
    """As it is asked for or sent, and where that leads."""
    cookies = await cookies_of(world, caller, proved_again=True) if caller != "new" else await _begun(world)
    async with browsing(world.database) as client:
        for name, value in (cookies | ({DRAFT.name: draft} if draft else {})).items():
            client.cookies.set(name, value, domain="places.example.org", path="/")
        answer = await client.request(method, address, follow_redirects=True, **sent)
    return Shown(caller, method, path, answer.status_code, answer.text)


async def _begun(world: World) -> dict[str, str]:
    return {guards.SESSION.name: await sign_in.begin_session(world.staff["new"], clock.real())}

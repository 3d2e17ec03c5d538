"""A crawler that asks for every page there is, and a filled database for it to walk through."""

import re
from collections.abc import Iterable, Iterator
from datetime import timedelta
from functools import cache
from html import unescape
from itertools import product
from typing import Any, NamedTuple
from urllib.parse import urlencode

import httpx2
from starlette.routing import Match, Route

from events.accounts import accounts, guards, reading, sign_in
from events.accounts.staff import RoleName, Session, Staff
from events.event import Event
from events.ground import clock, keys, tokens
from events.ground.database import query
from events.ground.tokens import Purpose
from events.known_organisation import KnownOrganisation, Treatment
from events.mail import outbox
from events.mail.outbox import Message, MessageState
from registrations.asking import drafting
from registrations.asking.register_pages import DRAFT
from registrations.bulk.bulk_act import BulkKind
from registrations.checkin import checkin
from registrations.door.guards import PASS
from registrations.people.registration import Registration, State
from registrations.phones import finding, pairing
from registrations.phones.door import Device, Door, PassRole
from registrations.privacy.rights.copy_pages import VISITING
from registrations.privacy.rights.rights_request import Right
from registrations.roll_call import list_keys
from registrations.telling import announcing
from registrations.telling.announcement import Audience
from registrations.telling.announcing import Written
from registrations.tickets.ticket import Ticket
from server import all_routes
from tests.at_the_door import scan_of
from tests.events.accounts.passkeys.authenticator import a_passkey_of
from tests.events.content.contents import looks_like
from tests.people import MONDAY, a_door, a_member_of_staff, an_event, joined, link_of, requested, someone
from tests.professional import put_into, questions_of, with_ticket
from tests.registrations.asking.invitations import an_invitation, code_of
from tests.registrations.booking.addressing import asks
from tests.registrations.booking.colleagues.naming_them import a_guest_names
from tests.registrations.booking.handing.handing import asks as hands_over
from tests.registrations.bulk.acts import begun
from tests.registrations.certificates.giving import is_given
from tests.registrations.checkin.walking_in.made import a_walk_in
from tests.registrations.desk.arranging.photographing import a_processor
from tests.registrations.exports.taking import a_file
from tests.registrations.feedback.guests import a_link
from tests.registrations.importing.lists import a_list
from tests.registrations.paper.sheets import was_ticked
from tests.registrations.privacy.cases.complaining import a_complaint
from tests.registrations.privacy.cases.incidents import an_incident
from tests.registrations.privacy.rights.asking import a_copy, an_open_copy, asked_by_link, token_of
from tests.registrations.workshops.guests import takes_part

GUESTS, FOR_STAFF = (
    (Purpose.CONFIRM, Purpose.TICKET, Purpose.MANAGE, Purpose.OFFER),
    (Purpose.STAFF_INVITE, Purpose.STAFF_RESET),
)
SAFE = ("GET", "HEAD", "OPTIONS")
ROUTES = [route for route in all_routes() if isinstance(route, Route)]
PARAMETER = re.compile(r"{(\w+)(?::\w+)?}")


class Filled(NamedTuple):
    """Who could be calling, as cookies; and what the words in braces of a path may be."""

    anonymous: dict[str, str]
    everybody: dict[str, str]  # a lead, a phone and somebody who is asking, all in one browser
    half_signed_in: dict[str, str]  # the password was right, the code is still to come
    setting_up: dict[str, str]  # somebody new, who has no codes yet
    marshal: dict[str, str]  # a marshal's phone, for which the key of its list was drawn
    values: dict[str, list[str]]


WORDS = {
    "template": ["thanks"],
    "what": ["name"],
    "need": ["diet"],
    "step": ["asked"],
    "sheet": ["1"],
    "kind": ["contacts"],
}


async def with_roles(event: Event, *roles: RoleName) -> list[dict[str, str]]:
    """Cookies of somebody in each."""
    staff = [await a_member_of_staff(f"Rae {role}", f"{role}@hosts.example.org", event, role) for role in roles]
    return [{guards.SESSION.name: await sign_in.begin_full_session(member, clock.real())} for member in staff]


PARTNERS = "wardens.example.org"


async def filled() -> Filled:
    """An event with people in every state, email, staff, a phone that has scanned; and every link that was emailed."""
    event = await an_event()
    lena = await joined(await a_member_of_staff("Lena Lead", "lena@hosts.example.org", event, RoleName.LEAD))
    await a_processor(event, lena)
    new = await a_member_of_staff("Nora New", "nora@hosts.example.org", None, None)
    real = clock.real()
    invited = await accounts.invite(
        "olga@hosts.example.org", "Olga", "Safer Places", event, RoleName.VIEWER, by=lena, at=MONDAY, real=real
    )
    await invited.refresh_from_db()
    await a_passkey_of(lena)
    people, copies_of = await _asking(event), await _cases(event, lena)
    guest, ticket = await with_ticket(someone(), event)
    await KnownOrganisation.create(event=event, domain=PARTNERS, kind="charity", treatment=Treatment.PARTNER)
    await outbox.put("confirm", (await link_of(people[0])).id, cause="in a test", at=MONDAY, event_id=event.id)
    await Message.all().update(state=MessageState.FAILED, done_at=MONDAY)
    door = await a_door(event)
    made = await pairing.make_pass(door, "Main door 1", PassRole.STEWARD, lena, clock.now(), real)
    paired = await pairing.pair(made.secret, "192.0.2.1", clock.now(), real)
    came = await _at_the_door(await finding.device_of(paired.door_pass, real), ticket, people[0], lena)
    draft = await drafting.keep(event, None, "", _answers(), real)
    session = await sign_in.begin_full_session(lena, real)
    await Session.all().update(last_used_at=real - timedelta(minutes=5))
    mailed = [*copies_of.tokens, came, *_links(GUESTS, people[0], guest), *_links(FOR_STAFF, invited)]
    return Filled(
        anonymous={}, everybody={
            guards.SESSION.name: session, PASS.name: paired.token, DRAFT.name: draft, VISITING.name: copies_of.visit,
        },
        half_signed_in={guards.SESSION.name: await sign_in.begin_session(lena, real)},
        setting_up={guards.SESSION.name: await sign_in.begin_session(new, real)},
        marshal=await _a_marshal(door, lena),
        values=await looks_like(event, lena) | {
            "event": [event.slug], "slug": [event.slug], "slot": [str((await takes_part(guest, event, lena)).slot.id)],
            "id": [*map(str, range(1, 5)), str(guest.id), str((await put_into(State.CANCELLED, someone(), event)).id)],
            "token": [*mailed, *await _another_address(event), *await _asked(event), *await _handed_over(event)],
            "code": [code_of(await an_invitation(event, lena, skips=True))], "door": [str(door.id)], **WORDS,
            "public_id": await _files(event, lena),
        },
    )  # fmt: skip


async def _files(event: Event, lena: Staff) -> list[str]:
    """One that waits to be fetched, and one that waits to be imported; beside an act on many."""
    await begun(event, lena, BulkKind.WAIT, [await put_into(State.CONFIRMED, someone(), event)])
    return [(await a_file(event, lena)).public_id, (await a_list(event, lena)).public_id]


def _answers() -> dict[str, str]:
    return {name: typed for page in questions_of(someone()).values() for name, typed in page.items()}


async def _a_marshal(door: Door, by: Staff) -> dict[str, str]:
    real = clock.real()
    made = await pairing.make_pass(door, "Marshal 1", PassRole.MARSHAL, by, clock.now(), real)
    paired = await pairing.pair(made.secret, "192.0.2.1", clock.now(), real)
    await list_keys.made_if_need_be(door.event_id, paired.door_pass, clock.now())
    return {PASS.name: paired.token}


async def _at_the_door(device: Device, ticket: Ticket, walk_in: Registration, by: Staff) -> str:
    """The link to the booking of somebody who came, and has a certificate."""
    await checkin.settle([await scan_of(ticket)], device, clock.now())
    await a_walk_in(walk_in, device)
    return _links([Purpose.MANAGE], await is_given(await Event.get(id=ticket.event_id), by, device))[0]


def _links(purposes: Iterable[Purpose], *rows: Registration | Staff) -> list[str]:
    return [tokens.make(purpose, row.public_id, row.generation) for purpose in purposes for row in rows]


async def _another_address(event: Event) -> list[str]:
    change = await asks((await with_ticket(someone(), event))[0])
    return [change.link(purpose).rpartition("/")[2] for purpose in (Purpose.NEW_ADDRESS, Purpose.KEEP_ADDRESS)]


async def _asked(event: Event) -> list[str]:
    """The links of a colleague whom a guest named, and of whoever is asked for feedback."""
    return [(await a_guest_names(someone(), event)).path.rpartition("/")[2], await a_link(event)]


async def _handed_over(event: Event) -> list[str]:
    """The link of a colleague who was asked, and the booking of the guest."""
    guest, _ticket = await with_ticket(someone(), event)
    hand_over = await hands_over(guest, someone().email)
    return [hand_over.link.rpartition("/")[2], *_links([Purpose.MANAGE], guest)]


async def _asking(event: Event) -> list[Registration]:
    """Somebody in each state before a place, the first of them not confirmed yet."""
    decided = (State.CONFIRMED, State.WAITING, State.NOT_OFFERED)
    return [await requested(someone(), event), *[await put_into(state, someone(), event) for state in decided]]


class Copies(NamedTuple):
    """Links to copies, and the cookie of whoever has opened the second a moment ago."""

    tokens: list[str]
    visit: str


async def _cases(event: Event, lena: Staff) -> Copies:
    await announcing.write(event, Written("A subject", "Words", Audience.GUESTS, "", ()), lena, MONDAY)
    await a_complaint(event)
    await an_incident(event, lena)
    await was_ticked((await with_ticket(someone(), event))[1], event, lena, "e" * 32)
    unopened, (opened, visit) = await a_copy(event, lena), await an_open_copy(event, lena)
    for kind in (Right.CORRECTION, Right.ERASURE):
        await asked_by_link(await put_into(State.CONFIRMED, someone(), event), kind, "All of it.")
    return Copies([token_of(unopened), token_of(opened)], visit)


async def everything() -> dict[str, list[dict[str, Any]]]:
    """Every row but what looking may change: audit log, counts of looks, a session's last use, a phone's contact."""
    named = await query("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
    spared = {"audit_entry", "audit_seal", "sqlite_sequence"}
    tables = {row["name"]: await query(f'SELECT * FROM "{row["name"]}"') for row in named if row["name"] not in spared}  # noqa: S608
    looks = [keys.keyed_hash("limits", f"{limit.what}|{n}") for limit in reading.COUNTED for n in range(9)]
    tables["attempt"] = [row for row in tables["attempt"] if row["subject"] not in looks]
    for table, column in (("session", "last_used_at"), ("door_pass", "last_seen_at")):
        for row in tables[table]:
            del row[column]
    return tables


async def rows_touched() -> int:
    """How many rows this process has written so far, to whatever table."""
    [row] = await query("SELECT total_changes() AS rows")
    return int(row["rows"])


def changed(before: dict[str, list[dict[str, Any]]], after: dict[str, list[dict[str, Any]]]) -> set[str]:
    return {table for table in before if before[table] != after[table]}


class Crawler:
    """Asks for every address it can make up from the routes or finds on a page, by each safe method."""

    def __init__(self, client: httpx2.AsyncClient, values: dict[str, list[str]], *, under: str, most: int) -> None:
        """Under this path only, and at most so many addresses of one route."""
        self.client, self.values, self.under, self.most = client, values, under, most
        self.opened: set[str] = set()  # paths of routes that showed a page
        self.culprits: set[tuple[str, str]] = set()  # (route, tables that it changed)
        self._asked: dict[str, list[str]] = {}

    async def walk(self) -> None:
        waiting = [url for route in ROUTES for url in self._urls_of(route)]
        before, touched = await everything(), await rows_touched()
        while waiting:
            url = waiting.pop(0)
            path = self._is_new(url)
            if path is None:
                continue
            waiting += await self._ask(url, path)
            if touched != (touched := await rows_touched()):
                self.culprits |= {(path, table) for table in changed(before, await everything())}
                before = await everything()

    def _urls_of(self, route: Route) -> Iterator[str]:
        names = PARAMETER.findall(route.path)
        for values in product(*(self.values.get(name, []) for name in names)):
            filling = iter(values)
            yield PARAMETER.sub(lambda _, filling=filling: next(filling), route.path)  # type: ignore[misc]

    def _is_new(self, url: str) -> str | None:
        """The path of the route that this belongs to; None for what was asked before, or too often of its kind."""
        path = path_of_route(url.partition("?")[0])
        if path is None or not path.startswith(self.under):
            return None
        asked = self._asked.setdefault(path, [])
        if url in asked or len(asked) >= self.most:
            return None
        asked.append(url)
        return path

    async def _ask(self, url: str, path: str) -> list[str]:
        """The addresses that stand on the page, and its forms as a gateway might send them: by GET, all filled in."""
        for method in SAFE[1:]:
            await self.client.request(method, url)
        answer = await self.client.get(url)
        if answer.is_success or (answer.is_redirect and not answer.headers["location"].startswith("/staff/")):
            self.opened.add(path)
        text = answer.text if answer.headers.get("content-type", "").startswith("text/html") else ""
        links = [unescape(address).partition("#")[0] for address in re.findall(r'(?:href|action)="(/[^"]*)"', text)]
        forms = re.findall(r"<form[^>]*>.*?</form>", text, re.S)
        return links + [f"{url.partition('?')[0]}?{filled_in(form)}" for form in forms]


def filled_in(form: str) -> str:
    inputs = re.findall(r'name="([^"]+)"(?:[^>]*value="([^"]*)")?', form)
    return urlencode({name: value or "yes" for name, value in reversed(inputs)})


@cache
def path_of_route(path: str) -> str | None:
    scope = {"type": "http", "method": "GET", "path": path, "root_path": ""}
    return next((route.path for route in ROUTES if route.matches(scope)[0] is not Match.NONE), None)

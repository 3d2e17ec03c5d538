"""A flood of posts at each door that needs no account, while honest people come from elsewhere.

In small here: each limit of a network is five. With the real limits and as large as floods are, `--all` runs it.

Rules: SE-04.
"""

import ast
import sys
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from types import ModuleType
from typing import NamedTuple

import httpx2
import pytest

from events.accounts import password_requests
from events.event import Event
from events.ground import clock, limits, settings
from events.ground.database import Database
from events.ground.limits import Limit
from events.ground.tokens import Purpose
from events.mail.outbox import EPOCH, Message
from registrations.asking import inviting
from registrations.certificates import checking
from registrations.people.link_answers import LinkAnswers
from registrations.people.registration import State
from registrations.privacy.rights import rights_requests
from server import ROOT
from tests.browser import browsing
from tests.conftest import SETTINGS
from tests.people import Person, link_of, request_of, requested, someone
from tests.professional import answer_questions, ask, path_to, with_ticket
from tests.tables import models

TURNED_AWAY = {429, 503}
FLOODS = {
    "four addresses": lambda n: f"203.0.113.{n % 4}",
    "a line of IPv6": lambda n: f"2001:db8:0:{n:x}::1",
    "two hundred networks": lambda n: f"100.64.{n % 200}.1",
}
NETWORKS = {"four addresses": 4, "a line of IPv6": 2, "two hundred networks": 200}  # how many shares it has
FEW, FULL = 80, 2000  # posts
ROWS = 15  # at most, of one post that is let in
OF_OTHERS = 120  # rows at most, of four honest people and of what is noted once
HERE, FIVE = sys.modules[__name__], Limit("five", 5, timedelta())


class World(NamedTuple):
    client: httpx2.AsyncClient
    event: Event
    link: str
    booking: str


Post = Callable[[World, int], Awaitable[httpx2.Response]]


class Door(NamedTuple):
    name: str
    post: Post
    well: set[int]  # what honest people are answered
    room: ModuleType | None = None  # where its limit of a network is; None where nothing is kept of a post
    limit: str = ""
    is_by_link: bool = False  # each link has the limit, whatever the network


def to(path: str, form: dict[str, str]) -> Post:
    """`{n}` is another one each time."""

    async def post(world: World, n: int) -> httpx2.Response:
        places = {"n": n, "event": world.event.slug, "link": world.link, "booking": world.booking}
        return await world.client.post(
            path.format(**places), data={name: text.format(n=n) for name, text in form.items()}
        )

    return post


async def asks(world: World, n: int) -> httpx2.Response:
    world.client.cookies.clear()
    begun = await world.client.post(f"/e/{world.event.slug}/ask/name", data={"full_name": f"Person {n}"})
    if begun.status_code in TURNED_AWAY:
        return begun
    await answer_questions(world.client, world.event, someone())
    return await world.client.post(f"/e/{world.event.slug}/ask/check")


async def forgets(world: World, n: int) -> httpx2.Response:
    """The worker takes those who wait, as in a server within a second or two."""
    if len(password_requests.waiting()) > password_requests.MOST_WAITING // 2:
        await password_requests.work_off()
    return await to("/staff/forgot", {"email": ADDRESS})(world, n)


ADDRESS = "person{n}@guests.example.org"
COMPLAINT = {"full_name": "Person {n}", "email": ADDRESS, "account": "This happened to me {n} times."}
DOORS = [
    Door("asking", asks, {303}, limits, "ASKS_FROM_NETWORK"),
    Door("lost link", to("/e/{event}/lost-link", {"email": ADDRESS}), {303}, limits, "ASKS_FROM_NETWORK"),
    Door("send again", to("{link}/again", {"again": "yes"}), {303}, limits, "ASKS_FROM_NETWORK"),
    Door("forgot password", forgets, {200}, password_requests, "FROM_NETWORK"),
    Door("sign-in", to("/staff/sign-in", {"email": ADDRESS, "password": "not theirs, {n}"}), {422}, limits,
         "SIGN_INS_FROM_NETWORK"),
    Door("complaint", to("/e/{event}/complaint", COMPLAINT), {303}, limits, "COMPLAINTS_FROM_NETWORK"),
    Door("rights request", to("{booking}/rights", {"kind": "access", "about": "All of it, {n}", "word": "send"}), {303},
         rights_requests, "BY_LINK", is_by_link=True),
    Door("certificate number", to("/certificate", {"number": "ABCD-EFGH-{n}"}), {200, 422}, checking, "CHECKS"),
    Door("invitation", to("/e/{event}/invited/ABCD{n}", {}), {422}, inviting, "WRONG_CODES"),
    Door("feedback", to("/feedback/forged{n}", {"overall": "5"}), {404}),
    Door("support", to("/support", {"text": "{n}"}), {405}),
]  # fmt: skip


async def rows() -> int:
    return sum([await model.all().count() for model in models()])


async def flood(door: Door, of: str, posts: int, world: World) -> None:
    """Fails where it gets through, leaves too much behind, or keeps somebody else out."""
    answers, before = Counter[int](), await rows()
    for n in range(posts):
        world.client.headers["x-forwarded-for"] = FLOODS[of](n)
        answer = await door.post(world, n)
        answers[answer.status_code] += 1
        if answer.status_code in TURNED_AWAY:
            assert int(answer.headers["retry-after"]) > 0
        if n % (posts // 4) == 0:
            await comes_from_elsewhere(door, world, posts + n)
    let_in = posts - sum(answers[status] for status in TURNED_AWAY)
    assert set(answers) <= {*door.well, *TURNED_AWAY}
    most = 0 if door.room is None else getattr(door.room, door.limit).tries * (1 if door.is_by_link else NETWORKS[of])
    assert door.room is None or let_in <= most
    assert await rows() - before <= min(most, let_in) * ROWS + OF_OTHERS


async def comes_from_elsewhere(door: Door, world: World, n: int) -> None:
    """With a link and a booking of their own, from a network that nobody else is in."""
    asked, (booking, _) = await requested(someone(), world.event), await with_ticket(someone(), world.event)
    theirs = world._replace(link=path_of(await link_of(asked)), booking=path_to(booking, Purpose.MANAGE))
    world.client.headers["x-forwarded-for"] = f"198.51.{n // 200}.{n % 200}"
    answer = await door.post(theirs, n)
    assert answer.status_code in door.well


async def goes_through_all_of_it(world: World, person: Person, network: str = "192.0.2.99") -> None:
    """Their email is due at once, and what it asks is answered."""
    world.client.headers["x-forwarded-for"] = network
    world.client.cookies.clear()
    assert (await ask(world.client, world.event, person)).status_code == 303
    link = await link_of(await request_of(person.email))
    email = await Message.get(template="confirm", subject_id=link.id)
    assert (email.next_try_at, email.bulk) == (EPOCH, False)
    assert (await world.client.post(path_of(link), data={"asked": "yes"})).status_code == 303
    assert (await request_of(person.email)).state is State.CONFIRMED
    assert (await world.client.get("/healthz")).status_code == 200


def path_of(link: LinkAnswers) -> str:
    return link.link.removeprefix(SETTINGS.base_url)


@pytest.fixture
async def world(database: Database, event: Event, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[World]:
    """Our own proxy says from which network a post comes. It is the same moment to the end, since a limit of an hour
    begins anew with the next hour."""
    moment = clock.real()
    monkeypatch.setattr(clock, "real", lambda: moment)
    settings.choose(SETTINGS.model_copy(update={"trusted_proxy": "127.0.0.1"}))
    asked, (booking, _) = await requested(someone(), event), await with_ticket(someone(), event)
    async with browsing(database) as client:
        yield World(client, event, path_of(await link_of(asked)), path_to(booking, Purpose.MANAGE))


@pytest.fixture
def five_a_network(monkeypatch: pytest.MonkeyPatch) -> None:
    for room, limit in {(door.room, door.limit) for door in DOORS}:
        if room is not None:
            monkeypatch.setattr(room, limit, getattr(room, limit)._replace(tries=5))


@pytest.mark.parametrize("of", FLOODS)
@pytest.mark.parametrize("door", DOORS, ids=lambda door: door.name)
async def test_a_flood_is_turned_away_and_keeps_nobody_else_out(
    world: World, ada: Person, door: Door, of: str, five_a_network: None
) -> None:
    await flood(door, of, FEW, world)
    await goes_through_all_of_it(world, ada)


@pytest.mark.planted  # takes minutes: `./run test --all` alone
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)  # of both the smaller flood asks the same
@pytest.mark.parametrize("of", FLOODS)
@pytest.mark.parametrize("door", DOORS, ids=lambda door: door.name)
async def test_two_thousand_posts_at_a_door_keep_nobody_out(world: World, ada: Person, door: Door, of: str) -> None:
    await flood(door, of, FULL, world)
    await goes_through_all_of_it(world, ada)


@pytest.mark.planted
@pytest.mark.parametrize("door", [door for door in DOORS if door.room], ids=lambda door: door.name)
async def test_a_door_without_its_limit_is_found(
    world: World, door: Door, five_a_network: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = door.room, door.limit
    guarded = getattr(*real)
    monkeypatch.setattr(*real, guarded._replace(tries=10**6))

    async def of_five(door: Door) -> None:
        await flood(door._replace(room=HERE, limit="FIVE"), "four addresses", FEW, world)

    with pytest.raises(AssertionError, match=r"or \d+ <= \d+"):
        await of_five(door)
    monkeypatch.setattr(*real, guarded)
    await of_five(door)


def test_whoever_is_turned_away_for_now_is_told_when_to_come_again() -> None:
    """Every 429 of ours names its seconds."""
    for folder in ("events", "registrations"):
        for room in (ROOT / folder).rglob("*.py"):
            for call in ast.walk(ast.parse(room.read_text())):
                if isinstance(call, ast.Call) and ast.unparse(call.func) == "Refused":
                    said = [ast.unparse(argument) for argument in call.args]
                    assert said[1:] != ["429"], f"{room.name}, line {call.lineno}: add the seconds"

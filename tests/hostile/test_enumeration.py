"""Nobody learns from our answers whether an address is registered, nor from the work that they cost.

Rules: SE-01.
"""

import logging
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import httpx2
import pytest

from events.accounts import password_links
from events.accounts.sign_in_tries import Caller
from events.accounts.staff import Staff
from events.event import Event
from events.ground import clock
from events.ground import sql as own
from events.ground.database import Database, is_postgres
from events.ground.limits import Attempt
from events.mail.outbox import Message
from registrations.asking import held_back, registering
from registrations.asking.register_pages import DRAFT
from registrations.booking.colleagues import naming
from registrations.people.colleague import Colleague
from registrations.people.link_answers import LinkAnswers
from registrations.people.registration import LIVE, Registration, State
from registrations.tickets.ticket import Ticket
from tests.browser import browsing
from tests.people import MONDAY, Person, joined, link_of, queued, someone
from tests.professional import ask, put_into, told_by, with_ticket

NEW = "nobody of this address"
Answer = tuple[int, dict[str, str], str]


def seen_from_outside(answer: httpx2.Response) -> Answer:
    """Status, headers and body; only the random cookie is taken out, and the nonce of a time."""
    headers = dict(answer.headers)
    if "late=" in headers.get("location", ""):
        headers["location"] = re.sub(r"late=[\w-]+", lambda found: f"late={len(found[0])}", headers["location"])
    if "set-cookie" in headers:
        headers["set-cookie"] = re.sub(rf"{DRAFT.name}=[\w-]+", f"{DRAFT.name}=", headers["set-cookie"])
        headers["set-cookie"] = re.sub(r"expires=[^;]+", "expires=", headers["set-cookie"])
    return answer.status_code, headers, answer.text


async def asks_three_ways(database: Database, event: Event, person: Person) -> list[Answer]:
    """Sends the request, reads the page, has the email sent again, reads the page."""
    async with browsing(database) as client:
        answers = [await ask(client, event, person)]
        answers.append(await client.get(answers[-1].headers["location"]))
        answers.append(await client.post(f"/e/{event.slug}/asked"))
        answers.append(await client.get(answers[-1].headers["location"]))
    return [seen_from_outside(answer) for answer in answers]


async def asks_for_a_lost_link(
    database: Database, event: Event, person: Person
) -> tuple[tuple[list[str], list[Answer]], httpx2.Response]:
    """What it costs, and what is seen of it; and the page at the end."""
    async with browsing(database) as client:
        with statements() as kept:
            sent = await client.post(f"/e/{event.slug}/lost-link", data={"email": person.email})
        page = await client.get(sent.headers["location"])
    return (kept, [seen_from_outside(answer) for answer in (sent, page)]), page


async def test_the_answer_is_the_same_to_the_byte_for_every_state(
    database: Database, event: Event, ada: Person
) -> None:
    to_nobody = await asks_three_ways(database, event, ada)
    for state in State:
        for model in (Ticket, Registration, Message, Attempt):
            await model.all().delete()
        await put_into(state, ada, event)
        assert await asks_three_ways(database, event, ada) == to_nobody, state
        assert len(await queued()) == 2, "one email for each of the two times, whatever the state"


async def test_in_a_flood_answer_and_work_are_the_same_too_and_the_email_waits(
    database: Database, event: Event, ada: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The page says until when: for every state the same, and for nobody."""
    monkeypatch.setattr(held_back, "most_an_hour", lambda _: 4)
    costs: dict[str, tuple[list[str], list[Answer]]] = {}
    for state in (*State, NEW):
        for model in (Ticket, LinkAnswers, Registration, Message, Attempt):
            await model.all().delete()
        for n in range(5):
            await held_back.due(event, f"198.51.100.{n}", f"{n}@guests.example.org", MONDAY, clock.real())
        if state != NEW:
            await put_into(State(state), ada, event)
        costs[state], page = await asks_for_a_lost_link(database, event, ada)
        assert "Our email will be late." in page.text
        assert [message.next_try_at > clock.real() for message in await Message.all()] == [True]
    assert {state: cost == costs[NEW] for state, cost in costs.items()} == dict.fromkeys(costs, True)
    late = [await asks_three_ways(database, event, ada)]
    for state in State:
        for model in (Ticket, Registration, Message, Attempt):
            await model.all().delete()
        for n in range(5):
            await held_back.due(event, f"198.51.100.{n}", f"{n}@guests.example.org", MONDAY, clock.real())
        await put_into(state, ada, event)
        late.append(await asks_three_ways(database, event, ada))
    assert ["Our email will be late." in page for *_, (_, _, page) in late] == [True] * len(late)
    assert [answers == late[0] for answers in late] == [True] * len(late)


async def test_the_answer_is_the_same_when_the_event_is_full(database: Database, event: Event, ada: Person) -> None:
    before = await asks_three_ways(database, event, ada)
    await Registration.all().delete()
    await Event.filter(id=event.id).update(taken=event.places)
    assert await asks_three_ways(database, event, ada) == before


async def test_the_sixth_in_an_hour_gets_the_same_answer_and_its_email_waits(
    database: Database, event: Event, ada: Person
) -> None:
    """The page says nothing that is not true: that an email is on its way, and that it may take hours."""
    async with browsing(database) as client:
        answers = [seen_from_outside(await ask(client, event, ada)) for _ in range(6)]
        page = await client.get(f"/e/{event.slug}/asked")
    assert [answer == answers[0] for answer in answers] == [True] * 6
    assert await Message.filter(next_try_at__gt=clock.real()).count() == 1
    assert await Message.all().count() == 6
    assert ("have sent" in page.text, "it can take some hours" in page.text) == (False, True)


@contextmanager
def statements() -> Iterator[list[str]]:
    """What is asked of the database meanwhile, without its values: what Tortoise notes, and what we ask PostgreSQL
    past it."""
    kept: list[str] = []

    def keep(sql: str) -> None:
        kept.append(re.sub(r"\d+|'[^']*'|SAVEPOINT \w+", "?", sql))

    class Keeper(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            keep(record.getMessage().split(": [")[0].split(": (")[0])

    asked = own.ask

    async def ask(sql: str, values: Sequence[Any]) -> Sequence[Any]:
        if is_postgres():
            keep(sql)
        return await asked(sql, values)

    log, keeper = logging.getLogger("tortoise.db_client"), Keeper()
    level = log.level
    log.addHandler(keeper)
    log.setLevel(logging.DEBUG)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(own, "ask", ask)
        try:
            yield kept
        finally:
            log.removeHandler(keeper)
            log.setLevel(level)


@pytest.mark.parametrize("again", [False, True])
async def test_every_state_costs_the_same_work(database: Database, event: Event, ada: Person, again: bool) -> None:
    """The same statements in the same order: the time that an answer takes says nothing.

    An address that nobody asked for cannot be asked for again: see the next test.
    """
    costs: dict[str, list[str]] = {}
    for state in sorted(LIVE) if again else (*sorted(LIVE), NEW):
        await Registration.all().delete()
        link = ""
        if state != NEW:
            asked = await put_into(State.CONFIRMED, ada, event)
            await Registration.filter(id=asked.id).update(state=state)
            link = (await link_of(asked)).public_id
        with statements() as kept:
            if again:
                await registering.send_again_to(event, ada.email, link, "192.0.2.1", MONDAY, clock.real())
            else:
                await registering.ask(event, told_by(ada), MONDAY, clock.real())
        costs[state] = list(kept)
        await Message.all().delete()
        await Attempt.all().delete()
    assert len(next(iter(costs.values()))) > 5
    assert {state: cost == costs[State.REQUESTED] for state, cost in costs.items()} == dict.fromkeys(costs, True)


async def test_a_lost_link_costs_the_same_work_and_answer_for_every_state_and_for_nobody(
    database: Database, event: Event, ada: Person
) -> None:
    costs: dict[str, tuple[list[str], list[Answer]]] = {}
    for state in (*State, NEW):
        for model in (Ticket, LinkAnswers, Registration, Message, Attempt):
            await model.all().delete()
        if state != NEW:
            await put_into(State(state), ada, event)
        costs[state], _ = await asks_for_a_lost_link(database, event, ada)
        assert len(await queued()) == 1, "for nobody one that the mailer drops"
    assert len(costs[NEW][0]) > 5
    assert {state: cost == costs[NEW] for state, cost in costs.items()} == dict.fromkeys(costs, True)


async def test_naming_a_colleague_costs_the_same_work_whoever_has_the_address(
    database: Database, event: Event, ada: Person, bo: Person
) -> None:
    """Also where the guest has named them before."""
    costs: dict[str, list[str]] = {}
    for state in (*State, NEW, "named before"):
        for model in (Colleague, Ticket, LinkAnswers, Registration, Message, Attempt):
            await model.all().delete()
        if state in list(State):
            await put_into(State(state), bo, event)
        guest, _ = await with_ticket(ada, event)
        if state == "named before":
            await naming.name(guest, bo.email, "192.0.2.1", MONDAY, clock.real())
        with statements() as kept:
            await naming.name(guest, bo.email, "192.0.2.1", MONDAY, clock.real())
        costs[state] = list(kept)
        assert len(await queued()) == 1 + (state == "named before")
    assert len(costs[NEW]) > 5
    assert {state: cost == costs[NEW] for state, cost in costs.items()} == dict.fromkeys(costs, True)


async def test_a_forgotten_password_costs_the_same_work_for_an_account_as_for_none(
    database: Database, event: Event, lena: Staff
) -> None:
    costs = []
    for email in ((await joined(lena)).email, "nobody@hosts.example.org"):
        with statements() as kept:
            await password_links.ask(email, Caller("192.0.2.1"), MONDAY, clock.real())
        costs.append(list(kept))
    assert len(costs[0]) > 5
    assert costs[0] == costs[1]


async def test_only_the_browser_that_asked_can_have_it_sent_again(
    database: Database, event: Event, ada: Person
) -> None:
    await put_into(State.CONFIRMED, ada, event)
    async with browsing(database) as stranger:
        for data in ({}, {"email": ada.email}):
            answer = await stranger.post(f"/e/{event.slug}/asked", data=data)
            assert (answer.status_code, answer.headers["location"]) == (303, f"/e/{event.slug}/ask")
        assert await queued() == []
        await ask(stranger, event, ada)
        answer = await stranger.post(f"/e/{event.slug}/asked", data={"email": "bo@wardens.example.org"})
    assert answer.headers["location"] == f"/e/{event.slug}/asked?again"
    asked = await Registration.get()
    assert await queued() == [("received", asked.id)] * 2, "to the address that they had typed before"


async def test_after_an_invented_address_a_lost_link_costs_the_same_for_another_and_for_a_known_one(
    database: Database, event: Event, ada: Person
) -> None:
    """All invented ones share one email that goes to nobody."""
    await put_into(State.CONFIRMED, ada, event)
    first, second, known = [
        await asks_for_a_lost_link(database, event, person) for person in (someone(), someone(), ada)
    ]
    assert len(second[0][0]) == len(known[0][0]) == len(first[0][0]) > 5

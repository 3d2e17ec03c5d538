"""What a page of the desk costs the database is the same among 200 people and among 2,000."""

import pytest

from events.accounts.staff import Role, RoleName, Staff
from events.event import Event
from events.ground.database import Database, connection
from events.ground.engines.sqlite_connection import Connection
from registrations.people import directory
from registrations.people.registration import Registration, State
from tests.at_the_door import a_phone_at
from tests.bench.grown import grow
from tests.bench.house import issue
from tests.browser import browsing
from tests.people import a_door, an_event

SQLITE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)  # it counts its own steps
PAGES = ("overview", "requests", "people/{person}", "emails", "audit", "doors", "event", "organisations", "conflicts")
QUESTIONS = {"overview": 17, "requests": 20, "people": 14, "people/{person}": 24, "board": 11, "event": 8}
MORE = 700  # steps: a page may have another row on it, and looks for the row among all kinds of emails
COUNTING = 15  # steps a person, where people are counted in an index


class Steps:
    """What SQLite has done so far, in tens of the steps into which it takes each statement."""

    def __init__(self) -> None:
        self.tens = 0

    def __call__(self) -> int:
        self.tens += 1
        return 0


async def of_pages(database: Database, event: Event, staff: Staff, monkeypatch: pytest.MonkeyPatch) -> dict[str, int]:
    person, counted = await Registration.filter(event_id=event.id, state=State.CONFIRMED).first(), {}
    assert person is not None
    await directory.of(event.id)  # which opens everybody, once in the life of a process
    steps = Steps()
    monkeypatch.setattr(Connection, "_hurry", lambda *_: None)  # which would put a handler of its own in its place
    await connection()._connection.set_progress_handler(steps, 10)
    async with browsing(database, staff) as client:
        for page in (*PAGES, "board"):
            before = steps.tens
            answer = await client.get(f"/desk/{event.slug}/{page.format(person=person.id)}")
            assert answer.status_code == 200
            counted[page] = (steps.tens - before) * 10
    return counted


@SQLITE
async def test_a_page_of_the_desk_asks_the_database_few_questions(database: Database, lena: Staff) -> None:
    """Each is a way to PostgreSQL and back. A page about people has a transaction among them, for its entry."""
    event, asked = await an_event_of(60, lena), list[str]()
    person = await Registration.filter(event_id=event.id, state=State.CONFIRMED).first()
    assert person is not None
    connection()._connection._conn.set_trace_callback(asked.append)
    questions = {}
    async with browsing(database, lena) as client:
        await client.get(f"/desk/{event.slug}/board")  # which counts who is in, once for each version of the list
        for page in QUESTIONS:
            asked.clear()
            await client.get(f"/desk/{event.slug}/{page.format(person=person.id)}")
            questions[page] = sum(not sql.startswith("PRAGMA") for sql in asked)
    assert questions == QUESTIONS


async def an_event_of(people: int, lead: Staff) -> Event:
    event = await an_event(capacity=people)
    await Role.create(staff=lead, event=event, name=RoleName.LEAD)
    await issue(event, 1)
    await a_phone_at(await a_door(event))
    await grow(event, people, 60)
    return event


@SQLITE
async def test_pages_of_the_desk_cost_the_same_in_a_large_event(
    database: Database, lena: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The large one is added after the small one was measured: what reads a whole table reads that of both."""
    few = await of_pages(database, await an_event_of(200, lena), lena, monkeypatch)
    many = await of_pages(database, await an_event_of(2_000, lena), lena, monkeypatch)
    assert min(few.values()) > 100, "something is counted"
    assert {page: (few[page], many[page]) for page in PAGES if many[page] > few[page] + MORE} == {}
    assert many["board"] - few["board"] < 1_800 * COUNTING

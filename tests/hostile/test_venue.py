"""The venue is learnt by people with a place, once it is released, and by nobody else in any way.

Rules: SG-01.
"""

from dataclasses import dataclass, field
from email.message import EmailMessage

import httpx2

from events.event import PUBLIC, Event, EventState
from events.ground import clock, live
from events.ground.database import Database
from events.ground.tokens import Purpose
from events.mail import outbox
from events.web.pdf import CONTENT_TYPE
from registrations.booking import own_booking
from registrations.people.registration import Registration, State
from registrations.tickets.request_emails import WRITERS
from registrations.tickets.ticket import Ticket
from server import all_routes
from tests import pdf_reading
from tests.browser import browsing
from tests.hostile.machines import Gateway, emails, everything
from tests.people import MONDAY, VENUE_CANARY, Person, someone
from tests.professional import answer_questions, path_to, put_into, questions_of


@dataclass
class Leaks:
    """Where the canary was heard: in bodies, headers, addresses and emails."""

    found: list[str] = field(default_factory=list)

    def look_at(self, answer: httpx2.Response) -> None:
        pdf = answer.headers.get("content-type") == CONTENT_TYPE
        said = pdf_reading.everything(answer.content) if pdf else answer.text
        if VENUE_CANARY in f"{answer.url} {answer.headers} {said}":
            self.found.append(f"{answer.request.method} {answer.url.path}")

    def read(self, email: EmailMessage) -> None:
        decoded = [part.get_payload(decode=True) or b"" for part in email.walk() if not part.is_multipart()]
        if VENUE_CANARY.encode() in email.as_bytes() + b"".join(
            content for content in decoded if isinstance(content, bytes)
        ):
            self.found.append(f"email: {email['Subject']}")


async def all_they_can_reach(client: httpx2.AsyncClient, event: Event, *people: Registration) -> Leaks:
    """Every page from the public one and from every link they could have, in every method, with every error."""
    gateway, leaks = Gateway(client), Leaks()
    links = ["/", f"/e/{event.slug}", "/robots.txt", "/.well-known/security.txt", "/nothing", "/desk", "/door/"]
    for person in people:
        for path in [path_to(person, purpose) for purpose in Purpose]:
            links += [path, f"{path}/calendar.ics", f"{path}/ticket.pdf", f"{path}/again"]
    await gateway.follow(links)
    for answer in gateway.seen.values():
        leaks.look_at(answer)
    for path in [route.path for route in all_routes() if hasattr(route, "path") and "{" not in route.path]:
        for method in ("GET", "POST", "PUT"):
            leaks.look_at(await client.request(method, path, data={"venue": "1"} if method == "POST" else None))
    return leaks


async def read_all_emails(leaks: Leaks, *people: Registration) -> None:
    """All there are, and each kind of email that there is, asked for in their names."""
    for person in people:
        ticket = await Ticket.get_or_none(registration_id=person.id)
        for template in WRITERS:
            subject = ticket.id if ticket and template == "ticket" else person.id
            await outbox.put(template, subject, cause=f"test {person.id}", at=MONDAY, event_id=person.event_id)
    for email in await emails():
        leaks.read(email)


async def test_without_a_place_nobody_learns_the_venue_released_or_not(database: Database, event: Event) -> None:
    people = [await put_into(state, someone(), event) for state in set(State) - {State.APPROVED}]
    for released in (None, clock.now()):
        await Event.filter(id=event.id).update(venue_released_at=released)
        async with browsing(database) as client:
            leaks = await all_they_can_reach(client, event, *people)
        await read_all_emails(leaks, *people)
        assert leaks.found == []


async def test_with_a_place_it_is_found_once_it_is_released_and_not_before(
    database: Database, event: Event, ada: Person
) -> None:
    """The control: the same search finds it on the ticket page, in its two files and in its email."""
    person = await put_into(State.APPROVED, ada, event)
    async with browsing(database) as client:
        leaks = await all_they_can_reach(client, event, person)
        await read_all_emails(leaks, person)
        assert leaks.found == []
        await Event.filter(id=event.id).update(venue_released_at=clock.now())
        leaks = await all_they_can_reach(client, event, person)
    await read_all_emails(leaks, person)
    ticket = path_to(person, Purpose.TICKET)
    opened = [f"GET {ticket}{file}" for file in ("", "/calendar.ics", "/ticket.pdf")]
    assert sorted(leaks.found) == sorted([*opened, f"email: {SUBJECT}"])


async def test_who_had_a_place_and_gave_it_up_finds_nothing_behind_the_old_links(
    database: Database, event: Event, ada: Person
) -> None:
    await Event.filter(id=event.id).update(venue_released_at=clock.now())
    person = await put_into(State.APPROVED, ada, event)
    async with browsing(database) as client:
        assert VENUE_CANARY in (await client.get(path_to(person, Purpose.TICKET))).text, "the search has to work"
    assert await own_booking.give_up(person, clock.now())
    leaks = Leaks()
    for seen in (person, await Registration.get(id=person.id)):  # with the links of before, and those of now
        async with browsing(database) as client:
            leaks.found += (await all_they_can_reach(client, event, seen)).found
    await read_all_emails(leaks, person)
    assert leaks.found == []


SUBJECT = "Your place on Monday 15 April 2019"


async def test_the_journey_never_says_it(database: Database, event: Event, ada: Person) -> None:
    leaks, steps = Leaks(), tuple(questions_of(ada))
    await Event.filter(id=event.id).update(venue_released_at=clock.now())
    async with browsing(database) as client:
        await answer_questions(client, event, ada)
        for state in (EventState.DRAFT, EventState.CLOSED, EventState.OPEN):
            await Event.filter(id=event.id).update(state=state)
            live.publish(PUBLIC)
            asked = [await client.get(f"/e/{event.slug}/ask/{step}") for step in (*steps, "check", "steps")]
            wrong = [await client.post(f"/e/{event.slug}/ask/{step}", data={"email": "wrong"}) for step in steps]
            again = [await client.get(answer.headers["location"]) for answer in wrong]
            pages = [await client.get(f"/e/{event.slug}{path}") for path in ("", "/asked")]
            for answer in (*asked, *wrong, *again, *pages):
                leaks.look_at(answer)
        assert [answer.status_code for answer in asked] == [200] * 5 + [404]
        assert [answer.status_code for answer in wrong] == [303] * 4
        assert ["Error: " in answer.text for answer in again] == [True, True, True, True]
        leaks.look_at(await client.post(f"/e/{event.slug}/ask/check"))
        leaks.look_at(await client.get(f"/e/{event.slug}/asked"))
        assert leaks.found == []
        await Event.filter(id=event.id).update(title=f"{VENUE_CANARY} Conference")
        live.publish(PUBLIC)
        leaks.look_at(await client.get(f"/e/{event.slug}"))
    assert leaks.found == [f"GET /e/{event.slug}"], "the search has to work"


async def test_the_database_holds_it_only_sealed(database: Database, event: Event, ada: Person) -> None:
    await put_into(State.APPROVED, ada, event)
    await Event.filter(id=event.id).update(venue_released_at=clock.now())
    rows = str(await everything())
    assert event.venue.startswith(VENUE_CANARY)
    assert event.title in rows, "the search has to work"
    assert VENUE_CANARY not in rows

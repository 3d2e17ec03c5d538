"""What a professional does, for tests: answers the questions, sends them, opens the links in our emails."""

from datetime import timedelta

import httpx2

from events.accounts.staff import Staff
from events.event import Event, take_place
from events.ground.settings import current
from events.ground.tokens import Purpose
from registrations.asking.made_or_found import Answers
from registrations.deciding import vetting
from registrations.people.registration import Registration, State
from registrations.tickets import ticketing
from registrations.tickets.ticket import Ticket
from tests.people import MONDAY, Person, confirmed, requested


def told_by(person: Person) -> Answers:
    return Answers(
        full_name=person.name,
        badge_name=person.badge_name,
        email=person.email,
        organisation=person.organisation,
        kind=person.kind,
        role=person.role,
        phone=person.phone,
    )


def questions_of(person: Person) -> dict[str, dict[str, str]]:
    """What they type on each page."""
    return {
        "name": {"full_name": person.name, "badge_name": person.badge_name},
        "email": {"email": person.email},
        "organisation": {"organisation": person.organisation, "kind": person.kind},
        "role": {"role": person.role, "phone": person.phone},
    }


async def answer_questions(client: httpx2.AsyncClient, event: Event, person: Person) -> None:
    """Up to the page that shows all answers."""
    for step, typed in questions_of(person).items():
        answer = await client.post(f"/e/{event.slug}/ask/{step}", data=typed)
        assert answer.status_code == 303, (step, answer.status_code)


async def ask(client: httpx2.AsyncClient, event: Event, person: Person) -> httpx2.Response:
    await answer_questions(client, event, person)
    return await client.post(f"/e/{event.slug}/ask/check")


async def with_ticket(person: Person, event: Event) -> tuple[Registration, Ticket]:
    asked = await confirmed(person, event)
    assert await asked.become(State.APPROVED)
    return asked, await ticketing.issue(asked, MONDAY)


async def approved_by(by: Staff, person: Person, event: Event) -> Registration:
    """The same by an organiser's own decision, which is on record."""
    asked = await confirmed(person, event)
    await vetting.approve(asked, by, MONDAY)
    return await Registration.get(id=asked.id)


async def put_into(state: State, person: Person, event: Event) -> Registration:
    """A registration in this state, with its ticket where the state has one."""
    if state is State.APPROVED:
        return (await with_ticket(person, event))[0]
    if state is State.REQUESTED:
        return await requested(person, event)
    asked = await confirmed(person, event)
    if state is State.OFFERED:
        assert await take_place(event.id)
        offered = {"offer_n": 1, "offered_until": MONDAY + timedelta(days=2)}
        await Registration.filter(id=asked.id).update(state=state, **offered)
        return await Registration.get(id=asked.id)
    await Registration.filter(id=asked.id).update(state=state)
    return await Registration.get(id=asked.id)


def path_to(registration: Registration, purpose: Purpose) -> str:
    """The path of the link in the newest email."""
    return registration.link(purpose).removeprefix(current().base_url)

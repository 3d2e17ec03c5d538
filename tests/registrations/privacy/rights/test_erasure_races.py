"""Whoever is erased while something else is done with them is gone afterwards, whichever of the two comes first.

Rules: DP-08.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import timedelta

import pytest

from events.accounts.staff import Staff
from events.event import Event
from events.ground import clock
from events.ground.refusal import Refused
from events.mail.outbox import Message, MessageState
from registrations.asking import confirming, registering
from registrations.booking import own_booking
from registrations.checkin import checkin
from registrations.deciding import undone_decisions, vetting
from registrations.people.link_answers import LinkAnswers
from registrations.people.registration import Registration, State
from registrations.phones.door import Device
from registrations.privacy.rights import erasing
from registrations.privacy.rights.rights_request import Right
from registrations.tickets.ticket import Ticket
from tests.at_the_door import scan_of
from tests.people import MONDAY, THE_DAY, Person, link_of, someone
from tests.professional import put_into, told_by
from tests.registrations.privacy.rights.asking import a_rights_request, asked_by_link

LATER = MONDAY + timedelta(minutes=1)
Act = Callable[[Registration, Person, Staff, Device], Awaitable[object]]


async def approves(asked: Registration, person: Person, omar: Staff, sid: Device) -> None:
    await vetting.approve(asked, omar, LATER)


async def asks_again(asked: Registration, person: Person, omar: Staff, sid: Device) -> None:
    await registering.ask(await Event.get(id=asked.event_id), told_by(person), LATER, clock.real())


async def has_the_ticket_sent_again(asked: Registration, person: Person, omar: Staff, sid: Device) -> None:
    await own_booking.send_ticket_again(asked, LATER, clock.real())


async def scans(asked: Registration, person: Person, omar: Staff, sid: Device) -> None:
    ticket = await Ticket.get(registration_id=asked.id)
    await checkin.settle([await scan_of(ticket)], sid, THE_DAY)


async def undoes(asked: Registration, person: Person, omar: Staff, sid: Device) -> None:
    await undone_decisions.undo(asked, omar, LATER)


async def corrects(asked: Registration, person: Person, omar: Staff, sid: Device) -> None:
    await vetting.correct(asked, {"full_name": "Somebody Else", "badge_name": ""}, omar, LATER)


async def confirms(asked: Registration, person: Person, omar: Staff, sid: Device) -> None:
    await confirming.confirm(await link_of(asked), LATER)


async def says_no(asked: Registration, person: Person, omar: Staff, sid: Device) -> None:
    await confirming.say_no(await link_of(asked), LATER)


async def gives_up(asked: Registration, person: Person, omar: Staff, sid: Device) -> None:
    await own_booking.give_up(asked, LATER)


async def asks_for_a_correction(asked: Registration, person: Person, omar: Staff, sid: Device) -> None:
    await asked_by_link(asked, Right.CORRECTION, "My surname.")


RACES: list[tuple[Act, State]] = [
    (approves, State.CONFIRMED), (approves, State.WAITING), (asks_again, State.REQUESTED), (asks_again, State.APPROVED),
    (has_the_ticket_sent_again, State.APPROVED), (scans, State.APPROVED), (undoes, State.APPROVED),
    (corrects, State.APPROVED), (confirms, State.REQUESTED), (says_no, State.REQUESTED), (gives_up, State.APPROVED),
    (gives_up, State.WAITING), (asks_for_a_correction, State.APPROVED),
]  # fmt: skip


@pytest.mark.parametrize("first", ["the erasure", "the other"])
@pytest.mark.parametrize(("act", "state"), RACES, ids=lambda part: getattr(part, "__name__", str(part)))
async def test_nobody_comes_back(event: Event, omar: Staff, sid: Device, act: Act, state: State, first: str) -> None:
    people = [someone() for _ in range(4)]
    for person in people:
        await one_race(event, person, omar, sid, act, state, first)
    await all_are_gone(event, people, asked_anew=act is asks_again)


async def one_race(event: Event, person: Person, omar: Staff, sid: Device, act: Act, state: State, first: str) -> None:
    asked = await put_into(state, person, event)
    erasure = await a_rights_request(event, omar, Right.ERASURE, person.email)
    tries = [erasing.erase(erasure, omar, MONDAY, clock.real()), quietly(act, asked, person, omar, sid)]
    await asyncio.gather(*(tries if first == "the erasure" else reversed(tries)))


async def quietly(act: Act, *about: object) -> None:
    """It may well be refused."""
    with suppress(Refused):
        await act(*about)  # type: ignore[arg-type]


async def all_are_gone(event: Event, people: list[Person], *, asked_anew: bool) -> None:
    """But for whoever asked anew after it: their request is whole, and new."""
    rows = await Registration.filter(event_id=event.id)
    named = [row for row in rows if row.person_sealed]
    assert asked_anew or named == []
    assert {row.email for row in named} <= {person.email for person in people}
    assert {(row.state, row.requested_at) for row in named} <= {(State.REQUESTED, LATER)}
    assert {row.state for row in rows if not row.person_sealed} == {State.CANCELLED}
    links = await LinkAnswers.all()
    assert {link.registration_id for link in links} == {row.id for row in named}
    assert (await Event.get(id=event.id)).taken == 0
    assert await Ticket.filter(revoked_at=None).count() == 0
    waiting = await Message.filter(state=MessageState.QUEUED)
    of_erased = {"erased", "rights_alert", "confirm", "rights_received"}
    assert {message.template for message in waiting} <= of_erased
    assert len([message for message in waiting if message.template == "erased"]) == len(people)
    assert len([message for message in waiting if message.template == "confirm"]) == len(named)
    assert {row.state for row in rows if row.address_tag.startswith("deleted ")} == {State.CANCELLED}

"""A ticket is made with a place and dies with it, whoever else tries at the same moment.

Rules: SE-15.
"""

import asyncio
from datetime import timedelta

import pytest

from events.event import PUBLIC, Event
from events.ground import live, wording
from events.ground.database import Database, run_tx
from events.ground.refusal import Refused
from registrations.codes import ticket_code
from registrations.people.registration import Registration
from registrations.tickets import ticketing
from registrations.tickets.ticket import Ticket, hash_of_proof, proof_of
from tests.people import MONDAY, Person, an_event, confirmed, someone
from tests.registrations.tickets.approving import before_ticket

LATER = MONDAY + timedelta(hours=1)


async def test_ada_gets_a_place_a_number_and_a_ticket_that_only_her_code_opens(event: Event, ada: Person) -> None:
    asked = await before_ticket(ada, event)
    before, made = event.list_version, await ticketing.issue(asked, MONDAY)
    event = await Event.get(id=event.id)
    ticket = await Ticket.get(registration_id=asked.id)
    assert (event.taken, event.next_n, event.list_version > before) == (1, 2, True)
    assert (ticket.id, ticket.n, ticket.list_version, ticket.issued_at) == (made.id, 1, event.list_version, MONDAY)
    assert ticket.proof_hash == hash_of_proof(proof_of(event, 1))
    assert ticket_code.normal_reference(ticket.reference) == ticket.reference


async def test_public_pages_hear_of_each_place_that_is_taken(event: Event, ada: Person) -> None:
    """It may have been the last one. That they hear of nothing else is what the first line is for."""
    wake = live.hub().wake(PUBLIC)
    asked = await before_ticket(ada, event)
    assert not wake.is_set()
    await ticketing.issue(asked, MONDAY)
    assert wake.is_set()


async def test_without_a_place_nothing_is_given_out(database: Database, ada: Person) -> None:
    event = await an_event(capacity=0)
    before, asked = event.list_version, await before_ticket(ada, event)
    with pytest.raises(Refused, match=wording.EVENT_FULL):
        await ticketing.issue(asked, MONDAY)
    event = await Event.get(id=event.id)
    assert (event.taken, event.next_n, event.list_version, await Ticket.all().count()) == (0, 1, before, 0)


async def test_of_twenty_only_as_many_get_a_ticket_as_there_are_places(database: Database) -> None:
    event = await an_event(capacity=5)
    asked = [await before_ticket(someone(), event) for _ in range(20)]
    issued = (ticketing.issue(registration, MONDAY) for registration in asked)
    answers = await asyncio.gather(*issued, return_exceptions=True)
    refused = [str(answer) for answer in answers if isinstance(answer, BaseException)]
    tickets = await Ticket.all().order_by("n")
    assert refused == [wording.EVENT_FULL] * 15
    assert [ticket.n for ticket in tickets] == list(range(1, 6))
    assert len({ticket.list_version for ticket in tickets}) == 5
    assert (await Event.get(id=event.id)).taken == 5


async def test_a_reference_that_is_taken_is_drawn_again(event: Event, ada: Person, bo: Person) -> None:
    first = await ticketing.issue(await before_ticket(ada, event), MONDAY, draw=lambda: "HK7-4QD")
    drawn = iter(["HK7-4QD", "HK7-4QD", "MNP-234"])
    second = await ticketing.issue(await before_ticket(bo, event), MONDAY, draw=lambda: next(drawn))
    assert (first.reference, second.reference) == ("HK7-4QD", "MNP-234")


async def test_revoking_releases_the_place_and_makes_the_links_old(event: Event, ada: Person) -> None:
    asked = await before_ticket(ada, event)
    ticket = await ticketing.issue(asked, MONDAY)
    dead = await ticketing.revoke(asked, LATER)
    event, asked, kept = (
        await Event.get(id=event.id),
        await Registration.get(id=asked.id),
        await Ticket.get(id=ticket.id),
    )
    assert dead is not None
    assert (kept.id, kept.revoked_at, kept.list_version) == (dead.id, LATER, event.list_version)
    assert (event.taken, event.list_version > ticket.list_version, asked.generation) == (0, True, 1)


async def test_who_comes_again_gets_another_number(event: Event, ada: Person) -> None:
    asked = await before_ticket(ada, event)
    first = await ticketing.issue(asked, MONDAY)
    await ticketing.revoke(asked, LATER)
    second = await ticketing.issue(asked, LATER)
    assert (first.n, second.n, second.list_version > first.list_version) == (1, 2, True)
    assert first.proof_hash != second.proof_hash


async def test_an_offer_has_no_ticket_but_its_place_is_released(event: Event, ada: Person) -> None:
    asked = await confirmed(ada, event)
    await Event.filter(id=event.id).update(taken=1)
    assert await ticketing.revoke(asked, LATER) is None
    assert (await Event.get(id=event.id)).taken == 0


async def test_of_several_that_draw_the_same_reference_one_draws_again(event: Event, ada: Person, bo: Person) -> None:
    drawn = iter(["HK7-4QD", "HK7-4QD", "HK7-4QD", "ABC-DEF"])
    both = [await before_ticket(ada, event), await before_ticket(bo, event)]
    tickets = await run_tx(ticketing.issue_all)(both, MONDAY, lambda: next(drawn))
    assert [ticket.registration_id for ticket in tickets] == [person.id for person in both]
    assert sorted(ticket.reference for ticket in tickets) == ["ABC-DEF", "HK7-4QD"]
    assert len({ticket.n for ticket in tickets}) == 2

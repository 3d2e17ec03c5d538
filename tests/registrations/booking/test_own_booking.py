"""Giving up ends the request, kills the ticket and frees the place, once; a ticket is sent again within limits."""

import asyncio
from datetime import timedelta

import pytest

from events.accounts.staff import Staff
from events.audit.action import Action
from events.audit.audit import AuditEntry
from events.event import Event
from events.ground.refusal import Refused
from events.mail import outbox
from registrations.booking import own_booking
from registrations.deciding import undone_decisions, vetting
from registrations.people.registration import MANAGED, Registration, State
from registrations.tickets import ticketing
from registrations.tickets.ticket import Ticket
from tests.people import MONDAY, Person, queued
from tests.professional import put_into, with_ticket

LATER = MONDAY + timedelta(hours=1)


async def test_ada_gives_up_and_her_place_is_free_for_somebody_else(event: Event, ada: Person, bo: Person) -> None:
    asked, ticket = await with_ticket(ada, event)
    await with_ticket(bo, event)
    assert await own_booking.give_up(asked, LATER)
    asked, ticket, event = (
        await Registration.get(id=asked.id), await Ticket.get(id=ticket.id), await Event.get(id=event.id),
    )  # fmt: skip
    assert (asked.state, asked.decided_at, asked.generation) == (State.CANCELLED, LATER, 1)
    assert (ticket.revoked_at, ticket.list_version, event.taken) == (LATER, event.list_version, 1)
    assert await queued() == [("given_up", asked.id)]
    entry = await AuditEntry.get(action=Action.GAVE_UP)
    assert (entry.actor, entry.details) == (f"person:{asked.id}", {"held_a_place": True})


async def test_ten_presses_at_once_free_one_place(event: Event, ada: Person, bo: Person) -> None:
    asked, _ = await with_ticket(ada, event)
    await with_ticket(bo, event)
    copies = [await Registration.get(id=asked.id) for _ in range(10)]
    answers = await asyncio.gather(*(own_booking.give_up(copy, LATER) for copy in copies))
    assert sorted(answers) == [False] * 9 + [True]
    assert ((await Event.get(id=event.id)).taken, await queued()) == (1, [("given_up", asked.id)])


@pytest.mark.parametrize("state", [State.CONFIRMED, State.WAITING])
async def test_who_holds_no_place_frees_none(event: Event, ada: Person, bo: Person, state: State) -> None:
    await with_ticket(bo, event)
    asked = await put_into(state, ada, event)
    assert await own_booking.give_up(asked, LATER)
    assert (await Event.get(id=event.id)).taken == 1


@pytest.mark.parametrize("state", sorted(MANAGED))
async def test_the_row_says_what_was_given_up(event: Event, ada: Person, state: State) -> None:
    asked = await put_into(state, ada, event)
    assert await own_booking.give_up(asked, LATER)
    now = await Registration.get(id=asked.id)
    assert (now.state, now.state_before) == (State.CANCELLED, state)


async def test_the_row_of_a_decided_request_says_what_was_given_up_and_is_not_undone(
    event: Event, ada: Person, omar: Staff
) -> None:
    asked = await put_into(State.CONFIRMED, ada, event)
    await vetting.approve(asked, omar, MONDAY)
    await own_booking.give_up(asked, LATER)
    now = await Registration.get(id=asked.id)
    assert (now.state, now.state_before) == (State.CANCELLED, State.APPROVED)
    assert not await undone_decisions.undo(now, omar, LATER)


async def test_phones_hear_that_whoever_lost_a_place_before_has_given_up_now(event: Event, ada: Person) -> None:
    """A phone that holds the dead ticket is sent its row anew, so that it says what became of them."""
    asked, ticket = await with_ticket(ada, event)
    assert await asked.become(State.CONFIRMED)
    await ticketing.revoke(asked, LATER)
    asked = await Registration.get(id=asked.id)
    before = (await Ticket.get(id=ticket.id)).list_version
    assert await own_booking.give_up(asked, LATER)
    assert (await Ticket.get(id=ticket.id)).list_version > before


async def test_who_is_approved_while_withdrawing_is_told_that_something_changed(event: Event, ada: Person) -> None:
    asked = await put_into(State.CONFIRMED, ada, event)
    as_ada_saw_it = await Registration.get(id=asked.id)
    assert await asked.become(State.APPROVED)
    with pytest.raises(Refused, match="has just changed, so nothing was done"):
        await own_booking.give_up(as_ada_saw_it, LATER)
    assert ((await Registration.get(id=asked.id)).state, await queued()) == (State.APPROVED, [])


@pytest.mark.parametrize("state", [State.REQUESTED, State.NOT_OFFERED, State.CANCELLED, State.EXPIRED])
async def test_there_is_nothing_to_give_up_in_other_states(event: Event, ada: Person, state: State) -> None:
    asked = await put_into(state, ada, event)
    assert not await own_booking.give_up(asked, LATER)
    assert ((await Registration.get(id=asked.id)).state, await queued()) == (state, [])


async def test_the_ticket_goes_out_again_five_times_an_hour_at_most(event: Event, ada: Person) -> None:
    asked, ticket = await with_ticket(ada, event)
    await outbox.put("ticket", ticket.id, cause="approved", at=MONDAY, event_id=event.id)
    moments = [MONDAY + timedelta(minutes=minute) for minute in range(10)]
    sent = [await own_booking.send_ticket_again(asked, moment, moment) for moment in moments]
    assert sent == [True] * 5 + [False] * 5
    assert await queued() == [("ticket", ticket.id)] * 6


async def test_without_a_ticket_nothing_is_sent(event: Event, ada: Person) -> None:
    with pytest.raises(Refused, match="has just changed, so nothing was done"):
        await own_booking.send_ticket_again(await put_into(State.CONFIRMED, ada, event), MONDAY, MONDAY)
    assert await queued() == []

"""Where two organisers approve, both do it for the same place: a hand-over that ends, or begins, ends the first.

Rules: SG-03, SG-07.
"""

import pytest

from events.accounts.staff import Staff
from events.event import Event
from registrations.booking.handing import handing_over
from registrations.deciding import vetting
from registrations.deciding.two_approvals import standing
from registrations.deciding.vetting import Decision, Result
from registrations.people.registration import Registration
from tests.people import Person
from tests.registrations.booking.handing.handing import live_tickets, newest, taken, taken_up
from tests.registrations.deciding.decisions import LATER, anew


@pytest.fixture
async def event(event: Event) -> Event:
    """Two approve there."""
    await Event.filter(id=event.id).update(two_approvals=True)
    return await Event.get(id=event.id)


async def says(asked: Registration, by: Staff, takes_over: int | None = None) -> Result:
    return await vetting.decide(await anew(asked), Decision.APPROVE, by, LATER, takes_over=takes_over)


async def test_until_the_second_approval_the_place_is_the_guests(
    event: Event, ada: Person, omar: Staff, lena: Staff
) -> None:
    giver, receiver = await taken_up(ada, event)
    shown = (await newest(giver)).id
    assert await says(receiver, omar, shown) is Result.FIRST
    assert (await live_tickets(giver, receiver), await taken(event)) == ([1, 0], 1)
    assert await says(receiver, lena, shown) is Result.DONE
    assert (await live_tickets(giver, receiver), await taken(event)) == ([0, 1], 1)


async def test_a_hand_over_that_is_taken_back_ends_the_first_approval(
    event: Event, ada: Person, omar: Staff, lena: Staff
) -> None:
    giver, receiver = await taken_up(ada, event)
    shown = (await newest(giver)).id
    assert await says(receiver, omar, shown) is Result.FIRST
    assert await handing_over.take_back(await anew(giver), LATER)
    assert str((await standing(event, [await anew(receiver)]))[receiver.id]) == "Needs two approvals"
    assert await says(receiver, lena, shown) is Result.DECIDED, "it was another question"
    assert await says(receiver, lena, 0) is Result.FIRST
    assert (await live_tickets(giver, receiver), await taken(event)) == ([1, 0], 1)
    assert await says(receiver, omar, 0) is Result.DONE
    assert (await live_tickets(giver, receiver), await taken(event)) == ([1, 1], 2)

"""The states of a request: which move may follow on which, and that the row moves for one caller alone."""

import asyncio

import pytest

from events.event import Event
from registrations.people.registration import Registration, State
from tests.people import Person
from tests.professional import put_into

ALLOWED = {
    State.REQUESTED: {"confirmed", "cancelled", "expired"},
    State.CONFIRMED: {"approved", "waiting", "not_offered", "cancelled"},
    State.APPROVED: {"confirmed", "rechecking", "cancelled"},
    State.WAITING: {"offered", "approved", "confirmed", "not_offered", "cancelled"},
    State.OFFERED: {"approved", "waiting", "cancelled"},
    State.RECHECKING: {"approved", "waiting", "not_offered", "cancelled"},
    State.NOT_OFFERED: {"confirmed", "cancelled"},
    State.CANCELLED: {"approved", "waiting", "confirmed"},
    State.EXPIRED: set(),
}


@pytest.mark.parametrize("before", State)
async def test_a_request_moves_where_it_may_and_nowhere_else(event: Event, ada: Person, before: State) -> None:
    asked = await put_into(before, ada, event)
    moved = set()
    for after in State:
        await Registration.filter(id=asked.id).update(state=before)
        asked.state = before
        if await asked.become(after):
            moved.add(after.value)
            assert (await Registration.get(id=asked.id)).state is after
        else:
            assert (await Registration.get(id=asked.id)).state is before
    assert moved == ALLOWED[before]


async def test_of_ten_who_move_it_at_once_one_does(event: Event, ada: Person) -> None:
    asked = await put_into(State.CONFIRMED, ada, event)
    seen = [await Registration.get(id=asked.id) for _ in range(10)]
    assert sum(await asyncio.gather(*(copy.become(State.WAITING) for copy in seen))) == 1

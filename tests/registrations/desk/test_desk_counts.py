"""Desks of several events that count at the same time each have their own numbers."""

import asyncio

from events.accounts.staff import Staff
from events.event import Event
from registrations.deciding import vetting
from registrations.desk.desk_counts import counts
from tests.people import MONDAY, an_event, confirmed, someone


async def test_each_desk_has_the_numbers_of_its_own_event(event: Event, omar: Staff) -> None:
    other = await an_event()
    rows = [await confirmed(someone(), event) for _ in range(3)]
    await confirmed(someone(), other)
    await vetting.approve(rows[0], omar, MONDAY)
    told = await asyncio.gather(*(counts(id_) for id_ in (event.id, other.id, event.id, other.id)))
    assert [(told.to_decide, told.approved) for told in told] == [(2, 1), (1, 0), (2, 1), (1, 0)]

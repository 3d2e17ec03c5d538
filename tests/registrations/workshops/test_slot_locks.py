"""Whoever chooses waits for who is closing the choice, and is refused then; organisers who change a workshop meanwhile
come before or after.

Only PostgreSQL locks rows. Rules: EV-01.
"""

import asyncio
from contextvars import copy_context

import pytest

from events.accounts.staff import Staff
from events.event import Event
from events.ground import clock
from events.ground.database import query, run_tx
from events.ground.refusal import Refused
from events.programme import changing
from registrations.workshops import allocating, choosing
from registrations.workshops.choice import Allocation, WorkshopChoice
from registrations.workshops.place import WorkshopPlace
from tests.events.programme.programmes import a_programme
from tests.people import MONDAY
from tests.registrations.privacy.rights.test_erasure_locks import Holds, beside, until_so_many_wait
from tests.registrations.workshops.guests import a_guest, chooses, has_chosen

pytestmark = pytest.mark.parametrize("database", ["postgres"], indirect=True)


@pytest.mark.parametrize("act", ["closes", "notes the seed"])
async def test_nobody_chooses_past_somebody_who_closes_the_choice(event: Event, omar: Staff, act: str) -> None:
    outside, filled, guest = copy_context(), await a_programme(event, omar), await a_guest(event)
    closing = Holds("slot", filled.slot.id, outside)
    acts = {
        "closes": lambda: choosing.close(event, filled.slot.id, by=omar, at=MONDAY),
        "notes the seed": lambda: allocating.note_seed(event, filled.slot.id, False, by=omar, at=MONDAY),
    }
    closing.then = acts[act]
    await closing.held.wait()
    chooses = beside(choosing.choose(guest, filled.slot.id, filled.first.id, None, MONDAY, clock.real()), outside)
    waits = asyncio.create_task(until_so_many_wait(1))
    await asyncio.wait([chooses, waits], return_when=asyncio.FIRST_COMPLETED)
    assert not chooses.done(), "it has not looked whether somebody is closing the choice"
    await closing.lets_go()
    with pytest.raises(Refused, match=choosing.CLOSED):
        await chooses
    await waits
    assert await WorkshopChoice.all().count() == 0


async def test_places_are_given_out_by_the_room_that_there_is_by_then(event: Event, omar: Staff) -> None:
    filled = await a_programme(event, omar, capacity=2)
    for _ in range(2):
        await chooses(await a_guest(event), filled.slot, filled.first.id)
    await allocating.note_seed(event, filled.slot.id, False, by=omar, at=MONDAY)
    outside, held, go_on = copy_context(), asyncio.Event(), asyncio.Event()

    @run_tx
    async def made_smaller() -> None:
        await query("UPDATE programme_item SET capacity = 1 WHERE id = ? RETURNING id", [filled.first.id])
        held.set()
        await go_on.wait()

    async def smaller() -> None:
        await made_smaller()

    async def given_out() -> None:
        assert await allocating.give_out(event, filled.slot.id, by=omar, at=MONDAY, real=clock.real())

    changes = beside(smaller(), outside)
    await held.wait()
    gives = beside(given_out(), outside)
    await until_so_many_wait(1)
    go_on.set()
    await asyncio.gather(changes, gives)
    assert await WorkshopPlace.all().count() == 1
    assert (await allocating.check(await Allocation.get())).all_right


async def test_a_workshop_is_taken_out_while_somebody_chooses_it_first_who_wanted_it_second(
    event: Event, omar: Staff
) -> None:
    guest = await a_guest(event)
    filled, outside = await has_chosen(guest, event, omar), copy_context()
    chosen, filled.second.event = await WorkshopChoice.get(), event
    somebody = Holds("workshop_choice", chosen.id, outside)
    await somebody.held.wait()
    again = beside(choosing.choose(guest, filled.slot.id, filled.second.id, None, MONDAY, clock.real()), outside)
    await until_so_many_wait(1)

    async def taken_out() -> None:
        await changing.take_out(filled.second, by=omar, at=MONDAY, real=clock.real())

    takes_out = beside(taken_out(), outside)
    await until_so_many_wait(2)
    await somebody.lets_go()
    await asyncio.gather(again, takes_out)
    assert await WorkshopChoice.all().count() == 0, "it went with the workshop"

"""Guests choose workshops, first and second; what they chose goes with their place. Rules: EV-01."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from events.accounts.staff import Staff
from events.event import Event
from events.ground import clock
from events.ground.database import query
from events.ground.refusal import Refused
from events.programme import changing
from events.programme.programme import ShownTo
from registrations.booking import own_booking
from registrations.deciding import vetting
from registrations.people.registration import Registration
from registrations.workshops import choice, choosing
from registrations.workshops.choice import WorkshopChoice
from tests.events.programme.programmes import a_programme
from tests.people import MONDAY, Person, confirmed
from tests.registrations.workshops.guests import a_guest, chooses, has_chosen


async def chosen() -> list[tuple[int, int | None]]:
    return [(row.first_workshop_id, row.second_workshop_id) for row in await WorkshopChoice.all().order_by("id")]


async def test_a_guest_chooses_and_changes_their_mind(event: Event, omar: Staff, ada: Person) -> None:
    guest = await a_guest(event, ada)
    filled = await has_chosen(guest, event, omar)
    assert await chosen() == [(filled.first.id, filled.second.id)]
    await chooses(guest, filled.slot, filled.second.id)
    assert await chosen() == [(filled.second.id, None)]
    assert await choice.counted(event.id) == ({filled.second.id: 1}, {})


async def test_nobody_chooses_without_a_place_nor_while_the_programme_is_hidden(
    event: Event, omar: Staff, ada: Person
) -> None:
    filled, waits, guest = await a_programme(event, omar), await confirmed(ada, event), await a_guest(event)
    with pytest.raises(Refused, match=choosing.FOR_GUESTS):
        await chooses(waits, filled.slot, filled.first.id)
    await changing.show_to(event, ShownTo.NOBODY, by=omar, at=MONDAY)
    with pytest.raises(Refused, match="not in the programme any more"):
        await chooses(guest, filled.slot, filled.first.id)
    await changing.show_to(event, ShownTo.GUESTS, by=omar, at=MONDAY)
    await chooses(guest, filled.slot, filled.first.id)
    assert len(await chosen()) == 1


async def test_what_is_no_workshop_of_the_slot_is_not_chosen(event: Event, omar: Staff, ada: Person) -> None:
    filled, guest = await a_programme(event, omar), await a_guest(event, ada)
    for first, second in ((filled.story.id, None), (filled.first.id, filled.story.id), (filled.first.id, 999_999)):
        with pytest.raises(Refused, match="not in the programme any more"):
            await chooses(guest, filled.slot, first, second)
    with pytest.raises(Refused, match="another workshop than your first"):
        await chooses(guest, filled.slot, filled.first.id, filled.first.id)
    assert await chosen() == []


async def test_after_the_choice_is_closed_nobody_chooses_until_it_is_open_again(
    event: Event, omar: Staff, ada: Person
) -> None:
    guest = await a_guest(event, ada)
    filled = await has_chosen(guest, event, omar)
    await choosing.close(event, filled.slot.id, by=omar, at=MONDAY)
    with pytest.raises(Refused, match=choosing.CLOSED):
        await chooses(guest, filled.slot, filled.second.id)
    assert await chosen() == [(filled.first.id, filled.second.id)]
    await choosing.reopen(event, filled.slot.id, by=omar, at=MONDAY)
    await chooses(guest, filled.slot, filled.second.id)
    assert await chosen() == [(filled.second.id, None)]


async def test_what_somebody_chose_goes_with_their_place_and_no_others(event: Event, omar: Staff, ada: Person) -> None:
    ends: dict[str, Callable[[Registration], Awaitable[object]]] = {
        "given up": lambda guest: own_booking.give_up(guest, MONDAY),
        "cancelled": lambda guest: vetting.cancel(guest, omar, MONDAY),
        "withdrawn": lambda guest: vetting.withdraw(guest, omar, MONDAY),
        "deleted": lambda guest: query("UPDATE registration SET person_sealed = NULL WHERE id = ?", [guest.id]),
    }
    filled, stays = await a_programme(event, omar), await a_guest(event, ada)
    await chooses(stays, filled.slot, filled.first.id)
    for end in ends.values():
        guest = await chooses(await a_guest(event), filled.slot, filled.second.id)
        assert len(await chosen()) == 2
        await end(await Registration.get(id=guest.id))
        assert await chosen() == [(filled.first.id, None)]


async def test_a_workshop_that_is_taken_out_takes_along_who_wanted_it_first(
    event: Event, omar: Staff, ada: Person
) -> None:
    guest, other = await a_guest(event, ada), await a_guest(event)
    filled = await has_chosen(guest, event, omar)
    await chooses(other, filled.slot, filled.second.id, filled.first.id)
    filled.second.event = event
    await changing.take_out(filled.second, by=omar, at=MONDAY, real=clock.real())
    assert await chosen() == [(filled.first.id, None)], "who wanted it second keeps the first"


async def test_who_chooses_many_times_at_once_has_one_choice(event: Event, omar: Staff, ada: Person) -> None:
    filled, guest = await a_programme(event, omar), await a_guest(event, ada)
    both = (filled.first.id, filled.second.id)
    acts = [choosing.choose(guest, filled.slot.id, both[n % 2], None, MONDAY, clock.real()) for n in range(10)]
    await asyncio.gather(*acts)
    assert len(await chosen()) == 1


async def test_whoever_chooses_while_the_choice_is_closed_comes_before_it_or_is_refused(
    event: Event, omar: Staff
) -> None:
    filled = await a_programme(event, omar)
    guests = [await a_guest(event) for _ in range(6)]
    acts = [choosing.choose(guest, filled.slot.id, filled.first.id, None, MONDAY, clock.real()) for guest in guests]
    closing = choosing.close(event, filled.slot.id, by=omar, at=MONDAY)
    answers = await asyncio.gather(*acts[:3], closing, *acts[3:], return_exceptions=True)
    refused = [answer for answer in answers if answer is not None]
    assert {str(answer) for answer in refused} <= {choosing.CLOSED}
    assert len(await chosen()) == 6 - len(refused)


async def test_whoever_chooses_a_workshop_that_is_taken_out_at_the_same_moment_is_told_so(
    event: Event, omar: Staff
) -> None:
    filled = await a_programme(event, omar)
    guests = [await a_guest(event) for _ in range(4)]
    filled.second.event = event
    acts = [choosing.choose(guest, filled.slot.id, filled.second.id, None, MONDAY, clock.real()) for guest in guests]
    taking_out = changing.take_out(filled.second, by=omar, at=MONDAY, real=clock.real())
    answers = await asyncio.gather(*acts[:2], taking_out, *acts[2:], return_exceptions=True)
    assert {str(answer) for answer in answers if answer is not None} <= {choosing.NOT_THERE}
    assert await chosen() == [], "whatever was chosen before went with it"

"""Organisers give out the places in workshops by a seed that is noted first, and anybody checks it. Rules: EV-01."""

import asyncio
from collections import Counter

import asyncpg
import pytest
from tortoise.exceptions import BaseORMException

from events.accounts.staff import Staff
from events.audit.action import Action
from events.audit.audit import AuditEntry
from events.event import Event
from events.ground import clock
from events.ground.database import query
from events.ground.refusal import Refused
from events.programme import changing
from events.programme.programme import ShownTo
from registrations.booking import own_booking
from registrations.deciding import vetting
from registrations.people.registration import Registration
from registrations.workshops import allocating, choice, choosing, joining
from registrations.workshops.choice import Allocation
from registrations.workshops.lot import Lot
from registrations.workshops.place import WorkshopPlace
from tests.events.programme.programmes import Filled, a_programme
from tests.people import MONDAY, Person
from tests.registrations.booking.handing.handing import taken_up
from tests.registrations.workshops.guests import a_guest, chooses


async def guests_who_choose(event: Event, filled: Filled, number: int) -> list[Registration]:
    """All want the first workshop, and then the second."""
    guests = [await a_guest(event) for _ in range(number)]
    return [await chooses(guest, filled.slot, filled.first.id, filled.second.id) for guest in guests]


async def take_part() -> dict[int, int]:
    """How many take part in each workshop."""
    return dict(Counter(row.workshop_id for row in await WorkshopPlace.all()))


async def give_out(event: Event, filled: Filled, by: Staff, leftover: bool = False) -> Allocation:
    assert await allocating.allocate(event, filled.slot.id, leftover, by=by, at=MONDAY, real=clock.real())
    allocation = await choice.allocation_of(filled.slot.id)
    assert allocation is not None
    return allocation


async def test_the_seed_is_noted_before_places_are_given_out(event: Event, omar: Staff) -> None:
    filled = await a_programme(event, omar, capacity=2)
    await guests_who_choose(event, filled, 5)
    allocation = await give_out(event, filled, omar)
    assert await take_part() == {filled.first.id: 2, filled.second.id: 2}
    noted, done = [await AuditEntry.get(action=act) for act in (Action.SEED_NOTED, Action.WORKSHOPS_ALLOCATED)]
    assert noted.id < done.id
    assert (noted.actor, noted.details["seed"]) == (omar.actor, allocation.seed)
    assert (done.details["people"], done.details["places"]) == (5, 4)
    assert not await allocating.allocate(event, filled.slot.id, True, by=omar, at=MONDAY, real=clock.real()), (
        "it is done once"
    )
    assert await AuditEntry.filter(action=Action.SEED_NOTED).count() == 1


async def test_a_seed_that_is_noted_stays_and_so_does_what_was_said_with_it(event: Event, omar: Staff) -> None:
    filled = await a_programme(event, omar)
    await allocating.note_seed(event, filled.slot.id, True, by=omar, at=MONDAY)
    first = await choice.allocation_of(filled.slot.id)
    await allocating.note_seed(event, filled.slot.id, False, by=omar, at=MONDAY)
    again = await choice.allocation_of(filled.slot.id)
    assert first
    assert again
    assert (first.seed, first.leftover) == (again.seed, again.leftover)
    with pytest.raises(Refused, match=choosing.DRAWN):
        await choosing.reopen(event, filled.slot.id, by=omar, at=MONDAY)
    with pytest.raises(Refused, match=choosing.CLOSED):
        await chooses(await a_guest(event), filled.slot, filled.first.id)


async def test_whoever_chose_nothing_or_has_no_place_any_more_is_not_in_it(event: Event, omar: Staff) -> None:
    filled = await a_programme(event, omar, capacity=0)
    gone, stays = await guests_who_choose(event, filled, 2)
    await a_guest(event)
    await own_booking.give_up(await Registration.get(id=gone.id), MONDAY)
    await give_out(event, filled, omar)
    assert [lot.registration_id for lot in await Lot.all()] == [stays.id]
    assert [row.registration_id for row in await WorkshopPlace.all()] == [stays.id]


async def test_the_draw_comes_to_the_same_again_also_when_people_have_left_and_changed(
    event: Event, omar: Staff
) -> None:
    filled = await a_programme(event, omar, capacity=2)
    guests = await guests_who_choose(event, filled, 5)
    allocation = await give_out(event, filled, omar)
    assert (await allocating.check(allocation)).all_right
    await own_booking.give_up(await Registration.get(id=guests[0].id), MONDAY)
    await vetting.cancel(await Registration.get(id=guests[1].id), omar, MONDAY)
    filled.second.event = event
    await changing.take_out(filled.second, by=omar, at=MONDAY, real=clock.real())
    checked = await allocating.check(allocation)
    assert (checked.all_right, checked.people, checked.gone, checked.without_a_place) == (True, 5, 2, 1)


REFUSED = (BaseORMException, asyncpg.PostgresError)
TAMPERED = {
    "another seed": ("UPDATE allocation SET seed = '" + "ab" * 32 + "'", {"seed_noted", "lots_right", "as_recorded"}),
    "a friend first": (
        "UPDATE lot SET drawn = '00' WHERE id = (SELECT max(id) FROM lot)", {"lots_right", "as_recorded"}
    ),
    "a better workshop": (
        "UPDATE lot SET got = wanted_first WHERE got IS NULL OR got <> wanted_first", {"same", "as_recorded"}
    ),
    "other choices": ("UPDATE lot SET wanted_second = NULL", {"same", "as_recorded"}),
    "somebody taken out": ("DELETE FROM lot WHERE id = (SELECT min(id) FROM lot)", {"as_recorded"}),
}  # fmt: skip


@pytest.mark.parametrize("tampering", TAMPERED)
async def test_whatever_is_changed_of_a_draw_is_seen(event: Event, omar: Staff, tampering: str) -> None:
    filled = await a_programme(event, omar, capacity=2)
    await guests_who_choose(event, filled, 5)
    allocation = await give_out(event, filled, omar)
    sql, seen_by = TAMPERED[tampering]
    await query(f"{sql} RETURNING id")
    checked = await allocating.check(await Allocation.get(id=allocation.id))
    assert not checked.all_right
    assert {
        name for name in ("seed_noted", "lots_right", "same", "as_recorded") if not getattr(checked, name)
    } >= seen_by


async def test_two_organisers_give_out_once(event: Event, omar: Staff, lena: Staff) -> None:
    filled = await a_programme(event, omar, capacity=2)
    await guests_who_choose(event, filled, 5)
    acts = [
        allocating.allocate(event, filled.slot.id, False, by=by, at=MONDAY, real=clock.real())
        for by in (omar, lena) * 3
    ]
    assert Counter(await asyncio.gather(*acts)) == {True: 1, False: 5}
    assert await take_part() == {filled.first.id: 2, filled.second.id: 2}
    assert await AuditEntry.filter(action__in=[Action.SEED_NOTED, Action.WORKSHOPS_ALLOCATED]).count() == 2


async def test_whoever_chooses_or_gives_up_meanwhile_comes_before_or_after_it(event: Event, omar: Staff) -> None:
    filled = await a_programme(event, omar, capacity=2)
    guests = await guests_who_choose(event, filled, 6)
    found = [await Registration.get(id=guest.id) for guest in guests]
    acts = [
        choosing.choose(guests[0], filled.slot.id, filled.second.id, None, MONDAY, clock.real()),
        own_booking.give_up(found[1], MONDAY),
        allocating.allocate(event, filled.slot.id, False, by=omar, at=MONDAY, real=clock.real()),
        vetting.cancel(found[2], omar, MONDAY),
        choosing.choose(guests[3], filled.slot.id, filled.second.id, None, MONDAY, clock.real()),
        vetting.withdraw(found[4], omar, MONDAY),
    ]
    answers = await asyncio.gather(*acts, return_exceptions=True)
    assert {str(answer) for answer in answers if isinstance(answer, BaseException)} <= {choosing.CLOSED}
    have = {row.registration_id for row in await WorkshopPlace.all()}
    assert have <= {guests[0].id, guests[3].id, guests[5].id}, "nobody without a place has a workshop"
    assert all(number <= 2 for number in (await take_part()).values())
    assert (await allocating.check(await Allocation.get())).all_right


async def test_ten_who_want_the_last_place_at_once_and_one_gets_it(event: Event, omar: Staff) -> None:
    filled = await a_programme(event, omar, capacity=1)
    guests = [await a_guest(event) for _ in range(10)]
    await give_out(event, filled, omar)
    acts = [joining.join(guest, filled.slot.id, filled.first.id, MONDAY, clock.real()) for guest in guests]
    answers = await asyncio.gather(*acts, return_exceptions=True)
    assert Counter(str(answer) for answer in answers if answer is not None) == {joining.FULL: 9}
    assert await take_part() == {filled.first.id: 1}


async def test_guests_swap_as_long_as_places_are_left(event: Event, omar: Staff, ada: Person) -> None:
    filled = await a_programme(event, omar, capacity=1)
    guest, other = await a_guest(event, ada), await a_guest(event)
    with pytest.raises(Refused, match=joining.NOT_YET):
        await joining.join(guest, filled.slot.id, filled.first.id, MONDAY, clock.real())
    await give_out(event, filled, omar)
    await joining.join(guest, filled.slot.id, filled.first.id, MONDAY, clock.real())
    await joining.join(guest, filled.slot.id, filled.second.id, MONDAY, clock.real())
    assert await take_part() == {filled.second.id: 1}, "one at a time, and the first is free again"
    with pytest.raises(Refused, match=joining.FULL):
        await joining.join(other, filled.slot.id, filled.second.id, MONDAY, clock.real())
    await own_booking.give_up(await Registration.get(id=guest.id), MONDAY)
    await joining.join(other, filled.slot.id, filled.second.id, MONDAY, clock.real())
    assert [row.registration_id for row in await WorkshopPlace.all()] == [other.id], "what was given up is free"


async def test_two_who_swap_with_each_other_at_once_wait_for_nobody(event: Event, omar: Staff) -> None:
    filled = await a_programme(event, omar, capacity=2)
    guests = [await a_guest(event) for _ in range(2)]
    await give_out(event, filled, omar)
    both = (filled.first.id, filled.second.id)
    for turn in range(3):
        acts = [
            joining.join(guest, filled.slot.id, both[(turn + place) % 2], MONDAY, clock.real())
            for place, guest in enumerate(guests)
        ]
        await asyncio.gather(*acts)
        assert await take_part() == dict.fromkeys(both, 1)


async def test_organisers_move_somebody_by_hand_on_record_and_never_into_a_full_workshop(
    event: Event, omar: Staff, ada: Person
) -> None:
    filled, guest = await a_programme(event, omar, capacity=1), await a_guest(event, ada)
    await guests_who_choose(event, filled, 1)
    await give_out(event, filled, omar)
    with pytest.raises(Refused, match=joining.FULL):
        await joining.move(guest, filled.slot.id, filled.first.id, omar, MONDAY, clock.real())
    await joining.move(guest, filled.slot.id, filled.second.id, omar, MONDAY, clock.real())
    assert await take_part() == {filled.first.id: 1, filled.second.id: 1}
    entry = await AuditEntry.get(action=Action.MOVED_BY_HAND)
    assert (entry.actor, entry.subject) == (omar.actor, f"registration:{guest.id}")
    await joining.move(guest, filled.slot.id, None, omar, MONDAY, clock.real())
    assert await take_part() == {filled.first.id: 1}


async def test_organisers_move_somebody_also_while_guests_see_no_programme(event: Event, omar: Staff) -> None:
    filled, guest = await a_programme(event, omar), await a_guest(event)
    await give_out(event, filled, omar)
    await changing.show_to(event, ShownTo.NOBODY, by=omar, at=MONDAY)
    with pytest.raises(Refused, match="not in the programme any more"):
        await joining.join(guest, filled.slot.id, filled.first.id, MONDAY, clock.real())
    await joining.move(guest, filled.slot.id, filled.first.id, omar, MONDAY, clock.real())
    assert await take_part() == {filled.first.id: 1}


async def test_a_workshop_is_not_made_smaller_than_it_is_full(event: Event, omar: Staff) -> None:
    filled = await a_programme(event, omar, capacity=3)
    await guests_who_choose(event, filled, 3)
    await give_out(event, filled, omar)
    filled.first.event, words = event, filled.first.words
    assert words is not None
    with pytest.raises(Refused, match="3 people have a place in this workshop"):
        await changing.change_workshop(filled.first, words, 2, 0, by=omar, at=MONDAY, real=clock.real())
    await changing.change_workshop(filled.first, words, 4, 0, by=omar, at=MONDAY, real=clock.real())


async def test_the_database_itself_refuses_one_too_many_and_a_second_one_of_a_slot(event: Event, omar: Staff) -> None:
    filled = await a_programme(event, omar, capacity=1)
    guests = [await a_guest(event) for _ in range(2)]

    async def put(guest: Registration, workshop: int) -> None:
        await WorkshopPlace.create(
            event_id=event.id, registration_id=guest.id, slot_id=filled.slot.id, workshop_id=workshop,
            given_by="drawn", given_at=MONDAY,
        )  # fmt: skip

    await put(guests[0], filled.first.id)
    for guest, workshop in ((guests[1], filled.first.id), (guests[0], filled.second.id)):
        with pytest.raises(REFUSED):
            await put(guest, workshop)
    await put(guests[1], filled.second.id)
    with pytest.raises(REFUSED):
        await WorkshopPlace.filter(registration_id=guests[1].id).update(workshop_id=filled.first.id)
    assert await take_part() == {filled.first.id: 1, filled.second.id: 1}


async def test_whoever_takes_a_place_over_does_not_get_its_workshop_also_in_the_same_moment(
    event: Event, omar: Staff, ada: Person
) -> None:
    filled = await a_programme(event, omar, capacity=1)
    giver, receiver = await taken_up(ada, event)
    await chooses(giver, filled.slot, filled.first.id)
    handing = vetting.approve(receiver, omar, MONDAY)
    await asyncio.gather(
        handing, allocating.allocate(event, filled.slot.id, False, by=omar, at=MONDAY, real=clock.real())
    )
    assert await take_part() == {}, "the giver has no place any more, and the receiver has chosen nothing"
    await joining.join(receiver, filled.slot.id, filled.first.id, MONDAY, clock.real())
    assert [row.registration_id for row in await WorkshopPlace.all()] == [receiver.id]

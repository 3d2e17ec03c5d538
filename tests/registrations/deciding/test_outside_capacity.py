"""The place of whoever comes along is outside capacity: by every way into a place and out of it the counter of the
event is what a fresh count of the rows says, and nobody gains a place by linking people.

Rules: EV-05, SE-15.
"""

import asyncio
import random
from collections.abc import Sequence
from functools import partial

import pytest

from events.accounts.staff import Staff
from events.event import Event
from events.ground.refusal import Refused
from registrations.asking.invited import Used
from registrations.booking import own_booking
from registrations.checkin import headcount
from registrations.deciding import coming_along, several_decisions, vetting
from registrations.deciding.vetting import Decision, Result
from registrations.desk.desk_counts import counts
from registrations.people import companions
from registrations.people.registration import Registration, State
from tests.people import MONDAY, Person, confirmed, request_of, someone
from tests.professional import with_ticket
from tests.registrations.asking.invitations import an_invitation, code_of
from tests.registrations.asking.test_by_colleague import says_yes
from tests.registrations.booking.colleagues.naming_them import KIT, names
from tests.registrations.booking.handing.handing import live_tickets
from tests.registrations.coming import a_guest, anew, comes_along, link
from tests.registrations.deciding import outside
from tests.registrations.deciding.outside import ACTS, OUT, Act, do, fill, tried, wrong
from tests.registrations.deciding.waiting import NOON, turn

IN: dict[str, Sequence[Act]] = {
    "approved": [outside.approve],
    "approved with others": [outside.approve_together],
    "approved from the list": [outside.wait, outside.approve],
    "approved from the list with others": [outside.wait, outside.approve_together],
    "took an offer": [outside.wait, outside.offer, outside.take_offer],
    "approved in spite of an offer": [outside.wait, outside.offer, outside.approve],
    "approved again": [outside.approve, outside.withdraw, outside.approve],
    "approved after changing": [outside.approve, outside.change_organisation, outside.approve],
    "approved with others after changing": [outside.approve, outside.change_organisation, outside.approve_together],
    "approved at another address": [outside.approve, outside.move_address, outside.approve],
    "declined, and that undone": [outside.approve, outside.change_organisation, outside.decline, outside.undo],
    "reconsidered": [outside.decline, outside.reconsider, outside.approve],
}
OFFERED_OUT: dict[str, Sequence[Act]] = {
    "said no": [outside.decline_offer],
    "did not answer": [outside.run_out],
    "keeps an address that two approve": [outside.end_by_address],
    "gave up": [outside.give_up],
    "was cancelled": [outside.cancel],
    "was erased": [outside.erase],
}


async def taken(event: Event) -> int:
    return (await Event.get(id=event.id)).taken


@pytest.mark.parametrize("way", sorted(IN))
async def test_no_way_into_a_place_takes_one_that_is_counted_also_when_all_are_taken(
    event: Event, omar: Staff, way: str
) -> None:
    companion = await comes_along(await a_guest(event))
    await fill(event)
    await do(IN[way], companion, omar)
    now = await anew(companion)
    assert (await taken(event), await wrong(event)) == (1, {})
    assert (await live_tickets(now) == [1]) is (now.state is State.APPROVED)
    assert now.state is (State.RECHECKING if way == "declined, and that undone" else State.APPROVED)


@pytest.mark.parametrize("way", sorted(IN))
async def test_the_control_nobody_else_comes_in_when_all_are_taken(event: Event, omar: Staff, way: str) -> None:
    await a_guest(event)
    other = await confirmed(someone(), event)
    await fill(event)
    for act in IN[way]:
        await tried(act, other, omar)
    assert (await taken(event), await wrong(event), await live_tickets(other)) == (1, {}, [0])


@pytest.mark.parametrize("way", sorted(OUT))
async def test_no_way_out_of_it_frees_one(event: Event, omar: Staff, way: str) -> None:
    companion, other = await comes_along(await a_guest(event)), await confirmed(someone(), event)
    for person, frees in ((companion, 0), (other, 1)):
        await vetting.approve(await anew(person), omar, MONDAY)
        before = await taken(event)
        await do(OUT[way], person, omar)
        assert (before - await taken(event), await wrong(event)) == (frees, {})


@pytest.mark.parametrize("way", sorted(OFFERED_OUT))
async def test_nor_does_an_offer_to_them(event: Event, omar: Staff, way: str) -> None:
    companion, other = await comes_along(await a_guest(event)), await confirmed(someone(), event)
    for person, frees in ((companion, 0), (other, 1)):
        await do([outside.wait, outside.offer], person, omar)
        assert (await taken(event), await wrong(event)) == (1 + frees, {})
        await do(OFFERED_OUT[way], person, omar)
        assert (await taken(event), await wrong(event)) == (1, {})


@pytest.mark.parametrize("way", [*sorted(OUT), "handed over"])
async def test_when_the_guest_leaves_one_place_is_free_and_not_two(event: Event, omar: Staff, way: str) -> None:
    asked = await confirmed(someone(), event)
    await vetting.approve(asked, omar, MONDAY)
    for state in (State.APPROVED, State.OFFERED):
        await comes_along(await anew(asked), state)
    assert await taken(event) == 1
    await do(OUT.get(way, [outside.hand_over]), asked, omar)
    assert (await taken(event), await wrong(event)) == (int(way == "handed over"), {})


@pytest.mark.parametrize("state", [State.APPROVED, State.OFFERED])
async def test_linking_frees_a_place_and_parting_takes_one_if_there_is_one(
    event: Event, omar: Staff, state: State
) -> None:
    guest, other = await a_guest(event), await a_guest(event)
    companion = await comes_along(guest, state)
    assert (await taken(event), await wrong(event)) == (2, {})
    await fill(event)
    with pytest.raises(Refused, match="no place is left"):
        await coming_along.unlink(await anew(companion), omar, MONDAY)
    assert ((await anew(companion)).comes_with_id, await taken(event), await wrong(event)) == (guest.id, 2, {})
    assert await own_booking.give_up(await anew(other), MONDAY)
    await coming_along.unlink(await anew(companion), omar, MONDAY)
    assert ((await anew(companion)).comes_with_id, await taken(event), await wrong(event)) == (None, 2, {})


async def test_ten_are_parted_at_once_and_take_the_one_place_that_is_left(event: Event, omar: Staff) -> None:
    people = [await comes_along(await a_guest(event), State.APPROVED) for _ in range(5)]
    await Event.filter(id=event.id).update(capacity=6, allowance=0)
    parting = [coming_along.unlink(await anew(person), omar, MONDAY) for person in people]
    ends = await asyncio.gather(*parting, return_exceptions=True)
    assert sum(end is None for end in ends) == 1
    assert (await taken(event), await wrong(event)) == (6, {})


async def test_with_others_in_one_batch_they_alone_need_no_place(event: Event, omar: Staff) -> None:
    guest = await a_guest(event)
    people = [await confirmed(someone(), event), await comes_along(guest), await confirmed(someone(), event)]
    await Event.filter(id=event.id).update(capacity=2, allowance=0)
    results = await several_decisions.decide_people(
        [await anew(person) for person in people], Decision.APPROVE, omar, NOON
    )
    assert [results[person.id] for person in people] == [Result.DONE, Result.DONE, Result.FULL]
    assert (await taken(event), await wrong(event)) == (2, {})


async def test_the_waiting_list_offers_them_nothing_and_goes_on_to_the_next(event: Event, omar: Staff) -> None:
    companion, other = await comes_along(await a_guest(event)), await confirmed(someone(), event)
    for person in (companion, other):
        await vetting.put_on_waiting_list(await anew(person), omar, MONDAY)
    await Event.filter(id=event.id).update(capacity=3, allowance=0)
    await turn(NOON)
    assert [(await anew(person)).state for person in (companion, other)] == [State.WAITING, State.OFFERED]


async def test_a_code_that_gave_them_a_place_is_free_again_since_they_come_along(
    event: Event, ada: Person, omar: Staff
) -> None:
    code = code_of(await an_invitation(event, omar, only_for="lanterns.example.org", skips=True))
    named = await names((await with_ticket(ada, event))[0], comes_along=True)
    assert await says_yes(named, event, code=code) is Used.PLACE
    request = await request_of(KIT.email)
    assert (request.state, request.comes_with_id) == (State.APPROVED, named.registration_id)
    assert (await taken(event), await wrong(event)) == (1, {})


async def test_without_a_free_place_no_code_lets_them_in_unseen(event: Event, ada: Person, omar: Staff) -> None:
    code = code_of(await an_invitation(event, omar, only_for="lanterns.example.org", skips=True))
    named = await names((await with_ticket(ada, event))[0], comes_along=True)
    await fill(event)
    await says_yes(named, event, code=code)
    request = await request_of(KIT.email)
    assert (request.state, request.comes_with_id, await live_tickets(request)) == (
        State.WAITING, named.registration_id, [0],
    )  # fmt: skip


async def test_a_guest_gains_no_place_by_linking_and_leaving(event: Event, omar: Staff) -> None:
    """Whoever was let in outside capacity stays by no trick: not when the guest leaves, is restored, or hands over."""
    guest = await a_guest(event)
    people = [await comes_along(guest) for _ in range(2)]
    await fill(event)
    for person in people:
        await outside.approve(person, omar)
    await outside.hand_over(guest, omar)
    assert (await live_tickets(guest, *people), await taken(event)) == ([0, 0, 0], 1)
    for person in people:
        for act in (outside.restore_with_a_place, outside.undo, outside.approve, outside.unlink):
            await tried(act, person, omar)
        with pytest.raises(Refused):
            await link(person, guest)
    assert (await live_tickets(guest, *people), await taken(event), await wrong(event)) == ([0, 0, 0], 1, {})


async def test_the_numbers_of_desk_and_board_say_who_is_beside_capacity(event: Event, omar: Staff) -> None:
    guest = await a_guest(event)
    await comes_along(guest, State.APPROVED)
    await comes_along(guest, State.OFFERED)
    await comes_along(await a_guest(event), State.CONFIRMED)
    told, board = await counts(event.id), await headcount.counts(event.id, NOON, NOON)
    places = (await Event.get(id=event.id)).places
    assert (told.approved, told.places_left, told.come_along, board.expected) == (3, places - 2, 1, 3)


@pytest.mark.parametrize("seed", range(3))
async def test_in_whatever_order_things_happen_the_counter_is_right(event: Event, omar: Staff, seed: int) -> None:
    """Few places and people, so that each often meets the others; what brings somebody in comes more often, since most
    acts lead out."""
    chance = random.Random(seed)  # noqa: S311  # a walk that can be repeated
    people = [await confirmed(someone(), event) for _ in range(5)]
    await Event.filter(id=event.id).update(capacity=2, allowance=0)
    seen = set[str]()
    for _ in range(120):
        person, other = chance.sample(people, 2)
        kind = chance.random()
        if kind < 0.3:
            await tried(partial(_link, other), person, omar)
        else:
            await tried(chance.choice(LEADS_IN if kind < 0.6 else ACTS), person, omar)
        seen |= {row.state for row in await Registration.filter(comes_with_id__not_isnull=True)}
        assert await wrong(event) == {}
        assert await taken(event) <= 2
    assert {State.APPROVED, State.CANCELLED} <= seen, "they came along, and came to places"


LEADS_IN: list[Act] = [
    outside.approve,
    outside.approve_together,
    outside.restore_with_a_place,
    outside.restore_to_the_list,
    outside.reconsider,
]


async def _link(guest: Registration, companion: Registration, by: Staff) -> None:
    await coming_along.link(await anew(companion), await anew(guest), by, NOON)


async def test_at_the_same_moment_it_is_right_too(event: Event, omar: Staff) -> None:
    for _ in range(6):
        guest, other = await a_guest(event), await a_guest(event)
        companion, second = await comes_along(guest), await comes_along(guest, State.APPROVED)
        ends = await asyncio.gather(
            outside.approve(companion, omar),
            tried(outside.unlink, second, omar),
            tried(outside.give_up, guest, omar),
            tried(outside.cancel, second, omar),
            _link(guest, other, omar),
            return_exceptions=True,
        )
        strange = [end for end in ends if isinstance(end, Exception) and not isinstance(end, Refused)]
        assert (strange, await wrong(event)) == ([], {})


async def test_a_place_that_is_counted_all_the_same_is_found(
    event: Event, omar: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The fault that all of these look for: whoever moves the counter does not ask whose place is counted."""

    async def all_of(ids: Sequence[int]) -> int:
        return len(ids)

    monkeypatch.setattr(companions, "counted", all_of)
    first, second = await comes_along(await a_guest(event)), await comes_along(await a_guest(event), State.APPROVED)
    await outside.approve(first, omar)
    assert "counted" in await wrong(event)
    await own_booking.give_up(await anew(first), NOON)
    assert await wrong(event) == {}
    await own_booking.give_up(await anew(second), NOON)
    assert "counted" in await wrong(event)

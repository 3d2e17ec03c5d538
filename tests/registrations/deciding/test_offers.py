"""An offer holds a place until it is answered or its time is over; each is answered once, whoever comes first.

Rules: EV-08, SE-15.
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import date, datetime, timedelta

import pytest

from events.accounts.staff import Staff
from events.audit.action import Action
from events.event import Event
from events.ground import clock
from events.ground.database import Database, run_tx
from events.ground.refusal import Refused
from events.mail import quiet_hours
from events.mail.outbox import Message
from registrations.booking import new_address
from registrations.deciding import offers, restoring, several_decisions, vetting, waiting_list
from registrations.deciding.decision import Decision
from registrations.deciding.offers import NO_OFFER_NOW
from registrations.people.registration import Registration, State
from registrations.tickets.ticket import Ticket
from tests.people import MONDAY, THE_DAY, audit_of, confirmed, queued, someone
from tests.registrations.booking.addressing import asks
from tests.registrations.deciding.decisions import anew, taken
from tests.registrations.deciding.waiting import NOON, full, states, waiting

SENT = ("waiting", "offer", "offer_over", "given_up", "ticket")


def at(day: int, hours: int, minutes: int = 0) -> datetime:
    return clock.at_venue(date(2019, 4, day), hours, minutes)


@pytest.mark.parametrize(
    ("made", "lasts", "until"),
    [
        (at(1, 9), 24, at(3, 9)),
        (at(1, 8), 24, at(2, 20)),
        (at(1, 19, 30), 4, at(2, 11, 30)),
        (at(1, 16), 4, at(1, 20)),
        (at(1, 21), 4, at(2, 12)),
        (at(1, 3), 4, at(1, 12)),
        (clock.at_venue(date(2019, 3, 30), 19, 0), 4, clock.at_venue(date(2019, 3, 31), 11, 0)),
    ],
    ids=["two days", "to the evening", "over the night", "just the day", "made late", "made early", "summer time"],
)
def test_the_hours_of_the_night_do_not_count(made: datetime, lasts: int, until: datetime) -> None:
    assert quiet_hours.later(made, timedelta(hours=lasts)) == until


@pytest.mark.parametrize(
    ("made", "until"),
    [
        (at(8, 9), at(10, 9)),
        (at(8, 9, 30), at(8, 13, 30)),
        (at(12, 18), at(13, 10)),
        (at(14, 17), at(15, 9)),
        (at(14, 18), None),
        (at(15, 8), None),
        (at(9, 20), None),
        (at(9, 7, 59), None),
        (at(9, 8), at(9, 12)),
    ],
)  # the event begins on the 15th at 9:30
async def test_an_offer_is_short_in_the_last_week_and_none_is_made_by_night_or_too_late(
    event: Event, made: datetime, until: datetime | None
) -> None:
    assert offers.ends(event, made) == until


async def test_ada_takes_the_place_and_is_sent_her_ticket(event: Event, omar: Staff) -> None:
    [ada] = await waiting(event, omar)
    await offers.offer(ada, omar, NOON)
    offered = await anew(ada)
    assert (offered.state, offered.offered_until, await taken(event)) == (State.OFFERED, at(8, 16), 1)
    assert await offers.take(offered, NOON + timedelta(hours=1))
    ticket = await Ticket.get()
    assert (await states(ada), await taken(event)) == ([State.APPROVED], 1)
    assert await queued() == [("waiting", ada.id), ("offer", ada.id), ("ticket", ticket.id)]
    assert [entry[:2] for entry in await audit_of(ada)][1:] == [
        (Action.OFFERED, omar.actor), (Action.OFFER_TAKEN, f"person:{ada.id}"),
    ]  # fmt: skip


async def test_a_no_ends_the_request_and_frees_the_place(event: Event, omar: Staff) -> None:
    [ada] = await waiting(event, omar)
    await offers.offer(ada, omar, NOON)
    assert await offers.decline(await anew(ada), NOON)
    assert (await states(ada), await taken(event), await Ticket.all().count()) == ([State.CANCELLED], 0, 0)
    assert await queued() == [("waiting", ada.id), ("offer", ada.id), ("given_up", ada.id)]


async def test_who_does_not_answer_is_told_and_waits_for_nothing_until_they_ask(event: Event, omar: Staff) -> None:
    [ada] = await waiting(event, omar)
    await offers.offer(ada, omar, NOON)
    until = (await anew(ada)).offered_until or NOON
    assert not await offers.run_out(await anew(ada), until - timedelta(seconds=1))
    assert await offers.run_out(await anew(ada), until)
    now = await anew(ada)
    assert (now.state, now.lapsed_at, await taken(event)) == (State.WAITING, until, 0)
    assert (await queued())[-1] == ("offer_over", ada.id)
    assert await offers.stay(now, until + timedelta(hours=1))
    now = await anew(ada)
    assert (now.lapsed_at, now.waits_from) == (None, until + timedelta(hours=1))
    assert not await offers.stay(now, until), "they have asked already"


async def test_of_many_answers_at_once_one_counts(database: Database, event: Event, omar: Staff) -> None:
    for _ in range(4):
        [ada] = await waiting(event, omar)
        await offers.offer(ada, omar, NOON)
        before, until = await taken(event), (await anew(ada)).offered_until or NOON
        seen = [await anew(ada) for _ in range(6)]
        ways = [offers.take, offers.decline, offers.take, offers.decline]
        late = [offers.run_out(registration, until) for registration in seen[4:]]
        done = await asyncio.gather(*(way(row, NOON) for way, row in zip(ways, seen, strict=False)), *late)
        assert done.count(True) == 1
        [state] = await states(ada)
        assert await taken(event) == before - (state is not State.APPROVED)


async def test_an_answer_to_an_older_offer_is_none(event: Event, omar: Staff) -> None:
    [ada] = await waiting(event, omar)
    await offers.offer(ada, omar, NOON)
    first = await anew(ada)
    await offers.run_out(first, first.offered_until or NOON)
    later = (first.offered_until or NOON) + timedelta(hours=1)
    await offers.offer(await anew(ada), omar, later)
    assert [await offers.take(first, later), await offers.decline(first, later)] == [False, False]
    assert await offers.take(await anew(ada), later)


async def test_whoever_has_an_offer_keeps_the_place_though_places_were_lowered(event: Event, omar: Staff) -> None:
    [ada, bo] = await waiting(event, omar, 2)
    await offers.offer(ada, omar, NOON)
    await offers.offer(bo, omar, NOON)
    await Event.filter(id=event.id).update(capacity=0, allowance=0)
    assert await offers.take(await anew(ada), NOON)
    await vetting.approve(await anew(bo), omar, NOON)
    assert (await states(ada, bo), await taken(event)) == ([State.APPROVED, State.APPROVED], 2)


async def test_no_offer_without_a_place_by_night_or_to_somebody_who_does_not_wait(event: Event, omar: Staff) -> None:
    guests = await full(event, 1)
    [ada] = await waiting(event, omar)
    with pytest.raises(Refused, match="no place left"):
        await offers.offer(ada, omar, NOON)
    with pytest.raises(Refused, match="has decided"):
        await offers.offer(guests[0], omar, NOON)
    for night in (at(8, 20), THE_DAY):
        with pytest.raises(Refused) as refused:
            await offers.offer(ada, omar, night)
        assert refused.value.sentence == NO_OFFER_NOW
    assert (await states(ada), await taken(event)) == ([State.WAITING], 1)
    assert await Message.filter(template="offer").count() == 0


async def test_cancelling_an_offer_frees_its_place(event: Event, omar: Staff) -> None:
    [ada] = await waiting(event, omar)
    await offers.offer(ada, omar, NOON)
    await vetting.cancel(await anew(ada), omar, NOON)
    assert (await states(ada), await taken(event)) == ([State.CANCELLED], 0)


async def alone(person: Registration, by: Staff) -> None:
    await vetting.put_on_waiting_list(await anew(person), by, NOON)


async def with_others(person: Registration, by: Staff) -> None:
    others = [await confirmed(someone(), await person.event)]
    await several_decisions.decide_people([await anew(person), *others], Decision.WAIT, by, NOON)


async def restored(person: Registration, by: Staff) -> None:
    await vetting.cancel(await anew(person), by, NOON)
    await restoring.restore(await anew(person), State.WAITING, by, NOON)


@pytest.mark.parametrize("put", [alone, with_others, restored])
async def test_who_is_put_on_the_list_anew_is_the_last_if_an_offer_lapsed(
    event: Event, omar: Staff, put: Callable[[Registration, Staff], Awaitable[None]]
) -> None:
    """However they come to it: as they move to another address, or after an approval that was withdrawn."""
    people = await waiting(event, omar, 4)
    lapsed, stayed, first, moves = people
    await Registration.filter(id=lapsed.id).update(lapsed_at=MONDAY + timedelta(hours=1))
    await Registration.filter(id=stayed.id).update(waits_from=MONDAY + timedelta(hours=2))
    await vetting.approve(await anew(first), omar, NOON)
    for person in (lapsed, stayed):
        await vetting.approve(await anew(person), omar, NOON)
    change = await asks(moves, someone().email)
    await Registration.filter(id=moves.id).update(lapsed_at=MONDAY)
    assert await new_address.confirm(change, NOON)
    for person in (lapsed, stayed, first):
        await vetting.withdraw(await anew(person), omar, NOON)
    for person in people:
        await put(person, omar)
    left = [(row.lapsed_at, row.waits_from) for row in [await anew(person) for person in people]]
    assert left == [(None, NOON), (None, MONDAY + timedelta(hours=2)), (None, None), (None, NOON)]
    line = [row.id for row in await waiting_list.everybody(event) if row.id in {person.id for person in people}]
    assert line == [first.id, stayed.id, lapsed.id, moves.id]


async def test_another_offer_out_of_turn_gives_nobody_their_first_turn_again(event: Event, omar: Staff) -> None:
    """They took it, and the approval was withdrawn; or the address for which it was made is not theirs any more."""
    took, moved, first = await waiting(event, omar, 3)
    await Registration.filter(id__in=[took.id, moved.id]).update(lapsed_at=MONDAY)
    for person in (took, moved):
        await offers.offer(await anew(person), omar, NOON)
    assert await offers.take(await anew(took), NOON)
    await vetting.withdraw(await anew(took), omar, NOON)
    await vetting.put_on_waiting_list(await anew(took), omar, NOON)
    assert await run_tx(offers.end_by_address)(await anew(moved))
    line = [row.id for row in await waiting_list.everybody(event) if row.id in {took.id, moved.id, first.id}]
    assert line == [first.id, took.id, moved.id]


async def test_of_several_whoever_let_an_offer_lapse_is_decided_on_last(event: Event, omar: Staff) -> None:
    ada, bo = await waiting(event, omar, 2)
    ids = [ada.id, bo.id]
    assert [row.id for row in await several_decisions.in_order(event, ids)] == ids, "the control"
    await Registration.filter(id=ada.id).update(lapsed_at=NOON)
    assert [row.id for row in await several_decisions.in_order(event, ids)] == [bo.id, ada.id]

"""Many organisers, one event: no place is given out twice, and no request is decided twice."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta

import pytest

from events.accounts.staff import Staff
from events.audit.action import Action
from events.audit.audit import AuditEntry
from events.event import Event
from events.ground import wording
from events.ground.database import Database
from events.ground.refusal import Refused
from events.mail.outbox import Message
from registrations.deciding import approving, several_decisions, vetting
from registrations.deciding.vetting import Decision, Result
from registrations.people.registration import Registration, State
from registrations.tickets.ticket import Ticket
from tests.people import MONDAY, an_event, confirmed, someone


def sentences(answers: Sequence[object]) -> Counter[str]:
    """What was refused, in which words; anything but a refusal fails the test."""
    errors = [answer for answer in answers if isinstance(answer, BaseException)]
    assert [error for error in errors if not isinstance(error, Refused)] == []
    return Counter(str(error) for error in errors)


async def test_two_hundred_approvals_give_out_exactly_fifty_places(database: Database, omar: Staff) -> None:
    event = await an_event(capacity=40)
    await Event.filter(id=event.id).update(allowance=10)
    requests = [await confirmed(someone(), event) for _ in range(200)]
    answers = await asyncio.gather(
        *(vetting.approve(request, omar, MONDAY) for request in requests), return_exceptions=True
    )
    assert sentences(answers) == {wording.EVENT_FULL: 150}
    tickets = await Ticket.filter(event_id=event.id).order_by("n")
    assert [ticket.n for ticket in tickets] == list(range(1, 51))
    versions = [ticket.list_version for ticket in tickets]
    assert versions == sorted(set(versions))
    assert await Registration.filter(event_id=event.id, state=State.APPROVED).count() == 50
    assert await Message.filter(template="ticket").count() == 50
    assert (await Event.get(id=event.id)).taken == 50


async def test_of_twenty_organisers_one_decides(event: Event, omar: Staff) -> None:
    asked = await confirmed(someone(), event)
    seen = [await Registration.get(id=asked.id) for _ in range(20)]
    verbs: list[Callable[..., Awaitable[object]]] = [
        vetting.approve, vetting.put_on_waiting_list, vetting.not_offer, vetting.cancel
    ] * 5  # fmt: skip
    answers = await asyncio.gather(
        *(verb(registration, omar, MONDAY) for verb, registration in zip(verbs, seen, strict=True)),
        return_exceptions=True,
    )
    assert sentences(answers) == {wording.ALREADY_DECIDED: 19}
    assert await Message.all().count() == 1
    now = await Registration.get(id=asked.id)
    assert (await Event.get(id=event.id)).taken == int(now.state is State.APPROVED)


async def test_places_given_back_and_given_out_at_once_still_add_up(database: Database, omar: Staff) -> None:
    event = await an_event(capacity=10)
    guests = [await confirmed(someone(), event) for _ in range(10)]
    for guest in guests:
        await vetting.approve(guest, omar, MONDAY)
    others = [await confirmed(someone(), event) for _ in range(30)]
    leaving = [vetting.withdraw(await Registration.get(id=guest.id), omar, MONDAY) for guest in guests[:5]]
    coming = [vetting.approve(other, omar, MONDAY + timedelta(minutes=1)) for other in others]
    answers = await asyncio.gather(*leaving, *coming, return_exceptions=True)
    assert set(sentences(answers)) <= {wording.EVENT_FULL}
    approved = await Registration.filter(event_id=event.id, state=State.APPROVED).count()
    live = await Ticket.filter(event_id=event.id, revoked_at=None).count()
    assert approved == live == (await Event.get(id=event.id)).taken <= 10


async def test_two_bulk_acts_over_the_same_list_decide_each_request_once(event: Event, omar: Staff) -> None:
    ids = [(await confirmed(someone(), event)).id for _ in range(20)]
    first, second = await asyncio.gather(
        several_decisions.decide_several(event, ids, vetting.Decision.APPROVE, omar, MONDAY),
        several_decisions.decide_several(event, ids, vetting.Decision.NOT_OFFER, omar, MONDAY),
    )
    became = Counter([*first.values(), *second.values()])
    assert became == {Result.DONE: 20, Result.DECIDED: 20}
    assert await Message.all().count() == 20


async def test_several_approved_together_share_a_version_and_get_numbers_in_the_order_they_asked(
    event: Event, omar: Staff
) -> None:
    """So one transaction and one change of the event's row serve them all."""
    asked = [await confirmed(someone(), event, MONDAY - timedelta(minutes=n)) for n in range(5)]
    results = await several_decisions.decide_several(
        event, [row.id for row in asked], vetting.Decision.APPROVE, omar, MONDAY
    )
    assert results == dict.fromkeys([row.id for row in asked], Result.DONE)
    tickets = await Ticket.filter(event_id=event.id).order_by("n")
    assert [ticket.registration_id for ticket in tickets] == [row.id for row in reversed(asked)]
    assert len({ticket.list_version for ticket in tickets}) == 1
    assert (await Event.get(id=event.id)).taken == 5


@pytest.mark.parametrize("decision", [Decision.WAIT, Decision.NOT_OFFER])
async def test_several_put_off_or_declined_together_share_a_version_of_the_list(
    event: Event, omar: Staff, decision: Decision
) -> None:
    """Of people with dead tickets, whose rows on the phones change. Who was decided on before stays as they are."""
    asked = [await confirmed(someone(), event) for _ in range(5)]
    ids = [row.id for row in asked]
    await several_decisions.decide_several(event, ids, Decision.APPROVE, omar, MONDAY)
    for row in await Registration.filter(id__in=ids[:4]):
        await vetting.withdraw(row, omar, MONDAY)
    results = await several_decisions.decide_several(event, ids, decision, omar, MONDAY)
    assert results == dict.fromkeys(ids[:4], Result.DONE) | {ids[4]: Result.DECIDED}
    versions = [ticket.list_version for ticket in await Ticket.filter(event_id=event.id).order_by("n")]
    assert (len(set(versions[:4])), versions[4] in versions[:4]) == (1, False)
    state = State.WAITING if decision is Decision.WAIT else State.NOT_OFFERED
    assert {row.id for row in await Registration.filter(state=state)} == set(ids[:4])
    queued = await Message.filter(template=vetting.DECIDED_BY_EMAIL[state])
    assert {message.subject_id for message in queued} == set(ids[:4])
    action = Action.PUT_ON_WAITING_LIST if decision is Decision.WAIT else Action.NOT_OFFERED
    assert await AuditEntry.filter(action=action, actor=omar.actor).count() == 4


async def test_bulk_acts_that_share_some_requests_give_each_one_place(database: Database, omar: Staff) -> None:
    event = await an_event(capacity=30)
    ids = [(await confirmed(someone(), event)).id for _ in range(40)]
    lists = [ids[:25], ids[15:], ids[10:30], ids]
    acts = [several_decisions.decide_several(event, some, vetting.Decision.APPROVE, omar, MONDAY) for some in lists]
    results = await asyncio.gather(*acts)
    done = Counter(id_ for result in results for id_, became in result.items() if became is Result.DONE)
    assert (len(done), set(done.values())) == (30, {1})
    assert (await Event.get(id=event.id)).taken == await Ticket.all().count() == 30
    assert await Message.filter(template="ticket").count() == 30


async def approved_at_once(event: Event, asked: Sequence[Registration], organisers: Sequence[Staff]) -> list[Result]:
    """Each by a press of its own, as from the queue; the organisers take turns."""
    presses = [
        several_decisions.decide_several(
            event, [row.id], Decision.APPROVE, organisers[n % len(organisers)], MONDAY, DUES[n % 2]
        )
        for n, row in enumerate(asked)
    ]
    return [result for results in await asyncio.gather(*presses) for result in results.values()]


DUES = (MONDAY, MONDAY + timedelta(seconds=30))


async def test_approvals_that_come_at_once_share_transactions_and_each_keeps_its_own_organiser_and_email(
    event: Event, omar: Staff, lena: Staff
) -> None:
    asked = [await confirmed(someone(), event) for _ in range(12)]
    assert await approved_at_once(event, asked, [omar, lena]) == [Result.DONE] * 12
    tickets = {ticket.registration_id: ticket for ticket in await Ticket.filter(event_id=event.id)}
    assert len({ticket.list_version for ticket in tickets.values()}) < 12
    entries = {entry.subject: entry for entry in await AuditEntry.filter(action=Action.APPROVED)}
    for n, row in enumerate(asked):
        entry = entries[f"registration:{row.id}"]
        assert (entry.actor, entry.event_id, entry.at) == ((omar, lena)[n % 2].actor, event.id, MONDAY)
        email = await Message.get(template="ticket", subject_id=tickets[row.id].id)
        assert (email.cause, email.event_id, email.next_try_at) == ("approved", event.id, DUES[n % 2])


async def test_of_approvals_that_come_at_once_each_is_refused_for_itself(
    event: Event, omar: Staff, lena: Staff
) -> None:
    once, twice, gone = [await confirmed(someone(), event) for _ in range(3)]
    await vetting.not_offer(await Registration.get(id=gone.id), omar, MONDAY)
    results = await approved_at_once(event, [once, twice, twice, gone], [omar, lena])
    assert (results[0], sorted(results[1:3]), results[3]) == (
        Result.DONE,
        [Result.DECIDED, Result.DONE],
        Result.DECIDED,
    )
    assert await Ticket.filter(event_id=event.id).count() == await Message.filter(template="ticket").count() == 2
    assert await AuditEntry.filter(action=Action.APPROVED).count() == 2


async def test_approvals_that_come_at_once_get_the_places_that_there_are(database: Database, omar: Staff) -> None:
    event, other = await an_event(capacity=7), await an_event(slug="other", capacity=50)
    asked = [await confirmed(someone(), event) for _ in range(12)]
    elsewhere = [await confirmed(someone(), other) for _ in range(4)]
    results, there = await asyncio.gather(
        approved_at_once(event, asked, [omar]), approved_at_once(other, elsewhere, [omar])
    )
    assert Counter(results) == {Result.DONE: 7, Result.FULL: 5}
    assert there == [Result.DONE] * 4
    done = {row.id for row, result in zip(asked, results, strict=True) if result is Result.DONE}
    assert {ticket.registration_id for ticket in await Ticket.filter(event_id=event.id)} == done
    assert await Registration.filter(event_id=event.id, state=State.CONFIRMED).count() == 5
    assert ((await Event.get(id=event.id)).taken, (await Event.get(id=other.id)).taken) == (7, 4)


async def test_of_approvals_that_are_done_again_alone_none_was_done_before(database: Database, omar: Staff) -> None:
    """What was approved at one event is undone, since there is no place at the other one, and then approved once."""
    event, full = await an_event(capacity=50), await an_event(slug="full", capacity=0)
    asked, late = [await confirmed(someone(), event) for _ in range(3)], await confirmed(someone(), full)
    approvals = [approving.approve_all([row], State.CONFIRMED, omar, MONDAY, MONDAY) for row in [*asked, late]]
    *done, refused = await asyncio.gather(*approvals, return_exceptions=True)
    assert done == [{row.id: Result.DONE} for row in asked]
    assert isinstance(refused, Refused)
    assert await Ticket.all().count() == await Message.filter(template="ticket").count() == 3
    assert sorted(entry.subject for entry in await AuditEntry.filter(action=Action.APPROVED)) == sorted(
        f"registration:{row.id}" for row in asked
    )
    assert ((await Event.get(id=event.id)).taken, (await Event.get(id=full.id)).taken) == (3, 0)

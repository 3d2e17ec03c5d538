"""A decision is undone while its email waits, and never afterwards."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest

from events.accounts.staff import Staff
from events.audit.action import Action
from events.event import Event
from events.ground import clock
from events.mail import delivery, outbox
from events.mail.outbox import Message, MessageState
from registrations.asking import registering
from registrations.asking.made_or_found import Answers
from registrations.booking import own_booking
from registrations.deciding import sent_again, vetting
from registrations.deciding.undone_decisions import undo, undoable
from registrations.deciding.vetting import Decision, Result
from registrations.people.registration import Registration, State
from registrations.tickets.ticket import Ticket
from tests.people import MONDAY, Person, audit_of, confirmed, queued, someone
from tests.registrations.deciding.decisions import LATER, anew, approved, taken

HALF_A_MINUTE = vetting.UNDO_FOR
SendAgain = Callable[[Registration, Staff], Awaitable[None]]
HOME = "192.0.2.1"
DECISIONS = [Decision.APPROVE, Decision.WAIT, Decision.NOT_OFFER]


@pytest.mark.parametrize("decision", DECISIONS)
async def test_the_email_of_a_decision_waits_until_it_is_due(
    event: Event, ada: Person, omar: Staff, decision: Decision
) -> None:
    real = clock.real()
    due = real + HALF_A_MINUTE
    assert await vetting.decide(await confirmed(ada, event), decision, omar, MONDAY, due) is Result.DONE
    assert await outbox.claim(due - timedelta(seconds=1)) == []
    assert delivery.in_words(await Message.get()) == "Waiting to be sent"
    assert [message.state for message in await outbox.claim(due)] == [MessageState.QUEUED]


@pytest.mark.parametrize("decision", DECISIONS)
async def test_an_undone_decision_leaves_place_email_and_links_as_before(
    event: Event, ada: Person, omar: Staff, decision: Decision
) -> None:
    asked = await confirmed(ada, event)
    await vetting.decide(asked, decision, omar, MONDAY, clock.real() + HALF_A_MINUTE)
    assert await undo(await anew(asked), omar, LATER)
    now = await anew(asked)
    assert (now.state, now.decided_at, now.generation, now.withdrawn_at) == (State.CONFIRMED, None, 0, None)
    assert (await taken(event), await queued(), await Ticket.filter(revoked_at=None).count()) == (0, [], 0)
    assert (await audit_of(asked))[-1] == (Action.DECISION_UNDONE, omar.actor, LATER)


async def test_who_was_approved_from_the_waiting_list_waits_again(event: Event, bo: Person, omar: Staff) -> None:
    asked = await confirmed(bo, event)
    await vetting.put_on_waiting_list(asked, omar, MONDAY)
    await vetting.approve(await anew(asked), omar, MONDAY)
    assert await undo(await anew(asked), omar, LATER)
    assert (await anew(asked)).state is State.WAITING
    assert not await undo(await anew(asked), omar, LATER)  # one step, and no further


async def test_an_approval_of_an_offer_goes_back_to_the_place_that_was_held(
    event: Event, ada: Person, omar: Staff
) -> None:
    asked = await confirmed(ada, event)
    await Registration.filter(id=asked.id).update(state=State.OFFERED)
    await Event.filter(id=event.id).update(taken=1)
    await vetting.approve(await anew(asked), omar, MONDAY)
    assert await undo(await anew(asked), omar, LATER)
    assert ((await anew(asked)).state, await taken(event)) == (State.OFFERED, 1)


@pytest.mark.parametrize("decision", [Decision.APPROVE, Decision.WAIT, Decision.NOT_OFFER])
async def test_a_decision_about_somebody_who_is_looked_at_again_goes_back_to_the_place_that_was_held(
    event: Event, ada: Person, omar: Staff, decision: Decision
) -> None:
    asked = await confirmed(ada, event)
    await Registration.filter(id=asked.id).update(state=State.RECHECKING)
    await Event.filter(id=event.id).update(taken=1)
    await vetting.DECISIONS[decision](await anew(asked), omar, MONDAY)
    assert await taken(event) == (decision is Decision.APPROVE)
    assert await undo(await anew(asked), omar, LATER)
    assert ((await anew(asked)).state, await taken(event)) == (State.RECHECKING, 1)


async def test_once_the_email_is_being_sent_nothing_is_undone(event: Event, ada: Person, omar: Staff) -> None:
    asked = await confirmed(ada, event)
    await vetting.approve(asked, omar, MONDAY)
    [message] = await outbox.claim(clock.real())
    assert not await undo(await anew(asked), omar, LATER)
    assert ((await anew(asked)).state, await taken(event)) == (State.APPROVED, 1)
    await outbox.again(message, LATER, clock.real())  # nobody knows whether it arrived
    assert not await undo(await anew(asked), omar, LATER)
    await outbox.done(message, MessageState.SENT, LATER)
    assert not await undo(await anew(asked), omar, LATER)
    assert (await audit_of(asked))[-1] == (Action.APPROVED, omar.actor, MONDAY)


async def test_undo_and_the_mailer_never_both_win(event: Event, omar: Staff) -> None:
    for _ in range(12):
        asked = await confirmed(someone(), event)
        await vetting.approve(asked, omar, MONDAY)
        undone, claimed = await asyncio.gather(undo(await anew(asked), omar, LATER), outbox.claim(clock.real()))
        assert undone is not bool(claimed)
        assert ((await anew(asked)).state is State.CONFIRMED) is undone


async def ada_asks_again(asked: Registration, _: Staff) -> None:
    await own_booking.send_ticket_again(asked, LATER, clock.real())


async def omar_sends_again(asked: Registration, omar: Staff) -> None:
    await sent_again.send_ticket_again(asked, omar, LATER)


async def ada_asks_for_a_place_again(asked: Registration, _: Staff) -> None:
    event = await Event.get(id=asked.event_id)
    answers = Answers(asked.full_name, asked.email, asked.organisation, asked.kind, asked.role)
    await registering.ask(event, answers, LATER, clock.real())


async def ada_misses_an_email(asked: Registration, _: Staff) -> None:
    event = await Event.get(id=asked.event_id)
    await registering.send_again_to(event, asked.email, "", HOME, LATER, clock.real())


SENT_AGAIN = pytest.mark.parametrize(
    "send_again", [ada_asks_again, omar_sends_again, ada_asks_for_a_place_again, ada_misses_an_email]
)


@SENT_AGAIN
async def test_whoever_was_told_once_more_of_their_place_keeps_it(
    event: Event, ada: Person, omar: Staff, send_again: SendAgain
) -> None:
    """The email of the decision still waits, but the one that was asked for since goes out at once."""
    asked = await confirmed(ada, event)
    await vetting.approve(asked, omar, MONDAY, clock.real() + HALF_A_MINUTE)
    await send_again(asked, omar)
    [message] = await outbox.claim(clock.real())
    assert await undoable(await anew(asked)) == []
    assert not await undo(await anew(asked), omar, LATER)
    await outbox.mark_sent(message, LATER)
    assert not await undo(await anew(asked), omar, LATER)
    assert ((await anew(asked)).state, await Ticket.filter(revoked_at=None).count()) == (State.APPROVED, 1)


@SENT_AGAIN
async def test_an_undone_approval_leaves_no_email_of_a_place_on_its_way(
    event: Event, omar: Staff, send_again: SendAgain
) -> None:
    for _ in range(12):
        asked = await confirmed(someone(), event)
        await vetting.approve(asked, omar, MONDAY, clock.real() + HALF_A_MINUTE)
        seen = await anew(asked)
        undone, _ = await asyncio.gather(
            undo(await anew(asked), omar, LATER), send_again(seen, omar), return_exceptions=True
        )
        assert undone is True
        assert [template for template, _ in await queued() if template in {"ticket", "have_place"}] == []


async def test_who_has_read_that_we_decline_stays_declined_whatever_waits_since(
    event: Event, ada: Person, omar: Staff
) -> None:
    """They ask again, and are sent the same once more."""
    asked = await confirmed(ada, event)
    await vetting.not_offer(asked, omar, MONDAY)
    [message] = await outbox.claim(clock.real())
    await outbox.mark_sent(message, MONDAY)
    await ada_asks_for_a_place_again(asked, omar)
    assert await queued() == [("not_offered", asked.id)]
    assert not await undo(await anew(asked), omar, LATER)
    assert (await anew(asked)).state is State.NOT_OFFERED


async def test_an_undone_no_leaves_no_email_of_it_on_its_way(event: Event, ada: Person, omar: Staff) -> None:
    asked = await confirmed(ada, event)
    await vetting.not_offer(asked, omar, MONDAY, clock.real() + HALF_A_MINUTE)
    await ada_asks_for_a_place_again(asked, omar)
    assert await queued() == [("not_offered", asked.id)] * 2
    assert await undo(await anew(asked), omar, LATER)
    assert ((await anew(asked)).state, await queued()) == (State.CONFIRMED, [])


@pytest.mark.parametrize("send_again", [ada_asks_for_a_place_again, ada_misses_an_email])
async def test_an_undone_no_leaves_none_on_its_way_to_whoever_asks_meanwhile(
    event: Event, omar: Staff, send_again: SendAgain
) -> None:
    for _ in range(12):
        asked = await confirmed(someone(), event)
        await vetting.not_offer(asked, omar, MONDAY, clock.real() + HALF_A_MINUTE)
        seen = await anew(asked)
        undone, _ = await asyncio.gather(undo(await anew(asked), omar, LATER), send_again(seen, omar))
        assert undone is True
        assert [template for template, _ in await queued() if template == "not_offered"] == []


async def test_two_organisers_undo_once(event: Event, ada: Person, omar: Staff, lena: Staff) -> None:
    asked = await confirmed(ada, event)
    await vetting.approve(asked, omar, MONDAY)
    seen = [await anew(asked), await anew(asked)]
    answers = await asyncio.gather(*(undo(row, by, LATER) for row, by in zip(seen, (omar, lena), strict=True)))
    assert sorted(answers) == [False, True]
    assert await taken(event) == 0


async def test_a_withdrawn_approval_is_no_undone_one(event: Event, ada: Person, omar: Staff) -> None:
    asked = await approved(ada, event, omar)
    await vetting.withdraw(asked, omar, LATER)
    assert (await anew(asked)).withdrawn_at == LATER
    assert not await undo(await anew(asked), omar, LATER)

"""A guest hands their place to a colleague, who says yes and is vetted: until then the guest's ticket is good.

Rules: SG-07, DP-16, GU-22, SG-02.
"""

from datetime import timedelta

import pytest

from events.accounts.staff import Staff
from events.audit.action import Action
from events.audit.audit import AuditEntry
from events.event import Event
from events.ground import clock
from events.ground.refusal import Refused
from events.mail.outbox import Message
from registrations.booking import rechecking
from registrations.booking.handing import handing_over
from registrations.deciding import restoring, several_decisions, undone_decisions, vetting
from registrations.deciding.vetting import Decision, Result
from registrations.people.hand_over import HandOver
from registrations.people.link_answers import LinkAnswers
from registrations.people.registration import OrganisationKind, Registration, State
from registrations.tickets.ticket import Ticket
from tests.people import MONDAY, Person, audit_of, queued, request_of, requested, someone
from tests.professional import put_into, with_ticket
from tests.registrations.booking.handing.handing import (
    CY,
    anew,
    asks,
    live_tickets,
    newest,
    taken,
    taken_up,
    told_of,
)

LATER = MONDAY + timedelta(hours=1)


async def test_asking_changes_nothing_and_writes_to_both(event: Event, ada: Person) -> None:
    giver, ticket = await with_ticket(ada, event)
    hand_over = await asks(giver)
    now = await anew(giver)
    assert (now.state, now.generation, hand_over.address) == (State.APPROVED, 0, CY.email)
    assert (await Ticket.get(id=ticket.id)).revoked_at is None
    assert await queued() == [("hand_over", giver.id), ("handing_over", giver.id)]
    assert (await audit_of(giver))[-1] == (Action.HAND_OVER_ASKED, f"person:{giver.id}", MONDAY)
    assert [entry.details for entry in await AuditEntry.filter(action=Action.HAND_OVER_ASKED)] == [{}]


async def test_a_yes_is_a_request_of_the_colleagues_own_and_takes_no_place(event: Event, ada: Person) -> None:
    giver, receiver = await taken_up(ada, event)
    assert (giver.state, await live_tickets(giver, receiver), await taken(event)) == (State.APPROVED, [1, 0], 1)
    said = (receiver.state, receiver.full_name, receiver.email, receiver.organisation, receiver.role, receiver.kind)
    assert said == (State.CONFIRMED, CY.name, CY.email, CY.organisation, CY.role, OrganisationKind.CHARITY)
    assert (receiver.confirmed_at, receiver.requested_at) == (MONDAY, MONDAY)
    assert (await queued())[-2:] == [("received", receiver.id), ("handing_over", giver.id)]
    assert (await newest(giver)).address == "", "the request has it"
    [entry] = await AuditEntry.filter(action=Action.TAKES_OVER)
    assert (entry.subject, entry.actor, entry.details) == (
        f"registration:{receiver.id}", f"person:{receiver.id}", {"of": f"registration:{giver.id}"},
    )  # fmt: skip
    assert not await handing_over.take_up(await newest(giver), told_of(CY), LATER), "a second press"


async def test_approved_the_place_changes_hands_and_no_place_is_needed(event: Event, ada: Person, omar: Staff) -> None:
    await Event.filter(id=event.id).update(capacity=1)
    giver, receiver = await taken_up(ada, event)
    [old] = await Ticket.filter(registration_id=giver.id)
    due = clock.real() + timedelta(seconds=30)
    assert await vetting.decide(receiver, Decision.APPROVE, omar, LATER, due) is Result.DONE
    giver, receiver = await anew(giver), await anew(receiver)
    assert ([giver.state, receiver.state], await taken(event)) == ([State.CANCELLED, State.APPROVED], 1)
    assert (giver.decided_at, giver.generation) == (LATER, 1)
    assert giver.state_before is None
    assert await live_tickets(giver, receiver) == [0, 1]
    assert (await Ticket.get(id=old.id)).revoked_at == LATER
    told = [
        (message.template, message.subject_id, message.next_try_at) for message in await Message.filter(state="queued")
    ]
    ticket = await Ticket.get(registration_id=receiver.id)
    assert {("handed_over", giver.id, due), ("ticket", ticket.id, due)} <= set(told)
    assert [entry for entry in told if entry[1] == giver.id] == [("handed_over", giver.id, due)], "all else is dropped"
    [entry] = await AuditEntry.filter(action=Action.HANDED_OVER)
    assert (entry.subject, entry.actor, entry.details) == (
        f"registration:{giver.id}", omar.actor, {"to": f"registration:{receiver.id}"},
    )  # fmt: skip
    assert await HandOver.exclude(receiver_id=None).count() == 0, "who had whose place stands in the audit log alone"


async def test_nobody_takes_a_place_from_a_guest_by_a_decision_that_cannot_be_undone_by_mistake(
    event: Event, ada: Person, omar: Staff
) -> None:
    _giver, receiver = await taken_up(ada, event)
    await vetting.approve(receiver, omar, LATER, clock.real() + timedelta(seconds=30))
    assert not await undone_decisions.undo(await anew(receiver), omar, LATER), "refused: both or neither"
    other = await put_into(State.CONFIRMED, someone(), event)
    await vetting.approve(other, omar, LATER, clock.real() + timedelta(seconds=30))
    assert await undone_decisions.undo(await anew(other), omar, LATER), "the control"


@pytest.mark.parametrize("decision", [Decision.WAIT, Decision.NOT_OFFER])
@pytest.mark.parametrize("several", [False, True])
async def test_decided_otherwise_the_guest_keeps_the_place_and_is_told_neutrally(
    event: Event, ada: Person, omar: Staff, decision: Decision, several: bool
) -> None:
    giver, receiver = await taken_up(ada, event)
    if several:
        people = [receiver, await put_into(State.CONFIRMED, someone(), event)]
        results = await several_decisions.decide_people(people, decision, omar, LATER)
        assert set(results.values()) == {Result.DONE}
    else:
        assert await vetting.decide(receiver, decision, omar, LATER) is Result.DONE
    template = vetting.DECIDED_BY_EMAIL[several_decisions.BECOMES[decision][0]]
    assert {("place_kept", giver.id), (template, receiver.id)} <= set(await queued())
    assert (await live_tickets(giver, receiver), await taken(event)) == ([1, 0], 1)
    assert not await undone_decisions.undo(await anew(receiver), omar, LATER), "their place is not handed over again"
    assert (await newest(giver)).receiver_id is None
    assert (await asks(giver, "di@x.example.org")).address == "di@x.example.org", "another colleague can be asked"


async def test_a_no_deletes_the_address_and_the_guest_is_told(event: Event, ada: Person) -> None:
    giver, _ = await with_ticket(ada, event)
    hand_over = await asks(giver)
    assert await handing_over.refuse(hand_over, LATER)
    assert ((await newest(giver)).address, (await queued())[-1]) == ("", ("place_kept", giver.id))
    assert not await handing_over.refuse(hand_over, LATER), "a second press"
    assert not await handing_over.take_up(hand_over, told_of(CY), LATER)
    assert await Registration.all().count() == 1


async def test_taken_back_before_the_answer_the_link_is_over_and_nobody_else_hears_of_it(
    event: Event, ada: Person
) -> None:
    giver, _ = await with_ticket(ada, event)
    hand_over = await asks(giver)
    assert await handing_over.take_back(await anew(giver), LATER)
    assert not await handing_over.take_up(hand_over, told_of(CY), LATER)
    assert not await handing_over.take_back(await anew(giver), LATER), "a second press"
    assert await queued() == [("hand_over", giver.id), ("handing_over", giver.id), ("place_kept", giver.id)]
    assert (await audit_of(giver))[-1][0] == Action.HAND_OVER_TAKEN_BACK


async def test_taken_back_after_the_yes_the_colleagues_request_waits_like_any_other(
    event: Event, ada: Person, omar: Staff
) -> None:
    giver, receiver = await taken_up(ada, event)
    shown = await newest(giver)
    assert await handing_over.take_back(giver, LATER)
    assert (await queued())[-2:] == [("not_handed_over", receiver.id), ("place_kept", giver.id)]
    assert (await anew(receiver)).state is State.CONFIRMED
    seen = await vetting.decide(await anew(receiver), Decision.APPROVE, omar, LATER, takes_over=shown.id)
    assert (seen, await live_tickets(giver, receiver)) == (Result.DECIDED, [1, 0]), "it was another question"
    assert await vetting.decide(await anew(receiver), Decision.APPROVE, omar, LATER, takes_over=0) is Result.DONE
    assert (await live_tickets(giver, receiver), await taken(event)) == ([1, 1], 2), "a place of their own"


@pytest.mark.parametrize("state", [state for state in State if state not in (State.CANCELLED, State.EXPIRED)])
async def test_a_colleague_with_a_request_of_their_own_is_told_that_and_nobody_else_is(
    event: Event, ada: Person, state: State
) -> None:
    theirs = await put_into(state, CY, event)
    giver, _ = await with_ticket(ada, event)
    hand_over = await asks(giver)
    assert (await queued())[-2:] == [("hand_over", giver.id), ("handing_over", giver.id)]
    if state is State.REQUESTED:  # which anybody can have typed
        assert await handing_over.take_up(hand_over, told_of(CY), LATER)
        now = await request_of(CY.email)
        assert (now.id, now.state, now.full_name, now.requested_at) == (theirs.id, State.CONFIRMED, CY.name, LATER)
        assert await LinkAnswers.exclude(answers_sealed=None).count() == 0, "nothing is left to confirm"
        return
    if state in handing_over.GIVES_WAY:  # see test_own_request_gives_way.py
        assert await handing_over.take_up(hand_over, told_of(CY), LATER)
        return
    with pytest.raises(Refused, match="has a request of its own"):
        await handing_over.take_up(hand_over, told_of(CY), LATER)
    assert ((await anew(theirs)).state, (await newest(giver)).address) == (state, CY.email)


async def test_what_others_typed_with_the_colleagues_address_does_not_count(event: Event, ada: Person) -> None:
    await requested(Person("Somebody Else", CY.email, "Elsewhere", "police", "Nobody"), event)
    _giver, receiver = await taken_up(ada, event)
    assert (receiver.full_name, receiver.organisation, receiver.kind) == (CY.name, CY.organisation, "charity")


async def test_the_link_lasts_for_three_days_and_another_colleague_can_be_asked_then(event: Event, ada: Person) -> None:
    giver, _ = await with_ticket(ada, event)
    hand_over, over = await asks(giver), MONDAY + timedelta(hours=72)
    assert not await handing_over.take_up(hand_over, told_of(CY), over)
    assert not await handing_over.refuse(hand_over, over)
    assert (await asks(giver, "di@x.example.org", at=over)).address == "di@x.example.org"
    other, _ = await with_ticket(someone(), event)
    late = await asks(other, "eve@x.example.org")
    assert await handing_over.take_up(late, told_of(someone()), over - timedelta(seconds=1)), "the control"


async def test_the_cut_off_holds_for_the_colleague_too(event: Event, ada: Person, omar: Staff) -> None:
    giver, _ = await with_ticket(ada, event)
    hand_over = await asks(giver)
    await Event.filter(id=event.id).update(changes_until=7)  # until Monday
    tuesday = MONDAY + timedelta(days=1)
    assert not await handing_over.take_up(hand_over, told_of(CY), tuesday)
    assert await handing_over.take_up(hand_over, told_of(CY), MONDAY), "the control"
    receiver = await request_of(CY.email)
    assert await vetting.decide(receiver, Decision.APPROVE, omar, tuesday) is Result.DONE, (
        "organisers decide later, too"
    )


async def test_one_at_a_time_and_five_in_all_whatever_became_of_them(event: Event, ada: Person) -> None:
    giver, _ = await with_ticket(ada, event)
    await asks(giver)
    with pytest.raises(Refused, match="asked a colleague already"):
        await asks(giver, "di@x.example.org")
    for n in range(4):
        assert await handing_over.take_back(await anew(giver), MONDAY)
        await HandOver.filter(registration_id=giver.id).update(asked_at=MONDAY - timedelta(days=n))
        later = clock.real() + timedelta(hours=2 * (n + 1))
        await handing_over.ask(await anew(giver), f"di{n}@x.example.org", "", MONDAY, later)
    assert await handing_over.take_back(await anew(giver), MONDAY)
    with pytest.raises(Refused, match="asked 5 colleagues"):
        await handing_over.ask(await anew(giver), "eve@x.example.org", "", MONDAY, clock.real() + timedelta(hours=20))
    assert await Message.filter(template="hand_over").count() == 5
    other, _ = await with_ticket(someone(), event)
    await asks(other, "eve@x.example.org")


async def test_three_an_hour_are_enough(event: Event, ada: Person) -> None:
    giver, _ = await with_ticket(ada, event)
    for n in range(3):
        await asks(giver, f"di{n}@x.example.org")
        for _ in range(2):  # a second press uses up nothing
            with pytest.raises(Refused, match="asked a colleague already"):
                await asks(giver, f"di{n}@x.example.org")
        await handing_over.take_back(await anew(giver), MONDAY)
    with pytest.raises(Refused, match="3 colleagues in the last hour"):
        await asks(giver, "di3@x.example.org")


async def test_by_night_the_question_waits_for_the_morning_and_the_guest_hears_at_once(
    event: Event, ada: Person
) -> None:
    giver, _ = await with_ticket(ada, event)
    before = clock.real()
    await asks(giver, at=MONDAY.replace(hour=23))
    due = dict(await Message.filter(state="queued").values_list("template", "next_try_at"))
    assert due["hand_over"] >= before + timedelta(hours=8)
    assert due["handing_over"] <= before


async def test_a_link_that_somebody_else_has_hands_nothing_over_unseen(event: Event, ada: Person) -> None:
    """A row that has changed since the page was drawn is not handed over."""
    giver, _ = await with_ticket(ada, event)
    seen = await anew(giver)
    await rechecking.change_organisation(await anew(giver), "Elsewhere", OrganisationKind.OTHER, LATER, clock.real())
    for row in (seen, await anew(giver)):
        with pytest.raises(Refused, match="has just changed"):
            await handing_over.ask(row, CY.email, "", LATER, clock.real())
    assert await HandOver.all().count() == 0


async def test_both_ended_requests_can_be_restored_and_need_places_of_their_own(
    event: Event, ada: Person, omar: Staff
) -> None:
    giver, receiver = await taken_up(ada, event)
    await vetting.approve(receiver, omar, LATER)
    await restoring.restore(await anew(giver), State.APPROVED, omar, LATER)
    assert (await live_tickets(giver, receiver), await taken(event)) == ([1, 1], 2)


async def test_several_are_approved_without_those_who_take_over_a_place(event: Event, ada: Person, omar: Staff) -> None:
    giver, receiver = await taken_up(ada, event)
    other = await put_into(State.CONFIRMED, someone(), event)
    results = await several_decisions.decide_people([receiver, other], Decision.APPROVE, omar, LATER)
    assert results == {receiver.id: Result.TAKES_OVER, other.id: Result.DONE}
    assert await several_decisions.decide_people([receiver], Decision.APPROVE, omar, LATER) == {
        receiver.id: Result.TAKES_OVER
    }
    assert (await live_tickets(giver, receiver, other), await taken(event)) == ([1, 0, 1], 2)

"""What ends a hand-over before it is decided: whatever else becomes of the guest or of the colleague.

Rules: SG-07, SG-02.
"""

from datetime import timedelta

import pytest

from events.accounts.staff import Staff
from events.audit.action import Action
from events.audit.audit import AuditEntry
from events.event import Event
from events.ground import clock
from events.ground.refusal import Refused
from registrations.booking import new_address, own_booking, rechecking
from registrations.booking.handing import handing_over
from registrations.checkin import checkin
from registrations.deciding import several_decisions, undone_decisions, vetting
from registrations.deciding.vetting import Decision, Result
from registrations.people.registration import OrganisationKind, Registration, State
from registrations.phones.door import Device
from registrations.tickets.ticket import Ticket
from tests.at_the_door import scan_of
from tests.people import MONDAY, THE_DAY, Person, queued, request_of, someone
from tests.professional import put_into, with_ticket
from tests.registrations.booking import addressing
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
from tests.registrations.deciding import outside

LATER = MONDAY + timedelta(hours=1)


async def lose_by_a_new_organisation(giver: Registration, omar: Staff) -> None:
    await outside.change_organisation(giver, omar)
    assert (await newest(giver)).receiver_id is not None, "the place is held, and can still be handed over"
    await outside.decline(giver, omar)


@pytest.mark.parametrize("loses", [outside.give_up, outside.withdraw, outside.cancel, lose_by_a_new_organisation])
async def test_a_guest_who_has_no_place_any_more_hands_none_over(
    event: Event, ada: Person, omar: Staff, loses: outside.Act
) -> None:
    """The colleague's request stays, as one like any other."""
    giver, receiver = await taken_up(ada, event)
    await loses(giver, omar)
    assert ("not_handed_over", receiver.id) in await queued()
    assert ("place_kept", giver.id) not in await queued()
    assert await taken(event) == 0
    assert await vetting.decide(await anew(receiver), Decision.APPROVE, omar, LATER) is Result.DONE
    assert (await live_tickets(giver, receiver), await taken(event)) == ([0, 1], 1)
    assert await AuditEntry.filter(action=Action.HANDED_OVER).count() == 0


async def test_the_colleague_withdraws_and_the_guest_keeps_the_place(event: Event, ada: Person, omar: Staff) -> None:
    giver, receiver = await taken_up(ada, event)
    assert await own_booking.give_up(receiver, LATER)
    assert ("place_kept", giver.id) in await queued()
    assert (await live_tickets(giver), (await newest(giver)).receiver_id) == ([1], None)
    [ended] = await AuditEntry.filter(action=Action.HAND_OVER_ENDED)
    assert (ended.subject, ended.actor) == (f"registration:{giver.id}", f"person:{receiver.id}")


async def test_a_guest_who_is_looked_at_again_hands_the_held_place_over(event: Event, ada: Person, omar: Staff) -> None:
    giver, receiver = await taken_up(ada, event)
    await rechecking.change_organisation(giver, "Elsewhere", OrganisationKind.OTHER, LATER, clock.real())
    assert await live_tickets(giver, receiver) == [0, 0]
    assert await vetting.decide(receiver, Decision.APPROVE, omar, LATER) is Result.DONE
    assert ((await anew(giver)).state, await live_tickets(giver, receiver)) == (State.CANCELLED, [0, 1])
    assert await taken(event) == 1


async def test_a_guest_who_is_approved_again_goes_on_handing_over(
    event: Event, ada: Person, bo: Person, omar: Staff
) -> None:
    """Alone, together with others, and where it is undone."""
    giver, receiver = await taken_up(ada, event)
    elsewhere = "Elsewhere", OrganisationKind.OTHER
    await rechecking.change_organisation(giver, *elsewhere, LATER, clock.real())
    due = clock.real() + vetting.UNDO_FOR
    assert await vetting.decide(await anew(giver), Decision.APPROVE, omar, LATER, due) is Result.DONE
    assert (await newest(giver)).receiver_id == receiver.id
    assert await undone_decisions.undo(await anew(giver), omar, LATER)
    assert ((await anew(giver)).state, (await newest(giver)).receiver_id) == (State.RECHECKING, receiver.id)
    both = [giver.id, (await put_into(State.CONFIRMED, bo, event)).id]
    results = await several_decisions.decide_several(event, both, Decision.APPROVE, omar, LATER)
    assert results == dict.fromkeys(both, Result.DONE)
    assert ((await newest(giver)).receiver_id, await live_tickets(giver)) == (receiver.id, [1])
    assert not {"not_handed_over", "place_kept"} & {template for template, _ in await queued()}
    assert await vetting.decide(await anew(receiver), Decision.APPROVE, omar, LATER) is Result.DONE
    assert (await live_tickets(giver, receiver), await taken(event)) == ([0, 1], 2)


async def test_whoever_keeps_their_address_hands_nothing_over_either(event: Event, ada: Person) -> None:
    """Whoever has their links may have asked for both."""
    giver, receiver = await taken_up(ada, event)
    change = await addressing.asks(giver, "eve@x.example.org")
    assert await new_address.keep(change, LATER)
    assert ("not_handed_over", receiver.id) in await queued()
    assert (await newest(giver)).receiver_id is None


async def test_an_undone_approval_hands_nothing_over(event: Event, ada: Person, omar: Staff) -> None:
    giver = await put_into(State.CONFIRMED, ada, event)
    await vetting.approve(giver, omar, MONDAY, clock.real() + timedelta(seconds=30))
    hand_over = await asks(giver)
    assert await handing_over.take_up(hand_over, told_of(CY), MONDAY)
    assert await undone_decisions.undo(await anew(giver), omar, MONDAY)
    receiver = await request_of(CY.email)
    assert ("not_handed_over", receiver.id) in await queued()
    assert await vetting.decide(receiver, Decision.APPROVE, omar, LATER) is Result.DONE
    assert (await live_tickets(giver, receiver), await taken(event)) == ([0, 1], 1)


async def test_whoever_has_come_in_hands_nothing_over(
    event: Event, ada: Person, bo: Person, omar: Staff, sid: Device
) -> None:
    giver, receiver = await taken_up(ada, event)
    other, his = await with_ticket(bo, event)
    asked = await asks(other, "di@x.example.org")
    tickets = [await Ticket.get(registration_id=giver.id), his]
    await checkin.settle([await scan_of(ticket) for ticket in tickets], sid, THE_DAY)
    with pytest.raises(Refused, match="has come in"):
        await vetting.decide(receiver, Decision.APPROVE, omar, THE_DAY)
    assert (await live_tickets(giver, receiver), await taken(event)) == ([1, 0], 2)
    assert not await handing_over.take_up(asked, told_of(someone()), MONDAY)
    assert await handing_over.take_back(await anew(other), MONDAY)
    with pytest.raises(Refused, match="You have come in"):
        await asks(other, "eve@x.example.org")

"""An organiser types another address for somebody who telephones: it says yes by itself before anything goes there.

Rules: SG-02, GU-22, DP-16.
"""

import asyncio
from collections.abc import Awaitable
from datetime import timedelta

import pytest

from events.accounts.staff import Staff
from events.audit.action import Action
from events.event import Event
from events.ground import clock
from events.ground.refusal import Refused
from events.mail.outbox import Message, MessageState
from registrations.asking import confirming, registering
from registrations.asking.by_telephone import HasOne
from registrations.booking import corrected_address, new_address, own_booking
from registrations.deciding import vetting
from registrations.deciding.correcting import ChangedMeanwhile
from registrations.deciding.vetting import Decision, Result
from registrations.people.address_change import AddressChange
from registrations.people.link_answers import LinkAnswers
from registrations.people.registration import Registration, State, of_address
from registrations.privacy.rights import erasing
from registrations.privacy.rights.rights_request import Right, RightsRequest
from registrations.tickets.ticket import Ticket
from tests.people import MONDAY, Person, audit_of, confirmed, link_of, queued, request_of, requested, someone
from tests.professional import put_into, told_by
from tests.registrations.booking.addressing import NEW, anew, newest
from tests.registrations.privacy.rights.asking import a_rights_request

LATER = MONDAY + timedelta(hours=1)
NO_PLACE = [State.CONFIRMED, State.WAITING]


async def types(asked: Registration, by: Staff, address: str = NEW) -> None:
    await corrected_address.correct(await anew(asked), address, by, MONDAY, clock.real())


async def corrects(asked: Registration, by: Staff, address: str = NEW) -> AddressChange:
    """Of somebody who has confirmed the address that we have."""
    await types(asked, by, address)
    return await newest(asked)


async def told_the_present_one() -> None:
    """What waits to be sent has been sent."""
    await Message.filter(state=MessageState.QUEUED).update(state=MessageState.SENT, tries=1, done_at=MONDAY)


@pytest.mark.parametrize("state", [*NO_PLACE, State.APPROVED])
async def test_typing_it_changes_nothing_and_writes_to_both(
    event: Event, ada: Person, omar: Staff, state: State
) -> None:
    asked = await put_into(state, ada, event)
    change = await corrects(asked, omar)
    now = await anew(asked)
    assert (now.state, now.email, now.generation, change.address) == (state, ada.email, 0, NEW)
    assert (change.asked_by_id, await queued()) == (omar.id, [("new_address", asked.id), ("address_asked", asked.id)])
    assert (await audit_of(asked))[-1] == (Action.ADDRESS_TYPED, omar.actor, MONDAY)


@pytest.mark.parametrize("state", NO_PLACE)
async def test_without_a_place_its_yes_is_enough_and_it_is_to_be_decided(
    event: Event, ada: Person, omar: Staff, state: State
) -> None:
    asked = await put_into(state, ada, event)
    change = await corrects(asked, omar)
    await told_the_present_one()
    assert await new_address.confirm(change, LATER)
    now = await anew(asked)
    assert (now.state, now.email, now.generation, now.full_name) == (State.CONFIRMED, NEW, 1, ada.name)
    assert (await of_address(event, NEW), await of_address(event, ada.email)) == (now, None)
    assert ((await newest(now)).address, await queued()) == ("", [("received", asked.id)])
    assert (await audit_of(asked))[-1] == (Action.ADDRESS_CHANGED, f"person:{asked.id}", LATER)
    assert not await new_address.confirm(await newest(asked), LATER), "a second press"
    assert not await new_address.keep(await newest(asked), LATER), "too late to stop it"


async def test_with_a_place_it_is_held_and_looked_at_again(event: Event, ada: Person, omar: Staff) -> None:
    asked = await put_into(State.APPROVED, ada, event)
    change = await corrects(asked, omar)
    assert await new_address.confirm(change, LATER)
    now = await anew(asked)
    assert (now.state, now.email) == (State.RECHECKING, ada.email)
    assert await vetting.decide(now, Decision.APPROVE, omar, LATER) is Result.DONE
    assert ((await anew(asked)).email, await Ticket.filter(revoked_at=None).count()) == (NEW, 1)


@pytest.mark.parametrize("state", NO_PLACE)
async def test_the_present_address_stops_it_and_stays(event: Event, ada: Person, omar: Staff, state: State) -> None:
    asked = await put_into(state, ada, event)
    change = await corrects(asked, omar)
    assert await new_address.keep(change, LATER)
    now = await anew(asked)
    assert (now.state, now.email, now.generation) == (state, ada.email, 0)
    assert (await audit_of(asked))[-1] == (Action.ADDRESS_KEPT, f"person:{asked.id}", LATER)
    assert not await new_address.confirm(await newest(asked), LATER)


async def test_nothing_changes_before_the_present_address_was_told(event: Event, ada: Person, omar: Staff) -> None:
    """Or an email that still waits would find the new address, and nobody would warn the one before."""
    asked = await confirmed(ada, event)
    change = await corrects(asked, omar)
    with pytest.raises(Refused, match="is told first"):
        await new_address.confirm(change, LATER)
    assert ((await anew(asked)).email, (await newest(asked)).address) == (ada.email, NEW)
    await Message.filter(template="address_asked").update(tries=1)
    assert await new_address.confirm(await newest(asked), LATER), "it was tried: a full mailbox keeps nobody back"


async def test_nor_if_that_email_was_dropped_with_the_place(event: Event, ada: Person, omar: Staff) -> None:
    """An organiser withdraws the approval before anything was sent: the question may lie in the other mailbox."""
    asked = await put_into(State.APPROVED, ada, event)
    change = await corrects(asked, omar)
    await vetting.withdraw(await anew(asked), omar, MONDAY)
    change = await newest(await anew(asked))
    with pytest.raises(Refused, match="is told first"):
        await new_address.confirm(change, LATER)
    assert ((await anew(asked)).email, (await newest(asked)).address) == (ada.email, NEW)


async def test_of_a_request_that_nobody_confirmed_nothing_more_goes_to_the_other_address(
    event: Event, ada: Person, omar: Staff
) -> None:
    await registering.ask(event, told_by(ada), MONDAY, clock.real())
    asked = await Registration.get()
    stale = await link_of(asked)
    await types(asked, omar)
    now, link = await anew(asked), await link_of(asked)
    assert (now.state, now.email, now.full_name, link.id != stale.id) == (State.REQUESTED, NEW, ada.name, True)
    assert (link.answers, link.taken_by_id, await AddressChange.all().count()) == (stale.answers, omar.id, 0)
    assert await queued() == [("confirm", stale.id), ("confirm", link.id)], "the first is not true any more"
    await confirming.confirm(stale, LATER)
    assert (await anew(asked)).state is State.REQUESTED, "a stranger's yes is worth nothing"
    assert (await LinkAnswers.get(id=stale.id)).answers == {}
    await confirming.confirm(link, LATER)
    done = await anew(asked)
    assert (done.state, done.email, await of_address(event, ada.email)) == (State.CONFIRMED, NEW, None)


@pytest.mark.parametrize("state", sorted(State))
async def test_where_it_cannot_be_corrected_nothing_is_sent(
    event: Event, ada: Person, omar: Staff, state: State
) -> None:
    asked = await put_into(state, ada, event)
    if state in corrected_address.MAY_CORRECT:
        await types(asked, omar)
        assert await queued() != []
        return
    with pytest.raises(Refused, match="cannot be corrected as the request stands now"):
        await types(asked, omar)
    assert (await queued(), (await anew(asked)).email) == ([], ada.email)


@pytest.mark.parametrize("state", [State.REQUESTED, State.CONFIRMED, State.APPROVED])
async def test_an_address_with_a_request_is_named_and_not_taken(
    event: Event, ada: Person, bo: Person, omar: Staff, state: State
) -> None:
    asked, theirs = await put_into(state, ada, event), await confirmed(bo, event)
    with pytest.raises(HasOne) as there_is:
        await types(asked, omar, bo.email)
    assert (there_is.value.registration_id, await queued()) == (theirs.id, [])


async def test_an_address_that_has_asked_meanwhile_says_yes_in_vain(
    event: Event, ada: Person, bo: Person, omar: Staff
) -> None:
    asked = await confirmed(ada, event)
    change = await corrects(asked, omar, bo.email)
    await told_the_present_one()
    await confirmed(bo, event)
    with pytest.raises(Refused, match="has a request of its own"):
        await new_address.confirm(change, LATER)
    assert ((await anew(asked)).email, (await anew(asked)).state) == (ada.email, State.CONFIRMED)


async def test_what_nobody_confirmed_at_the_new_address_ends(
    event: Event, ada: Person, bo: Person, omar: Staff
) -> None:
    asked, typed = await confirmed(ada, event), await requested(bo, event)
    change = await corrects(asked, omar, bo.email)
    await told_the_present_one()
    assert await new_address.confirm(change, LATER)
    assert ((await anew(typed)).state, (await anew(asked)).email) == (State.CANCELLED, bo.email)


@pytest.mark.parametrize("state", [State.REQUESTED, State.CONFIRMED])
async def test_of_ten_who_correct_it_at_once_one_does(event: Event, ada: Person, omar: Staff, state: State) -> None:
    asked = await put_into(state, ada, event)
    copies = [await anew(asked) for _ in range(10)]
    acts = [
        corrected_address.correct(copy, f"ada{n}@x.example.org", omar, MONDAY, clock.real())
        for n, copy in enumerate(copies)
    ]
    answers = await asyncio.gather(*acts, return_exceptions=True)
    assert [type(answer) for answer in answers if answer is not None] == [ChangedMeanwhile] * 9


async def test_a_strangers_yes_at_the_same_moment_is_not_the_new_addresss(event: Event, omar: Staff) -> None:
    """Either they had said yes before, and what is asked is another question; or their link is old."""
    people = [await requested(someone(), event) for _ in range(8)]
    acts = list[Awaitable[object]]()
    for n, asked in enumerate(people):
        acts.append(confirming.confirm(await link_of(asked), LATER))
        seen = await anew(asked)
        acts.append(corrected_address.correct(seen, f"new{n}@lanterns.example.org", omar, LATER, clock.real()))
    answers = await asyncio.gather(*acts, return_exceptions=True)
    assert {type(answer) for answer in answers} <= {type(None), ChangedMeanwhile}
    now = [await anew(asked) for asked in people]
    assert [row.email for row in now if row.state is State.CONFIRMED and row.email.startswith("new")] == []
    assert [row.email for row in now if row.state is State.REQUESTED and not row.email.startswith("new")] == []


async def test_two_unconfirmed_requests_to_one_address_at_once_end_at_two_addresses(event: Event, omar: Staff) -> None:
    both = [await requested(someone(), event) for _ in range(2)]
    answers = await asyncio.gather(*(types(asked, omar) for asked in both), return_exceptions=True)
    assert sorted(type(answer).__name__ for answer in answers) == ["HasOne", "NoneType"]
    assert [(await anew(asked)).email for asked in both].count(NEW) == 1


async def test_a_request_that_was_set_aside_keeps_nobody_from_its_address_and_is_shown_to_nobody(
    event: Event, ada: Person, omar: Staff
) -> None:
    """Its reader said that they had not asked: whose address it is stays theirs. The control is one that waits."""
    waiting, aside = await requested(someone(), event), await requested(someone(), event)
    await registering.ask(event, told_by(ada), MONDAY, clock.real())
    asked = await request_of(ada.email)
    with pytest.raises(HasOne):
        await types(asked, omar, waiting.email)
    address = aside.email
    assert await confirming.say_no(await link_of(aside), MONDAY)
    assert (await anew(aside)).is_set_aside
    await types(asked, omar, address)
    assert ((await anew(asked)).email, (await anew(aside)).state) == (address, State.CANCELLED)
    await confirming.confirm(await link_of(await anew(asked)), LATER)
    assert ((await anew(asked)).state, (await anew(asked)).full_name) == (State.CONFIRMED, ada.name)


async def test_an_organiser_and_the_guest_at_the_same_moment_leave_one_question(
    event: Event, ada: Person, omar: Staff
) -> None:
    asked = await put_into(State.APPROVED, ada, event)
    seen = [await anew(asked), await anew(asked)]
    answers = await asyncio.gather(
        corrected_address.correct(seen[0], NEW, omar, MONDAY, clock.real()),
        new_address.ask(seen[1], "ada@towers.example.org", "", MONDAY, clock.real()),
        return_exceptions=True,
    )
    assert sum(answer is None for answer in answers) == 1
    assert await AddressChange.exclude(address_sealed=None).count() == 1


@pytest.mark.parametrize("stopped", ["kept", "refused", "erased"])
async def test_a_yes_whose_question_was_read_before_it_was_stopped_changes_nothing(
    event: Event, ada: Person, omar: Staff, stopped: str
) -> None:
    asked = await confirmed(ada, event)
    stale = await corrects(asked, omar)
    await told_the_present_one()
    if stopped == "erased":
        await erasing.erase(await a_rights_request(event, omar, Right.ERASURE, NEW), omar, LATER, clock.real())
    else:
        stop = new_address.keep if stopped == "kept" else new_address.refuse
        assert await stop(await newest(asked), LATER)
    with pytest.raises(Refused, match="has just changed"):
        await new_address.confirm(stale, LATER)
    assert ((await anew(asked)).email, (await anew(asked)).state) == (ada.email, State.CONFIRMED)


async def test_yes_stop_decide_give_up_and_erase_at_once_leave_one_answer(
    event: Event, omar: Staff, lena: Staff
) -> None:
    people = [await confirmed(someone(), event) for _ in range(6)]
    for n, asked in enumerate(people):
        await corrects(asked, omar, f"new{n}@lanterns.example.org")
    await told_the_present_one()
    acts, erasures = list[Awaitable[object]](), list[RightsRequest]()
    for n, asked in enumerate(people):
        acts.append(new_address.confirm(await newest(asked), LATER))
        acts.append(new_address.keep(await newest(asked), LATER))
        acts.append(vetting.decide(await anew(asked), Decision.APPROVE, omar, LATER))
        acts.append(own_booking.give_up(await anew(asked), LATER))
        rights = await a_rights_request(event, lena, Right.ERASURE, f"new{n}@lanterns.example.org")
        acts.append(erasing.erase(rights, lena, LATER, clock.real()))
        erasures.append(rights)
    answers = await asyncio.gather(*acts, return_exceptions=True)
    assert [answer for answer in answers if isinstance(answer, Exception) and not isinstance(answer, Refused)] == []
    for rights, answer in zip(erasures, answers[4::5], strict=True):
        if isinstance(answer, Refused):  # somebody moved to that address in the same moment
            assert str(answer) == erasing.MOVED
            await erasing.erase(await RightsRequest.get(id=rights.id), lena, LATER, clock.real())
    assert [row.email for row in await Registration.all() if row.email.startswith("new")] == []
    assert [change for change in await AddressChange.all() if change.address] == []

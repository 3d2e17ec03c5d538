"""A guest has us write to another address: it says yes, is vetted, and until then the present one can stop it.

Rules: GU-22, SG-02, SE-01, EM-06.
"""

import asyncio
from collections.abc import Awaitable
from datetime import timedelta

import pytest

from events.accounts.staff import Staff
from events.audit.action import Action
from events.audit.audit import AuditEntry
from events.event import Event
from events.ground import clock
from events.ground.refusal import Refused
from events.mail.outbox import Message
from registrations.asking import registering
from registrations.booking import new_address, own_booking, rechecking
from registrations.deciding import undone_decisions, vetting
from registrations.deciding.vetting import Decision, Result
from registrations.people.address_change import ASKED_IN, AddressChange
from registrations.people.registration import OrganisationKind, Registration, State, of_address
from registrations.tickets.ticket import Ticket
from tests.people import MONDAY, Person, audit_of, confirmed, queued, requested, someone
from tests.professional import put_into, told_by, with_ticket
from tests.registrations.booking.addressing import NEW, anew, asks, newest, waits

LATER = MONDAY + timedelta(hours=1)


async def live_tickets(registration: Registration) -> int:
    return await Ticket.filter(registration_id=registration.id, revoked_at=None).count()


async def taken(event: Event) -> int:
    return (await Event.get(id=event.id)).taken


async def test_asking_changes_nothing_and_writes_to_both_addresses(event: Event, ada: Person) -> None:
    asked, ticket = await with_ticket(ada, event)
    change = await asks(asked)
    now = await anew(asked)
    assert (now.state, now.email, now.generation, change.address) == (State.APPROVED, ada.email, 0, NEW)
    assert (await Ticket.get(id=ticket.id)).revoked_at is None
    assert await queued() == [("new_address", asked.id), ("address_asked", asked.id)]
    assert (await audit_of(asked))[-1] == (Action.NEW_ADDRESS_ASKED, f"person:{asked.id}", MONDAY)
    assert [entry.details for entry in await AuditEntry.filter(action=Action.NEW_ADDRESS_ASKED)] == [{}]


async def test_the_new_addresss_yes_holds_the_place_and_all_still_goes_to_the_old_one(
    event: Event, ada: Person
) -> None:
    change = await waits(ada, event)
    now = change.registration
    assert (now.state, now.email, now.generation) == (State.RECHECKING, ada.email, 0)
    assert (await live_tickets(now), await taken(event)) == (0, 1)
    assert (await queued())[-1] == ("address_asked", now.id)
    assert not await new_address.confirm(await newest(now), LATER), "a second press"


async def test_approved_it_is_the_new_address_with_one_new_ticket_and_no_older_link(
    event: Event, ada: Person, omar: Staff
) -> None:
    change = await waits(ada, event)
    asked = await anew(change.registration)
    assert await vetting.decide(asked, Decision.APPROVE, omar, LATER) is Result.DONE
    now = await anew(asked)
    assert (now.state, now.email, now.generation, now.full_name) == (State.APPROVED, NEW, 1, ada.name)
    assert (await live_tickets(now), await taken(event), (await newest(now)).address) == (1, 1, "")
    assert (await of_address(event, NEW), await of_address(event, ada.email)) == (now, None)
    assert not await new_address.keep(await newest(now), LATER), "too late to stop it"
    assert await undone_decisions.undoable(now) == []
    assert [act for act, _, _ in await audit_of(now)][-2:] == [Action.ADDRESS_CHANGED, Action.APPROVED]


@pytest.mark.parametrize("decision", [Decision.WAIT, Decision.NOT_OFFER])
async def test_declined_or_put_off_it_ends_like_any_request_at_the_old_address(
    event: Event, ada: Person, omar: Staff, decision: Decision
) -> None:
    change = await waits(ada, event)
    assert await vetting.decide(await anew(change.registration), decision, omar, LATER) is Result.DONE
    now = await anew(change.registration)
    assert (now.email, await live_tickets(now), await taken(event)) == (ada.email, 0, 0)
    assert await new_address.keep(await newest(now), LATER) == (decision is Decision.WAIT), "until they have a place"
    if decision is Decision.WAIT:
        assert not await new_address.keep(await newest(change.registration), LATER), "a second press"


@pytest.mark.parametrize("has_said_yes", [False, True])
async def test_the_old_address_stops_it_and_nobody_else_has_anything_left(
    event: Event, ada: Person, has_said_yes: bool
) -> None:
    asked, stolen = await with_ticket(ada, event)
    change = await asks(asked)
    if has_said_yes:
        assert await new_address.confirm(await newest(asked), MONDAY)
    assert await new_address.keep(change, LATER), "as its page was read before the yes"
    now = await anew(asked)
    assert (now.state, now.email, now.generation) == (State.APPROVED, ada.email, 1)
    [ticket] = await Ticket.filter(registration_id=asked.id, revoked_at=None)
    assert (ticket.id != stolen.id, await taken(event)) == (True, 1)
    assert (await queued())[-1] == ("ticket", ticket.id)
    assert (await audit_of(asked))[-1] == (Action.ADDRESS_KEPT, f"person:{asked.id}", LATER)
    assert not await new_address.confirm(await newest(asked), LATER)
    assert not await new_address.keep(await newest(asked), LATER), "a second press"


async def test_a_no_at_the_new_address_deletes_it_and_changes_nothing(event: Event, ada: Person) -> None:
    asked, _ = await with_ticket(ada, event)
    assert await new_address.refuse(await asks(asked), LATER)
    assert ((await newest(asked)).address, (await anew(asked)).state) == ("", State.APPROVED)
    assert not await new_address.confirm(await newest(asked), LATER)
    later = await asks(asked)
    assert await new_address.confirm(later, LATER), "the control: another question can be said yes to"
    assert not await new_address.refuse(await newest(asked), LATER), "a no after the yes"


async def test_a_newer_question_ends_the_one_before(event: Event, ada: Person) -> None:
    asked, _ = await with_ticket(ada, event)
    first = await asks(asked)
    second = await asks(asked, "ada@towers.example.org")
    first = await AddressChange.get(id=first.id).select_related("registration")
    assert not await new_address.confirm(first, LATER)
    assert await new_address.confirm(second, LATER)


async def test_its_links_last_three_days(event: Event, ada: Person) -> None:
    asked, _ = await with_ticket(ada, event)
    change = await asks(asked)
    over = change.asked_at + timedelta(hours=72)
    assert not await new_address.confirm(change, over)
    assert not await new_address.keep(await newest(asked), over)
    assert await new_address.confirm(await newest(asked), over - timedelta(seconds=1))
    assert await new_address.keep(await newest(asked), over + timedelta(days=1)), "it waits for an organiser since"


async def test_a_changed_organisation_ends_a_question_about_the_address(event: Event, ada: Person) -> None:
    asked, _ = await with_ticket(ada, event)
    change = await asks(asked)
    await rechecking.change_organisation(await anew(asked), "Lantern", OrganisationKind.HOUSING, LATER, clock.real())
    assert not await new_address.confirm(await newest(asked), LATER)
    assert not await new_address.keep(change, LATER), "nobody but an organiser ends that"


@pytest.mark.parametrize("state", sorted(State))
async def test_only_somebody_with_a_place_or_who_is_undecided_asks(event: Event, ada: Person, state: State) -> None:
    asked = await put_into(state, ada, event)
    if state in ASKED_IN:
        await asks(asked)
    else:
        with pytest.raises(Refused, match="has just changed, so nothing was done"):
            await new_address.ask(await anew(asked), NEW, "", MONDAY, clock.real())
    assert len(await queued()) == (2 if state in ASKED_IN else 0)


@pytest.mark.parametrize("state", [None, *sorted(State)])
async def test_asking_says_and_does_the_same_whoever_has_the_address(
    event: Event, ada: Person, bo: Person, state: State | None
) -> None:
    """Only its reader is told, and only after a yes."""
    asked, _ = await with_ticket(ada, event)
    if state is not None:
        await put_into(state, bo, event)
    change = await asks(asked, bo.email)
    assert await queued() == [("new_address", asked.id), ("address_asked", asked.id)]
    if state in {None, State.REQUESTED, State.CANCELLED, State.EXPIRED}:
        assert await new_address.confirm(change, LATER)
    else:
        with pytest.raises(Refused, match="has a request of its own"):
            await new_address.confirm(change, LATER)
        assert ((await anew(asked)).state, await live_tickets(asked)) == (State.APPROVED, 1)


async def test_a_request_that_nobody_confirmed_keeps_nobody_from_the_address(
    event: Event, ada: Person, bo: Person, omar: Staff
) -> None:
    change = await waits(ada, event, bo.email)
    typed = await requested(bo, event)
    assert await vetting.decide(await anew(change.registration), Decision.APPROVE, omar, LATER) is Result.DONE
    ended = await anew(typed)
    assert (ended.state, ended.email, (await anew(change.registration)).email) == (State.CANCELLED, "", bo.email)


async def test_an_address_that_has_asked_meanwhile_is_not_given_to_two(
    event: Event, ada: Person, bo: Person, omar: Staff
) -> None:
    change = await waits(ada, event, bo.email)
    await confirmed(bo, event)
    with pytest.raises(Refused, match="has a request of its own by now"):
        await vetting.decide(await anew(change.registration), Decision.APPROVE, omar, LATER)
    now = await anew(change.registration)
    assert (now.state, now.email, await live_tickets(now)) == (State.RECHECKING, ada.email, 0)


async def test_two_bookings_to_one_address_are_approved_at_once_and_one_gets_it(event: Event, omar: Staff) -> None:
    both = [(await waits(someone(), event)).registration for _ in range(2)]
    seen = [await anew(booking) for booking in both]
    decided = [vetting.decide(booking, Decision.APPROVE, omar, LATER) for booking in seen]
    answers = await asyncio.gather(*decided, return_exceptions=True)
    assert sorted(type(answer).__name__ for answer in answers) == ["HasOne", "Result"]
    now = [await anew(booking) for booking in both]
    assert sorted(booking.state for booking in now) == [State.APPROVED, State.RECHECKING]
    assert [booking.email for booking in now].count(NEW) == 1
    assert await Ticket.filter(revoked_at=None).count() == 1


async def test_yes_stop_approve_and_give_up_at_once_leave_one_ticket_or_none(event: Event, omar: Staff) -> None:
    people = [(await waits(someone(), event, f"new{n}@lanterns.example.org")).registration for n in range(8)]
    acts = list[Awaitable[object]]()
    for booking in people:
        acts.append(vetting.decide(await anew(booking), Decision.APPROVE, omar, LATER))
        acts.append(new_address.keep(await newest(booking), LATER))
        acts.append(own_booking.give_up(await anew(booking), LATER))
        acts.append(new_address.confirm(await newest(booking), LATER))
    answers = await asyncio.gather(*acts, return_exceptions=True)
    assert [answer for answer in answers if isinstance(answer, Exception) and not isinstance(answer, Refused)] == []
    now = [await anew(booking) for booking in people]
    held = [booking for booking in now if booking.state is State.APPROVED]
    assert {booking.state for booking in now} <= {State.APPROVED, State.CANCELLED}
    assert (await taken(event), await Ticket.filter(revoked_at=None).count()) == (len(held), len(held))
    assert [await live_tickets(booking) for booking in held] == [1] * len(held)


async def test_of_ten_who_ask_at_once_one_is_heard(event: Event, ada: Person) -> None:
    asked, _ = await with_ticket(ada, event)
    copies = [await anew(asked) for _ in range(10)]
    asking = [new_address.ask(copy, f"ada{n}@x.example.org", "", MONDAY, clock.real()) for n, copy in enumerate(copies)]
    answers = await asyncio.gather(*asking, return_exceptions=True)
    assert answers.count(None) == 1
    assert len(await queued()) == 2


async def test_nobody_is_flooded_through_bookings(event: Event) -> None:
    """A mailbox gets so many an hour, whoever asks; what is more waits, and nothing is lost."""
    for n in range(16):
        await asks((await with_ticket(someone(), event))[0], "cleo@council.example.org", f"192.0.2.{n}")
    due = [
        message.next_try_at > clock.real() for message in await Message.filter(template="new_address").order_by("id")
    ]
    assert (due.count(False), due.count(True)) == (15, 1)


async def test_twenty_an_hour_are_enough(event: Event, ada: Person) -> None:
    asked, _ = await with_ticket(ada, event)
    for n in range(20):
        await asks(asked, f"ada{n}@x.example.org")
    with pytest.raises(Refused, match="very often"):
        await asks(asked)


async def test_whoever_asks_for_a_place_with_the_new_address_meanwhile_is_told_the_same(
    event: Event, ada: Person, bo: Person
) -> None:
    await waits(ada, event, bo.email)
    await registering.ask(event, told_by(bo), LATER, clock.real())
    assert (await queued())[-1][0] == "confirm"

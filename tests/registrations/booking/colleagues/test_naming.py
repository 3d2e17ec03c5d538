"""A guest names colleagues: five in all, a few an hour, and nothing tells the guest whom we know.

Rules: DP-16, SE-01, SE-04.
"""

import asyncio
from datetime import date, timedelta

import pytest

from events.accounts.staff import Staff
from events.audit.action import Action
from events.audit.audit import AuditEntry
from events.event import Event
from events.ground import clock
from events.ground.database import query
from events.ground.refusal import Refused
from events.mail.outbox import EPOCH, Message
from registrations.asking import by_colleague
from registrations.asking.registering import EMAILS
from registrations.booking import new_address
from registrations.booking.colleagues import naming
from registrations.deciding import vetting
from registrations.people.colleague import MOST, Colleague
from registrations.people.registration import Registration, State
from tests.people import MONDAY, Person, audit_of, queued, someone
from tests.professional import put_into, with_ticket
from tests.registrations.booking import addressing
from tests.registrations.booking.colleagues.naming_them import KIT, a_guest_names, asked, names, newest
from tests.registrations.booking.handing.handing import taken_up
from tests.registrations.deciding import outside

KNOWN = sorted(set(EMAILS) - {State.REQUESTED})
UNKNOWN = sorted(set(State) - set(KNOWN))


async def test_only_the_address_is_kept_and_one_email_asks_its_reader(event: Event, ada: Person) -> None:
    named = await a_guest_names(ada, event)
    guest = named.registration
    [row] = await query("SELECT * FROM colleague")
    assert {name for name in row if row[name] is not None} == {
        "id", "registration_id", "n", "generation", "comes_along", "says_who", "public_id", "address_sealed",
        "asked_at",
    }  # fmt: skip
    assert (named.address, named.n, named.request_id) == (KIT.email, 1, None)
    assert await queued() == [("colleague", named.id)]
    assert (await audit_of(guest))[-1] == (Action.COLLEAGUE_NAMED, f"person:{guest.id}", MONDAY)
    assert [entry.details for entry in await AuditEntry.filter(action=Action.COLLEAGUE_NAMED)] == [{}]


async def test_five_in_the_life_of_a_booking_also_once_they_have_answered(event: Event, ada: Person) -> None:
    guest, _ = await with_ticket(ada, event)
    for n in range(MOST):
        await by_colleague.decline(await names(guest, f"kit{n}@lanterns.example.org", n), MONDAY)
    with pytest.raises(Refused, match="nobody can name more"):
        await names(guest, KIT.email, 9)
    assert sorted(row.n for row in await Colleague.all()) == [1, 2, 3, 4, 5]
    other, _ = await with_ticket(someone(), event)
    assert (await names(other)).n == 1, "the control: another guest"


async def test_of_ten_at_once_five_are_asked(event: Event, ada: Person) -> None:
    """Hours of the machine apart, so that only the number is in their way."""
    guest, _ = await with_ticket(ada, event)
    naming_ten = [names(guest, f"kit{n}@lanterns.example.org", n) for n in range(10)]
    ends = await asyncio.gather(*naming_ten, return_exceptions=True)
    assert sum(isinstance(end, Refused) for end in ends) == 10 - MOST
    assert [end for end in ends if isinstance(end, Exception) and not isinstance(end, Refused)] == []
    assert sorted(row.n for row in await Colleague.all()) == [1, 2, 3, 4, 5]
    assert len(await queued()) == MOST


async def test_three_in_an_hour(event: Event, ada: Person) -> None:
    guest, _ = await with_ticket(ada, event)
    real = clock.real()
    for n in range(4):
        seen, address = await Registration.get(id=guest.id), f"kit{n}@lanterns.example.org"
        if n == 3:
            with pytest.raises(Refused, match="Wait an hour"):
                await naming.name(seen, address, "", MONDAY, real)
        else:
            await naming.name(seen, address, "", MONDAY, real)
    assert await Colleague.all().count() == 3


@pytest.mark.parametrize("state", sorted(State))
async def test_only_somebody_with_a_place_names_anybody(event: Event, ada: Person, state: State) -> None:
    guest = await put_into(state, ada, event)
    if state is State.APPROVED:
        await names(guest)
    else:
        with pytest.raises(Refused, match="has just changed, so nothing was done"):
            await names(guest)
    assert len(await queued()) == (state is State.APPROVED)


async def test_an_older_link_names_nobody(event: Event, ada: Person) -> None:
    """Whoever had it has lost it since, as when an address was kept."""
    guest, _ = await with_ticket(ada, event)
    seen = await Registration.get(id=guest.id)
    await Registration.filter(id=guest.id).update(generation=1)
    with pytest.raises(Refused):
        await naming.name(seen, KIT.email, "", MONDAY, clock.real())
    assert await Colleague.all().count() == 0


@pytest.mark.parametrize("state", KNOWN)
async def test_whoever_has_a_request_gets_what_the_form_would_send_and_nothing_of_them_is_kept(
    event: Event, ada: Person, bo: Person, state: State
) -> None:
    theirs = await put_into(state, bo, event)
    named = await a_guest_names(ada, event, bo.email)
    assert await queued() == [(EMAILS[state], theirs.id)]
    assert (named.address_sealed, named.request_id, named.n) == (None, None, 1)
    assert (await Registration.get(id=theirs.id)).state is state


@pytest.mark.parametrize("state", UNKNOWN)
async def test_a_request_that_nobody_confirmed_or_that_has_ended_is_nobodys(
    event: Event, ada: Person, bo: Person, state: State
) -> None:
    await put_into(state, bo, event)
    named = await a_guest_names(ada, event, bo.email)
    assert (await queued(), named.address) == ([("colleague", named.id)], bo.email)


async def test_the_same_address_again_is_counted_and_gets_no_second_email(event: Event, ada: Person) -> None:
    guest, _ = await with_ticket(ada, event)
    first, second = await names(guest), await names(guest, hours=2)
    assert (first.address, second.address_sealed, second.n) == (KIT.email, None, 2)
    third = await names(guest, "other@lanterns.example.org", 4)
    assert third.address, "the control"


async def test_two_guests_who_name_each_other_at_once_do_not_wait_for_each_other(event: Event) -> None:
    pairs = [[(await with_ticket(someone(), event))[0] for _ in range(2)] for _ in range(8)]
    each_other = [names(guest, other.email, n) for pair in pairs for n, (guest, other) in enumerate((pair, pair[::-1]))]
    await asyncio.wait_for(asyncio.gather(*each_other), 60)
    assert await queued() == [("have_place", subject) for _, subject in await queued()]
    assert await Colleague.all().count() == 16


async def test_a_mailbox_is_not_flooded_by_many_guests(event: Event) -> None:
    for n in range(16):
        guest, _ = await with_ticket(someone(), event)
        await naming.name(guest, KIT.email, f"192.0.2.{n}", MONDAY, clock.real())
    due = [message.next_try_at > clock.real() for message in await Message.filter(template="colleague").order_by("id")]
    assert (due.count(False), due.count(True)) == (15, 1)


async def test_by_night_it_waits_for_the_morning(event: Event, ada: Person, bo: Person) -> None:
    real = clock.real()
    for person, at in ((ada, MONDAY), (bo, clock.at_venue(date(2019, 4, 8), 23, 0))):
        guest, _ = await with_ticket(person, event)
        await naming.name(guest, KIT.email, "", at, real)
    by_day, by_night = await Message.filter(template="colleague").order_by("id")
    assert (by_day.next_try_at, by_night.next_try_at) == (EPOCH, real + timedelta(hours=9))


async def test_the_question_ends_with_the_guests_place(event: Event, ada: Person, omar: Staff) -> None:
    for end in (outside.give_up, outside.withdraw, outside.cancel):
        named = await a_guest_names(someone(), event)
        assert named.is_open(MONDAY), "the control"
        await end(named.registration, omar)
        assert not (await asked(named)).is_open(MONDAY)


async def test_it_does_not_come_back_with_another_place(event: Event, ada: Person, omar: Staff) -> None:
    named = await a_guest_names(ada, event)
    await vetting.withdraw(await Registration.get(id=named.registration_id), omar, MONDAY)
    await vetting.approve(await Registration.get(id=named.registration_id), omar, MONDAY)
    again = await newest(named.registration)
    assert (again.registration.state, again.is_open(MONDAY)) == (State.APPROVED, False)


async def test_it_ends_when_the_place_changes_hands(event: Event, ada: Person, omar: Staff) -> None:
    giver, receiver = await taken_up(ada, event)
    named = await names(giver)
    assert named.is_open(MONDAY), "the control"
    await vetting.approve(await Registration.get(id=receiver.id), omar, MONDAY)
    assert not (await asked(named)).is_open(MONDAY)


async def test_it_ends_when_the_guest_is_written_to_at_another_address(event: Event, ada: Person, omar: Staff) -> None:
    named = await a_guest_names(ada, event)
    assert await new_address.confirm(await addressing.asks(named.registration), MONDAY)
    assert (await asked(named)).is_open(MONDAY), "the control: their place is held"
    await vetting.approve(await Registration.get(id=named.registration_id), omar, MONDAY)
    assert not (await asked(named)).is_open(MONDAY)


async def test_while_the_guest_is_looked_at_again_it_stands(event: Event, ada: Person) -> None:
    """The place is held."""
    named = await a_guest_names(ada, event)
    assert await (await Registration.get(id=named.registration_id)).become(State.RECHECKING)
    assert (await asked(named)).is_open(MONDAY)


async def test_it_lasts_three_days(event: Event, ada: Person) -> None:
    named = await a_guest_names(ada, event)
    over = MONDAY + timedelta(hours=72)
    assert (named.is_open(over - timedelta(seconds=1)), named.is_open(over)) == (True, False)

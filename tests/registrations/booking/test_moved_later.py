"""Another address that has said yes takes effect once its booking is approved, whichever way it goes meanwhile.

Rules: GU-22, SE-01.
"""

from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest

from events.accounts.staff import Staff
from events.audit.action import Action
from events.event import Event
from events.ground import clock
from events.ground.database import Database
from events.ground.tokens import Purpose
from events.mail.outbox import Message
from registrations.booking import new_address, own_booking
from registrations.booking.address_emails import address_email
from registrations.deciding import offers, restoring, several_decisions, undone_decisions, vetting
from registrations.deciding.vetting import Decision, Result
from registrations.people.address_change import UNREAD, AddressChange
from registrations.people.former_address import FormerAddress
from registrations.people.registration import Registration, State
from registrations.privacy.retention import deleting
from registrations.tickets.ticket import Ticket
from tests.at_the_desk import desk
from tests.browser import browsing, words
from tests.mail_reading import assert_it_reads_well, folded, text_of, written
from tests.people import MONDAY, Person, audit_of, confirmed, queued, someone
from tests.registrations.booking.addressing import NEW, anew, newest, waits

LATER = MONDAY + timedelta(hours=1)
Approve = Callable[[Registration, Event, Staff], Awaitable[None]]


async def alone(asked: Registration, event: Event, omar: Staff) -> None:
    assert await vetting.decide(asked, Decision.APPROVE, omar, LATER) is Result.DONE


async def with_others(asked: Registration, event: Event, omar: Staff) -> None:
    others = [await confirmed(someone(), event) for _ in range(2)]
    for other in others:
        await vetting.put_on_waiting_list(other, omar, LATER)
    people = [others[0], asked, others[1]]
    results = await several_decisions.decide_people(people, Decision.APPROVE, omar, LATER, seen=State.WAITING)
    assert results == dict.fromkeys([person.id for person in people], Result.DONE)
    assert [(await anew(other)).state for other in others] == [State.APPROVED] * 2
    assert [(await anew(other)).email for other in others] == [other.email for other in others]


async def by_taking_an_offer(asked: Registration, event: Event, omar: Staff) -> None:
    await offers.offer(asked, omar, LATER)
    assert await offers.take(await anew(asked), LATER)


@pytest.fixture
async def put_off(event: Event, ada: Person, omar: Staff) -> Registration:
    """Ada has asked for another address, which said yes, and is on the waiting list."""
    asked = await anew((await waits(ada, event)).registration)
    await vetting.put_on_waiting_list(asked, omar, MONDAY)
    return await anew(asked)


@pytest.mark.parametrize("approve", [alone, with_others, by_taking_an_offer])
async def test_whoever_was_put_on_the_waiting_list_moves_with_the_place(
    event: Event, ada: Person, omar: Staff, put_off: Registration, approve: Approve
) -> None:
    assert put_off.email == ada.email
    await approve(put_off, event, omar)
    now = await anew(put_off)
    assert (now.state, now.email, (await newest(now)).address) == (State.APPROVED, NEW, "")
    [ticket] = await Ticket.filter(registration_id=now.id, revoked_at=None)
    assert ("ticket", ticket.id) in await queued()
    assert Action.ADDRESS_CHANGED in [act for act, _, _ in await audit_of(now)]
    [row] = await FormerAddress.all()
    by = f"person:{now.id}" if approve is by_taking_an_offer else omar.actor
    assert (row.move, row.moved_by, row.moved_at) == ((ada.email, NEW), by, LATER)


@pytest.mark.parametrize("decision", [Decision.WAIT, Decision.NOT_OFFER])
async def test_whoever_is_in_the_queue_again_moves_with_the_approval(
    event: Event, ada: Person, omar: Staff, decision: Decision
) -> None:
    asked = await anew((await waits(ada, event)).registration)
    due = clock.real() + timedelta(minutes=1)
    await vetting.DECISIONS[decision](asked, omar, MONDAY, due)
    if decision is Decision.WAIT:
        assert await undone_decisions.undo(await anew(asked), omar, MONDAY)
    else:
        await vetting.reconsider(await anew(asked), omar, MONDAY)
    now = await anew(asked)
    results = await several_decisions.decide_people([now], Decision.APPROVE, omar, LATER)
    assert (results, (await anew(asked)).email) == ({asked.id: Result.DONE}, NEW)


@pytest.mark.parametrize("state", [State.WAITING, State.OFFERED, State.CONFIRMED])
async def test_the_old_address_stops_it_as_long_as_there_is_no_place(
    event: Event, ada: Person, omar: Staff, put_off: Registration, state: State
) -> None:
    if state is State.OFFERED:
        await offers.offer(put_off, omar, MONDAY)
    elif state is State.CONFIRMED:
        await Registration.filter(id=put_off.id).update(state=state)
    assert await new_address.keep(await newest(put_off), LATER)
    now = await anew(put_off)
    assert (now.state, now.email, now.generation, (await newest(now)).address) == (state, ada.email, 1, "")
    sent = await Message.filter(subject_id=now.id).order_by("-id").first()
    assert sent is not None
    assert sent.template == {State.CONFIRMED: "received", State.WAITING: "waiting", State.OFFERED: "offer"}[state]
    assert Action.ADDRESS_KEPT in [act for act, _, _ in await audit_of(now)]
    assert not await new_address.keep(await newest(put_off), LATER), "a second press"
    await vetting.decide(await anew(now), Decision.APPROVE, omar, LATER)
    assert (await anew(now)).email == ada.email


async def test_an_offer_is_taken_at_the_old_address_if_the_new_one_has_a_request_of_its_own(
    event: Event, ada: Person, bo: Person, omar: Staff
) -> None:
    """Whoever takes it is not told why."""
    asked = await anew((await waits(ada, event, bo.email)).registration)
    await vetting.put_on_waiting_list(asked, omar, MONDAY)
    his = await confirmed(bo, event)
    await by_taking_an_offer(await anew(asked), event, omar)
    now = await anew(asked)
    assert (now.state, now.email, (await newest(now)).address) == (State.APPROVED, ada.email, "")
    assert (Action.ADDRESS_KEPT, f"person:{now.id}", LATER) in await audit_of(now)
    assert ((await anew(his)).state, await FormerAddress.all().count()) == (State.CONFIRMED, 0)


async def test_whoever_is_restored_keeps_the_address_that_they_had(
    event: Event, ada: Person, omar: Staff, put_off: Registration
) -> None:
    await own_booking.give_up(put_off, MONDAY)
    await restoring.restore(await anew(put_off), State.WAITING, omar, LATER)
    await alone(await anew(put_off), event, omar)
    assert (await anew(put_off)).email == ada.email


async def test_it_is_kept_as_long_as_they_wait_and_no_longer(
    event: Event, ada: Person, omar: Staff, put_off: Registration
) -> None:
    late = MONDAY + UNREAD.time
    await deleting.turn(late, clock.real())
    assert (await newest(put_off)).address == NEW
    await own_booking.give_up(put_off, LATER)
    await deleting.turn(late, clock.real())
    assert await AddressChange.exclude(address_sealed=None).count() == 0


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)  # pages say the same to both
async def test_the_desk_shows_to_which_address_they_would_move(
    database: Database, event: Event, ada: Person, omar: Staff, put_off: Registration
) -> None:
    change = await newest(put_off)
    async with browsing(database, omar) as client:
        listed = words((await client.get(desk(event, "waiting"))).text)
        assert f"{ada.email} New: {NEW}" in listed
        person = words((await client.get(desk(event, "people", put_off.id))).text)
        assert (f"New email {NEW}" in person, "To decide again" in person) == (True, False)
    async with browsing(database) as guest:
        page = words((await guest.get("/" + change.link(Purpose.KEEP_ADDRESS).split("/", 3)[3])).text)
    assert ("Once you have a place, we write to that address" in page, "We email new links" in page) == (True, True)


async def test_the_old_address_is_told_although_they_were_put_on_the_list_before_the_email_went_out(
    event: Event, ada: Person, put_off: Registration
) -> None:
    message = await Message.filter(template="address_asked").order_by("-id").first()
    assert message is not None
    email = await written(address_email, message)
    assert email is not None
    assert_it_reads_well(email)
    assert ada.email in str(email["To"])
    said = folded(text_of(email))
    assert (
        "The new address is confirmed. If we offer you a place, we write there. Until then we write to you here."
        in said
    )
    assert ("we send you new ones" in said, "ticket" in said) == (True, False)
    assert "/keep-address/" in said

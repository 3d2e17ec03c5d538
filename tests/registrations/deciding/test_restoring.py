"""A cancelled request comes back: with a place if one is left, on the waiting list, or in the queue.

Rules: SG-02, SE-15.
"""

import asyncio
from collections import Counter

import pytest

from events.accounts.staff import Staff
from events.audit.action import Action
from events.event import Event
from events.ground import wording
from events.ground.refusal import Refused
from events.mail.outbox import Message
from registrations.booking import own_booking
from registrations.deciding import restoring, vetting
from registrations.people.registration import Registration, State
from registrations.tickets.ticket import Ticket
from registrations.tickets.ticketing import EventFull
from tests.people import MONDAY, THE_DAY, Person, an_event, audit_of, confirmed, queued, requested, someone
from tests.registrations.deciding.decisions import LATER, anew, approved, taken

APPROVED, WAITING, CONFIRMED, CANCELLED = State.APPROVED, State.WAITING, State.CONFIRMED, State.CANCELLED


async def cancelled(event: Event, omar: Staff, person: Person) -> Registration:
    """Had a place, and lost it."""
    asked = await approved(person, event, omar)
    await vetting.cancel(asked, omar, MONDAY)
    return await anew(asked)


async def test_whoever_is_restored_with_a_place_gets_one_new_ticket(event: Event, ada: Person, omar: Staff) -> None:
    gone = await cancelled(event, omar, ada)
    old = await Ticket.get()
    await restoring.restore(gone, APPROVED, omar, LATER)
    now = await anew(gone)
    new = await Ticket.get(registration_id=gone.id, revoked_at=None)
    assert (now.state, now.generation, now.full_name, await taken(event)) == (APPROVED, 1, ada.name, 1)
    assert (new.id != old.id, new.proof_hash != old.proof_hash) == (True, True)
    assert await queued() == [("ticket", new.id)], "that there is no place for them is not sent any more"
    assert (await audit_of(gone))[-1] == (Action.REQUEST_RESTORED, omar.actor, LATER)


@pytest.mark.parametrize(("to", "email"), [(WAITING, "waiting"), (CONFIRMED, "received")])
async def test_without_a_place_nothing_is_taken(event: Event, ada: Person, omar: Staff, to: State, email: str) -> None:
    gone = await cancelled(event, omar, ada)
    await restoring.restore(gone, to, omar, LATER)
    assert ((await anew(gone)).state, await taken(event), await queued()) == (to, 0, [(email, gone.id)])
    assert await Ticket.filter(revoked_at=None).count() == 0


async def test_where_no_place_is_left_nothing_is_restored(event: Event, ada: Person, omar: Staff) -> None:
    gone = await cancelled(event, omar, ada)
    await Event.filter(id=event.id).update(capacity=0)
    with pytest.raises(EventFull):
        await restoring.restore(gone, APPROVED, omar, LATER)
    assert ((await anew(gone)).state, await queued()) == (CANCELLED, [("cancelled", gone.id)])


async def test_who_has_asked_again_since_is_decided_on_there(event: Event, ada: Person, omar: Staff) -> None:
    gone = await cancelled(event, omar, ada)
    newer = await confirmed(ada, event)
    with pytest.raises(Refused, match="has asked for a place again since"):
        await restoring.restore(gone, APPROVED, omar, LATER)
    assert (await anew(gone)).state is CANCELLED
    await vetting.cancel(newer, omar, LATER)
    await restoring.restore(gone, APPROVED, omar, LATER)
    assert (await anew(gone)).state is APPROVED


async def test_what_nobody_confirmed_or_was_emptied_stays_cancelled(event: Event, ada: Person, omar: Staff) -> None:
    unconfirmed = await requested(ada, event)
    await vetting.cancel(unconfirmed, omar, MONDAY)
    erased = await cancelled(event, omar, someone())
    await Registration.filter(id=erased.id).update(person_sealed=None)
    for gone in (unconfirmed, erased):
        assert not restoring.may_be_restored(await anew(gone))
        with pytest.raises(Refused, match=wording.ALREADY_DECIDED):
            await restoring.restore(gone, WAITING, omar, LATER)


async def test_after_the_event_nobody_is_restored(event: Event, ada: Person, omar: Staff) -> None:
    gone = await cancelled(event, omar, ada)
    with pytest.raises(Refused, match="This event is over"):
        await restoring.restore(gone, APPROVED, omar, THE_DAY.replace(day=16))


async def test_whoever_gives_up_twice_is_told_twice(event: Event, ada: Person, omar: Staff) -> None:
    """What sends an email once went by its cause alone: the second time, nobody would have heard of it."""
    asked = await approved(ada, event, omar)
    await own_booking.give_up(asked, MONDAY)
    await restoring.restore(await anew(asked), APPROVED, omar, LATER)
    await own_booking.give_up(await anew(asked), LATER)
    assert await Message.filter(template="given_up").count() == 2


async def test_of_ten_who_are_restored_at_once_as_many_get_a_place_as_there_are(omar: Staff, event: Event) -> None:
    small = await an_event(capacity=10)
    gone = [await cancelled(small, omar, someone()) for _ in range(10)]
    await Event.filter(id=small.id).update(capacity=3)
    twice = [await anew(person) for person in [*gone, *gone]]
    acts = [restoring.restore(person, APPROVED, omar, LATER) for person in twice]
    answers = await asyncio.gather(*acts, return_exceptions=True)
    assert Counter(type(answer) for answer in answers)[type(None)] == 3
    assert {type(answer) for answer in answers if answer} <= {EventFull, vetting.AlreadyDecided}
    assert await Registration.filter(event_id=small.id, state=APPROVED).count() == await taken(small) == 3
    assert await Ticket.filter(event_id=small.id, revoked_at=None).count() == 3
